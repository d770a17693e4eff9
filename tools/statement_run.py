"""pytest for runs of which only the statement is read: with no plugin but the suite's and that of Hypothesis.

pytest takes a third of a short run to load what the others need, and to look for them among all that is
installed.
"""

from collections.abc import Sequence

import _hypothesis_pytestplugin  # type: ignore[import-untyped]
import pytest
from _pytest.unraisableexception import gc_collect_iterations_key

from oicp_conformance import plugin

JUDGED_ONCE = "--judged-once"
"""Has the run judged at its end only, and no report made of it."""
_UNUSED = (
    *("cacheprovider", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging"),
    *("monkeypatch", "pastebin", "recwarn", "setuponly", "setupplan", "stepwise", "subtests", "tmpdir"),
    "unittest",
)
"""Plugins of pytest's own that no test of the collections needs."""


class _JudgedOnce:
    """Otherwise a run is judged after each test, too, so that the test can be told what was found."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        session.config.stash[plugin.RUN].only_statement = True
        # What is left over when the statement is written is not looked for any more.
        session.config.stash[gc_collect_iterations_key] = 0


def main(arguments: Sequence[str]) -> int:
    """Run pytest; what a test finds and how the run is judged is as it always is."""
    plugins: list[object] = [plugin, _hypothesis_pytestplugin]
    if JUDGED_ONCE in arguments:
        plugins.append(_JudgedOnce())
    # The suite is loaded already, too late to rewrite its asserts; and nobody reads its tracebacks.
    asked = ["--assert=plain", "--tb=no", *(one for one in arguments if one != JUDGED_ONCE)]
    return pytest.main([*asked, *(part for name in _UNUSED for part in ("-p", f"no:{name}"))], plugins)
