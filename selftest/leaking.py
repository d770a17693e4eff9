"""Plugins for pytest that spread secrets: through what tests say, and past all writers."""

import os
from collections.abc import Generator
from pathlib import Path

import allure
import pytest


def secret() -> str:
    """The secret that the test has put into the environment."""
    return os.environ["ACME_TOKEN"]


class Telling:
    """Tests that tell a secret wherever a test can tell something."""

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Item) -> Generator[None, object, object]:
        """Tell it in parameters, in properties, on the terminal, and in an error."""
        allure.dynamic.parameter("token", secret())
        allure.dynamic.link(f"http://127.0.0.1/?token={secret()}")
        with allure.step(f"with {secret()}"):
            pyfuncitem.user_properties.append(("token", secret()))
        print(f"printed: {secret()}")  # noqa: T201
        result = yield
        if "unknown" in pyfuncitem.name:
            raise RuntimeError(f"raised: {secret()}")
        return result


class Writing:
    """A writer that nobody knows of."""

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write it beside the others' files."""
        folder = Path(session.config.option.report_dir)
        (folder / "allure-results" / "leak.txt").write_text(f"x{secret()}", encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Do what the test has asked for."""
    config.pluginmanager.register({"telling": Telling, "writing": Writing}[os.environ["LEAKING"]]())
