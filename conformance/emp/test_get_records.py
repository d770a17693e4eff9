"""The EMP settles: eRoamingGetChargeDetailRecords."""

from conformance.emp.driver import Emp
from conformance.hub import script
from conformance.hub.hub import Hub
from conformance.testing import about

OPERATION = "eRoamingGetChargeDetailRecords"


@about(OPERATION, "request.sent", "pull.last-page", f"{OPERATION}.from-before-to")
def test_pages_are_read_to_the_last(emp: Emp) -> None:
    """All records of a period are read, page by page."""
    emp.settle_offline(3)
    emp.pull(OPERATION, parameters=emp.period())


@about(OPERATION, "pull.failed-page")
def test_page_that_fails_once_does_not_end_the_pulls(emp: Emp, hub: Hub) -> None:
    """A page could not be had: it is asked for again, or the next pull works."""
    hub.script(OPERATION, script.http_error())
    emp.ask(OPERATION, emp.period())
    emp.pull(OPERATION, "pull.failed-page", emp.period())
