"""What never comes or never helps is waited for once, and no longer so short that a slow target suffers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from oicp_conformance.actors import insistence
from oicp_conformance.actors.insistence import Insistence
from oicp_conformance.actors.patience import Patience
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.judge.requirements.statuses import RESERVED
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.oicp.operation_names import EVSE_STATUS
from selftest.unit.journals import EVSE, a_cpo

WAIT = 10.0
START, RESERVE = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteReservationStart"
CDR = "eRoamingChargeDetailRecord"


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, which take no time."""
    pauses: list[float] = []
    monkeypatch.setattr(insistence, "sleep", pauses.append)
    return pauses


def _sending(codes: Sequence[str], operation: str = START) -> Callable[[int | None], Exchange]:
    """Requests that get these codes, and the last one for ever."""
    left: Iterator[str] = iter(codes)
    last = codes[-1]

    def send(repeats: int | None) -> Exchange:
        code = next(left, last)
        body = f'{{"Result": {str(code == "000").lower()}, "StatusCode": {{"Code": "{code}"}}}}'
        return Exchange(
            1,
            "hub-to-target",
            operation,
            "POST",
            "/",
            Part(),
            0.0,
            finished=0.0,
            status=200,
            answer=Part(body=body.encode()),
            repeats=repeats,
        )

    return send


def _lost(insisting: Insistence, paused: list[float], *codes: str, key: str = "a key") -> float:
    """How many seconds a request costs that gets these codes."""
    paused.clear()
    insisting.insist(_sending(codes), key)
    return round(sum(paused), 2)


def test_the_whole_time_is_given_once_where_no_repetition_ever_helped(paused: list[float]) -> None:
    insisting = Insistence(WAIT)
    lost = [_lost(insisting, paused, "400") for _ in range(20)]
    assert lost[:3] == [WAIT, 1.0, 0.3]
    assert lost == sorted(lost, reverse=True)
    assert lost[-1] == 0.0
    assert sum(lost) < WAIT + 3


def test_who_is_late_sometimes_is_given_the_whole_time_twice_and_never_less_than_it_takes(
    paused: list[float],
) -> None:
    insisting = Insistence(WAIT)
    late = ["400"] * 4 + ["000"]
    assert _lost(insisting, paused, *late) == 4.5
    assert [_lost(insisting, paused, "400") for _ in range(8)] == [WAIT, WAIT, *[9.0] * 6]
    assert _lost(insisting, paused, *late) == 4.5
    assert _lost(insisting, paused, "400") == WAIT


def test_what_is_accepted_at_once_says_nothing(paused: list[float]) -> None:
    insisting = Insistence(WAIT)
    lost = [_lost(insisting, paused, code) for code in ("400", "000", "400", "000", "400")]
    assert lost == [WAIT, 0.0, 1.0, 0.0, 0.3]


def test_an_evse_in_use_is_so_for_whatever_should_begin_there(paused: list[float]) -> None:
    insisting = Insistence(WAIT)
    assert _lost(insisting, paused, "602", key=START) == WAIT
    paused.clear()
    insisting.insist(_sending(["602"], RESERVE), RESERVE)
    assert sum(paused) == pytest.approx(1.0)
    # Any other rejection is that of its operation.
    assert _lost(insisting, paused, "400", key=START) == WAIT


def test_what_never_came_at_all_is_known_after_one_whole_wait() -> None:
    patience = Patience(WAIT)
    waits = []
    for _ in range(12):
        waits.append(patience.seconds(CDR, ever=lambda: False))
        patience.missed(CDR)
    assert waits[:4] == [WAIT, 1.0, 1.0, 0.25]
    assert waits[-1] == 0.1


def test_what_came_before_is_waited_for_twice_and_no_shorter_than_it_took() -> None:
    patience = Patience(WAIT)
    patience.took(CDR, 3.0)
    waits = []
    for _ in range(12):
        waits.append(patience.seconds(f"{CDR} of a charge"))
        patience.missed(f"{CDR} of a charge")
    assert waits == [WAIT, WAIT, *[6.0] * 10]
    patience.came(f"{CDR} of a charge")
    assert patience.seconds(f"{CDR} of a charge") == WAIT


@pytest.mark.parametrize(("seconds", "is_finding"), [(WAIT, True), (0.5, False)])
def test_a_status_that_was_waited_for_briefly_is_no_finding(seconds: float, is_finding: bool) -> None:
    cpo = a_cpo()
    session = cpo.reservation_start()
    cpo.push_evse_status((EVSE, "Available"), action="update")
    asked = {"session": session.id, "stimulus": "done", "evse": EVSE, "after": session.begun_by.number}
    whole = cpo.waited(RESERVED.id, EVSE_STATUS, None, **asked)
    cpo.notes[-1] = replace(whole, seconds=seconds)
    cpo.listened()
    found = [one.verdict for one in outcomes(cpo.record) if one.requirement == RESERVED.id]
    assert (Verdict.INCONCLUSIVE in found) is True
    assert bool({Verdict.FAIL, Verdict.WARNING} & set(found)) is is_finding
