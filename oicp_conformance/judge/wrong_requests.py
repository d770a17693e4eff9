"""What is wrong with a request of the hub that the target has to reject, in words that need no journal."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import BEGINNINGS, Session, medium
from oicp_conformance.judge.outcome import Record, Verdict, quoted, shown
from oicp_conformance.judge.structure import look
from oicp_conformance.judge.values import text
from oicp_conformance.oicp.operation_names import AUTHORIZE_START, AUTHORIZE_STOP, CDR
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import plain_id

_MOST = 3
"""How many wrong fields are named."""


def what_is_wrong(record: Record, exchange: Exchange) -> str:
    """Return what is wrong with a request, with its pointer or the exchange that makes it wrong.

    Empty where the request and what came before it do not show it.
    """
    return next(_reasons(record, exchange), "")


def rejection_of(exchange: Exchange) -> str:
    """Return how an operation is rejected: by the field of its answer, or by HTTP."""
    answer = BY_NAME[exchange.operation or ""].answer
    field = "NotAuthorized" if "AuthorizationStatus" in answer.model_fields else "Result false"
    return f"{field} or HTTP 4xx"


def _reasons(record: Record, exchange: Exchange) -> Iterator[str]:
    yield from _of_the_message(record, exchange)
    if exchange.operation in BEGINNINGS:
        yield from _of_the_evse(record, exchange)
    else:
        yield from _of_the_session(record, exchange)
    given = medium(exchange.request.get("Identification"))
    if exchange.operation in {AUTHORIZE_START, AUTHORIZE_STOP} and given:
        if given in [medium(one) for one in record.profile.partner.refuses]:
            yield "the profile lists this Identification under partner.refuses"
        elif given not in [medium(one) for one in record.profile.partner.accepts]:
            yield "the profile does not list this Identification under partner.accepts"


def _of_the_message(record: Record, exchange: Exchange) -> Iterator[str]:
    request = exchange.request
    if request.problem:
        yield f"the body is not JSON: {request.problem}"
        return
    if not isinstance(request.json, dict):
        yield "the body is not a JSON object"
        return
    forms, kind = BY_NAME[exchange.operation or ""].requests, request.get("Type")
    name = f"eRoamingChargingNotification{kind}" if len(forms) > 1 else next(iter(forms))
    if name not in forms:
        yield f"{quoted(kind)} is not a Type of OICP 2.3 (/Type)"
        return
    wrong = [
        f"{one.message} ({one.pointer})"
        for one in look(forms[name][record.role], request.object, record.role)
        if one.verdict is Verdict.FAIL
    ]
    if wrong:
        yield "; ".join(wrong[:_MOST]) + ("; ..." if len(wrong) > _MOST else "")


def _of_the_session(record: Record, exchange: Exchange) -> Iterator[str]:
    given = exchange.request.get("SessionID")
    session = record.sessions.get(given)
    if session is None or session.begun_by.number > exchange.number:
        yield "SessionID is missing" if given is None else f"Hubject created no session {shown(given)}"
        return
    began = session.begun_by
    if not session.begun:
        yield f"exchange {began.number}, which was to begin this session, was not accepted"
    ended = next((one for one in _accepted(session, CDR) if one.number < exchange.number), None)
    if ended:
        yield f"the CDR in exchange {ended.number} settled this session"
    stop = session.stopped_by
    if stop and stop.number < exchange.number:
        yield f"exchange {stop.number} stopped this session"
    if not session.has_at_its_evse(exchange):
        yield f"exchange {began.number} began this session on {session.evse} (/EvseID)"


def _accepted(session: Session, operation: str) -> Iterator[Exchange]:
    return (one for one in session.sent(operation) if answer_of(one) is Answer.POSITIVE)


def _of_the_evse(record: Record, exchange: Exchange) -> Iterator[str]:
    evse = text(exchange.request.object, "EvseID")
    if record.role != "cpo" or evse is None:
        return
    for session in record.sessions:
        runs = session.begun and session.begun_by.number < exchange.number and session.begun_by != exchange
        here = session.evse is not None and plain_id(session.evse) == plain_id(evse)
        ends = [*_accepted(session, CDR), *([session.stopped_by] if session.stopped_by else [])]
        over = any(one.number < exchange.number for one in ends)
        if runs and here and not over:
            began = session.begun_by
            yield f"{evse} is in use since exchange {began.number} ({began.operation})"
            return
    if plain_id(evse) not in [plain_id(one) for one in record.profile.partner.evse_ids]:
        yield f"the profile does not list {evse} under partner.evse_ids"
