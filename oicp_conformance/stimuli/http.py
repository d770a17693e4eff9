"""The driver that posts stimuli to a URL."""

import contextlib
import time
from collections.abc import Mapping

import httpx

from oicp_conformance.stimuli.base import Outcome, Quiet, Stimulated, answer_limit, as_json, one_line

# Enough for the first 200 characters of an answer, whatever its encoding.
_BODY_BYTES = 1000

_HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "identity"}


class HttpDriver(Quiet):
    """Posts each stimulus to `url`, and gives up on an answer after `limit` seconds."""

    def __init__(self, url: str, *, wait: float, limit: float | None = None) -> None:
        self.wait = wait
        self._url = url
        self._limit = answer_limit(wait) if limit is None else limit
        self._tls = httpx.create_ssl_context(trust_env=False)

    def stimulate(self, stimulus: str, parameters: Mapping[str, object]) -> Stimulated:
        """Post the stimulus: 2xx is done, 501 unavailable, and all else has failed."""
        body = as_json(stimulus, parameters)
        try:
            status, text = self._post(body)
        except httpx.TimeoutException:
            return self._failed(f"no answer within {self._limit:g} s")
        # ValueError: what a URL's host can be wrong about only shows when it is used.
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return self._failed(str(error) or type(error).__name__)
        if 200 <= status < 300:
            return Stimulated(Outcome.DONE, f"{self._url} answered {status}")
        if status == 501:
            return Stimulated(Outcome.UNAVAILABLE, f"{self._url} answered 501: {one_line(text)}".rstrip(": "))
        return self._failed(f"answered {status}: {one_line(text)}".rstrip(": "))

    def _post(self, body: bytes) -> tuple[int, str]:
        """The status, and the beginning of the body of an answer that explains something."""
        deadline = time.monotonic() + self._limit
        # A proxy from the environment would keep the suite from a shim on this machine.
        with (
            httpx.Client(trust_env=False, verify=self._tls, timeout=self._limit) as client,
            client.stream("POST", self._url, content=body, headers=_HEADERS) as response,
        ):
            if response.is_success:
                return response.status_code, ""
            received = b""
            # The status alone decides: a body that breaks off does not change what it says.
            with contextlib.suppress(httpx.HTTPError):
                for chunk in response.iter_bytes():
                    received += chunk
                    if len(received) >= _BODY_BYTES or time.monotonic() > deadline:
                        break
            return response.status_code, received[:_BODY_BYTES].decode(errors="replace")

    def _failed(self, reason: str) -> Stimulated:
        return Stimulated(Outcome.FAILED, f"{self._url}: {one_line(reason, 300)}")
