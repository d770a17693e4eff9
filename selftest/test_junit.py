"""JUnit's file, as GitLab, Jenkins and GitHub read it."""

import socket
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from oicp_conformance.judge.catalogue import catalogue
from selftest.support import Ran, cpo_profile, reference_target, run_suite
from selftest.trouble import TEST

CDR = "eRoamingChargeDetailRecord"
PATIENCE = 180.0

# The structure that Jenkins's XML Schema for JUnit allows, and one thing more that all three take: properties
# of a test case. For each element: what it may hold, what it must say, and what it may say.
STRUCTURE: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors"},
        {"time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url", "group"},
    ),
    "testcase": (
        {"properties", "skipped", "error", "failure", "system-out", "system-err"},
        {"name"},
        {"time", "classname", "group"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    "skipped": (set(), set(), {"type", "message"}),
    "failure": (set(), set(), {"type", "message"}),
    "error": (set(), set(), {"type", "message"}),
}


def suites_of(ran: Ran) -> list[ET.Element]:
    """The test suites of a run, after a look at the whole file: what was broken first, then the tests."""
    root = ET.parse(ran.folder / "junit.xml").getroot()  # noqa: S314 - our own file
    assert root.tag == "testsuites"
    for element in root.iter():
        children, needed, allowed = STRUCTURE[element.tag]
        assert {child.tag for child in element} <= children
        assert needed <= set(element.attrib) <= needed | allowed, element.attrib
    for suite in root:
        cases = suite.findall("testcase")
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute, "")) == len([one for one in cases if one.find(tag) is not None])
        assert int(suite.get("tests", "")) == len(cases)
        assert all(
            len([one for one in case if one.tag in {"failure", "error", "skipped"}]) <= 1 for case in cases
        )
    return list(root)


def suite_of(ran: Ran) -> ET.Element:
    """The test suite with the tests."""
    return suites_of(ran)[-1]


def case_of(suite: ET.Element, name: str) -> ET.Element:
    (case,) = (one for one in suite.findall("testcase") if one.get("name") == name)
    return case


def properties(element: ET.Element) -> list[tuple[str | None, str | None]]:
    return [(one.get("name"), one.get("value")) for one in element.findall("properties/property")]


def told(element: ET.Element | None) -> tuple[str, str]:
    """The message and the text of a failure, an error, or what was skipped."""
    assert element is not None
    return str(element.get("message")), element.text or ""


def test_failure(tmp_path: Path) -> None:
    with reference_target("cpo", ("--fault", "cdr-without-evse-id")) as target:
        ran = run_suite(tmp_path, target.profile(), "-k", TEST, seconds=PATIENCE)
    suite = suite_of(ran)
    assert suite.get("name") == "OICP 2.3: Reference CPO (CPO)"
    assert {("target", "Reference CPO"), ("verdict", "fail"), ("seed", "1")} <= set(properties(suite))
    case = case_of(suite, TEST)
    assert case.get("classname") == "conformance.cpo.test_authorize_start"
    assert {
        ("operation", "eRoamingAuthorizeStart"),
        ("requirement", "request.sent"),
        ("clause", catalogue("cpo")["request.sent"].clause),
    } <= set(properties(case))
    message, text = told(case.find("failure"))
    assert message == f"FAIL {CDR}.EvseID (MUST, CPO 02 {CDR}): EvseID is mandatory and missing (at /EvseID)"
    assert "expected:    mandatory: EvseIDType" in text
    assert ("finding", message) in properties(case)


def test_the_first_case_is_the_defect_and_its_consequences_are_skipped(tmp_path: Path) -> None:
    names = f"{TEST} or test_every_end_of_a_session_gives_one_record or test_authorize_stop"
    with reference_target("cpo", ("--fault", "cdr-without-evse-id")) as target:
        ran = run_suite(tmp_path, target.profile(), "-k", names, seconds=PATIENCE)
    first, suite = suites_of(ran)
    assert str(first.get("name")).endswith("broken requirements")
    (case,) = first.findall("testcase")
    assert case.get("name") == f"FAIL {CDR}.EvseID"
    message, text = told(case.find("failure"))
    assert message == f"FAIL {CDR}.EvseID (MUST, CPO 02 {CDR}): EvseID is mandatory and missing"
    assert '>>   "EvseID" is not there' in text
    assert "oicp-conformance replay report 1" in text
    assert "curl -i -X POST" in text
    assert suite.get("failures") == "1"
    reasons = [told(one)[0] for one in suite.iter("skipped")]
    origin = f"conformance/cpo/test_authorize_start.py::{TEST}"
    assert reasons.count(f"consequence of {CDR}.EvseID, first seen in {origin}") > 0
    assert ran.exit_code == 1


def test_inconclusive_and_not_applicable_are_skipped_with_the_reason(tmp_path: Path) -> None:
    with reference_target("cpo") as target:
        profile = target.profile(stimuli_url="http://127.0.0.1:9/stimuli")
        profile = profile.replace("eRoamingAuthorizeStop = true", "eRoamingAuthorizeStop = false")
        only = ("-k", f"{TEST} or test_authorize_stop")
        ran = run_suite(tmp_path, profile, *only, seconds=PATIENCE)
    suite = suite_of(ran)
    skipped = [told(one) for one in suite.iter("skipped")]
    assert len(skipped) > 2
    assert all(message == text for message, text in skipped), "no path of the suite's own code"
    message, _ = told(case_of(suite, TEST).find("skipped"))
    assert message.startswith("inconclusive: the stimulus failed: http://127.0.0.1:9/stimuli: ")
    undeclared = "not applicable: eRoamingAuthorizeStop is not declared in the profile"
    assert (undeclared, undeclared) in skipped


def test_trouble_in_a_test_is_an_error(tmp_path: Path) -> None:
    with reference_target("cpo") as target:
        ran = run_suite(tmp_path, target.profile(), "-k", TEST, "-p", "selftest.trouble", seconds=PATIENCE)
    assert (ran.exit_code, ran.verdict) == (3, "error")
    suite = suite_of(ran)
    (error,) = suite.iter("error")
    assert case_of(suite, TEST).find("error") is error
    assert "KeyError: 'a bug of ours'" in told(error)[0]
    assert suite.get("failures") == "0"


def test_trouble_outside_of_tests_is_an_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        ran = run_suite(tmp_path, cpo_profile(hub=other.getsockname()[1]))
    assert (ran.exit_code, ran.verdict) == (3, "error")
    suite = suite_of(ran)
    (case,) = suite.findall("testcase")
    assert case.get("name") == "internal error of the suite"
    assert told(case.find("error"))[0] == ran.statement["trouble"][0]
    assert "Address already in use" in told(case.find("error"))[0]


@pytest.mark.parametrize("name", ['A <b> & "c" ü', "a\\u0001b\\u202e\\n]]>"])
def test_name_of_the_target_cannot_break_the_file(tmp_path: Path, name: str) -> None:
    escaped = name.replace('"', '\\"')
    ran = run_suite(tmp_path, cpo_profile().replace('"A CPO"', f'"{escaped}"'), "-k", "no_such_test")
    suite = suite_of(ran)
    assert str(suite.get("name")).startswith(f"OICP 2.3: {name[0]}")


def test_what_only_the_end_tells_is_a_failure(tmp_path: Path) -> None:
    """The test that waits for what must not come is left out: nobody was told of a second record."""
    with reference_target("cpo", ("--fault", "cdr-without-evse-id")) as target:
        only = ("-k", f"{TEST}", "-p", "selftest.silence")
        ran = run_suite(tmp_path, target.profile(), *only, seconds=PATIENCE)
    assert ran.verdict == "fail"
    first, suite = suites_of(ran)
    (case,) = first.findall("testcase")
    assert told(case.find("failure"))[0].startswith(f"FAIL {CDR}.EvseID (MUST, CPO 02 {CDR}): ")
    assert suite.get("failures") == "0"
