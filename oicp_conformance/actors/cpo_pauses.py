"""Sessions of the CPO under test in which Hubject takes its time: what they wait for passes once for all.

Hubject is late, it is out of reach for a while, or it does not authorize a stop: each takes about a second.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import script
from oicp_conformance.journal.cause import Cause
from oicp_conformance.oicp.operation_names import AUTHORIZE_START, AUTHORIZE_STOP, CDR

PAUSES = "sessions in which Hubject takes its time"
"""What these tests wait for together."""
REFUSED_STOP, LATE_ANSWER = "a stop that is rejected", "a late response to a swipe"
OUTAGES = {
    "HTTP 500": [script.http_error(500)],
    "HTTP 408": [script.http_error(408)],
    "hung up": [script.hang_up()],
    "late": [script.late(0.5)],
    "HTTP 429, three times": [script.http_error(429)] * 3,
}
"""How Hubject is unavailable for a while when it should take a CDR."""
_ROOM = 3
"""EVSEs that the sessions need to run side by side."""
Scenario = Callable[[], Iterator[None]]
"""A scenario that waits: where it yields, others may begin before it goes on."""


class Pauses:
    """Leads sessions side by side, as far as the CPO has EVSEs for them."""

    def __init__(self, hub: Stage, cpo: Cpo) -> None:
        self._hub = hub
        self._cpo = cpo

    def side_by_side(self, name: str, tests: Mapping[str, str]) -> None:
        """Play the scenarios of some tests, which are given by their names, at the same time.

        Raises:
            Unobserved: what the test of this `name` is about could not be observed.
        """
        self._hub.shared(tests[name], partial(self._play, tests))

    def _play(self, tests: Mapping[str, str]) -> dict[str, Unobserved | None]:
        """Begin all scenarios, then let all go on; what found no place beside the others is played alone."""
        under_way: dict[str, Iterator[None]] = {}
        became: dict[str, Unobserved | None] = {}
        alone = []
        for name, scenario in self._scenarios().items():
            if name not in tests:
                continue
            begun = scenario()
            if len(self._cpo.evse_ids) < _ROOM:
                alone.append(name)
            elif (reason := self._step(begun, tests[name])) is None:
                under_way[name] = begun
            elif under_way and reason.cause is not Cause.NOT_COME:
                alone.append(name)
            else:
                became[name] = reason
        for name, begun in under_way.items():
            became[name] = self._step(begun, tests[name])
        for name in alone:
            begun = self._scenarios()[name]()
            became[name] = self._step(begun, tests[name]) or self._step(begun, tests[name])
        return {tests[name]: reason for name, reason in became.items()}

    def _step(self, scenario: Iterator[None], test: str) -> Unobserved | None:
        """Let a scenario go on as far as it yields; tells what it could not observe."""
        with self._hub.playing(test):
            try:
                next(scenario, None)
            except Unobserved as reason:
                return reason
        return None

    def _scenarios(self) -> dict[str, Scenario]:
        """All scenarios, in the order in which they begin: the last one does not let others go on."""
        outages: dict[str, Scenario] = {how: partial(self._outage, how) for how in OUTAGES}
        return {REFUSED_STOP: self._refused_stop, **outages, LATE_ANSWER: self._late_answer}

    def _refused_stop(self) -> Iterator[None]:
        session = self._cpo.swipe_in(self._cpo.customer())
        self._hub.script(AUTHORIZE_STOP, *[script.refuse("102")] * 3)
        stop = self._cpo.swipe_out(session)
        yield
        self._hub.listen(after=stop)
        self._cpo.charge_detail_record(session)

    def _outage(self, how: str) -> Iterator[None]:
        session = self._cpo.start()
        self._hub.script(CDR, *OUTAGES[how])
        self._cpo.stop(session)
        yield
        self._cpo.charge_detail_record(session)
        self._cpo.taken(session)

    def _late_answer(self) -> Iterator[None]:
        self._hub.script(AUTHORIZE_START, script.late(1.0))
        self._cpo.swipe(self._cpo.customer())
        yield
