"""What an answer says, read permissively: yes, no, or nothing that one could rely on."""

from collections.abc import Sequence
from enum import StrEnum
from functools import cache

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.oicp.empty import EMPTY
from oicp_conformance.oicp.operations import BY_NAME


class Answer(StrEnum):
    """What an answer comes down to."""

    __hash__ = str.__hash__  # that of an enumeration is a function of Python, and takes ten times as long

    POSITIVE = "positive"
    NEGATIVE = "negative"
    BROKEN = "broken"
    """An answer came, but it is neither a yes nor an orderly no."""
    NONE = "none"
    """No answer came."""


PHYSICAL = frozenset({"501", "510", "601", "602", "700"})
"""Codes of a refusal that the world gives, not the interface: no car, in use, out of order."""
PHYSICAL_STOP = frozenset({"501", "700"})
"""The same for what runs already."""


@cache
def answer_of(exchange: Exchange) -> Answer:
    """What the answer of an exchange comes down to, whoever gave it."""
    if exchange.status is None:
        return Answer.NONE
    if exchange.status == 501 or 400 <= exchange.status < 500:
        return Answer.NEGATIVE
    if not 200 <= exchange.status < 300 or exchange.operation is None:
        return Answer.BROKEN
    return _said(exchange)


def _said(exchange: Exchange) -> Answer:
    body = exchange.answer.object
    result = str(body.get("Result")).lower()
    if "AuthorizationStatus" in BY_NAME[exchange.operation or ""].answer.model_fields:
        status = body.get("AuthorizationStatus")
        if status == "Authorized":
            return Answer.POSITIVE
        # Hubject's own errors come as an acknowledgement in place of the authorization (C207).
        return Answer.NEGATIVE if status == "NotAuthorized" or result == "false" else Answer.BROKEN
    if exchange.operation in EMPTY and "Result" not in body:
        # A pull is answered with data; a StatusCode says when there is something wrong.
        return Answer.POSITIVE if body and code_of(exchange) in {None, "000"} else Answer.NEGATIVE
    return {"true": Answer.POSITIVE, "false": Answer.NEGATIVE}.get(result, Answer.BROKEN)


def contradicts_itself(exchange: Exchange) -> bool:
    """Whether Result and StatusCode of an acknowledgement say the opposite of each other."""
    if exchange.operation is None or "Result" not in BY_NAME[exchange.operation].answer.model_fields:
        return False
    result, code = exchange.answer.get("Result"), code_of(exchange)
    return isinstance(result, bool) and code is not None and result != (code == "000")


FAILURES = frozenset({"001", "002", "021"})
"""Codes with which a system says that it has failed, and not that it refuses."""


def last_same(path: str, body: bytes, earlier: Sequence[Exchange]) -> Exchange | None:
    """The last of some requests of an operation with the same path and body, if there is one."""
    return next((one for one in reversed(earlier) if (one.path, one.request.body) == (path, body)), None)


def retried(path: str, body: bytes, earlier: Sequence[Exchange]) -> Exchange | None:
    """The request that another to a path repeats, if it does: the last such one, and it failed.

    Every system may try again what got no answer, or one that tells of a failure. `earlier` are the requests
    of the operation before it, from the same side.
    """
    same = last_same(path, body, earlier)
    if same is None:
        return None
    failed = answer_of(same) in {Answer.NONE, Answer.BROKEN} or code_of(same) in FAILURES
    return same if failed else None


def code_of(exchange: Exchange) -> str | None:
    """The StatusCode's Code of an answer, if there is one."""
    status = exchange.answer.get("StatusCode")
    code = status.get("Code") if isinstance(status, dict) else None
    return code if isinstance(code, str) else None
