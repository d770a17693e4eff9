"""Where a requirement is written: document and section."""

from dataclasses import dataclass
from urllib.parse import quote

_FOLDER = "https://github.com/hubject/oicp/blob/master/OICP-2.3"
_FILES = {
    "00": "00_README_{role}.md",
    "01": "01_{role}_Communication_Paradigms.asciidoc",
    "02": "02_{role}_Services_and_Operations.asciidoc",
    "03": "03_{role}_Data_Types.asciidoc",
    "06": "06_{role}_Code_Snippets.asciidoc",
}


@dataclass(frozen=True)
class Source:
    """A section of a document."""

    document: str
    """The role and the number of the document, such as `CPO 02`."""
    anchor: str
    """The section's anchor in the document."""

    @property
    def clause(self) -> str:
        """The clause as a report names it, such as `CPO 02 eRoamingChargeDetailRecord`."""
        return f"{self.document} {self.anchor.removesuffix('message')}"

    @property
    def url(self) -> str:
        """Where it can be read."""
        role, _, number = self.document.partition(" ")
        file = _FILES[number].format(role=role)
        return f"{_FOLDER}/{quote(f'OICP 2.3 {role}')}/{file}#{self.anchor}"
