"""A plugin with which the suite has trouble of its own, as a bug in one of its tests would make."""

import pytest

TEST = "test_card_authorized_by_broadcast"


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    if pyfuncitem.name == TEST:
        raise KeyError("a bug of ours")
