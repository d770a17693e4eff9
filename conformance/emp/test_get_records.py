"""The EMP settles: eRoamingGetChargeDetailRecords."""

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import pulls, script
from oicp_conformance.marks import about

OPERATION = "eRoamingGetChargeDetailRecords"


@about(OPERATION, "request.sent", "pull.last-page", "pull.every-page", f"{OPERATION}.from-before-to")
def test_pages_are_read_to_the_last(emp: Emp) -> None:
    """All records of a period are read, page by page."""
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


@about(OPERATION, "pull.after-failure")
def test_page_that_always_fails_is_not_requested_forever(emp: Emp, hub: Stage) -> None:
    """However a page fails, the EMP does not request it again and again."""
    hub.script(OPERATION, *[script.system_error()] * 12)
    emp.pulls.ask(OPERATION, emp.pulls.period())
    hub.listen()
