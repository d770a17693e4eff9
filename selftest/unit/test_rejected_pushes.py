"""What the hub rejected is not published, whatever the suite waited for."""

from typing import Any

from oicp_conformance.journal.cause import Cause
from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.judge.verdicts import outcomes
from selftest.unit.journals import EVSE, a_cpo
from selftest.unit.requirements.practice import contradicted

OCCUPIED = "eRoamingPushEvseStatus.occupied"


def shown(**push: Any) -> Outcome:
    """What is said of an EVSE's status when the awaited push came."""
    cpo = a_cpo()
    cpo.push_evse_status()
    session = cpo.remote_start()
    came = cpo.push_evse_status((EVSE, "Occupied"), action="insert", **push)
    cpo.waited(OCCUPIED, "eRoamingPushEvseStatus", came, session=session.id, stimulus="done", evse=EVSE)
    return next(one for one in outcomes(cpo.record) if one.requirement == OCCUPIED)


def test_accepted_status_is_shown() -> None:
    assert shown().verdict is Verdict.PASS


def test_rejected_status_is_not_shown_and_the_rejection_is_why() -> None:
    found = shown(answer=contradicted("already there: DEABCE11"))
    assert (found.verdict, found.cause) == (Verdict.INCONCLUSIVE, Cause.HIDDEN)
    assert found.behind == "push.accepted"


def test_status_that_the_hub_rejected_on_purpose_is_shown() -> None:
    found = shown(scripted="018", answer=contradicted("already there: DEABCE11"))
    assert found.verdict is Verdict.PASS
