"""A driver presents a medium again: the EMP responds to eRoamingAuthorizeStop."""

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import variations
from oicp_conformance.hub.variations import replaced_by
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.sessions import Session
from oicp_conformance.marks import about
from oicp_conformance.oicp.messages import eRoamingAuthorizeStop as AuthorizeStop

OPERATION = "eRoamingAuthorizeStop"


@about(OPERATION, f"{OPERATION}.own-medium", "answer.session-id", "session.emp-partner-session-id")
def test_stop_with_the_medium_that_started(emp: Emp) -> None:
    """The medium that started the session may stop it, and the response carries the ids of the session."""
    emp.authorize_stop(emp.session_to_stop())


@about(OPERATION, f"{OPERATION}.listed-medium")
def test_stop_with_a_medium_that_the_emp_listed(emp: Emp) -> None:
    """Each medium in AuthorizationStopIdentifications may stop the session, also another person's card."""
    session = emp.session_to_stop()
    emp.authorize_stop(session, emp.customers.listed_to_stop(session), purpose=f"{OPERATION}.listed-medium")


@about(OPERATION, f"{OPERATION}.other-medium", "authorization.code")
def test_stop_with_a_medium_that_the_emp_does_not_serve(emp: Emp, hub: Stage) -> None:
    """A medium of another customer must not stop the session, unless the EMP listed it."""
    session = emp.session()
    others = [*hub.profile.partner.refuses, emp.customers.stranger()]
    other = next(one for one in others if not emp.customers.may_stop(session, one))
    emp.authorize_stop(session, other, purpose=f"{OPERATION}.other-medium", expects="refuse")


@about(OPERATION, f"{OPERATION}.own-medium", "answer.session-id", "session.emp-partner-session-id")
def test_stops_of_sessions_side_by_side_are_not_mixed_up(emp: Emp) -> None:
    """A customer charges at two EVSEs: each stop gets a response with the ids of its own session."""
    first = emp.session_to_stop()
    for session in (first, emp.session_beside(first)):
        emp.authorize_stop(session)


@about(OPERATION, "request.parallel", "answer.session-id")
def test_stops_at_the_same_time_are_answered(emp: Emp) -> None:
    """Drivers stop at the same time: the EMP responds to each with its own message."""
    emp.stop_at_once(emp.sessions_at_once(len(emp.customers.known())))


@about(OPERATION, f"{OPERATION}.repeated")
def test_stop_that_comes_twice_is_answered(emp: Emp) -> None:
    """A driver presents the card twice: the EMP may accept or reject the second stop."""
    session = emp.session_to_stop()
    emp.authorize_stop(session)
    emp.authorize_stop(session, purpose=f"{OPERATION}.repeated", expects="any")


@about(OPERATION, f"{OPERATION}.unknown-session", "authorization.code")
def test_stop_of_an_unknown_session(emp: Emp, hub: Stage) -> None:
    """The EMP rejects the stop of an unknown SessionID."""
    session = emp.bystander()
    nobodys = Session(hub.hubject.session_id(), session.begun_by, session.evse, session.identification)
    emp.authorize_stop(nobodys, purpose=f"{OPERATION}.unknown-session", expects="refuse")


@about(OPERATION, f"{OPERATION}.closed-session", "authorization.code")
def test_stop_of_a_session_that_is_over(emp: Emp) -> None:
    """After the CDR, the session is over: the EMP rejects a stop."""
    session = emp.session_to_stop()
    emp.authorize_stop(session)
    if answer_of(emp.charge_detail_record(emp.messages.record(session))) is not Answer.POSITIVE:
        raise Unobserved("the CDR was not accepted, so the session may not be over")
    emp.authorize_stop(session, purpose=f"{OPERATION}.closed-session", expects="refuse")


VARIATIONS = {
    "request.minimal": lambda body: variations.minimal(AuthorizeStop, body),
    "request.nulls": lambda body: variations.nulls(AuthorizeStop, body),
    "request.unknown-field": variations.with_unknown_field,
}


@about(OPERATION, *VARIATIONS)
@pytest.mark.parametrize("purpose", VARIATIONS)
def test_stop_in_every_permitted_form_is_authorized(emp: Emp, purpose: str) -> None:
    """The EMP accepts a stop with few or many fields, with nulls and unknown fields."""
    session = emp.session_to_stop()
    exchange = emp.authorize_stop(session, None, VARIATIONS[purpose], purpose=purpose)
    if answer_of(exchange) is not Answer.POSITIVE:
        emp.authorize_stop(session, control=exchange.number)


@about(OPERATION, "request.maximal", "request.non-ascii")
@pytest.mark.parametrize("purpose", ["request.maximal", "request.non-ascii"])
def test_stop_with_any_partner_session_id_is_authorized(emp: Emp, purpose: str) -> None:
    """The CPOPartnerSessionID may be long, and have any characters."""
    exchange = emp.authorize_stop(emp.session_to_stop(cpo_id=emp.cpo_id(purpose)), purpose=purpose)
    if answer_of(exchange) is not Answer.POSITIVE:
        emp.authorize_stop(emp.session_to_stop(), control=exchange.number)


@about(OPERATION, "request.malformed")
def test_malformed_stops_are_refused(emp: Emp) -> None:
    """The EMP rejects a malformed stop, never with HTTP 5xx."""
    session = emp.bystander()
    for wrong in variations.malformed(AuthorizeStop, emp.messages.stop_request(session)):
        # The operator stands in the path, too: an EMP may do without it in the body.
        emp.authorize_stop(
            session,
            None,
            replaced_by(wrong),
            raw=wrong.raw,
            purpose="request.malformed",
            expects="any" if "OperatorID" in wrong.name else "refuse",
        )
    if session.stopped_by is None:
        emp.authorize_stop(session)


@about(OPERATION, "optional.not-offered")
def test_stop_that_is_not_offered_is_refused(emp: Emp) -> None:
    """The EMP does not declare the operation: it rejects a call, and continues to work."""
    emp.authorize_stop(emp.session_to_stop(), purpose="optional.not-offered", expects="refuse")
