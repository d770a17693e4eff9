"""The times of a charge that crosses midnight or a change of summer time: the moments stay the same."""

from datetime import datetime

import pytest

from oicp_conformance.hub.variations import CLOCKS

_BODY = {
    "SessionStart": "2026-11-22T12:00:01+01:00",
    "ChargingStart": "2026-11-22T12:00:01+01:00",
    "ChargingEnd": "2026-11-22T12:00:04+01:00",
    "SessionEnd": "2026-11-22T12:00:04+01:00",
    "ConsumedEnergy": 0.003,
}


def _written(clock: str, at: str = "12") -> dict[str, str]:
    body = {
        name: value.replace("T12", f"T{at}") if isinstance(value, str) else value
        for name, value in _BODY.items()
    }
    return CLOCKS[clock](body)


@pytest.mark.parametrize("clock", [one for one in CLOCKS if one != "over midnight"])
def test_the_moments_stay_the_same(clock: str) -> None:
    written = _written(clock)
    for name in ("SessionStart", "ChargingStart", "ChargingEnd", "SessionEnd"):
        assert datetime.fromisoformat(written[name]) == datetime.fromisoformat(str(_BODY[name]))


def test_the_clock_is_put_back() -> None:
    written = _written("out of summer time")
    assert written["SessionStart"] == "2026-11-22T13:00:01+02:00"
    assert written["SessionEnd"] == "2026-11-22T12:00:04+01:00"


@pytest.mark.parametrize("hour", ["00", "05", "12", "13", "23"])
def test_midnight_passes_shortly_before_the_end(hour: str) -> None:
    written = _written("over midnight", hour)
    begun, end = (datetime.fromisoformat(written[name]) for name in ("ChargingStart", "ChargingEnd"))
    assert (begun.hour, begun.minute, end.hour, end.minute) == (23, 59, 0, 0)
    assert begun.date() < end.date()
    assert 0 < (end - begun).total_seconds() <= 90
    assert end == datetime.fromisoformat(f"2026-11-22T{hour}:00:04+01:00")


def test_offset_and_milliseconds_are_written() -> None:
    assert _written("offset with half an hour")["SessionEnd"] == "2026-11-22T16:30:04+05:30"
    assert _written("milliseconds")["SessionEnd"] == "2026-11-22T12:00:04.000+01:00"
