"""The server of the control interface and the page, on a port of its own.

The hub's own port belongs to OICP: there every path is an exchange, it may speak TLS and ask for
certificates, and it may be open to other machines while this one is not.
"""

import json
import math
import threading
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from importlib import resources
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from pydantic import ValidationError
from werkzeug import Request, Response
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from oicp_conformance import serving
from oicp_conformance.desk import routes
from oicp_conformance.desk.acts import Impossible
from oicp_conformance.desk.asked import Followed
from oicp_conformance.desk.desk import Desk
from oicp_conformance.desk.guard import COOKIE, Guard
from oicp_conformance.hub.listening import listens
from oicp_conformance.journal.archive import complaints
from oicp_conformance.journal.json_text import NotJson, parse

LONGEST = 100 * 1024 * 1024
"""Bytes of a request that are read."""
_BEAT = 10.0
"""Seconds after which a silent series of events shows that it is alive."""
_PAGE = {
    "/": ("index.html", "text/html"),
    "/desk.css": ("desk.css", "text/css"),
    "/desk.js": ("desk.js", "text/javascript"),
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_DRAWN = "default-src 'none'; style-src 'unsafe-inline'"
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Control:
    """The server; `start` begins and `stop` ends it."""

    def __init__(self, desk: Desk, host: str, port: int, token: str | None) -> None:
        """Listen on an address; port 0 takes a free one.

        Raises:
            HubError: the address cannot be had.
        """
        self._desk = desk
        self._guard = Guard(token)
        self._token = token
        with listens(f"--control {host}:{port}"):
            self._server: BaseWSGIServer = make_server(
                host, port, self, threaded=True, request_handler=_Silent
            )
        self._host = host
        threading.Thread(target=serving.serve, args=(self._server,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it is reached."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._server.port}"

    @property
    def page(self) -> str:
        """The address of the page, with the token where there is one."""
        return f"{self.url}/" + (f"?token={self._token}" if self._token else "")

    def stop(self) -> None:
        """Stop listening."""
        serving.end(self._server)
        self._server.server_close()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request, as WSGI has it."""
        request = Request(environ)
        request.max_content_length = LONGEST
        try:
            response = self._respond(request)
        except Impossible as error:
            response = _json({"error": str(error)}, error.status)
        except ValidationError as error:
            response = _json({"error": "; ".join(complaints(error))}, HTTPStatus.BAD_REQUEST)
        except RequestEntityTooLarge:
            response = _json({"error": f"longer than {LONGEST} bytes"}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except Exception as error:  # noqa: BLE001 - whoever asked is told, and the hub goes on
            text = f"internal error: {type(error).__name__}: {error}"
            response = _json({"error": text}, HTTPStatus.INTERNAL_SERVER_ERROR)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if reason := self._guard.objection(request):
            return _json({"error": reason}, HTTPStatus.FORBIDDEN)
        if self._guard.enters(request):
            # The address with the token is in nobody's history then, nor in a Referer.
            response = Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/"})
            response.set_cookie(COOKIE, self._token or "", httponly=True, samesite="Strict")
            return response
        if not self._guard.knows(request):
            error = {
                "error": "the token is missing: Authorization: Bearer TOKEN, or /?token=TOKEN for the page"
            }
            return _json(error, HTTPStatus.UNAUTHORIZED)
        if request.method == "GET" and request.path in _PAGE:
            name, kind = _PAGE[request.path]
            text = resources.files("oicp_conformance.desk").joinpath("page", name).read_text(encoding="utf-8")
            return Response(text, mimetype=kind)
        if request.method == "GET" and request.path == "/openapi.json":
            return _json(routes.openapi())
        if request.method == "GET" and request.path == routes.EVENTS.path:
            return self._events(request)
        route, names = routes.find(request.method, request.path)
        wanted = route.takes.model_validate(
            _body(request) if route.method == "POST" else request.args.to_dict()
        )
        given = route.does(self._desk, wanted, names)
        if route.gives == "application/json":
            return _json(given)
        return Response(given, mimetype=route.gives, headers={"Content-Security-Policy": _DRAWN})

    def _events(self, request: Request) -> Response:
        after = Followed.model_validate(request.args.to_dict()).after
        last = request.headers.get("Last-Event-ID", "")
        if last.isdecimal():
            after = int(last)
        return Response(
            self._stream(self._desk.feed.last if after is None else after), mimetype="text/event-stream"
        )

    def _stream(self, seen: int) -> Iterator[bytes]:
        feed = self._desk.feed
        yield b"retry: 1000\n\n"
        while not feed.closed:
            events = feed.after(seen, _BEAT)
            if events is None:
                seen = feed.last
                yield f"id: {seen}\nevent: behind\ndata: {{}}\n\n".encode()
                continue
            for event in events:
                seen = event.number
                yield f"id: {event.number}\nevent: {event.name}\ndata: {_text(event.data)}\n\n".encode()
            if not events:
                yield b": alive\n\n"


def _body(request: Request) -> Any:
    raw = request.get_data()
    if not raw:
        return {}
    try:
        read = parse(raw)
    except NotJson as error:
        raise Impossible(f"the body is not JSON: {error}", HTTPStatus.BAD_REQUEST) from None
    if not isinstance(read, dict):
        raise Impossible("the body is not a JSON object", HTTPStatus.BAD_REQUEST)
    return read


def _text(value: Any) -> str:
    """A value as JSON that every reader takes."""
    try:
        return json.dumps(value, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:  # numbers that a target sent and no float can hold
        return json.dumps(_finite(value), ensure_ascii=False, default=str)


def _finite(value: Any) -> Any:
    """A value with a text in the place of each number that JSON does not know."""
    if isinstance(value, Mapping):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return list(map(_finite, value))
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _json(value: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(f"{_text(value)}\n", status=status, mimetype="application/json")


class _Silent(WSGIRequestHandler):
    """Says nothing on the terminal, and lets go who neither sends nor reads."""

    timeout = 60.0

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of a request."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""
