"""Hubject fails, and goes on failing: what the EMP under test makes of it."""

import contextlib
from collections.abc import Collection, Mapping

from oicp_conformance.actors.emp_pulls import Pulls
from oicp_conformance.actors.emp_uploads import Uploads
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import script
from oicp_conformance.hub.pulls import honest
from oicp_conformance.oicp.operation_names import GET_CDRS, PUSH_AUTH

ENDLESS = "requests that always fail"
"""What tests of several operations wait for together."""
BUSY = "a slow response to a push, and too many pulls"
"""What tests of a push and of a pull wait for together."""
_TIMES = 12
"""How many requests of each operation fail."""


class Failures:
    """Hubject fails each time."""

    def __init__(self, hub: Stage, pulls: Pulls, uploads: Uploads) -> None:
        self._hub = hub
        self._pulls = pulls
        self._uploads = uploads

    def without_end(self, operation: str, tests: Mapping[str, str]) -> None:
        """Have the EMP send requests that always fail, of all operations, and listen for what it repeats.

        `tests` has the test of each operation.

        Raises:
            Unobserved: no request of this operation came.
        """
        self._hub.together(operation, tests, self._without_end)

    def _without_end(self, operations: Collection[str]) -> dict[str, Unobserved]:
        missing = {}
        for one in operations:
            failure = script.refuse("009") if one == PUSH_AUTH else script.system_error()
            self._hub.script(one, *[failure] * _TIMES)
            try:
                if one == PUSH_AUTH:
                    self._uploads.publish("fullLoad")
                else:
                    self._pulls.ask(one, self._pulls.period() if one == GET_CDRS else None)
            except Unobserved as reason:
                missing[one] = reason
        self._hub.listen()
        return missing

    def busy(self, operation: str, tests: Mapping[str, str]) -> None:
        """Have the EMP push twice while Hubject responds slowly, and pull while it takes no more requests.

        `tests` has the test of each of the two operations.

        Raises:
            Unobserved: no request of this operation came.
        """
        self._hub.together(operation, tests, self._busy)

    def _busy(self, operations: Collection[str]) -> dict[str, Unobserved]:
        missing = {}
        for one in operations:
            if one == PUSH_AUTH:
                self._hub.script(one, *script.SLOW)
                continue
            # After the first page: what LastCall comes next shows whether it is of the beginning.
            with contextlib.suppress(Unobserved):
                self._pulls.publish_more_than(self._pulls.read(one))
            self._hub.script(one, honest(), *[script.http_error(429)] * 3)
        since = self._hub.last
        # A pull is refused at once, and goes on while the pushes are waited for.
        for one in sorted(operations, key=lambda one: one == PUSH_AUTH):
            try:
                if one == PUSH_AUTH:
                    self._uploads.publish("fullLoad")
                    self._uploads.publish("update")
                else:
                    self._pulls.ask(one)
            except Unobserved as reason:
                missing[one] = reason
        for one in operations:
            if one != PUSH_AUTH and one not in missing:
                self._pulls.answered(one, since)
        return missing
