"""What the builder of journals makes is in order as it stands."""

from collections.abc import Callable
from datetime import datetime

import pytest

from oicp_conformance.judge.message_tables import messages_sent
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.oicp.fields import fields_of
from oicp_conformance.oicp.operations import of_party
from selftest.unit.journals import EVSE, QR, Journal, a_cpo, an_emp, at
from selftest.unit.wording import ABSENT, nothing, refused, slow


def all_sessions(journal: Journal) -> None:
    """Each operation of sessions once."""
    session = journal.authorize_start()
    journal.notification("Start", session)
    journal.notification("Progress", session)
    journal.notification("End", session)
    journal.notification("Error", session)
    journal.authorize_stop(session)
    journal.cdr(session)
    remote = journal.remote_start()
    journal.remote_stop(remote)
    if journal.is_of_cpo:
        journal.cdr(remote)
    journal.reservation_stop(journal.reservation_start())


def all_pushes(cpo: Journal) -> None:
    cpo.push_evse_data()
    cpo.push_evse_status()
    cpo.push_products()
    cpo.push_prices()


def all_pulls(emp: Journal) -> None:
    for operation in of_party(emp.record.party):
        if operation.name.startswith(("eRoamingPull", "eRoamingGet")):
            emp.pull(operation.name)
    emp.push_customers(QR)


@pytest.mark.parametrize(
    ("journal", "others"), [(a_cpo(), all_pushes), (an_emp(), all_pulls)], ids=["cpo", "emp"]
)
def test_all_that_it_makes_is_in_order(journal: Journal, others: Callable[[Journal], None]) -> None:
    """Of each operation and each of its messages, with all that is mandatory, and without a finding."""
    others(journal)
    all_sessions(journal)
    said = outcomes(journal.record)
    assert not [one for one in said if one.is_finding]
    party = journal.record.party
    assert {one.operation for one in journal.exchanges} == {one.name for one in of_party(party)}
    held = {one.requirement for one in said}
    for operation in of_party(party):
        for name, model in messages_sent(operation, party).items():
            needed = {field.path[0] for field in fields_of(model).values() if field.mandatory}
            missing = [
                one for one in needed if fields_of(model)[one,].mandatory and f"{name}.{one}" not in held
            ]
            assert not missing, name


def test_fields_are_changed_and_dropped() -> None:
    cpo = a_cpo()
    sent = cpo.cdr(cpo.remote_start(), ConsumedEnergy=1.5, MeterValueStart=ABSENT, HubOperatorID=None)
    assert sent.request.get("ConsumedEnergy") == 1.5
    assert "MeterValueStart" not in sent.request.object
    assert sent.request.object["HubOperatorID"] is None


def test_who_sends_what_depends_on_the_role() -> None:
    assert not a_cpo().remote_start().begun_by.by_target
    assert an_emp().remote_start().begun_by.by_target


@pytest.mark.parametrize("journal", [a_cpo, an_emp])
def test_session_goes_on_with_its_id(journal: Callable[[], Journal]) -> None:
    """Whoever made it: in the hub's request, or in its answer."""
    said = journal()
    session = said.authorize_start()
    stop = said.authorize_stop(session)
    assert said.record.sessions.get(session.id) is not None
    assert stop.request.get("SessionID") == session.id
    assert stop.request.get("EvseID") == EVSE


def test_refusal_begins_no_session() -> None:
    cpo = a_cpo()
    assert cpo.record.sessions.get(cpo.authorize_start(answer=refused("102")).id) is None


def test_clock_goes_on_by_itself() -> None:
    cpo = a_cpo()
    one, two = cpo.push_evse_status(answer=slow(3.0)), cpo.push_evse_status()
    three = cpo.after(60).push_evse_status()
    assert one.started == datetime.fromisoformat(at("13:00")).timestamp()
    assert [two.started - one.started, three.started - two.started] == [1.0, 61.0]
    assert one.seconds == 3.0


def test_what_gets_no_answer_has_none() -> None:
    exchange = a_cpo().hub_asks(answer=nothing("hung up"))
    assert (exchange.status, exchange.trouble, exchange.answer.body) == (None, "hung up", b"")
