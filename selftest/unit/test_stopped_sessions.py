"""What nobody presented: a stop of which Hubject is not asked, and an authorization of an app's customer."""

from oicp_conformance.judge.outcome import Outcome
from oicp_conformance.judge.verdicts import outcomes
from selftest.unit.journals import EVSE, OTHER_CARD, REMOTE, Journal, a_cpo
from selftest.unit.wording import refused


def findings(journal: Journal) -> list[Outcome]:
    return [one for one in outcomes(journal.record) if one.is_finding]


def test_a_card_that_hubject_was_not_asked_about_ends_a_session() -> None:
    cpo = a_cpo()
    session = cpo.authorize_start()
    cpo.waited(
        "request.sent",
        "eRoamingAuthorizeStop",
        session=session.id,
        stimulus="done",
        presented=OTHER_CARD,
        asked=cpo.clock,
    )
    cdr = cpo.cdr(session)
    (found,) = findings(cpo)
    assert (found.requirement, found.operation) == ("eRoamingAuthorizeStop.honoured", "eRoamingAuthorizeStop")
    assert found.exchange == cdr.number
    assert "no eRoamingAuthorizeStop was sent" in found.message


def test_an_app_presents_nothing() -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    asked = cpo.authorize_start(Identification=REMOTE, EvseID=EVSE, answer=refused("102"))
    cpo.remote_stop(session)
    cpo.cdr(session)
    (found,) = findings(cpo)
    assert found.requirement == "eRoamingAuthorizeStart.once"
    assert found.exchange == asked.begun_by.number
    assert "started with the app in exchange 1" in found.message


def test_a_card_of_the_next_driver_is_presented() -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    cpo.remote_stop(session)
    cpo.cdr(session)
    cpo.cdr(cpo.authorize_start())
    assert not findings(cpo)
