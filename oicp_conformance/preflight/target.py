"""Whether the target is there: its port, its certificate, its clock."""

import contextlib
import socket
import ssl
import time
from collections.abc import Generator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from oicp_conformance.deadline import Deadline
from oicp_conformance.hub.addresses import NoConsent
from oicp_conformance.hub.client import Client, Reply
from oicp_conformance.hub.errors import HubError
from oicp_conformance.hub.tls import reason_of, towards_target
from oicp_conformance.preflight.certificates import until
from oicp_conformance.preflight.places import where
from oicp_conformance.preflight.result import Result, State
from oicp_conformance.profile import Profile, Target

LONGEST = 5.0
"""Seconds that one request of the preflight may take."""
_PAUSE = 0.3
"""Seconds between two looks whether a target has started."""
_OTHER_NAME = "use a name in base_url that the certificate has, or renew the certificate with this name"
_REFUSED = {
    9: "its first day is in the future: check the clocks",
    10: "renew the certificate of the target",
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}
"""What to do, by OpenSSL's number of the reason (`X509_V_ERR_...`)."""
_APART = 5.0
"""Seconds by which clocks may differ: the header Date has whole ones, and was on its way."""


def client_of(target: Target) -> Client:
    """Return a client that calls a target as the hub does, but gives up sooner.

    Raises:
        HubError: what `[target.tls]` names cannot be used.
    """
    return Client(target.model_copy(update={"timeout": min(target.timeout, LONGEST)}))


def wait_for(target: Target, seconds: float) -> bool:
    """Wait until a target answers HTTP, whatever it answers, for at most `seconds`; return whether it does.

    Raises:
        HubError: what `[target.tls]` names cannot be used.
    """
    until = time.monotonic() + seconds
    with contextlib.closing(client_of(target)) as client:
        while client.probe("OPTIONS", "/").status is None:
            if time.monotonic() >= until:
                return False
            time.sleep(_PAUSE)
    return True


def check(profile: Profile) -> Generator[Result, None, bool]:
    """Check whether somebody listens at base_url, and whom and when it is; returns whether HTTP works."""
    base = where(profile, "target", "base_url")
    try:
        with contextlib.closing(client_of(profile.target)) as client:
            if trouble := client.reach():
                yield Result(
                    *(State.PROBLEM, "target", f"nobody listens: {trouble}", base),
                    "start the target, or correct the host and the port in base_url",
                )
                return False
            if not (yield from _certificate(profile)):
                return False
            before = time.time()
            reply = client.probe("OPTIONS", "/")
            if reply.status is None:
                yield _no_http(profile, reply)
                return False
            yield Result(State.OK, "target", f"{profile.target.base_url} responds with HTTP")
            yield from _clock(reply, before, time.time())
            return True
    except NoConsent as error:
        yield Result(State.PROBLEM, "target", str(error), base)
        return False
    except HubError as error:
        yield Result(State.PROBLEM, "target", str(error), where(profile, "target", "tls"))
        return False


def _no_http(profile: Profile, reply: Reply) -> Result:
    base = where(profile, "target", "base_url")
    if reply.trouble == "tls":
        names_scheme = "base_url must begin" in reply.detail
        advice = "" if names_scheme else "check certificate and key in [target.tls]: the hub presents them"
        return Result(State.PROBLEM, "target", reply.detail, base, advice)
    other = "https" if profile.target.base_url.startswith("http:") else "http"
    advice = f"if the target speaks {other}, begin base_url with {other}:"
    text = f"no HTTP response: {reply.trouble}{f': {reply.detail}' if reply.detail else ''}"
    return Result(State.PROBLEM, "target", text, base, advice)


def _certificate(profile: Profile) -> Generator[Result, None, bool]:
    """Check the target's certificate; return False if it is refused: then HTTP would fail for that reason."""
    url = httpx.URL(profile.target.base_url)
    context = towards_target(profile.target)
    if context is None:
        return True
    try:
        with (
            Deadline(LONGEST) as deadline,
            socket.create_connection((url.host, url.port or 443), LONGEST) as connection,
        ):
            deadline.watch(connection)
            with context.wrap_socket(connection, server_hostname=url.host) as secure:
                shown = secure.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        text = f"its certificate is rejected: {reason_of(error)}"
        advice = _REFUSED.get(error.verify_code, "name the CA that signed it in [target.tls] ca")
        yield Result(State.PROBLEM, "TLS", text, where(profile, "target", "base_url"), advice)
        return False
    except (OSError, ValueError):
        return True
    state, text = until(str(shown.get("notAfter", "")))
    yield Result(state, "TLS", f"the target's certificate {text}", where(profile, "target", "base_url"))
    return True


def _clock(reply: Reply, before: float, after: float) -> Generator[Result, None, None]:
    text = reply.answer.header("Date")
    try:
        date = parsedate_to_datetime(text or "")
    except (TypeError, ValueError):
        yield Result(State.SKIPPED, "clock", "the target's response has no Date header to compare with")
        return
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    off = date.timestamp() - (before + after) / 2
    if abs(off) <= _APART:
        yield Result(State.OK, "clock", "the target's clock and this one agree")
        return
    direction = "ahead of" if off > 0 else "behind"
    now = datetime.fromtimestamp(after, UTC)
    yield Result(
        State.WARNING,
        "clock",
        f"the target's clock is {abs(off):.0f} s {direction} this one ({text}; here {now:%H:%M:%S} UTC)",
        advice="synchronize both clocks by NTP: backends compare the times in OICP messages",
    )
