"""The hub's ear: a server that takes down every request and answers it as the hub decides."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from werkzeug import Request, Response

from oicp_conformance import serving
from oicp_conformance.hub.addresses import plain
from oicp_conformance.hub.budget import Budget
from oicp_conformance.hub.budget import connections as most_connections
from oicp_conformance.hub.connections import Connections
from oicp_conformance.hub.handler import Listener
from oicp_conformance.hub.listening import listens
from oicp_conformance.hub.reading import Heard, framing, headers, in_origin_form, method, read
from oicp_conformance.hub.script import Answer
from oicp_conformance.hub.tls import of_hub, subject_of
from oicp_conformance.journal.exchange import Part
from oicp_conformance.oicp.operations import at_path
from oicp_conformance.profile import Hub as HubPart

LONGEST = 8 * 1024 * 1024
"""Bytes of a request that are read, unless it is a push; no other is nearly as long."""
LONGEST_PUSH = 192 * 1024 * 1024
"""Bytes of a push that are read: a full load of 50 000 EVSEs has some 80 MB."""
_STRANGER = 2.0
"""Seconds that the hub has for what a stranger still sends when it is answered."""
_ENDING = 1.0
"""Seconds that responses have which are under way when the hub stops."""


@dataclass(frozen=True)
class Decision:
    """What is answered to a request, and who is told of it."""

    answer: Answer
    answers: Callable[[], object]
    """To be called before the answer is written: the partner may go on at once."""
    over: Callable[[], object]
    """To be called when it is written, or cannot be."""


Hears = Callable[[Heard], Decision]
"""Decides on a request."""


class Server:
    """Listens where the profile says, from `start` to `stop`."""

    def __init__(
        self, hub: HubPart, hears: Hears, budget: Budget, knows: Callable[[str, str], bool] = lambda *_: True
    ) -> None:
        """`knows` tells whether an address is the target's; it gets that of the partner and the hub's own."""
        self._hears = hears
        self._knows = knows
        self._budget = budget
        self._closing = threading.Event()
        self._answering = 0
        """How many responses are under way."""
        self._answered = threading.Condition()
        self._connections = Connections(most_connections(), budget.closed)
        self._server = Listener(self._refuses, self._connections, hub.host, hub.port, of_hub(hub))
        self._server.expect_request(re.compile(".*")).respond_with_handler(self._handle)
        self._where = hub.listen
        self._scheme = "https" if hub.tls else "http"

    def start(self) -> None:
        """Begin to listen.

        Raises:
            HubError: the address cannot be had.
        """
        with listens(f"[hub] listen = {self._where!r}"):
            self._server.start()

    def stop(self) -> None:
        """Stop listening; answers that are still held back are let go, and taken down."""
        self._closing.set()
        with self._answered:
            self._answered.wait_for(lambda: not self._answering, _ENDING)
        if self._server.server is not None:
            serving.end(self._server.server)
            self._server.stop()
        # What is said now on a connection that was kept would be heard by nobody.
        self._connections.close()

    @property
    def url(self) -> str:
        """Where the target reaches the hub."""
        return f"{self._scheme}://{self._server.format_host(self._server.host)}:{self._server.port}"

    @property
    def failures(self) -> list[str]:
        """What went wrong in the hub itself while it answered."""
        return [f"{type(error).__name__}: {error}" for error in self._server.handler_errors]

    def _handle(self, request: Request) -> Response:
        raw = in_origin_form(request.environ["RAW_URI"])
        connection: socket.socket = request.environ["werkzeug.socket"]
        who = self._who(connection)
        keeps = framing(request)[1]
        if who["stranger"]:
            keeps = False
            decision = self._hears(Heard(method(request), raw, Part(headers(request)), **who))
            # Of what strangers send, no more than the head is read.
            connection.settimeout(_STRANGER)
        else:
            located = at_path(raw.partition("?")[0])
            longest = LONGEST_PUSH if located and located[0].is_push else LONGEST
            heard = replace(read(request, raw, longest, self._budget), **who)
            keeps = keeps and not heard.trouble
            decision = self._hears(heard)
        with self._answered:
            self._answering += 1
        answer = decision.answer
        if answer.delay:
            self._closing.wait(answer.delay)
        response = Response(
            _sent(decision),
            status=answer.status,
            content_type="application/json",
            headers={"Content-Length": str(len(answer.body))},
        )
        # What is never written, such as the body for a HEAD, is over then.
        response.call_on_close(partial(self._is_over, decision))
        if not keeps:
            response.headers["Connection"] = "close"
        if answer.hang_up:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        return response

    def _is_over(self, decision: Decision) -> None:
        decision.over()
        with self._answered:
            self._answering -= 1
            self._answered.notify_all()

    def _refuses(self, heard: Heard, connection: socket.socket) -> None:
        """Take down what is no request."""
        self._hears(replace(heard, **self._who(connection))).over()

    def _who(self, connection: socket.socket) -> dict[str, Any]:
        """Who is at the other end of a connection: the fields of `Heard` about that."""
        try:
            peer, here = (str(one[0]) for one in (connection.getpeername(), connection.getsockname()))
        except OSError:  # it is gone already
            return {"stranger": False}
        return {
            "peer": plain(peer),
            "certificate": subject_of(connection),
            "stranger": not self._knows(peer, here),
        }


def _sent(decision: Decision) -> Iterator[bytes]:
    """The body of an answer, while those are told who are to be."""
    decision.answers()
    try:
        yield decision.answer.body
    finally:
        decision.over()
