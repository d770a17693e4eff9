"""Who may use the control interface: pure functions over a request's headers."""

import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from werkzeug import Request

from oicp_conformance.hub.addresses import is_loopback

COOKIE = "oicp_conformance_hub"


@dataclass(frozen=True)
class Guard:
    """Refuses requests of other people, and of other people's web pages in the user's browser."""

    token: str | None
    """Who has it may do everything; None where only this machine is listened to."""

    def objection(self, request: Request) -> str | None:
        """Why a request is refused, or None.

        A web page can have the browser send requests here: they bear its Origin. With a name that it resolves
        to this machine it could even read the answers: such requests bear that name as their Host.
        """
        name = urlsplit(f"//{request.host}").hostname or ""
        if self.token is None and not is_loopback(name):
            return f"Host: {request.host} is not this machine"
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"{request.scheme}://{request.host}":
            return f"Origin: {origin} is another site"
        if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"} and not _is_page(request):
            return "Sec-Fetch-Site: the request was sent by another site"
        has_body = request.content_length or "Transfer-Encoding" in request.headers
        if request.method == "POST" and has_body and request.mimetype != "application/json":
            return "Content-Type: must be application/json"
        return None

    def knows(self, request: Request) -> bool:
        """Whether a request has the token, where one is needed."""
        if self.token is None:
            return True
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        bearer = given if scheme.lower() == "bearer" else ""
        return any(self._is_token(one) for one in (bearer, request.cookies.get(COOKIE, "")))

    def enters(self, request: Request) -> bool:
        """Whether a request opens the page with the token in its address."""
        return self.token is not None and _is_page(request) and self._is_token(request.args.get("token", ""))

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), (self.token or "").encode())


def _is_page(request: Request) -> bool:
    return request.method == "GET" and request.path == "/"
