"""The commands that repeat a finding: what the suite did, and what its virtual station said meanwhile."""

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oicp_conformance.cli.hubbing import hub
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge.chain import chain
from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.oicp.operation_names import CDR, NOTIFY
from oicp_conformance.reporting import hurl
from oicp_conformance.reporting.commands import CONTROL, script
from selftest.unit.journals import CARD, EVSE, OTHER_CARD, Journal, Session, a_cpo
from selftest.unit.requirements.stations import charged
from selftest.unit.wording import part, slow


def test_the_messages_of_its_station_stand_between_the_exchanges() -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    charged(cpo, session)
    charged(cpo, session, connector=2)
    record = cpo.cdr(session)
    lines = script(cpo.record, record.number).splitlines()
    told = [line.partition("sends ")[2].split()[0] for line in lines if ", OCPP, station CP-1: " in line]
    assert told == ["RemoteStartTransaction", "StartTransaction", "MeterValues", "StopTransaction"]
    begun, came = (next(at for at, line in enumerate(lines) if f"# exchange {n}:" in line) for n in (1, 2))
    assert all(begun < at < came for at, line in enumerate(lines) if "OCPP" in line)


def test_without_a_station_there_are_none() -> None:
    cpo = a_cpo()
    record = cpo.cdr(cpo.remote_start())
    assert "OCPP" not in script(cpo.record, record.number)


# --- what the suite did on the way


def stimuli_of(cpo: Journal, number: int) -> list[str]:
    """The stimuli and exchanges in a script, in their order."""
    found = re.findall(r'"stimulus": "([^"]+)"|^# exchange (\d+)', script(cpo.record, number), re.MULTILINE)
    return [stimulus or exchange for stimulus, exchange in found]


def test_cable_is_plugged_in_where_it_was() -> None:
    """The hub's stimuli stand between the exchanges; one that was not supported is not repeated."""
    cpo = a_cpo()
    session = cpo.remote_start()
    cpo.plugged(session)
    cpo.remote_stop(session)
    cpo.plugged(session, "unavailable", "unplug")
    assert stimuli_of(cpo, cpo.cdr(session).number) == ["1", "plug-in", "2", "3"]


def test_what_came_on_the_way_of_a_stimulus_came_for_it() -> None:
    """The target sent Progress before the Start that was asked for: the stimulus stands before both, once."""
    cpo = a_cpo()
    session = cpo.remote_start()
    cpo.notification("Progress", session)
    start = cpo.notification("Start", session)
    asked: dict[str, Any] = {"stimulus": "done", "session": session.id, "after": 1}
    cpo.waited("eRoamingChargingNotifications.sent-Start", NOTIFY, start, **asked)
    assert stimuli_of(cpo, start.number) == ["1", NOTIFY, "2", "3"]
    assert stimuli_of(cpo, 2) == ["1", NOTIFY, "2"]


def test_requests_at_the_same_time_are_sent_at_the_same_time() -> None:
    cpo = a_cpo()
    for _ in range(2):
        cpo.remote_start(purpose="request.parallel", expects="any", answer=slow(1.5))
    cpo.after(1).remote_start()
    lines = script(cpo.record, 2).splitlines()
    assert [line[-1] == "&" for line in lines if line.startswith("curl")] == [True, False]
    assert lines[-1].startswith("wait ")
    assert [one.number for one in chain(cpo.record, 1)] == [2, 1]
    assert "wait" not in script(cpo.record, 3)


def test_what_comes_when_its_test_is_over_has_its_card_before_it() -> None:
    cpo = a_cpo()
    refused = cpo.authorize_start().begun_by
    cpo.exchanges[-1] = replace(refused, answer=part({"AuthorizationStatus": "NotAuthorized"}))
    late = cpo.notification("Start", Session("none", EVSE, CARD, refused))
    for card, numbers in ((CARD, [1, 2]), (OTHER_CARD, [2])):
        request = part({"EvseID": EVSE, "Identification": card})
        cpo.exchanges[-1] = replace(late, test="the next test", request=request)
        assert [one.number for one in chain(cpo.record, late.number)] == numbers


# --- the hub that answers meanwhile


def found_in(exchange: Exchange) -> Outcome:
    return Outcome("http.json", exchange.operation or "", Verdict.FAIL, "not JSON", exchange.number)


def test_hub_sends_what_begins_a_session() -> None:
    """So it knows the session when the target goes on in it; alone, a request goes to the target directly."""
    cpo = a_cpo()
    session = cpo.remote_start()
    begun = cpo.exchanges[-1]
    record = cpo.cdr(session)
    lines = script(cpo.record, record.number).splitlines()
    (sent,) = [line for line in lines if "/send" in line]
    assert json.dumps(begun.request.body.decode()) in sent
    (waited,) = [line for line in lines if "/wait" in line]
    assert "since=1&" in waited
    assert cpo.profile.target.base_url in script(cpo.record, begun.number)
    assert CONTROL not in script(cpo.record, begun.number)
    written = hurl.written(cpo.record, found_in(record), "a finding")
    assert re.findall(r"^POST http://127\.0\.0\.1:8700(/[a-z]+)", written, re.MULTILINE) == [
        "/reset",
        "/send",
    ]
    assert written.endswith(
        '\nGET http://127.0.0.1:8700/findings?seconds=30\nHTTP *\n[Asserts]\njsonpath "$.findings['
        "?@.requirement == 'http.json' && @.operation == 'eRoamingChargeDetailRecord']\" not exists\n"
    )


def test_hub_answers_as_in_the_run_and_waits() -> None:
    """It gives the SessionID of the run, which the later commands name, and knows the card."""
    cpo = a_cpo()
    session = cpo.authorize_start()
    record = cpo.cdr(session)
    lines = script(cpo.record, record.number).splitlines()
    commands = [line for line in lines if CONTROL in line]
    paths = [re.search(r"127\.0\.0\.1:8700([^' ]*)", line) for line in commands]
    assert [found and found[1] for found in paths] == [
        "/reset",
        "/scripts",
        "/wait?operation=eRoamingAuthorizeStart&since=0&seconds=10",
        "/wait?operation=eRoamingChargeDetailRecord&since=1&seconds=10",
        "/findings",
    ]
    assert f'"SessionID": "{session.id}"' in commands[1]
    assert '"answer": "fields"' in commands[1]
    assert [one.default for one in hub.params if one.name == "control"] == [CONTROL]
    written = hurl.written(cpo.record, found_in(record), "a finding")
    assert re.findall(r"^(?:GET|POST) http://127\.0\.0\.1:8700(/[a-z]+)", written, re.MULTILINE) == [
        *("/reset", "/scripts", "/wait", "/wait", "/findings"),
    ]


def test_what_did_not_come_is_waited_for_again() -> None:
    """A CDR that is due comes without being asked for; where the target was asked, the stimulus is given."""
    for stimulus in (None, "done"):
        cpo = a_cpo()
        session = cpo.remote_start()
        cpo.remote_stop(session)
        stop = cpo.exchanges[-1]
        cpo.waited(f"{CDR}.sent", CDR, session=session.id, after=stop.number, stimulus=stimulus)
        said = script(cpo.record, stop.number, f"{CDR}.sent")
        assert said.splitlines()[-1].endswith(f"/wait?operation={CDR}&since=2&seconds=10'")
        assert re.findall(r'"stimulus": "([^"]+)"', said) == ([CDR] if stimulus else [])
        # Another finding of the same exchange does not depend on it.
        assert CONTROL not in script(cpo.record, stop.number, "http.json")
        finding = replace(found_in(stop), requirement=f"{CDR}.sent", test=cpo.test)
        written = hurl.written(cpo.record, finding, "a finding")
        assert f"/wait?operation={CDR}&since=2&seconds=10\nHTTP 200\n" in written


@pytest.mark.parametrize(
    ("answer", "pointer", "line"),
    [
        (part(b"<html>"), None, 'jsonpath "$" exists'),
        (Part(body=b"{}", cut=True), None, "bytes count <= 2"),
        (part({"Result": 7}), "/Result", 'jsonpath "$[?@ == 7]" not exists'),
        (part({"StatusCode": {}}), "/StatusCode/Code", "jsonpath \"$['StatusCode']['Code']\" exists"),
        (part({"a": [{"b": "x"}]}), "/a/0/b", "jsonpath \"$['a'][0][?@ == 'x']\" not exists"),
        # What means something in Hurl or in a JSONPath is not written into one.
        (part({"Result": "{{x}}'"}), "/Result", "# expected: true"),
        (part({"it's": 1}), "/it's", "# expected: true"),
        (part({"a": {"b": 1}}), "/a", "# expected: true"),
    ],
)
def test_hurl_asserts_that_the_response_is_another(answer: Any, pointer: str | None, line: str) -> None:
    cpo = a_cpo()
    cpo.remote_start()
    sent = cpo.exchanges[-1] = replace(cpo.exchanges[-1], answer=answer)
    written = hurl.written(cpo.record, replace(found_in(sent), pointer=pointer, expected="true"), "a finding")
    assert written.endswith(f"\nHTTP *\n[Asserts]\n{line}\n")
    assert CONTROL not in written


@pytest.mark.parametrize(
    ("status", "said", "expects", "line"),
    [
        (500, {}, "any", "status < 500"),
        (200, {"Result": True}, "refuse", f"body not matches /{hurl.POSITIVE}/"),
        (200, {"Result": False}, "accept", f"body matches /{hurl.POSITIVE}/"),
    ],
)
def test_hurl_asserts_another_answer(status: int, said: Any, expects: Any, line: str) -> None:
    cpo = a_cpo()
    cpo.remote_start()
    sent = replace(cpo.exchanges[-1], status=status, answer=part(said), expects=expects)
    cpo.exchanges[-1] = sent
    assert hurl.written(cpo.record, found_in(sent), "a finding").endswith(f"[Asserts]\n{line}\n")


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"status": None, "scripted": "hung up"}, '"answer": "hang-up"'),
        ({"status": 503, "scripted": "HTTP 503"}, '"answer": "http", "status": 503'),
        ({"scripted": "no JSON", "answer": part(b"<html>")}, '"answer": "no-json"'),
    ],
)
def test_hub_answers_otherwise_where_it_did(given: dict[str, Any], answer: str) -> None:
    cpo = a_cpo()
    record = cpo.exchanges[-1] = replace(cpo.cdr(cpo.remote_start()), **given)
    (line,) = [one for one in script(cpo.record, record.number).splitlines() if "/scripts" in one]
    assert answer in line


def test_target_writes_no_command(tmp_path: Path) -> None:
    """Its line breaks are in a comment, too."""
    cpo = a_cpo()
    made = tmp_path / "made"
    record = cpo.cdr(cpo.authorize_start(), raw=f"x\n' ; touch {made}\n".encode())
    text = script(cpo.record, record.number)
    assert str(made) in text
    curl = tmp_path / "curl"
    curl.write_text("#!/bin/sh\n", encoding="utf-8")
    curl.chmod(0o755)
    subprocess.run(["/bin/sh", "-c", text], env={"PATH": str(tmp_path)}, check=True, timeout=10)  # noqa: S603
    assert not made.exists()


def test_hurl_reads_headers_and_paths_as_they_are() -> None:
    cpo = a_cpo()
    cpo.remote_start()
    request = Part((("X-Odd", "{{a}} # b\\ é"), ("X-Plain", "a/b; c=1")), b"{}")
    sent = cpo.exchanges[-1] = replace(cpo.exchanges[-1], path="/a/{{b}}#c?d=[1]&e=f", request=request)
    lines = hurl.written(cpo.record, found_in(sent), "a finding").splitlines()
    assert f"POST {cpo.profile.target.base_url}/a/%7B%7Bb%7D%7D%23c?d=%5B1%5D&e=f" in lines
    assert r"X-Odd: \u{7b}\u{7b}a\u{7d}\u{7d}\u{20}\u{23}\u{20}b\u{5c}\u{20}\u{e9}" in lines
    assert r"X-Plain: a/b;\u{20}c=1" in lines
