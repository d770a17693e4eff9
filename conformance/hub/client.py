"""The hub's calls to the target: bounded in time and size, and never an exception because of its answer."""

import ssl
import time
from dataclasses import dataclass, field

import httpx

from conformance.hub.journal import Part
from conformance.profile import Target

LONGEST = 2 * 1024 * 1024
"""Bytes of an answer that are read; no answer of OICP to a hub is nearly as long."""


@dataclass(frozen=True)
class Reply:
    """What came back: a status and a message, or the trouble that there was instead."""

    status: int | None = None
    answer: Part = field(default_factory=Part)
    trouble: str | None = None
    detail: str = ""


class Client:
    """Calls one target."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._http = httpx.Client(
            timeout=httpx.Timeout(target.timeout, connect=min(target.timeout, 10.0)),
            verify=_trust(target),
            trust_env=False,
            follow_redirects=False,
            headers={
                "User-Agent": "oicp-conformance",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
        )

    def post(self, path: str, body: bytes, content_type: str = "application/json") -> Reply:
        """POST a body to a path of the target; a target that cannot be reached is tried three times."""
        for pause in (0.2, 0.6, None):
            reply = self._post_once(path, body, content_type)
            if reply.trouble != "unreachable" or pause is None:
                break
            time.sleep(pause)
        return reply

    def _post_once(self, path: str, body: bytes, content_type: str) -> Reply:
        deadline = time.monotonic() + self._target.timeout
        url = f"{self._target.base_url}{path}"
        try:
            with self._http.stream(
                "POST", url, content=body, headers={"Content-Type": content_type}
            ) as response:
                return _read(response, deadline)
        except httpx.ConnectError as error:
            secure = isinstance(_root(error), ssl.SSLError)
            return Reply(trouble="tls" if secure else "unreachable", detail=f"{url}: {error}")
        except (httpx.ConnectTimeout, httpx.PoolTimeout):
            return Reply(trouble="unreachable", detail=f"{url}: no connection within 10 s")
        except (httpx.TimeoutException, TimeoutError):
            return Reply(trouble="timeout", detail=f"no answer within {self._target.timeout:g} s")
        except httpx.RemoteProtocolError as error:
            hung_up = "disconnected" in str(error)
            return Reply(trouble="hung up" if hung_up else "not HTTP", detail=str(error))
        except httpx.HTTPError as error:
            if isinstance(_root(error), ssl.SSLError):
                return Reply(trouble="tls", detail=f"{url}: {error}")
            return Reply(trouble="hung up", detail=f"the connection broke: {error or type(error).__name__}")

    def close(self) -> None:
        """Close all connections."""
        self._http.close()


def _read(response: httpx.Response, deadline: float) -> Reply:
    body = bytearray()
    cut = False
    for piece in response.iter_raw():
        body += piece
        if len(body) > LONGEST:
            del body[LONGEST:]
            cut = True
            break
        if time.monotonic() > deadline:
            raise TimeoutError
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
    return Reply(response.status_code, Part(headers, bytes(body), cut))


def _root(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error


def _trust(target: Target) -> ssl.SSLContext | bool:
    if target.tls is None:
        return True
    context = ssl.create_default_context(cafile=target.tls.ca)
    if target.tls.certificate:
        context.load_cert_chain(target.tls.certificate, target.tls.key)
    return context
