"""Positions that are swapped, and texts that were spoilt on their way."""

import pytest

from oicp_conformance.judge.legible import spoilt
from oicp_conformance.judge.territories import are_swapped, position_of

BERLIN = (52.48, 13.35)


@pytest.mark.parametrize(
    "coordinates",
    [
        {"Google": {"Coordinates": "52.48 13.35"}},
        {"Google": {"Coordinates": "52.48, 13.35"}},
        {"Google": None, "DecimalDegree": {"Longitude": "13.35", "Latitude": "52.48"}},
        {"DegreeMinuteSeconds": {"Longitude": "13°21'0.0''", "Latitude": "52° 28' 48.0''"}},
    ],
)
def test_position_is_read_in_each_notation(coordinates: object) -> None:
    """Latitude comes first."""
    assert position_of(coordinates) == pytest.approx(BERLIN)


@pytest.mark.parametrize(
    "coordinates", [None, {}, {"Google": {"Coordinates": "52"}}, {"DecimalDegree": {"Latitude": "52.48"}}]
)
def test_no_position_is_read_of_half_of_one(coordinates: object) -> None:
    """What is malformed is a finding of its own."""
    assert position_of(coordinates) is None


@pytest.mark.parametrize(
    ("country", "position", "swapped"),
    [
        ("DEU", BERLIN, False),
        ("DEU", (13.35, 52.48), True),
        ("PRT", (-8.63, 41.16), True),
        ("FRA", (-20.88, 55.45), False),  # Réunion
        ("ESP", (28.12, -15.43), False),  # Gran Canaria
        ("TUR", (39.93, 32.86), False),
        ("TUR", (38.5, 39.5), False),  # in Turkey either way
        ("IND", (77.2, 28.6), False),  # a country that is not in the table
        (None, (13.35, 52.48), False),
    ],
)
def test_swapped_is_what_lies_in_its_country_only_then(
    country: object, position: tuple[float, float], swapped: bool
) -> None:
    """An island far away is not swapped."""
    assert are_swapped(country, position) is swapped


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("KÃ¶nigsstraÃŸe", "Königsstraße"),
        ("KÃ¶nigsstraÃ\x9fe", "Königsstraße"),
        ("M&amp;M M&uuml;ller", "M&M Müller"),
        ("Caf&#233;", "Café"),
        ("K�nigsstraße", "the characters themselves"),
    ],
)
def test_spoilt_text_is_told_with_what_was_meant(text: str, meant: str) -> None:
    """Each kind of spoiling."""
    assert (spoilt(text) or ("", ""))[1] == meant


@pytest.mark.parametrize(
    "text", ["Königsstraße", "São João", "AT&T; Ladepark", "C&A", "R&D 3", "Ærøskøbing", "東京", "Ő utca", ""]
)
def test_legible_text_is_left_alone(text: str) -> None:
    """Letters of any language, and ampersands."""
    assert spoilt(text) is None
