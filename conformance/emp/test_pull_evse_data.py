"""The EMP refreshes its map: eRoamingPullEvseData."""

from collections.abc import Mapping

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.emp_failures import BUSY, ENDLESS
from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import pulls, script
from oicp_conformance.marks import about, sessionless, together

OPERATION = "eRoamingPullEvseData"


@about(
    OPERATION, "request.sent", "pull.last-page", "pull.every-page", "pull.page-parameters", "pull.page-size"
)
def test_pages_are_read_to_the_last(emp: Emp) -> None:
    """The EMP pulls all pages, of at most 2000 records each, with page and size."""
    emp.pulls.publish_more_than(emp.pulls.read(OPERATION))
    emp.pulls.read(OPERATION)


@about(OPERATION, "request.sent", f"{OPERATION}.last-call-alone")
def test_changes_are_pulled(emp: Emp) -> None:
    """A later pull may request only changes: LastCall is not combined with filters by place or operator."""
    emp.pulls.read(OPERATION)
    emp.pulls.read(OPERATION)


@about(OPERATION, "pull.survives")
@pytest.mark.parametrize("freedom", pulls.FREEDOMS)
def test_every_form_of_answer_is_tolerated(emp: Emp, hub: Stage, freedom: str) -> None:
    """Hubject may omit fields or send null, and send values of a later version: the EMP continues to pull."""
    emp.pulls.publish_more_than(emp.pulls.read(OPERATION))
    hub.script(OPERATION, pulls.FREEDOMS[freedom]())
    with emp.survives():
        emp.pulls.read(OPERATION, "pull.survives")
        emp.pulls.read(OPERATION, "pull.survives")


@about(OPERATION, "pull.last-page", "pull.every-page")
def test_more_than_three_pages_are_read(emp: Emp) -> None:
    """The EMP pulls all pages, also of a result with many pages."""
    emp.pulls.publish_more_than(emp.pulls.read(OPERATION), pages=3)
    emp.pulls.read(OPERATION)


@about(OPERATION, "pull.survives")
def test_records_inserted_while_reading_are_tolerated(emp: Emp, hub: Stage) -> None:
    """Operators publish while an EMP pulls: records move to other pages, and the EMP continues."""
    emp.pulls.publish_more_than(emp.pulls.read(OPERATION))
    hub.script(OPERATION, emp.pulls.insert_while_reading())
    with emp.survives():
        emp.pulls.read(OPERATION, "pull.survives")
        emp.pulls.read(OPERATION, "pull.survives")


FAILURES = {
    "HTTP 500": [script.http_error()],
    "HTTP 503": [script.http_error(503)],
    "hung up": [script.hang_up()],
    "system error 001": [script.system_error()],
    "HTTP 500 on the second page": pulls.fails_once(1),
}


@about(OPERATION, "pull.failed-page")
@pytest.mark.parametrize("how", FAILURES)
def test_page_that_fails_once_does_not_end_the_pulls(emp: Emp, hub: Stage, how: str) -> None:
    """A page fails: the EMP requests it again, or the next pull works."""
    emp.pulls.publish_more_than(emp.pulls.read(OPERATION))
    hub.script(OPERATION, *FAILURES[how])
    with emp.survives():
        emp.pulls.ask(OPERATION)
        emp.pulls.read(OPERATION, "pull.failed-page")


@about(OPERATION, "http.backoff", "pull.failed-page")
@together(BUSY)
def test_too_many_requests_are_answered_with_growing_pauses(emp: Emp, beside: Mapping[str, str]) -> None:
    """HTTP 429 means too many requests: the EMP waits before a retry, and longer before the next one."""
    with emp.survives():
        emp.failures.busy(OPERATION, beside)
        emp.pulls.read(OPERATION, "pull.failed-page")


@sessionless
@about(OPERATION, "pull.after-failure")
@together(ENDLESS)
def test_page_that_always_fails_is_not_requested_forever(emp: Emp, beside: Mapping[str, str]) -> None:
    """The EMP does not request a failing page forever, for any kind of failure."""
    emp.failures.without_end(OPERATION, beside)
