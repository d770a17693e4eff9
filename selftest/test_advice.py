"""Causes of what is inconclusive, from runs in which they hide."""

import re
from pathlib import Path

import httpx
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from oicp_conformance.oicp.operations import BY_NAME
from selftest.support import Ran, cpo_profile, reference_target, run_suite


def causes(ran: Ran, operation: str) -> set[str]:
    return {one["cause"] for one in ran.rows("inconclusive") if one["operation"] == operation}


def test_one_status_pull_suffices(tmp_path: Path, httpserver: HTTPServer) -> None:
    """The shim knows one of the three: about the others there is nothing to do."""
    with reference_target("emp") as target:

        def serve(request: Request) -> Response:
            if request.get_json()["stimulus"] in {"eRoamingPullEvseStatus", "eRoamingPullEvseStatusByID"}:
                return Response("no such button", 501)
            passed = httpx.post(target.stimuli_url, content=request.get_data(), trust_env=False)
            return Response(passed.content, passed.status_code)

        httpserver.expect_request("/stimuli").respond_with_handler(serve)
        toml = target.profile(stimuli_url=httpserver.url_for("/stimuli"))
        ran = run_suite(tmp_path, toml, "-k", "test_pull_status")
    assert ran.operation("eRoamingPullEvseStatusByOperatorID")["verdict"] == "pass"
    assert causes(ran, "eRoamingPullEvseStatus") == {"alternative"}
    assert causes(ran, "eRoamingPullEvseStatusByID") == {"alternative"}
    rows = [one for one in ran.rows("inconclusive") if one["operation"] == "eRoamingPullEvseStatusByID"]
    assert all("no such button" in one["reason"] for one in rows)


def test_operation_that_is_not_served(tmp_path: Path) -> None:
    with reference_target(options=("--fault", "reservation-start-not-served")) as target:
        ran = run_suite(tmp_path, target.profile(), "-k", "test_reservation_of_a_free_evse")
    operation = "eRoamingAuthorizeRemoteReservationStart"
    (valid,) = (
        one
        for one in ran.rows("inconclusive")
        if one["id"] == "request.valid" and one["operation"] == operation
    )
    assert valid["cause"] == "not-served"
    assert f"{BY_NAME[operation].path}, or set the path" in valid["advice"]
    assert "remove eRoamingReservation from [supports]" in valid["advice"]


def test_profile_with_a_single_evse(tmp_path: Path) -> None:
    with reference_target() as target:
        toml = re.sub(r"evse_ids = .*", 'evse_ids = ["DE*ABC*E1*1"]', target.profile(), count=1)
        ran = run_suite(tmp_path, toml, "-k", "test_stop_that_names_another_evse")
    name = "eRoamingAuthorizeRemoteStop.other-evse"
    (found,) = (one for one in ran.rows("inconclusive") if one["id"] == name)
    assert (found["reason"], found["cause"]) == ("the profile has only one EVSE", "profile")
    assert "profile.toml" in found["advice"]


def test_run_that_was_stopped_blames_the_stop(tmp_path: Path) -> None:
    ran = run_suite(tmp_path, cpo_profile("http://127.0.0.1:9"))
    assert {one["cause"] for one in ran.rows("inconclusive")} == {"stopped"}
