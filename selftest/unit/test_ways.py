"""The table of whole sessions: which ways concern a target, and what a journal says of each."""

import pytest

from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.notes import Walk
from oicp_conformance.judge.outcome import Record, Verdict
from oicp_conformance.judge.statement import SessionPart, Statement, statement
from oicp_conformance.judge.verdicts import judge
from oicp_conformance.judge.ways import APP, FAULT, ITSELF, MEDIUM, OFFLINE, RESERVATION, WAYS, why_not
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import Profile
from oicp_conformance.reporting.page import html, markdown
from oicp_conformance.reporting.session_table import session_table
from selftest.unit.journals import Journal, a_cpo, an_emp, at
from selftest.unit.wording import refused

_CDR = "eRoamingChargeDetailRecord"


def _undeclared(journal: Journal, **supports: object) -> Profile:
    changed = journal.profile.supports.model_copy(update=supports)
    return journal.profile.model_copy(update={"supports": changed})


def _stated(record: Record) -> Statement:
    return statement(judge(record), started=0, finished=0, seed=1)


def _verdicts(record: Record) -> dict[tuple[str, str], tuple[str, str]]:
    return {(one.begin, one.end): (one.verdict, one.reason) for one in _stated(record).sessions}


@pytest.mark.parametrize("role", ["cpo", "emp"])
def test_every_way_has_a_name_of_its_own(role: Role) -> None:
    names = [str(way) for way in WAYS[role]]
    assert len(set(names)) == len(names) >= 15
    ends = {way.end for way in WAYS[role]}
    assert ends == {MEDIUM, APP, ITSELF, FAULT}


def test_a_car_does_not_identify_itself_to_stop() -> None:
    assert ("Plug & Charge", MEDIUM) not in {(way.begin, way.end) for way in WAYS["cpo"]}


def test_an_emp_gets_different_notifications_in_one_session() -> None:
    orders = {(*way.before, *way.after) for way in WAYS["emp"] if way.begin != OFFLINE}
    assert {("Start", "Progress", "End"), ("Error", "Start", "Error", "End")} <= orders


@pytest.mark.parametrize(
    ("supports", "begin", "end", "reason"),
    [
        ({"eRoamingReservation": False}, RESERVATION, ITSELF, "eRoamingReservation is not declared"),
        ({"eRoamingAuthorizeStop": False}, "card", MEDIUM, "eRoamingAuthorizeStop is not declared"),
        ({"eRoamingChargingNotifications": ["Start"]}, "card", FAULT, "type Error is not declared"),
    ],
)
def test_what_is_not_declared_is_not_applicable(
    supports: dict[str, object], begin: str, end: str, reason: str
) -> None:
    journal = a_cpo()
    (way,) = (one for one in WAYS["cpo"] if (one.begin, one.end) == (begin, end))
    assert why_not(journal.profile, way) is None
    assert reason in (why_not(_undeclared(journal, **supports), way) or "")


def test_each_way_has_the_verdict_of_its_test() -> None:
    cpo = a_cpo()
    cpo.remote_start()  # the first test only begins a session
    for end, sent in ((ITSELF, {}), (FAULT, {"ChargingEnd": at("11:00")})):
        cpo.test = f"the way {end}"
        cpo.notes.append(Walk(cpo.test, APP, end))
        cpo.cdr(cpo.remote_start(), **sent)
    cpo.test = "the way that nobody saw"
    cpo.notes.append(Walk(cpo.test, APP, APP))
    cpo.could_not_see(_CDR, "http.json", cause=Cause.STIMULUS_FAILED, reason="the stimulus failed")
    found = _verdicts(cpo.record)
    assert found[APP, ITSELF] == ("pass", "")
    assert found[APP, FAULT] == ("fail", "eRoamingChargeDetailRecord.charging-times")
    assert found[APP, APP] == ("inconclusive", "the stimulus failed")
    assert found["card", ITSELF] == ("inconclusive", "not tried in this run")
    assert len(found) == len(WAYS["cpo"])


def test_what_an_earlier_test_has_shown_is_a_consequence() -> None:
    cpo = a_cpo()
    for end, sent in (
        (ITSELF, {"ChargingEnd": at("11:00")}),
        (FAULT, {"ChargingEnd": at("11:00")}),
        (APP, {"ChargingEnd": at("11:00"), "EvseID": None}),
    ):
        cpo.test = f"the way {end}"
        cpo.notes.append(Walk(cpo.test, APP, end))
        cpo.cdr(cpo.remote_start(), **sent)
    stated = _stated(cpo.record)
    tried = {one.end: (one.verdict, one.consequence) for one in stated.sessions if one.test}
    assert tried == {ITSELF: ("fail", False), FAULT: ("fail", True), APP: ("fail", False)}
    assert "consequence: eRoamingChargeDetailRecord.charging-times: app: fault" in session_table(stated).text
    page = html(stated, "")
    assert page.count('class="v consequence"') == 2, "the table and its note"
    assert "➖ consequence |" in markdown(stated)


def test_a_refused_record_of_clean_up_counts() -> None:
    emp = an_emp()
    emp.test = "the way"
    emp.notes.append(Walk(emp.test, "card", ITSELF))
    emp.cdr(emp.authorize_start(), purpose="request.valid", answer=refused("400"))
    assert _verdicts(emp.record)["card", ITSELF] == ("fail", "request.valid")


def test_the_table_is_in_all_reports() -> None:
    cpo = a_cpo()
    cpo.test = "the way"
    cpo.notes.append(Walk(cpo.test, APP, ITSELF))
    cpo.cdr(cpo.remote_start(), ChargingEnd=at("11:00"))
    stated = _stated(cpo.record)
    table = session_table(stated)
    assert table.ends == [MEDIUM, APP, ITSELF, FAULT]
    (row,) = (row for begin, row in table.rows if begin == APP)
    assert [one and one.verdict for one in row] == [None, "inconclusive", "fail", "inconclusive"]
    assert "fail: eRoamingChargeDetailRecord.charging-times: app: by itself" in table.text
    assert '<h2 id="sessions">' in html(stated, "")
    line = next(one for one in markdown(stated).splitlines() if one.startswith("| app |"))
    assert [cell.split()[-1:] for cell in line.split("|")[2:-1]] == [
        [],
        ["inconclusive"],
        ["fail"],
        ["inconclusive"],
    ]


def test_ways_with_the_same_reason_are_one_note() -> None:
    parts = [
        SessionPart(begin=begin, end=end, verdict="fail", reason=reason)
        for begin, end, reason in (
            ("card", APP, "x"),
            ("card", FAULT, "x"),
            (APP, FAULT, "x"),
            (APP, APP, "y"),
        )
    ]
    stated = _stated(a_cpo().record)
    notes = session_table(stated.model_copy(update={"sessions": parts})).notes
    assert [(one.reason, one.ways) for one in notes] == [
        ("x", "card: app, fault; app: fault"),
        ("y", "app: app"),
    ]
    (note,) = session_table(stated.model_copy(update={"sessions": parts[:3]})).notes
    assert note.ways == "all ways"


def test_a_statement_of_an_earlier_version_has_no_table() -> None:
    stated = _stated(a_cpo().record).model_copy(update={"sessions": []})
    assert session_table(stated).rows == []
    assert 'id="sessions"' not in html(stated, "")
    assert "Whole sessions" not in markdown(stated)


def test_an_offline_emp_has_no_part_in_what_is_shown_at_a_charger() -> None:
    profile = an_emp().profile
    offline = profile.model_copy(update={"partner": profile.partner.model_copy(update={"mode": "offline"})})
    left = {way.begin for way in WAYS["emp"] if why_not(offline, way) is None}
    assert left == {APP, RESERVATION}
    assert Verdict.NOT_APPLICABLE.value == _verdicts(Record(offline, (), ()))["card", ITSELF][0]
