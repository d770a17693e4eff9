"""How much of what a target sends a run keeps: a target may send anything, and the suite stays small.

Beyond the budget a run goes on. Bodies are cut, with their length and their digest kept; requests are
answered and counted, and not kept. `notes` says what was left out, for the reports.
"""

import hashlib
import resource
import threading
from collections import Counter
from dataclasses import replace

from oicp_conformance.journal.exchange import Part

MEMORY = 640_000_000
"""Bytes of memory for all bodies of a run and what is read out of them; a full load of 50 000 EVSEs takes
some 400 million."""
REQUESTS = 10_000
"""Requests of the target that a run keeps; an ordinary run has some hundred."""
MESSAGES = 50_000
"""OCPP messages that a run keeps; an ordinary run has some thousand."""
KEPT = 4096
"""Bytes that are kept of a body for which there is no room."""
STRANGERS = 200
"""Requests from addresses that are not the target's that a run keeps."""
_CONNECTIONS = 256
_OVERHEAD = 4096
"""Bytes for an exchange without its bodies."""
_PEERS = 5
"""Addresses of strangers that are told apart."""


def weight(body: bytes) -> int:
    """About how many bytes of memory a body takes together with what it reads as."""
    colons = body.count(b":")
    values = body.count(b",") + colons
    strings = max(0, body.count(b'"') // 2 - colons)
    holders = body.count(b"{") + body.count(b"[")
    return 2 * len(body) + 64 * holders + 50 * colons + 50 * strings + 8 * values


def connections() -> int:
    """How many connections to the hub may be open at once: a part of the files that a process may have."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _CONNECTIONS if files < 0 else max(8, min(_CONNECTIONS, files // 4))


class Budget:
    """The budget of one run; safe to use from several threads."""

    def __init__(self, memory: int = MEMORY, requests: int = REQUESTS) -> None:
        self._memory = memory
        self._requests = requests
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Begin again: nothing is kept, and nothing was left out."""
        with self._lock:
            self._left = self._memory
            self._taken = 0
            self._cut = 0
            self._cut_bytes = 0
            self._unkept = 0
            self._messages = 0
            self._unkept_messages = 0
            self._closed = 0
            self._strangers: Counter[str] = Counter()

    def take(self, size: int) -> bool:
        """Take so many bytes, if they are left."""
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True

    def give_back(self, size: int) -> None:
        """Give back what was taken."""
        with self._lock:
            self._left = min(self._left + size, self._memory)

    def kept(self, part: Part, taken: int = 0) -> Part:
        """Return a part as it is kept: whole where there is room, else cut.

        `taken` is how many bytes were taken for it before.
        """
        self.give_back(taken)
        if self.take(weight(part.body)):
            return part
        digest = part.sha256 or hashlib.sha256(part.body).hexdigest()
        return self.without(part, len(part.body) if part.length is None else part.length, digest)

    def without(self, part: Part, length: int, sha256: str) -> Part:
        """Return a part of which only the beginning is kept, and count it."""
        with self._lock:
            self._cut += 1
            self._cut_bytes += length
        return replace(part, body=part.body[:KEPT], cut=True, length=length, sha256=sha256, over_budget=True)

    def forget(self, part: Part) -> None:
        """Give back what a part has that is not kept after all."""
        with self._lock:
            if part.over_budget:
                self._cut -= 1
                self._cut_bytes -= part.length or 0
            else:
                self._left = min(self._left + weight(part.body), self._memory)

    def admits(self) -> bool:
        """Whether another request of the target is kept; it is counted."""
        with self._lock:
            fits = self._taken < self._requests and self._left >= _OVERHEAD
            if fits:
                self._taken += 1
                self._left -= _OVERHEAD
            else:
                self._unkept += 1
            return fits

    def admits_message(self, text: str) -> bool:
        """Whether another OCPP message is kept; it is counted."""
        size = _OVERHEAD // 4 + weight(text.encode("utf-8", "replace"))
        with self._lock:
            fits = self._messages < MESSAGES and self._left >= size
            if fits:
                self._messages += 1
                self._left -= size
            else:
                self._unkept_messages += 1
            return fits

    def admits_stranger(self, peer: str) -> bool:
        """Whether another request from an address that is not the target's is kept; it is counted."""
        with self._lock:
            known = peer if peer in self._strangers or len(self._strangers) < _PEERS else "other addresses"
            self._strangers[known] += 1
            return self._strangers.total() <= STRANGERS

    @property
    def strangers(self) -> dict[str, int]:
        """The addresses that are not the target's from which requests came, and how many."""
        with self._lock:
            return dict(self._strangers)

    def closed(self) -> None:
        """Count a connection that was closed because there were too many."""
        with self._lock:
            self._closed += 1

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, a line each."""
        found = []
        if self._cut:
            found.append(
                f"{self._cut} bodies of {self._cut_bytes / 1e6:.1f} MB in all were cut to {KEPT} bytes: the "
                f"suite keeps {self._memory / 1e6:.0f} MB in a run; the journal has their lengths and digests"
            )
        if self._unkept:
            found.append(
                f"{self._unkept} requests of the target were rejected with HTTP 503 and not kept: the suite "
                f"keeps {self._requests} in a run"
            )
        if self._unkept_messages:
            found.append(
                f"{self._unkept_messages} OCPP messages were not kept: the suite keeps {MESSAGES} in a run"
            )
        if self._closed:
            found.append(
                f"{self._closed} connections to the hub were closed: at most {connections()} may be open"
            )
        if self.strangers:
            peers = ", ".join(self.strangers)
            found.append(
                f"{sum(self.strangers.values())} requests were sent from {peers}, which is not an address of "
                "the target: the hub rejected them with HTTP 403, and they are not judged; if it is the "
                "target, list it in [hub] allow"
            )
        return tuple(found)
