"""The forms that Hubject's positive answer may have: whatever it looks like, the session goes on."""

from collections.abc import Iterator

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import Session
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import AUTHORIZE_START, REMOTE_START

ANY_FORM = requirement(
    "response.any-form",
    cpo(
        "SHOULD",
        "The CPO starts the session after each Authorized response, with any optional fields and texts.",
        Source("CPO 03", "StatusCodeType", 24, "explicit"),
        on=(AUTHORIZE_START,),
    ),
    emp(
        "SHOULD",
        "The EMP starts the session after each positive response, with any optional fields and texts.",
        Source("EMP 03", "StatusCodeType", 23, "explicit"),
        on=(REMOTE_START,),
    ),
)

_FORM = "form: "
"""How the hub names what it answers in a permitted form."""


def _goes_on(session: Session) -> bool:
    """Whether the target has sent anything in a session that it knows."""
    return any(one.by_target and one.number > session.begun_by.number for one in session.exchanges)


@rule(ANY_FORM)
def any_form(record: Record) -> Iterator[Outcome]:
    """What the target was asked to do in a session comes, or it has not taken the session in."""
    operation = AUTHORIZE_START if record.role == "cpo" else REMOTE_START
    begun = [one for one in record.sessions if one.begun and one.begun_by.operation == operation]
    if not any((one.begun_by.scripted or "").startswith(_FORM) for one in begun):
        return
    works = any(_goes_on(one) for one in begun if one.begun_by.scripted is None)
    missed = {wait.session: wait for wait in record.waits if wait.came is None}
    scripted = {one.id for one in begun if one.begun_by.scripted is not None}
    ordinary = [one for one in record.waits if one.session is not None and one.session not in scripted]
    refused = {wait.operation for wait in ordinary if wait.stimulus == "failed"}
    """What the target's world does not do in ordinary sessions either, so that it says nothing."""
    never = {wait.operation for wait in ordinary if wait.came is None}
    never -= {wait.operation for wait in ordinary if wait.came is not None}
    """What does not come in ordinary sessions either: that is a finding of its own."""
    for session in begun:
        form = (session.begun_by.scripted or "").removeprefix(_FORM)
        if form == (session.begun_by.scripted or ""):
            continue
        if _goes_on(session):
            yield ANY_FORM.held(session.begun_by)
        elif (
            works
            and (wait := missed.get(session.id))
            and wait.stimulus != "unavailable"
            and wait.operation not in never
            and not (wait.stimulus == "failed" and wait.operation in refused)
        ):
            yield ANY_FORM.broken(
                session.begun_by,
                f"nothing was sent in session {session.id} after a positive response with {form}; "
                f"{wait.operation} was expected: {wait.detail}",
                expected="the session continues as after any other positive response",
                found=_answered(session.begun_by),
            )


def _answered(begun: Exchange) -> str:
    return begun.answer.body.decode("utf-8", "replace")
