"""While a run goes on, a rule is asked again only where what it reads has grown."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import pytest

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge import watch
from oicp_conformance.judge.outcome import Outcome, Record, broken, held, once
from oicp_conformance.judge.requirement import FINDS
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.profile import Profile
from selftest.unit.journals import Journal, a_cpo

STATUS = "eRoamingPushEvseStatus"


def found(record: Record) -> set[Outcome]:
    return {one for one in outcomes(record) if one.is_finding}


def with_defects() -> Journal:
    """A session whose CDR has no EvseID, and another one of the same session."""
    journal = a_cpo()
    session = journal.remote_start()
    journal.cdr(session, EvseID=None)
    journal.cdr(session)
    return journal


class Asked:
    """Rules that count how often they are asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = {"statuses": 0, "sessions": 0, "pushed": 0}
        monkeypatch.setattr(watch, "RULES", [self.of_statuses, self.of_sessions])
        monkeypatch.setattr(watch, "BY_EXCHANGE", set())
        self.pushed = once(self._pushed)

    def _pushed(self, record: Record) -> int:
        self.times["pushed"] += 1
        return len(record.of(STATUS))

    def of_statuses(self, record: Record) -> Iterator[Outcome]:
        self.times["statuses"] += 1
        assert self.pushed(record) == len(record.of(STATUS))
        return iter(())

    def of_sessions(self, record: Record) -> Iterator[Outcome]:
        self.times["sessions"] += 1
        assert len(list(record.sessions)) <= 1
        return iter(())


def test_a_rule_is_asked_again_where_what_it_reads_has_grown(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, journal, watching = Asked(monkeypatch), a_cpo(), watch.Watch()
    journal.push_evse_status(("DE*ABC*E1*1", "Available"))
    watching.findings(journal.record)
    watching.findings(journal.record)
    assert asked.times == {"statuses": 1, "sessions": 1, "pushed": 1}
    journal.remote_start()
    watching.findings(journal.record)
    assert asked.times == {"statuses": 1, "sessions": 2, "pushed": 1}
    journal.push_evse_status(("DE*ABC*E1*1", "Occupied"))
    watching.findings(journal.record)
    assert asked.times == {"statuses": 2, "sessions": 3, "pushed": 2}


def test_who_finds_what_a_rule_does_is_asked_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def of_all(_: Record) -> Iterator[Outcome]:
        raise AssertionError

    record = with_defects().record
    finding = broken("http.json", record.exchanges[0], "what was found")
    monkeypatch.setattr(watch, "RULES", [of_all])
    monkeypatch.setitem(FINDS, of_all, lambda _: iter([finding]))
    assert [one.message for one in watch.Watch().findings(record)] == ["what was found"]


def test_an_answer_that_comes_late_is_judged_where_its_request_stands() -> None:
    whole = with_defects().record
    start, first, second = whole.exchanges
    watching = watch.Watch()
    for known in ((start,), (start, second), (start, first, second)):
        said = watching.findings(replace(whole, exchanges=known))
    assert set(said) == found(whole)
    assert {one.exchange for one in said} == {first.number, second.number}


def test_a_rule_about_each_exchange_is_asked_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    times = 0

    def of_statuses(record: Record) -> Iterator[Outcome]:
        nonlocal times
        times += 1
        return iter([held("http.json", one) for one in record.of(STATUS)])

    monkeypatch.setattr(watch, "RULES", [of_statuses])
    monkeypatch.setattr(watch, "BY_EXCHANGE", {of_statuses})
    journal, watching = a_cpo(), watch.Watch()
    for _ in range(2):
        journal.remote_start()
        watching.findings(journal.record)
        assert times == 1
    journal.push_evse_status(("DE*ABC*E1*1", "Available"))
    watching.findings(journal.record)
    assert times == 2


class Listed:
    """Writes down what it sees, and makes a mistake when it is told to."""

    seen: ClassVar[list[int]] = []
    fails = False

    def __init__(self, _: Profile) -> None:
        self.seen.clear()

    def see(self, exchange: Exchange) -> Iterator[Outcome]:
        self.seen.append(exchange.number)
        if Listed.fails:
            raise RuntimeError
        return iter(())


def test_who_looks_at_one_exchange_after_the_other_sees_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "RULES", [Listed])
    monkeypatch.setattr(watch, "IN_ORDER", {Listed: Listed})
    whole, watching = with_defects().record, watch.Watch()
    start, first, second = whole.exchanges
    watching.findings(replace(whole, exchanges=(start,)))
    watching.findings(replace(whole, exchanges=(start, second)))
    assert Listed.seen == [start.number, second.number]
    watching.findings(whole)
    assert Listed.seen == [start.number, first.number, second.number], "it begins again where one comes late"
    monkeypatch.setattr(Listed, "fails", True)
    later = replace(whole, exchanges=(*whole.exchanges, replace(second, number=second.number + 1)))
    with pytest.raises(RuntimeError):
        watching.findings(later)
    monkeypatch.setattr(Listed, "fails", False)
    watching.findings(later)
    assert Listed.seen == [one.number for one in later.exchanges], "a mistake is made up for"


def test_sessions_grow_with_the_run() -> None:
    whole = with_defects().record
    watching = watch.Watch()
    earlier = replace(whole, exchanges=whole.exchanges[:1])
    watching.findings(earlier)
    watching.findings(whole)
    (session,) = whole.sessions
    assert whole.sessions is earlier.sessions
    assert session.exchanges == list(whole.exchanges)
