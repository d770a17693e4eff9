"""What Hubject says in a session under load, one call after the other: pure, whoever carries it out.

A story is a generator: it gives what is to be said next, and gets the exchange that came of it. None is a
pause. A message that must be accepted, and is not, is said again: the target may be behind.
"""

import random
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange, Expects
from oicp_conformance.journal.sessions import Session, Sessions, medium
from oicp_conformance.judge.requirements.acceptance import VALID
from oicp_conformance.judge.requirements.authorizations import OWN_MEDIUM, REFUSED
from oicp_conformance.judge.requirements.emp_robustness import PARALLEL
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_START,
    AUTHORIZE_STOP,
    CDR,
    NOTIFY,
    REMOTE_START,
    REMOTE_STOP,
)

TRIES = 3
"""How often a message is said that must be accepted."""
_STRANGERS = 0.3
"""Which part of the broadcasts is about a customer of somebody else."""
_SHOWN_AGAIN = frozenset({"RFID", "QRCodeIdentification"})
"""What a driver can show again to stop."""


@dataclass(frozen=True)
class Saying:
    """One call of the hub."""

    operation: str
    body: Mapping[str, Any]
    purpose: str
    expects: Expects


Story = Generator[Saying | None, Exchange | None, None]


def marked(mark: str, session_id: str) -> str:
    """A SessionID with the mark of the load in it."""
    return f"{mark}{session_id[len(mark) :]}"


def emp_session(stage: Stage, draw: random.Random, mark: str) -> Story:
    """A broadcast AuthorizeStart and, where the EMP authorizes it, the charge up to the CDR."""
    emp, partner = Emp(stage), stage.profile.partner
    evse = draw.choice(stage.profile.counterpart.evse_ids)
    is_stranger = bool(partner.refuses) and draw.random() < _STRANGERS
    customer = draw.choice(partner.refuses if is_stranger else emp.customers.known())
    asked = emp.messages.authorize_request(customer, EvseID=evse)
    asked["SessionID"] = marked(mark, asked["SessionID"])
    if is_stranger:
        yield Saying(AUTHORIZE_START, asked, REFUSED.id, "refuse")
        return
    # It may have its reasons to refuse somebody who has a session already.
    session = _begun("emp", (yield Saying(AUTHORIZE_START, asked, PARALLEL.id, "any")))
    if session is None:
        return
    for kind in emp.messages.notified:
        if kind == "End" and (stop := _stop(emp, stage, session)):
            yield from _insistently(stop)
        if kind != "Error":
            yield from _insistently(
                Saying(NOTIFY, emp.messages.notification(session, kind), VALID.id, "accept")
            )
    yield from _insistently(Saying(CDR, emp.messages.record(session), VALID.id, "accept"))


def _stop(emp: Emp, stage: Stage, session: Session) -> Saying | None:
    shown = medium(session.identification)
    if not stage.profile.supports.eRoamingAuthorizeStop or shown is None or shown[0] not in _SHOWN_AGAIN:
        return None
    return Saying(AUTHORIZE_STOP, emp.messages.stop_request(session), OWN_MEDIUM.id, "accept")


def cpo_session(stage: Stage, evse: str, mark: str) -> Story:
    """A remote start at an EVSE, a while in which the CPO reports, and the remote stop."""
    cpo = Cpo(stage)
    asked = cpo.messages.request(evse)
    asked["SessionID"] = marked(mark, asked["SessionID"])
    # The EVSE may be in use by somebody else, or broken.
    session = _begun("cpo", (yield Saying(REMOTE_START, asked, PARALLEL.id, "any")))
    if session is None:
        return
    yield None
    yield from _insistently(Saying(REMOTE_STOP, cpo.messages.stop_request(session), PARALLEL.id, "any"))
    yield None


def _begun(role: Any, exchange: Exchange | None) -> Session | None:
    session = Sessions(role).see(exchange) if exchange else None
    return session if session is not None and session.begun else None


def _insistently(saying: Saying) -> Story:
    for _ in range(TRIES):
        exchange = yield saying
        if exchange is None or answer_of(exchange) is not Answer.NEGATIVE:
            return


def fault(exchange: Exchange) -> str:
    """What is wrong with an answer at first sight; empty for nothing.

    It decides which sessions are kept to be judged, and what Locust counts as failed. It judges nothing.
    """
    if exchange.trouble:
        return f"{exchange.trouble}: {exchange.detail}".rstrip(": ")
    said = answer_of(exchange)
    if said is Answer.BROKEN:
        return f"HTTP {exchange.status}, neither a positive response nor a rejection"
    for name in ("SessionID", "CPOPartnerSessionID", "EMPPartnerSessionID"):
        sent, back = exchange.request.get(name), exchange.answer.get(name)
        if sent is not None and back is not None and sent != back:
            return f"the response has the {name} of another request"
    if (exchange.expects, said) in {("accept", Answer.NEGATIVE), ("refuse", Answer.POSITIVE)}:
        return f"{said.value} response, expected: {exchange.expects}"
    return ""


def is_shed(exchange: Exchange) -> bool:
    """Whether the target only says that there is too much to do, or drops the connection.

    OICP says nothing of that, so it is counted, and not judged.
    """
    return exchange.status in {429, 503} or (exchange.trouble not in {None, "timeout"})
