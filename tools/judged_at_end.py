"""A plugin of pytest for runs of which only the statement is read: they are judged once, at their end.

Otherwise a run is judged after each test, too, so that the test can be told what was found.
"""

from collections.abc import Sequence

import pytest

from oicp_conformance.judge.outcome import Outcome
from oicp_conformance.plugin import RUN


def _nothing(*_: object) -> Sequence[Outcome]:
    """Tell a test nothing."""
    return []


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Have no test told anything."""
    session.config.stash[RUN].__dict__["news"] = _nothing
