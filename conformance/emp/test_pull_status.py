"""The EMP refreshes what the charging points are doing: the three pulls of eRoamingEVSEStatus."""

import pytest

from conformance.emp.driver import Emp
from conformance.hub import pulls, script
from conformance.hub.hub import Hub
from conformance.testing import about

ALL, BY_ID = "eRoamingPullEvseStatus", "eRoamingPullEvseStatusByID"
BY_OPERATOR = "eRoamingPullEvseStatusByOperatorID"


@about(ALL, "request.sent", "status-pull.path")
def test_status_is_pulled(emp: Emp) -> None:
    """The status of all charging points is asked for."""
    emp.pull(ALL)


@about(BY_ID, "request.sent", "status-pull.path")
@pytest.mark.parametrize("count", [1, 100, 101])
def test_status_is_pulled_by_id(emp: Emp, count: int) -> None:
    """The status of some charging points is asked for, of at most 100 at once."""
    emp.pull(BY_ID, parameters={"EvseID": emp.some_evses(count)})


@about(BY_OPERATOR, "request.sent", "status-pull.path")
def test_status_is_pulled_by_operator(emp: Emp, hub: Hub) -> None:
    """The status of an operator's charging points is asked for."""
    emp.pull(BY_OPERATOR, parameters={"OperatorID": [hub.profile.counterpart.operator_id]})


@about(ALL, "pull.survives")
@pytest.mark.parametrize("freedom", ["unknown status", "no StatusCode", "StatusCode null"])
def test_every_form_of_answer_is_survived(emp: Emp, hub: Hub, freedom: str) -> None:
    """A status of tomorrow, or no StatusCode, does not end the pulls."""
    changes = {"unknown status": pulls.unknown_status, "no StatusCode": pulls.without_status_code}
    hub.script(ALL, changes.get(freedom, pulls.null_status_code)())
    emp.pull(ALL)
    emp.pull(ALL, "pull.survives")


@about(ALL, "pull.failed-page")
def test_pull_that_fails_does_not_end_the_pulls(emp: Emp, hub: Hub) -> None:
    """A pull came to nothing: it is made again, or the next one works."""
    hub.script(ALL, script.http_error())
    emp.ask(ALL)
    emp.pull(ALL, "pull.failed-page")
