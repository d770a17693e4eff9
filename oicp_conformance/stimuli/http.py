"""The driver that posts stimuli to a URL."""

import contextlib
import ssl
from typing import ClassVar, Literal, Self

import httpcore
import httpx

from oicp_conformance import plain_http
from oicp_conformance.deadline import Deadline
from oicp_conformance.profile import Stimuli, Url
from oicp_conformance.stimuli.base import Console, Shim, Stimulated

# Enough for the first 200 characters of an answer, whatever its encoding.
_BODY_BYTES = 1000

_HEADERS = {
    "User-Agent": "oicp-conformance",
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


class HttpStimuli(Stimuli):
    """`[stimuli]` with `driver = "http"`."""

    driver: Literal["http"] = "http"
    """"http": the suite posts each stimulus to `url`."""
    url: Url
    """The URL of the shim. It responds with 2xx (done), 501 (not supported) or any other status (failed)."""

    @property
    def shim(self) -> str:
        """The URL."""
        return self.url


class HttpDriver(Shim):
    """Posts each stimulus to `url`, and gives up on an answer that is not complete after `limit` seconds."""

    settings: ClassVar[type[Stimuli]] = HttpStimuli

    def __init__(self, url: str, *, wait: float, limit: float | None = None) -> None:
        super().__init__(url, wait=wait, limit=limit)
        # The certificates of those who may be trusted take as long to load as a hundred stimuli to post.
        tls = ssl.create_default_context() if url.lower().startswith("https:") else None
        self._connections = plain_http.new_connections(tls)

    @classmethod
    def from_profile(cls, stimuli: Stimuli, console: Console) -> Self:  # noqa: ARG003 - it is a quiet driver
        """Make the driver for a profile."""
        assert isinstance(stimuli, HttpStimuli)
        return cls(stimuli.url, wait=stimuli.wait)

    def _ask(self, message: bytes) -> Stimulated:
        """Post a message: 2xx is done, 501 unavailable, and all else has failed."""
        with Deadline(self._limit) as deadline:
            try:
                status, text = self._post(message, deadline)
            # ValueError: what a URL's host can be wrong about only shows when it is used.
            except (*plain_http.TROUBLE, httpx.InvalidURL, OSError, ValueError) as error:
                if deadline.passed or isinstance(error, httpcore.TimeoutException):
                    return self._failed(f"sent no complete response within {self._limit:g} s")
                return self._failed("", str(error) or type(error).__name__)
        if 200 <= status < 300:
            return self._done(f"responded with HTTP {status}")
        if status == 501:
            return self._unavailable("responded with HTTP 501", text)
        return self._failed(f"responded with HTTP {status}", text)

    def _post(self, message: bytes, deadline: Deadline) -> tuple[int, str]:
        """The status, and the beginning of the body of an answer that explains something."""
        with plain_http.sent(
            self._connections,
            "POST",
            self._name,
            _HEADERS,
            message,
            seconds=self._limit,
            connecting=self._limit,
            trace=deadline.trace,
        ) as response:
            if 200 <= response.status < 300:
                return response.status, ""
            received = b""
            # The status alone decides: a body that breaks off, or is cut off, does not change what it says.
            with contextlib.suppress(*plain_http.TROUBLE):
                for chunk in response.iter_stream():
                    received += chunk
                    if len(received) >= _BODY_BYTES:
                        break
            return response.status, received[:_BODY_BYTES].decode(errors="replace")
