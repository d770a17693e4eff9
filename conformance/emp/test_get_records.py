"""The EMP pulls CDRs to settle them: eRoamingGetChargeDetailRecords."""

from collections.abc import Mapping

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.emp_failures import ENDLESS
from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import pulls, script
from oicp_conformance.marks import about, sessionless, together

OPERATION = "eRoamingGetChargeDetailRecords"


@about(OPERATION, "request.sent", "pull.last-page", "pull.every-page", f"{OPERATION}.from-before-to")
def test_pages_are_read_to_the_last(emp: Emp) -> None:
    """The EMP pulls all CDRs of a period, page by page."""
    emp.settle_more_than(emp.pulls.read(OPERATION, parameters=emp.pulls.period()))
    emp.pulls.read(OPERATION, parameters=emp.pulls.period())


@about(OPERATION, "pull.survives")
@pytest.mark.parametrize("freedom", pulls.RECORD_FREEDOMS)
def test_every_form_of_answer_is_tolerated(emp: Emp, hub: Stage, freedom: str) -> None:
    """Hubject may omit fields or send null, and send fields of a later version: the EMP continues to pull."""
    emp.settle_more_than(emp.pulls.read(OPERATION, parameters=emp.pulls.period()))
    hub.script(OPERATION, pulls.RECORD_FREEDOMS[freedom]())
    with emp.survives():
        emp.pulls.read(OPERATION, "pull.survives", emp.pulls.period())


@about(OPERATION, "pull.failed-page")
def test_page_that_fails_once_does_not_end_the_pulls(emp: Emp, hub: Stage) -> None:
    """A page fails: the EMP requests it again, or the next pull works."""
    hub.script(OPERATION, script.http_error())
    with emp.survives():
        emp.pulls.ask(OPERATION, emp.pulls.period())
        emp.pulls.read(OPERATION, "pull.failed-page", emp.pulls.period())


@sessionless
@about(OPERATION, "pull.after-failure")
@together(ENDLESS)
def test_page_that_always_fails_is_not_requested_forever(emp: Emp, beside: Mapping[str, str]) -> None:
    """The EMP does not request a failing page forever, for any kind of failure."""
    emp.failures.without_end(OPERATION, beside)
