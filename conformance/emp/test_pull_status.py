"""The EMP refreshes the status of EVSEs: the three status pulls."""

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import pulls, script
from oicp_conformance.marks import about, each

ALL, BY_ID = "eRoamingPullEvseStatus", "eRoamingPullEvseStatusByID"
BY_OPERATOR = "eRoamingPullEvseStatusByOperatorID"


@about(ALL, "request.sent", "status-pull.path")
def test_status_is_pulled(emp: Emp) -> None:
    """The EMP pulls the status of all EVSEs."""
    emp.pulls.read(ALL)


@about(BY_ID, "request.sent", "status-pull.path")
@pytest.mark.parametrize("count", [1, 100, 101])
def test_status_is_pulled_by_id(emp: Emp, count: int) -> None:
    """The EMP pulls the status of some EVSEs, at most 100 per request."""
    emp.pulls.read(BY_ID, parameters={"EvseID": emp.pulls.some_evses(count)})


@about(BY_OPERATOR, "request.sent", "status-pull.path")
def test_status_is_pulled_by_operator(emp: Emp, hub: Stage) -> None:
    """The EMP pulls the status of an operator's EVSEs."""
    emp.pulls.read(BY_OPERATOR, parameters={"OperatorID": [hub.profile.counterpart.operator_id]})


def _parameters(emp: Emp, hub: Stage, operation: str) -> dict[str, list[str]]:
    operator = hub.profile.counterpart.operator_id
    return {BY_ID: {"EvseID": emp.pulls.some_evses(2)}, BY_OPERATOR: {"OperatorID": [operator]}}.get(
        operation, {}
    )


@pytest.mark.parametrize("operation", each((ALL, BY_ID, BY_OPERATOR), "pull.survives"))
@pytest.mark.parametrize("freedom", pulls.STATUS_FREEDOMS)
def test_every_form_of_answer_is_tolerated(emp: Emp, hub: Stage, operation: str, freedom: str) -> None:
    """The EMP continues to pull after an unknown status, an empty list, or a missing StatusCode."""
    hub.script(operation, pulls.STATUS_FREEDOMS[freedom]())
    with emp.survives():
        emp.pulls.read(operation, parameters=_parameters(emp, hub, operation))
        emp.pulls.read(operation, "pull.survives", _parameters(emp, hub, operation))


@pytest.mark.parametrize("operation", each((ALL, BY_ID, BY_OPERATOR), "pull.failed-page"))
def test_pull_that_fails_does_not_end_the_pulls(emp: Emp, hub: Stage, operation: str) -> None:
    """A pull fails: the EMP repeats it, or the next one works."""
    hub.script(operation, script.http_error())
    with emp.survives():
        emp.pulls.ask(operation, _parameters(emp, hub, operation))
        emp.pulls.read(operation, "pull.failed-page", _parameters(emp, hub, operation))
