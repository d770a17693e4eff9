"""What Allure and pytest write by themselves goes through the redactor, too."""

from collections.abc import Callable
from functools import partial
from typing import Any

import allure_commons
import allure_pytest.plugin  # type: ignore[import-untyped]
import attr
import pytest
from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import Status, TestResult

from oicp_conformance.journal.archive import escaped
from oicp_conformance.redaction import Redactor
from oicp_conformance.reporting.later import Later

Attached = str | bytes | Callable[[], str]
"""What is attached, or what makes it."""


def install(redactor: Redactor, later: Later) -> None:
    """Have all that Allure writes in this process go through the redactor, and come later."""

    class RedactingLogger(AllureFileLogger):
        """Writes Allure's files without secrets."""

        def _report_item(self, item: Any) -> None:
            # It is final: Allure reports a test or a fixture when it is over.
            later.put_off(partial(self._write_item, item))

        def _write_item(self, item: Any) -> None:
            super()._report_item(_as_judged(_redacted(item, redactor)))  # type: ignore[no-untyped-call]

        @allure_commons.hookimpl
        def report_attached_data(self, body: Attached, file_name: str) -> None:
            later.put_off(partial(self._write, body, file_name))

        def _write(self, body: Attached, file_name: str) -> None:
            made = body() if callable(body) else body
            # Exchanges come redacted: here a picture's numbers must not be taken for PINs.
            text = redactor.listed(made) if isinstance(made, str) else made
            super().report_attached_data(text, file_name)  # type: ignore[no-untyped-call]

    # Allure offers no way to give it another logger, and no hook that may change what is written.
    allure_pytest.plugin.AllureFileLogger = RedactingLogger


def _as_judged(item: Any) -> Any:
    """An item of Allure's; a test that is inconclusive is neither passed nor skipped."""
    verdicts = {one.value for one in item.labels if one.name == "verdict"} if _is_test(item) else set()
    if "inconclusive" in verdicts:
        item.status = Status.UNKNOWN
    if "known-deviation" in verdicts and item.statusDetails is not None:
        item.statusDetails.known = True
    return item


def _is_test(item: Any) -> bool:
    return isinstance(item, TestResult)


def _redacted(value: Any, redactor: Redactor) -> Any:
    """One of Allure's objects with all texts in it redacted, and without C1 controls, in place."""
    if isinstance(value, str):
        return escaped(redactor.text(value))
    if isinstance(value, list):
        return [_redacted(one, redactor) for one in value]
    if attr.has(type(value)):
        for field in attr.fields(type(value)):
            setattr(value, field.name, _redacted(getattr(value, field.name), redactor))
    return value


def clean(report: pytest.TestReport, redactor: Redactor) -> None:
    """Take secrets out of a test's report; one without any stays as it is."""
    if isinstance(report.longrepr, tuple):
        file, line, reason = report.longrepr
        report.longrepr = (file, line, redactor.text(reason))
    elif report.longrepr is not None:
        text = str(report.longrepr)
        if (redacted := redactor.text(text)) != text:
            report.longrepr = redacted
    report.user_properties = [(name, _redacted(value, redactor)) for name, value in report.user_properties]
    report.sections = [(name, redactor.text(content)) for name, content in report.sections]
