"""What is strange is told as what it is, in one finding."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from oicp_conformance.journal.exchange import Part
from oicp_conformance.journal.json_text import repeated
from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.oicp.types import is_evse_id
from selftest.unit import examples as ex
from selftest.unit.journals import Journal, a_cpo, an_emp
from selftest.unit.wording import http

PUSH = "/api/oicp/evsepush/v21/operators/DE*ABC/status-records"
PULL = "/api/oicp/evsepull/v21/providers/DE-DCB/status-records"


def findings(journal: Journal) -> list[Outcome]:
    return [one for one in outcomes(journal.record) if one.is_finding]


def twice(journal: Journal, name: str) -> None:
    """The last request has its first field twice."""
    last = journal.exchanges[-1]
    start = f'{{"{name}": null, '.encode()
    body = start + last.request.body.lstrip()[1:]
    journal.exchanges[-1] = replace(last, request=replace(last.request, body=body))


def no_http(line: str, words: str) -> Callable[[Journal], None]:
    """A request of which the hub could read no more than its first line."""

    def sends(journal: Journal) -> None:
        journal.target_sends()
        bare = replace(journal.exchanges[-1], method="", path=line, operation=None, request=Part())
        journal.exchanges[-1] = replace(bare, status=None, answer=Part(), trouble="not HTTP", detail=words)

    return sends


def repeats_a_name(journal: Journal) -> None:
    journal.target_sends()
    twice(journal, "ActionType" if journal.is_of_cpo else "ProviderID")


def encoded(coding: str, body: bytes | None = None) -> Callable[[Journal], None]:
    """The last request has a Content-Encoding, and perhaps another body."""

    def sends(journal: Journal) -> None:
        journal.target_sends()
        last = journal.exchanges[-1]
        part = replace(last.request, headers=(*last.request.headers, ("content-encoding", coding)))
        journal.exchanges[-1] = replace(last, request=part if body is None else replace(part, body=body))

    return sends


@pytest.mark.parametrize(
    ("target", "talk", "requirement", "words"),
    [
        (a_cpo, repeats_a_name, "http.json", "a name occurs more than once in one object"),
        (an_emp, repeats_a_name, "http.json", "a name occurs more than once in one object"),
        (a_cpo, encoded("gzip", gzip.compress(b"{}")), "http.json", "is compressed (Content-Encoding: gzip)"),
        (an_emp, encoded("br", b"\x0b\x02\x80{}\x03"), "http.json", "is compressed (Content-Encoding: br)"),
        (
            an_emp,
            encoded("gzip"),
            "http.json",
            "the Content-Encoding is gzip, but the body is not compressed",
        ),
        (
            a_cpo,
            no_http(f"POST {PUSH} HTTP/3.7", "Invalid HTTP version (3.7)"),
            "http.path",
            "the request is not HTTP/1.1: Invalid HTTP version (3.7)",
        ),
        (
            an_emp,
            no_http(f"POST {PULL}", "HTTP/0.9: a request line without a version of HTTP"),
            "http.path",
            "the request is not HTTP/1.1: HTTP/0.9",
        ),
        (a_cpo, lambda said: said.target_sends(method="post"), "http.path", "the case of a method matters"),
        (an_emp, lambda said: said.target_sends(method="Post"), "http.path", "the case of a method matters"),
        (
            a_cpo,
            lambda said: said.hub_asks(answer=http(204, b"{}")),
            "http.status",
            "HTTP 204 is not an OICP response",
        ),
        (
            an_emp,
            lambda said: said.hub_asks(answer=http(204)),
            "http.status",
            "HTTP 204 is not an OICP response",
        ),
        (
            a_cpo,
            lambda said: said.hub_asks(answer=http(205)),
            "http.status",
            "HTTP 205 is not an OICP response",
        ),
        (
            a_cpo,
            lambda said: said.push_evse_data(ex.evse(EvseID="FR*XYZ*1")),
            "eRoamingPushEvseData.OperatorEvseData.EvseDataRecord.EvseID",
            "EvseID",
        ),
        (
            a_cpo,
            lambda said: said.authorize_start(EvseID="no id"),
            "eRoamingAuthorizeStart.EvseID",
            "EvseID",
        ),
    ],
)
def test_one_finding(
    target: Callable[[], Journal], talk: Callable[[Journal], object], requirement: str, words: str
) -> None:
    journal = target()
    talk(journal)
    (found,) = findings(journal)
    assert found.requirement == requirement
    assert words in f"{found.message} {found.pointer}"


def test_repeated_name_is_a_warning_and_has_its_pointer() -> None:
    journal = a_cpo()
    journal.push_evse_status()
    twice(journal, "ActionType")
    (found,) = findings(journal)
    assert (found.verdict, found.pointer) == (Verdict.WARNING, "/ActionType")


def test_line_without_a_path_of_oicp_is_charged_to_nobody() -> None:
    for line in (f"POST {PUSH} HTTP/1.1", "[", "EHLO [127.0.0.1]", "GET / HTTP/3.7", "POST", ""):
        journal = a_cpo()
        no_http(line, "Bad request syntax")(journal)
        assert not findings(journal)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (b'{"a": 1, "b": {"a": 2}}', []),
        (b'{"a": 1, "a": 1}', ["/a"]),
        (b'[{"a/b": {"~": 1, "~": 2, "~": 3}}, {"x": 1, "x": 2}]', ["/0/a~1b/~0", "/1/x"]),
        (b'{"a": "\\"a\\": 1", "b": 1}', []),
        (b"[1" + b"0" * 5000 + b"]", []),
    ],
)
def test_names_that_are_repeated(body: bytes, pointers: list[str]) -> None:
    assert repeated(body) == pointers
    assert Part((), body).repeated == pointers


def test_identity_is_no_encoding() -> None:
    journal = a_cpo()
    encoded("Identity")(journal)
    assert not findings(journal)


def test_what_is_no_json_repeats_nothing() -> None:
    assert Part((), b'{"a": 1, "a": ').repeated == []
    assert Part((), b"[" * 200_000).repeated == []


def test_ids_of_either_form_and_case_are_ids() -> None:
    ids = ("DE*ABC*E1*1", "DEABCE11", "de*abc*e1", "+49*810*000*438", "49*810*0")
    assert all(map(is_evse_id, ids))
    assert not any(map(is_evse_id, ("", "no id", "FR*XYZ*1", "DE*ABC", "DE*ABC*E1\n")))


def test_foreign_evse_is_not_also_one_of_another_country() -> None:
    cpo = a_cpo()
    cpo.push_evse_data(ex.evse(EvseID="FR*XYZ*E1*1"))
    (found,) = findings(cpo)
    assert (found.requirement, found.found) == ("push.evse-of-operator", "FR*XYZ*E1*1")


def in_utc(*names: str) -> dict[str, str]:
    """Times of a charge, written with a Z."""
    clock = {"SessionStart": "11:00", "ChargingStart": "11:00", "ChargingEnd": "12:00", "SessionEnd": "12:00"}
    return {name: f"2026-11-22T{clock[name]}:00Z" for name in names}


ALL_TIMES = ("SessionStart", "ChargingStart", "ChargingEnd", "SessionEnd")


def test_times_that_all_end_in_z_are_one_finding_of_each_operation() -> None:
    cpo = a_cpo()
    cpo.push_evse_data(ex.evse(Address=ex.address(TimeZone="UTC+01:00")))
    for _ in range(2):
        session = cpo.remote_start()
        cpo.notification("Start", session, **in_utc("SessionStart", "ChargingStart"))
        cpo.remote_stop(session)
        cpo.cdr(session, **in_utc(*ALL_TIMES))
    found = findings(cpo)
    assert {one.requirement for one in found} == {
        "eRoamingChargingNotificationStart.ChargingStart",
        "eRoamingChargeDetailRecord.ChargingStart",
    }
    assert len(found) == 4
    of_record = next(one.message for one in found if one.operation == "eRoamingChargeDetailRecord")
    assert of_record == (
        "ChargingStart ends in Z instead of a numeric time zone offset; "
        "the same was found in: ChargingEnd, SessionEnd, SessionStart"
    )
    assert {one.verdict for one in found} == {Verdict.WARNING}


def test_a_single_time_that_ends_in_z_is_the_finding_of_its_field() -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    cpo.remote_stop(session)
    cpo.cdr(session, **in_utc("SessionEnd"))
    assert [(one.requirement, one.message) for one in findings(cpo)] == [
        (
            "eRoamingChargeDetailRecord.SessionEnd",
            "SessionEnd ends in Z instead of a numeric time zone offset",
        )
    ]


def test_a_time_without_offset_is_a_finding_beside_those_that_end_in_z() -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    cpo.remote_stop(session)
    cpo.cdr(session, **in_utc(*ALL_TIMES) | {"ChargingEnd": "2026-11-22T13:00:00"})
    failed = [one.requirement for one in findings(cpo) if one.verdict is Verdict.FAIL]
    assert failed == ["eRoamingChargeDetailRecord.ChargingEnd"]


@pytest.mark.parametrize("comes_else", [True, False])
def test_what_never_comes_is_not_charged_to_the_form_of_an_answer(comes_else: bool) -> None:
    """A CDR that comes in no session at all is one finding; one that comes in ordinary ones is another."""
    journal, cdr = a_cpo(), "eRoamingChargeDetailRecord"
    ordinary = journal.authorize_start()
    journal.notification("Start", ordinary)
    journal.waited("eRoamingChargeDetailRecord.sent", cdr, session=ordinary.id, stimulus="done")
    if comes_else:
        other = journal.authorize_start()
        came = journal.cdr(other)
        journal.waited("eRoamingChargeDetailRecord.sent", cdr, came, session=other.id, stimulus="done")
    with_nulls = journal.authorize_start(scripted="form: nulls")
    journal.waited("eRoamingChargeDetailRecord.sent", cdr, session=with_nulls.id, stimulus="done")
    told = {one.requirement for one in findings(journal)}
    assert ("response.any-form" in told) is comes_else


@pytest.mark.parametrize("body", [b"\xef\xbb\xbf{}", b"[]", b"{"], ids=["byte order mark", "list", "no JSON"])
def test_a_record_that_cannot_be_read_is_not_missing_as_well(body: bytes) -> None:
    journal = a_cpo()
    session = journal.remote_start()
    journal.notification("Start", session)
    stop = journal.remote_stop(session)
    sent = journal.cdr(session, answer=http(400))
    journal.exchanges[-1] = replace(sent, request=replace(sent.request, body=body))
    needs: dict[str, Any] = {"session": session.id, "after": stop.number, "unasked": 10.0}
    journal.waited("eRoamingChargeDetailRecord.sent", "eRoamingChargeDetailRecord", **needs)
    assert {one.requirement for one in findings(journal)} == {"http.json"}
