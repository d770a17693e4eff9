"""Where a requirement is written: document, section and line, and how strong the text is."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import quote

Strength = Literal["explicit", "diagram", "lower", "example", "practice"]
"""How strong a text is: a MUST, SHALL or only, the M column or a definition of a format; a diagram; a
document of lower precedence; an example; no sentence at all, where the source is what comes nearest."""

OICP = "hubject/oicp"
_COMMITS = {
    OICP: "eabcdca7c64dd43af8397dc493e0bb8a70be1c24",
    "hubject/oicp-cpo-2.3-api-doc": "59d52ef2fb98d6216a857a128f86cea3e6160276",
    "hubject/oicp-emp-2.3-api-doc": "9a773b3a77c05264f087e73c5af04268425f9296",
    "FirasHubject/OICP23_Integration_Guide": "68e8710cb36f56aa9fd438a6e7f09f1e3a6fe92b",
}
"""The commit of each repository that lines are counted in."""
_FOLDER = Path(__file__).parent / "documents"
ANCHORS, FIELDS = _FOLDER / "anchors.tsv", _FOLDER / "fields.tsv"
"""The documents' own anchors with the lines of their sections, and the row of each field: facts that
`python -m tools.sources` reads out of the documents."""


@dataclass(frozen=True)
class Document:
    """A file of one of the repositories."""

    repository: str
    path: str

    @cached_property
    def _page(self) -> str:
        return f"https://github.com/{self.repository}/blob/{_COMMITS[self.repository]}/{quote(self.path)}"

    def url(self, line: int) -> str:
        """A line of it, at the commit that is pinned."""
        return f"{self._page}?plain=1#L{line}"


def _oicp(role: str) -> dict[str, Document]:
    files = {
        "00": f"00_README_{role}.md",
        "01": f"01_{role}_Communication_Paradigms.asciidoc",
        "02": f"02_{role}_Services_and_Operations.asciidoc",
        "03": f"03_{role}_Data_Types.asciidoc",
        "04": "04_Business_Process_Diagrams.asciidoc",
        "06": f"06_{role}_Code_Snippets.asciidoc",
    }
    folder = f"OICP-2.3/OICP 2.3 {role}"
    return {f"{role} {number}": Document(OICP, f"{folder}/{file}") for number, file in files.items()}


_GUIDE = "FirasHubject/OICP23_Integration_Guide"
_GUIDE_CPO = "03_Services/Services Implementation for CPOs"
DOCUMENTS: Mapping[str, Document] = {
    **_oicp("CPO"),
    **_oicp("EMP"),
    "RN": Document(OICP, "OICP-2.3/Realease_Notes.asciidoc"),
    "AUP": Document(OICP, "Hubject Acceptable Use Policy v1-0.asciidoc"),
    "OAS-CPO RemoteStart": Document(
        "hubject/oicp-cpo-2.3-api-doc",
        "src/resources/eRoamingAuthorization/eRoamingAuthorizeRemoteStart_V2.1.yaml",
    ),
    "OAS-CPO schema RemoteStart": Document(
        "hubject/oicp-cpo-2.3-api-doc", "src/schemas/eRoamingAuthorizeRemoteStart.yaml"
    ),
    "OAS-EMP AuthorizeStart": Document(
        "hubject/oicp-emp-2.3-api-doc",
        "src/resources/eRoamingAuthorization/eRoamingAuthorizeStart_V2.1.yaml",
    ),
    "IG CPO 01": Document(_GUIDE, f"{_GUIDE_CPO}/01-eRoamingPushEvseData.md"),
    "IG CPO 02": Document(_GUIDE, f"{_GUIDE_CPO}/02-eRoamingPushEvseStatus.md"),
    "IG CPO 09": Document(_GUIDE, f"{_GUIDE_CPO}/09-eRoamingAuthorizeRemoteStart.md"),
    "IG errors": Document(_GUIDE, "04_Definitions/Common-errors-and-explanation-for-them.md"),
}
"""The documents by the names that reports use: role and number for OICP's own, RN for the release notes, AUP
for the acceptable use policy, OAS for OpenAPI, IG for the integration guide."""


@dataclass(frozen=True)
class Source:
    """A line of a document."""

    document: str
    anchor: str
    """The anchor of its section; empty where the document has none."""
    line: int
    """Its number in the commit that is pinned."""
    strength: Strength

    def __post_init__(self) -> None:
        """Raise KeyError for an unknown document."""
        DOCUMENTS[self.document]

    @property
    def clause(self) -> str:
        """The clause as a report names it, such as `CPO 02 eRoamingChargeDetailRecord`."""
        return f"{self.document} {self.anchor.removesuffix('message')}".rstrip()

    @property
    def url(self) -> str:
        """Where it can be read: the line of the text that the document is made of."""
        return DOCUMENTS[self.document].url(self.line)


@cache
def _field_rows() -> dict[tuple[str, str, str], Source]:
    with FIELDS.open(encoding="utf-8", newline="") as file:
        return {
            (row["role"], row["holder"], row["field"]): Source(
                row["document"], row["anchor"], int(row["line"]), "explicit"
            )
            for row in csv.DictReader(file, delimiter="\t")
        }


def source_of_field(role: str, holder: str, field: str) -> Source:
    """The row of a field in the table of its message or type, in the documents of a role.

    Raises:
        KeyError: there is none; `python -m tools.sources` reads them anew.
    """
    return _field_rows()[role, holder, field]
