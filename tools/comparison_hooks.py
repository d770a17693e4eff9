"""What a tester would teach schemathesis about OICP, without writing a conformance suite.

A session has an id of its own, there is something to stop before it is stopped, what was started is ended,
and a refusal is a refusal although HTTP says 200. Loaded by schemathesis in the runs that
`tools.comparison` makes with help (`SCHEMATHESIS_HOOKS=tools.comparison_hooks`).
"""

import contextlib
import itertools
import re
import uuid
from typing import Any

import httpx
import schemathesis

from oicp_conformance.embedded import ACCEPTS, EVSE_IDS
from oicp_conformance.reference.permissive import medium_of

BEGINS = {
    "/authorize-remote/stop": "/authorize-remote/start",
    "/reservation-stop-request": "/reservation-start-request",
    "/authorize/stop": "/authorize/start",
}
ENDS = {start: stop for stop, start in BEGINS.items() if start != "/authorize/start"}
_GUID = re.compile(r"[A-Za-z0-9]{8}(-[A-Za-z0-9]{4}){3}-[A-Za-z0-9]{12}")
_NUMBERS = itertools.count(1)
_CLIENT = httpx.Client(timeout=5, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


def _say(case: Any, old: str, new: str) -> None:
    """Send a request that is in order for the session of a case, to the operation beside its own."""
    at_cpo = "/providers/" in case.path
    mine = {"ProviderID": "DE-DCB"} if at_cpo else {"OperatorID": "DE*ABC"}
    message = {**mine, "SessionID": case.body["SessionID"], "EvseID": EVSE_IDS[0]}
    if new not in ENDS.values():
        shown = medium_of(case.body.get("Identification"))
        message["Identification"] = dict([shown]) if shown else ACCEPTS[3 if at_cpo else 0]
    path = re.sub(r"\{\w+\}", next(iter(mine.values())), case.path.replace(old, new))
    with contextlib.suppress(httpx.HTTPError):
        _CLIENT.post(case.operation.base_url + path, json=message)


def _has_session(case: Any) -> bool:
    return isinstance(case.body, dict) and bool(_GUID.fullmatch(str(case.body.get("SessionID"))))


@schemathesis.hook
def before_call(_: Any, case: Any, __: Any) -> None:
    """Give a well-formed SessionID a value of its own, and begin what is to be stopped."""
    if _has_session(case):
        case.body = {**case.body, "SessionID": str(uuid.UUID(int=next(_NUMBERS)))}
        for stop, start in BEGINS.items():
            if case.path.endswith(stop):
                _say(case, stop, start)


@schemathesis.hook
def after_call(_: Any, case: Any, response: Any) -> None:
    """Read a refusal as HTTP 400, and end what may have begun."""
    with contextlib.suppress(ValueError):
        said = response.json()
        if isinstance(said, dict) and response.status_code == 200:
            refused = said.get("Result") is False or said.get("AuthorizationStatus") == "NotAuthorized"
            response.status_code = 400 if refused else 200
    if _has_session(case):
        for start, stop in ENDS.items():
            if case.path.endswith((start, stop)):
                _say(case, start, stop)
