"""The EMP refreshes its map: eRoamingPullEvseData."""

import pytest

from conformance.emp.driver import Emp
from conformance.hub import pulls, script
from conformance.hub.hub import Hub
from conformance.testing import about

OPERATION = "eRoamingPullEvseData"


@about(OPERATION, "request.sent", "pull.last-page", "pull.page-parameters", "pull.page-size")
def test_pages_are_read_to_the_last(emp: Emp) -> None:
    """All pages are read, of at most 2000 records, with page and size."""
    emp.pull(OPERATION)


@about(OPERATION, "request.sent", f"{OPERATION}.last-call-alone")
def test_changes_are_pulled(emp: Emp) -> None:
    """A later pull may ask for what has changed since; LastCall goes without filters by place and operator."""
    emp.pull(OPERATION)
    emp.pull(OPERATION)


@about(OPERATION, "pull.survives")
@pytest.mark.parametrize("freedom", pulls.FREEDOMS)
def test_every_form_of_answer_is_survived(emp: Emp, hub: Hub, freedom: str) -> None:
    """Hubject may leave out or null what it has not, and send values of tomorrow: the pages are read on."""
    hub.script(OPERATION, *[pulls.FREEDOMS[freedom]()] * 3)
    emp.pull(OPERATION, requirement="pull.survives")


@about(OPERATION, "pull.failed-page")
@pytest.mark.parametrize("how", ["HTTP 500", "hung up", "system error 001"])
def test_page_that_fails_once_is_asked_for_again(emp: Emp, hub: Hub, how: str) -> None:
    """A page that could not be had is asked for again, or the pull begins anew; the next pull works."""
    wicked = {
        "HTTP 500": script.http_error(),
        "hung up": script.hang_up(),
        "system error 001": script.system_error(),
    }
    hub.script(OPERATION, wicked[how])
    emp.pull(OPERATION, requirement="pull.failed-page", twice=True)
