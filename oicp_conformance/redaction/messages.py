"""Messages of HTTP: their paths, their headers, their bodies."""

from dataclasses import replace

from oicp_conformance.journal.exchange import Part
from oicp_conformance.profile import MARK
from oicp_conformance.redaction.bodies import Bodies
from oicp_conformance.redaction.credentials import Credentials
from oicp_conformance.redaction.memory import Learned
from oicp_conformance.redaction.names import Names
from oicp_conformance.redaction.texts import Texts
from oicp_conformance.redaction.values import Values


class Messages:
    """Takes secrets out of messages; what need not change stays as it was sent."""

    def __init__(
        self,
        credentials: Credentials,
        names: Names,
        texts: Texts,
        values: Values,
        bodies: Bodies,
        learned: Learned,
    ) -> None:
        self._credentials = credentials
        self._names = names
        self._texts = texts
        self._values = values
        self._bodies = bodies
        self._headers = learned.remembering(self._all_headers)
        self.path = learned.remembering(self._path)
        """A path with its query as it may be written."""

    def part(self, part: Part) -> Part:
        """A request or an answer."""
        headers = self._headers(part.headers)
        body = self._bodies.body(part.body, (part.header("Content-Encoding") or "").lower())
        same = headers == part.headers and body == part.body
        return part if same else replace(part, headers=headers, body=body)

    def _path(self, path: str) -> str:
        """A path with its query, segment by segment: some are ids."""
        bare, question, query = path.partition("?")
        redacted = "/".join(map(self._values.kept, bare.split("/"))) + question
        redacted += "&".join(self._texts.fields(self._values.kept(one)) for one in query.split("&"))
        return self._credentials.marked(redacted)

    def _all_headers(self, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        return tuple((self._texts.text(name), self._header(name, value)) for name, value in headers)

    def _header(self, name: str, value: str) -> str:
        if name.lower() == "host":  # of a request in absolute form, it has the user of the URL
            user, at, host = value.rpartition("@")
            value = f"{MARK}@{host}" if at and user != MARK else value
        if not self._names.is_secret(name):
            return self._texts.text(value)
        scheme, blank, _ = value.partition(" ")
        return f"{scheme} {MARK}" if blank and scheme.lower() in {"basic", "bearer", "digest"} else MARK
