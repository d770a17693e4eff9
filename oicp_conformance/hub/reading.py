"""A request of a partner, read as far as it comes: its body with a length or in chunks (RFC 9112)."""

import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from werkzeug import Request
from werkzeug.exceptions import HTTPException

from oicp_conformance.hub.budget import KEPT, Budget
from oicp_conformance.journal.exchange import Part

PATIENCE = 30.0
"""Seconds that a partner may be silent in the middle of a request, and between two on one connection."""
LONGEST_TIME = 300.0
"""Seconds that a request may take to arrive."""
INPUT = "oicp_conformance.input"
"""Under which name a request has what it is read from."""
HEADERS = "oicp_conformance.headers"
"""And under which name its headers, one by one."""
_MOST = 1024 * 1024 * 1024
"""Bytes of a request after which the hub stops listening to it."""
PIECE = 64 * 1024
"""Bytes that are read at once."""
_LINE = 8 * 1024
_AUTHORITY = re.compile(r"\Ahttps?://[^/?]*", re.IGNORECASE)


@dataclass(frozen=True)
class Heard:
    """One request as it came in."""

    method: str
    path: str
    part: Part
    trouble: str | None = None
    """Why it is no request, or no whole one: `tls`, `not HTTP` or `broke off`."""
    detail: str = ""
    peer: str = ""
    """The address that it came from."""
    certificate: str | None = None
    """The subject of the certificate that the partner showed, where it showed one."""
    stranger: bool = False
    """Whether the address is not the target's."""


class _Body:
    """The body of a request, as far as it has come; of what there is no room for, length and digest."""

    def __init__(self, longest: int, budget: Budget) -> None:
        self._longest = longest
        self._budget = budget
        self._pieces: list[bytes] = []
        self._digest = hashlib.sha256()
        self._has_room = True
        self._taken = 0
        self.size = 0

    def add(self, piece: bytes) -> None:
        """Take in what has come."""
        self.size += len(piece)
        self._digest.update(piece)
        if self._taken + len(piece) > self._longest:
            room = self._longest - self._taken
            piece = piece[:room]
        if not piece or not self._has_room:
            return
        if self._budget.take(len(piece)):
            self._pieces.append(piece)
            self._taken += len(piece)
            return
        self._has_room = False
        first = b"".join(self._pieces)[:KEPT]
        self._pieces = [first]
        self._budget.give_back(self._taken - len(first))
        self._taken = len(first)

    def part(self, headers: tuple[tuple[str, str], ...], *, whole: bool) -> Part:
        """What is kept of it."""
        bare = Part(headers, b"".join(self._pieces))
        if not self._has_room:
            return self._budget.without(bare, self.size, self._digest.hexdigest())
        cut = not whole or self.size > self._longest
        if cut:
            bare = replace(bare, cut=True, length=self.size, sha256=self._digest.hexdigest())
        return self._budget.kept(bare, self._taken)


def in_origin_form(target: str) -> str:
    """The path and query of a request target, which a client may send in absolute form (RFC 9112 3.2.2)."""
    return _AUTHORITY.sub("", target) or "/"


def read(request: Request, path: str, longest: int, budget: Budget) -> Heard:
    """A request with its body, as far as that comes and can be read; where it breaks off, it says where."""
    body, (trouble, _) = _Body(longest, budget), framing(request)
    until = time.monotonic() + LONGEST_TIME
    try:
        for piece in () if trouble else _pieces(request):
            body.add(piece)
            if body.size > _MOST or time.monotonic() > until:
                trouble = f"is not over after {body.size} bytes"
                break
    except TimeoutError:
        trouble = f"stalled for {PATIENCE:g} s after {body.size}{_of_all(request)} bytes of its body"
    except (OSError, HTTPException) as error:
        # A partner that breaks off or sends broken chunks has sent what it has sent.
        trouble = _broken(request, body.size, error)
    part = body.part(headers(request), whole=not trouble)
    if trouble:
        return Heard(method(request), path, part, "broke off", f"the request {trouble}")
    return Heard(method(request), path, part, detail=_oddity(request))


def method(request: Request) -> str:
    """The method as it was sent; werkzeug's own is in upper case always."""
    return str(request.environ["REQUEST_METHOD"])


def headers(request: Request) -> tuple[tuple[str, str], ...]:
    """The headers of a request, in order."""
    return tuple(request.headers.items())


def framing(request: Request) -> tuple[str, bool]:
    """What keeps a request from having an end, and whether another request can follow (RFC 9112, 6.3)."""
    headers = request.environ[HEADERS]
    lengths, codings = headers.get_all("Content-Length", []), headers.get_all("Transfer-Encoding", [])
    if codings:
        coding = ", ".join(codings).strip()
        if coding.lower() != "chunked":
            return f"has a Transfer-Encoding that the hub does not know: {coding[:40]!r}", False
        return "", not lengths and request.environ["SERVER_PROTOCOL"] != "HTTP/1.0"
    length = ", ".join(dict.fromkeys(one.strip() for one in lengths))
    if length and not re.fullmatch("[0-9]+", length):
        return f"has an invalid Content-Length: {length[:40]!r}", False
    return "", True


def _oddity(request: Request) -> str:
    """What is odd in how a request says where it ends, though the hub could read it."""
    if "Transfer-Encoding" not in request.headers:
        return ""
    if request.environ["SERVER_PROTOCOL"] == "HTTP/1.0":
        return "the request has chunks, which its version HTTP/1.0 does not know (RFC 9112, 6.1)"
    if "Content-Length" in request.headers:
        return (
            "the request has a Content-Length and a Transfer-Encoding: the chunks have precedence "
            "(RFC 9112, 6.3)"
        )
    return ""


class _BrokenChunks(OSError):
    """What should be a chunk is none."""


def _pieces(request: Request) -> Iterator[bytes]:
    """The body of a request, as it comes."""
    # Not werkzeug's own: of chunks that break off, it would lose what has come.
    if request.environ.get("wsgi.input_terminated"):
        yield from _chunks(request.environ[INPUT])
        return
    while piece := request.stream.read(PIECE):
        yield piece


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    """The data of chunks, to the last one, which has none (RFC 9112, 7.1)."""
    while size := _size_of_chunk(source.readline(_LINE)):
        while size:
            piece = source.read(min(size, PIECE))
            if not piece:
                raise ConnectionError("it ends in the middle of a chunk")
            yield piece
            size -= len(piece)
        if (ending := source.readline(_LINE)) not in {b"\r\n", b"\n"}:
            raise ConnectionError if not ending else _BrokenChunks("a chunk is longer than it says")
    while source.readline(_LINE) not in {b"\r\n", b"\n", b""}:
        pass


def _size_of_chunk(line: bytes) -> int:
    if not line:
        raise ConnectionError("it ends before the last chunk")
    digits = line.partition(b";")[0].strip()
    if not re.fullmatch(rb"[0-9A-Fa-f]{1,12}", digits):
        raise _BrokenChunks("a chunk without its size")
    return int(digits, 16)


def _broken(request: Request, size: int, error: Exception) -> str:
    if isinstance(error, _BrokenChunks):
        return f"has broken chunks after {size} bytes of its body: {error}"
    return f"broke off after {size}{_of_all(request)} bytes of its body"


def _of_all(request: Request) -> str:
    length = request.headers.get("Content-Length", "")
    return f" of {length}" if length.isdigit() else ""
