"""The notations of positions that the hub reads and writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicp_conformance.hub.store import Store, geo
from selftest.unit.stores import evse, pull_data, push_data

# --- positions

POSITIONS = st.builds(
    geo.Position, st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000)
)


@given(position=POSITIONS)
def test_notations_there_and_back(position: geo.Position) -> None:
    for first in geo.NOTATIONS:
        written = geo.write(position, first)
        assert geo.read(written) == position
        for second in geo.NOTATIONS:
            converted = geo.convert(written, second)
            assert list(converted) == [second]
            assert geo.convert(converted, first) == written


@pytest.mark.parametrize(
    ("google", "latitude", "longitude"),
    [
        ("47.662249 9.360922", "47°39'44.096''", "9°21'39.319''"),
        ("-0.500000 179.999999", "-0°30'0.000''", "179°59'59.996''"),
        ("0.000001 -0.000001", "0°0'0.004''", "-0°0'0.004''"),
    ],
)
def test_known_positions(google: str, latitude: str, longitude: str) -> None:
    in_degrees = {"DegreeMinuteSeconds": {"Latitude": latitude, "Longitude": longitude}}
    assert geo.convert({"Google": {"Coordinates": google}}, "DegreeMinuteSeconds") == in_degrees
    assert geo.convert(in_degrees, "Google") == {"Google": {"Coordinates": google}}


@pytest.mark.parametrize("text", ["52.48,13.35", "52.48, 13.35", "52.48  13.35", "52.480 13.35"])
def test_separators_of_the_google_notation(text: str) -> None:
    assert geo.read({"Google": {"Coordinates": text}}) == geo.Position(52_480_000, 13_350_000)


@pytest.mark.parametrize(
    "unreadable",
    [
        None,
        17,
        {},
        {"Google": None},
        {"Google": {"Coordinates": None}},
        {"DecimalDegree": {"Latitude": "1.0"}},
    ],
)
def test_what_cannot_be_read_stays(unreadable: object) -> None:
    assert geo.read(unreadable) is None
    assert geo.convert(unreadable, "Google") in (unreadable, {"Google": {"Coordinates": None}})


def test_the_notation_asked_for_is_the_only_one(store: Store) -> None:
    nulls = {"Google": {"Coordinates": "52.48 13.35"}, "DecimalDegree": None, "DegreeMinuteSeconds": None}
    push_data(store, "fullLoad", evse(GeoCoordinates=nulls, GeoChargingPointEntrance=nulls))
    for notation in geo.NOTATIONS:
        (record,) = pull_data(store, GeoCoordinatesResponseFormat=notation)["content"]
        for name in ("GeoCoordinates", "GeoChargingPointEntrance"):
            assert list(record[name]) == [notation]


def test_distances() -> None:
    berlin, munich = geo.Position(52_520_008, 13_404_954), geo.Position(48_137_154, 11_576_124)
    assert berlin.distance(munich) == pytest.approx(504.2, abs=0.5)
    assert berlin.distance(berlin) == 0
    poles = geo.Position(90_000_000, 0).distance(geo.Position(-90_000_000, 0))
    assert poles == pytest.approx(20_015.1, abs=0.1)
    assert geo.Position(0, 179_900_000).distance(geo.Position(0, -179_900_000)) == pytest.approx(
        22.24, abs=0.01
    )
