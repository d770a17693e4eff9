"""Positions that are swapped, and texts that were spoilt on their way."""

import pytest

from oicp_conformance.judge.legible import spoilt
from oicp_conformance.judge.territories import as_meant, position_of

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
    ("country", "position", "meant"),
    [
        ("DEU", BERLIN, None),
        ("DEU", (13.35, 52.48), BERLIN),
        ("DEU", (52.48, -13.35), BERLIN),
        ("DEU", (-52.48, 13.35), BERLIN),
        ("PRT", (-8.63, 41.16), (41.16, -8.63)),
        ("PRT", (41.16, 8.63), (41.16, -8.63)),
        ("PRT", (38.7, -27.2), None),  # the Azores
        ("FRA", (-20.88, 55.45), None),  # Réunion
        ("FRA", (48.4, -4.5), None),
        ("ESP", (28.12, -15.43), None),  # Gran Canaria
        ("TUR", (39.93, 32.86), None),
        ("TUR", (38.5, 39.5), None),  # in Turkey either way
        ("IND", (77.2, 28.6), None),  # a country that is not in the table
        (None, (13.35, 52.48), None),
    ],
)
def test_mistaken_is_what_lies_in_its_country_only_otherwise(
    country: object, position: tuple[float, float], meant: tuple[float, float] | None
) -> None:
    """An island far away is not mistaken."""
    found = as_meant(country, position)
    assert (found[1] if found else None) == meant


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
