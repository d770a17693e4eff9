"""The throwaway hub and the reference targets, for every test that wants one."""

import os
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from oicp_conformance.marks import MARKERS
from selftest.order import spread
from selftest.reference import Hub, Target, reference_cpo, reference_emp
from selftest.shared_runs import SharedRuns

LONG = "long(seconds): takes about so long, and begins first where several workers share the tests"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--day",
        default=date.today().isoformat(),
        metavar="DATE",
        help="the day whose share of the matrix is run, as 2026-11-23; today's if not given",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Each worker of xdist reads the clock for itself: at midnight they would not agree on the day."""
    node.workerinput["day"] = node.config.option.day


def pytest_configure(config: pytest.Config) -> None:
    for one in (*MARKERS, LONG):  # MARKERS: which the tests of tests import
        config.addinivalue_line("markers", one)
    config.option.day = getattr(config, "workerinput", {}).get("day", config.option.day)


def pytest_xdist_auto_num_workers() -> int:
    """Three for each processor: most tests wait for a run of the suite, which waits for a target."""
    return 3 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = spread(items, workers, _seconds)


def _seconds(item: pytest.Item) -> float:
    mark = item.get_closest_marker("long")
    return float(mark.args[0]) if mark else 0.0


@pytest.fixture(scope="session")
def shared_runs(tmp_path_factory: pytest.TempPathFactory) -> SharedRuns:
    return SharedRuns(tmp_path_factory)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        yield Hub(server)


@pytest.fixture
def cpo(hub: Hub) -> Iterator[Target]:
    with reference_cpo(hub) as target:
        yield target


@pytest.fixture
def emp(hub: Hub) -> Iterator[Target]:
    with reference_emp(hub) as target:
        yield target
