"""The stage of a run: the hub, and the world around the target, which it asks for what a driver would do."""

import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from faker import Faker

from oicp_conformance.actors.insistence import Insistence
from oicp_conformance.actors.patience import Patience
from oicp_conformance.actors.unheard import unheard
from oicp_conformance.hub.budget import Budget
from oicp_conformance.hub.hub import Hub
from oicp_conformance.hub.limits import Limits
from oicp_conformance.interrupts import interruptible, sleep
from oicp_conformance.journal.answers import last_same
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Ocpp, Plug, Quiet, Wait
from oicp_conformance.journal.sessions import OF_SESSIONS, Session, is_misdirected
from oicp_conformance.journal.times import now
from oicp_conformance.judge.catalogue import judged
from oicp_conformance.judge.outcome import declared
from oicp_conformance.oicp.operations import BY_NAME, meant_by
from oicp_conformance.profile import Profile
from oicp_conformance.stimuli import Driver, Outcome, Stimulated
from oicp_conformance.stimuli.base import Watched, answer_limit


class Unobserved(Exception):
    """What a test is about could not be observed; the text says why, `cause` of which kind that is."""

    def __init__(self, reason: str, cause: Cause = Cause.HIDDEN) -> None:
        super().__init__(reason)
        self.cause = cause


class NotApplicable(Exception):
    """What a test is about does not concern this target; the text says why."""


_KEPT_BACK = 2.0
"""Seconds that the hub keeps a response back at most."""
_SLOW = 2.0
"""Seconds after which a stimulus that failed is not given again."""
_FIRST_SIGN = 5.0
"""Seconds to wait for a kind of sign of which nobody knows yet whether the target gives it."""
_SURELY = 3.0
"""Seconds after which a target without any sign is taken to have a session in place."""
_LOADED = 2.0
"""Seconds within which the pushes of a load follow each other."""
_AFTER_DECOY = 0.5
"""Seconds in which a message may still follow one that may have been meant."""

_NOT_DONE = {Outcome.FAILED: "failed", Outcome.UNAVAILABLE: "is not supported"}

Sign = Callable[[Exchange], bool]
"""Whether a message shows that a session has arrived at the charging point."""


def cases_of(
    key: str, requirement: str, session: Session | None, stimulus: Mapping[str, Any] | None = None
) -> tuple[str, ...]:
    """Under which it is counted what did not come: what it was for, and how its session began and ended."""
    request = session.begun_by.request if session else stimulus or {}
    shown = request.get("Identification")
    medium = next(iter(shown)) if isinstance(shown, Mapping) and shown else "nothing"
    begun = session and session.begun_by.operation
    stopped = session and session.stopped_by and session.stopped_by.operation
    ways = (f"begun by {begun}, {medium}", f"stopped by {stopped}", f"begun by {begun}, stopped by {stopped}")
    return tuple(f"{key}, {requirement}, {way}" for way in ways)


@dataclass(frozen=True)
class Asked:
    """A stimulus that was given."""

    parameters: Mapping[str, Any]
    result: Stimulated
    at: float
    """When, in seconds since the epoch."""
    since: int
    """The last exchange before it."""
    published: frozenset[tuple[str, str]] = frozenset()
    """What the target had published by the operation before it."""


class Stage(Hub):
    """Our Hubject before a target, with the target's world: it gives stimuli, waits, and listens."""

    def __init__(self, profile: Profile, driver: Driver, faker: Faker, budget: Budget | None = None) -> None:
        super().__init__(profile, faker, judged(), budget)
        self._driver = driver
        self._learn_anew()
        self._failed: Counter[str] = Counter()
        """How often in a row a stimulus failed."""
        self._worked: set[str] = set()
        """The stimuli that were carried out at least once."""
        self._reasons: dict[str, str] = {}
        self._together: dict[str, Unobserved | None] = {}
        """What became of tests that waited together; None where all was observed."""
        self._slowest = 0.0
        self._absent: dict[str, int] = {}
        """How often in a row a kind of sign was awaited and did not come."""

    def start(self) -> None:
        """Begin to listen, and have the driver begin that plays a part of the target's world."""
        super().start()
        if isinstance(self._driver, Watched):
            with interruptible():
                self._driver.watch(self._take_down)

    def _take_down(self, message: Ocpp) -> None:
        """Keep a message of a station or of the central system."""
        if self.budget.admits_message(json.dumps(message.payload, ensure_ascii=False)):
            self.journal.note(replace(message, test=self.test))

    def stop(self) -> None:
        """Stop listening and calling."""
        if isinstance(self._driver, Watched):
            self._driver.close()
        super().stop()

    def reset(self) -> None:
        """Forget all that was said and learned."""
        super().reset()
        for one in (
            self._failed,
            self._worked,
            self._reasons,
            self._together,
            self._absent,
        ):
            one.clear()
        self._slowest = 0.0
        self._learn_anew()

    def _learn_anew(self) -> None:
        """Know nothing of how fast this target is, and what helps."""
        self._limits = Limits(self.profile.target.timeout)
        self._patience = Patience(self.profile.stimuli.wait)
        self._requests = Insistence(self.profile.stimuli.wait)
        # The whole time of a stimulus are its pauses.
        self._stimuli = Insistence(float("inf"))

    def _answers_within(self, operation: str) -> float:
        """Seconds that an answer may take: less where one did not come before."""
        return self._limits.within(operation)

    def _watch(self, exchange: Exchange) -> None:
        self._limits.see(exchange)
        super()._watch(exchange)

    def stimulate(
        self,
        stimulus: str,
        parameters: Mapping[str, Any],
        pauses: Sequence[float] = (0.3, 1.0),
        *,
        case: str = "",
    ) -> Stimulated:
        """Ask the target's surroundings for an operation.

        One that fails is asked for again after each of the `pauses`, in seconds: the target may still be busy
        with what went before. Where that was in vain, fewer follow the next time; one that never worked is
        given up after three times. Each `case` is counted by itself.

        Raises:
            TargetDown: it failed, and nobody listens any more where the target was.
        """
        key = f"{stimulus}{case}"
        if self._is_hopeless(key, 3):
            return Stimulated(Outcome.FAILED, f"not asked for again: {self._reasons[key]}")
        outcome, took = self._stimulated(stimulus, parameters)
        paused, most = 0.0, self._stimuli.seconds(key)
        for pause in pauses:
            if outcome.outcome is not Outcome.FAILED or took > _SLOW or paused + pause > most:
                break
            sleep(pause)
            paused += pause
            outcome, took = self._stimulated(stimulus, parameters)
        if outcome.outcome is Outcome.FAILED:
            self._stimuli.in_vain(key)
        if outcome.outcome is Outcome.DONE:
            if paused:
                self._stimuli.helped(key, paused)
            self._failed[key] = 0
            self._worked.add(key)
        elif outcome.outcome is Outcome.FAILED:
            self._failed[key] += 1
            self._reasons[key] = outcome.detail
            if self._was_reached:
                self.reach()
        return outcome

    def _stimulated(self, stimulus: str, parameters: Mapping[str, Any]) -> tuple[Stimulated, float]:
        """Ask for an operation once; gives what became of it, and how many seconds that took."""
        began = time.monotonic()
        what, seconds = f"the stimulus {stimulus} to be performed", answer_limit(self._driver.wait)
        with self._telling(what, seconds), interruptible():
            outcome = self._driver.stimulate(stimulus, parameters)
        return outcome, time.monotonic() - began

    def _is_hopeless(self, stimulus: str, times: int) -> bool:
        """Whether a stimulus failed so many times, and never worked."""
        return self._failed[stimulus] >= times and stimulus not in self._worked

    def ask(self, operation: str, parameters: Mapping[str, Any], case: str = "") -> Asked:
        """Give the stimulus for an operation, and do not wait for what follows."""
        since, at, published = self.last, now(), self.hubject.store.published(operation)
        return Asked(parameters, self.stimulate(operation, parameters, case=case), at, since, published)

    def publish(self, operation: str, action: str, asked: Asked | None = None) -> Exchange:
        """Have the target publish: the push with the ActionType that was asked for.

        `asked` is the stimulus for it, if it was given before. A load may consist of several pushes: what was
        there before gets some seconds to be there again, since other pushes may rely on it.
        """
        asked = asked or self.ask(operation, {"ActionType": action})
        push = self.await_operation(
            operation,
            lambda one: one.request.get("ActionType") == action,
            requirement=f"{operation}.{action}",
            since=asked.since,
            asked=asked,
        )
        store, before = self.hubject.store, asked.published
        if action == "fullLoad" and not before <= store.published(operation):
            seconds = min(self.profile.stimuli.wait, _LOADED)
            self.wait_for(
                operation, lambda _: before <= store.published(operation), seconds, since=push.number
            )
        return push

    def publish_side_by_side(self, actions: Mapping[str, str]) -> dict[str, Unobserved]:
        """Have the target publish by several operations, and wait for all of them at the same time.

        `actions` has the ActionType for each operation. Returns those of which no push came, with the
        reason.
        """
        asked = {name: self.ask(name, {"ActionType": action}) for name, action in actions.items()}
        missing = {}
        for name, action in actions.items():
            try:
                self.publish(name, action, asked[name])
            except Unobserved as reason:
                missing[name] = reason
        return missing

    def together(
        self,
        operation: str,
        tests: Mapping[str, str],
        attempt: Callable[[Collection[str]], Mapping[str, Unobserved]],
    ) -> None:
        """Try something once for tests about several operations, which can wait for it at the same time.

        `tests` has the test of each operation. `attempt` gets the operations that the target offers, and
        returns those of which it could not observe what the test is about, with the reason.

        Raises:
            Unobserved: `operation` is one of these.
        """

        def all_of_them() -> dict[str, Unobserved | None]:
            offered = {name: test for name, test in tests.items() if declared(self.profile, BY_NAME[name])}
            self.wait_together(offered)
            missing = attempt(offered)
            return {test: missing.get(name) for name, test in offered.items()}

        self.shared(tests[operation], all_of_them)

    def shared(self, test: str, attempt: Callable[[], Mapping[str, Unobserved | None]]) -> None:
        """Try what several tests wait for at the same time, once for all of them.

        `attempt` gives what became of each test: None where all was observed.

        Raises:
            Unobserved: what became of this `test`.
        """
        if test not in self._together:
            self._together |= attempt()
        if reason := self._together[test]:
            raise reason

    def await_operation(
        self,
        operation: str,
        wanted: Callable[[Exchange], bool],
        *,
        requirement: str,
        since: int,
        stimulus: Mapping[str, Any] | None = None,
        asked: Asked | None = None,
        session: Session | None = None,
        after: Exchange | None = None,
        unasked: float = 0.0,
        evse: str | None = None,
        key: str | None = None,
        passed: float = 0.0,
    ) -> Exchange:
        """Wait for the target to send an operation, after a stimulus if one is given.

        `asked` is a stimulus that was given before, in place of `stimulus`. `since` is the number of the last
        exchange that does not count; `unasked`, how many seconds were waited already without a stimulus;
        `passed`, how many of those that there are; `key`, under which it is counted what did not come, if it
        is not the operation. It is also counted by what it is for, and how its session began and ended: an
        operation may come after cards, and never after codes.
        What comes and what does not is noted in the journal.

        Raises:
            Unobserved: the stimulus was not carried out, or nothing came.
            ValueError: `requirement` is not one.
        """
        self._check(requirement)
        if stimulus is not None:
            is_over = session is not None and session.stopped_by is not None
            asked = self.ask(operation, stimulus, " of a session that was stopped" if is_over else "")
        stimulus = asked.parameters if asked else None
        outcome = asked.result.outcome if asked else None
        at = stimulus.get("EvseID") if stimulus else None
        note: dict[str, Any] = {
            "test": self.test_about(operation),
            "requirement": requirement,
            "operation": operation,
            "session": session.id if session else None,
            "after": after.number if after else since,
            "stimulus": outcome.value if outcome else None,
            "presented": stimulus.get("Identification") if stimulus else None,
            "presented_at": at if isinstance(at, str) else None,
            "unasked": unasked,
            "evse": evse,
            "parameters": stimulus,
            "asked": asked.at if asked else None,
        }
        key = key or operation
        keys = (key, *cases_of(key, requirement, session, stimulus))
        seconds, began, came = max(passed, self.patience(operation, *keys)), time.time(), None
        if outcome in {None, Outcome.DONE}:
            came = self.wait_for(operation, wanted, seconds - passed, since=since, session=session)
        if came is not None:
            self._slowest = max(self._slowest, came.started - began)
        if came or unasked or outcome in {None, Outcome.DONE}:
            (self._patience.came if came else self._patience.missed)(*keys)
        detail = f"{operation} was not received within {seconds:g} s{unheard(self.journal.exchanges[since:])}"
        if asked is not None and outcome is not Outcome.DONE:
            detail = f"the stimulus {_NOT_DONE[asked.result.outcome]}: {asked.result.detail}"
        waited = Wait(
            **note,
            seconds=seconds + unasked,
            came=came.number if came else None,
            detail="" if came else detail,
        )
        self.journal.note(waited)
        self.sessions.hear(waited)
        if came is None:
            raise Unobserved(detail, waited.cause)
        return came

    def wait_for(
        self,
        operation: str,
        wanted: Callable[[Exchange], bool],
        seconds: float,
        *,
        since: int,
        session: Session | None = None,
        is_usual: bool = True,
    ) -> Exchange | None:
        """Wait for an operation and note nothing; a decoy from the session's EVSE shortens the wait.

        `is_usual` is whether the time that it takes tells how long others may take.
        """

        def sent(one: Exchange) -> bool:
            return one.by_target and one.operation == operation

        def decoy(one: Exchange) -> bool:
            if one.by_target and one.operation is None and not one.stranger:
                meant = meant_by(one.path.partition("?")[0], one.request.json)
                return meant is not None and meant.name == operation
            return sent(one) and session is not None and is_misdirected(one, session)

        def wait(seconds: float, *, also: Callable[[Exchange], bool] = lambda _: False) -> Exchange | None:
            return self._wait(lambda one: (sent(one) and wanted(one)) or also(one), seconds, since)

        began = now()
        with self._telling(operation, seconds):
            came = wait(seconds, also=decoy)
            if came is not None and not wanted(came):
                came = self._after_decoy(operation, wait, seconds)
            under_way = [one for one in self.journal.exchanges[since:] if sent(one) and not one.finished]
            if came is None and under_way:  # It has arrived in time: the hub keeps its response back.
                came = wait(_KEPT_BACK)
        if came is not None and is_usual:
            self._patience.took(operation, came.started - began)
        self._driver.arrived(came is not None)
        return came

    def _after_decoy(
        self, operation: str, wait: Callable[[float], Exchange | None], seconds: float
    ) -> Exchange | None:
        """Wait for what was meant and may still follow, if it ever did."""
        key = f"{operation} after a decoy"
        whole = self.profile.stimuli.wait
        came = wait(min(seconds, _AFTER_DECOY * self._patience.seconds(key) / whole))
        (self._patience.came if came else self._patience.missed)(key)
        return came

    # --- the target takes its time

    def plug(self, stimulus: str, session: Session) -> None:
        """Ask the target's surroundings to plug the cable of a session in, or to take it out.

        A target that cannot be asked so is judged without.
        """
        if self._is_hopeless(stimulus, 2):
            return
        after, parameters = self.last, {"SessionID": session.id, "EvseID": session.evse}
        # A session that has only begun may not be known yet; one that is over needs no second try.
        pauses = (0.3, 1.0) if stimulus == "plug-in" else ()
        outcome = self.stimulate(stimulus, parameters, pauses).outcome
        if outcome is Outcome.UNAVAILABLE:
            self._failed[stimulus] = 10**6
        plugged = Plug(self.test, stimulus, outcome.value, session.id, after)
        self.journal.note(plugged)
        self.sessions.hear(plugged)

    def arrived(self, session: Session, signs: Mapping[str, Sign], *, surely: bool = False) -> None:
        """Wait until a session that the target has acknowledged has arrived at its charging point.

        `signs` are the kinds of messages that show it, by name. A kind that came before is awaited for
        `stimuli.wait`; of those that were never awaited, one for some seconds, and the others for the time to
        settle. Without any such kind the target gets that time, or some seconds if the session must `surely`
        be there.
        """
        begun = session.begun_by
        since = begun.number
        expected = {name: sign for name, sign in signs.items() if self._absent.get(name, 1) < 2}
        known = {name: sign for name, sign in expected.items() if self._absent.get(name) == 0}
        wait, settle = self.profile.stimuli.wait, self.profile.stimuli.settle
        deadline = time.monotonic() + (wait if known else min(wait, _FIRST_SIGN))
        if expected and not known:
            self._see(
                " or ".join(expected),
                lambda one: any(sign(one) for sign in expected.values()),
                since,
                deadline,
            )
        for name, sign in sorted(expected.items(), key=lambda one: one[0] not in known):
            came = self._see(name, sign, since, deadline if name in known else time.monotonic() + settle)
            self._absent[name] = 0 if came else self._absent.get(name, 1) + 1
        if any(self._absent.get(name) == 0 for name in expected):
            return
        seconds = max(settle, min(wait, _SURELY)) if surely else settle
        rest = (begun.finished or time.time()) + seconds - time.time()
        late = self.journal.wait(lambda one: any(sign(one) for sign in signs.values()), rest, since=since)
        for name, sign in signs.items():
            if late is not None and sign(late):
                self._absent[name] = 0

    def _wait(self, wanted: Callable[[Exchange], bool], seconds: float, since: int) -> Exchange | None:
        """Wait for an exchange of which the driver can tell somebody; what is put off is done meanwhile."""
        until = time.monotonic() + seconds

        def wait(seconds: float) -> Exchange | None:
            return self.journal.wait(
                wanted, seconds, since=since, tick=lambda _: self._driver.waiting(until - time.monotonic())
            )

        return self.spare_time.beside(wait, seconds)

    def _see(self, name: str, sign: Sign, since: int, deadline: float) -> Exchange | None:
        seconds = max(0.0, deadline - time.monotonic())
        with self._telling(f"{name}, the sign that a session has begun", seconds):
            came = self._wait(sign, seconds, since)
        self._driver.arrived(came is not None)
        return came

    def insist(self, send: Callable[[int | None], Exchange], *, key: str) -> Exchange:
        """Send a request, and again while it is rejected: after growing pauses, until `stimuli.wait` is over.

        The target may not be ready for it. `send` gets the number of the rejected exchange that it repeats;
        only the last one is judged. Where no repetition of a `key` has helped for long, it is tried for less
        and less time.
        """
        return self._requests.insist(send, key)

    def came_before(self, exchange: Exchange) -> bool:
        """Tell whether the target has sent the same request before, so that nothing new happened."""
        earlier = self.journal.exchanges[: exchange.number - 1]
        tried = [one for one in earlier if one.operation == exchange.operation]
        return last_same(exchange.path, exchange.request.body, tried) is not None

    def _telling(self, what: str, seconds: float) -> AbstractContextManager[None]:
        """Have the onlooker told, unless the driver speaks for itself."""
        return nullcontext() if self._driver.speaks else self.onlooker(what, seconds)

    def patience(self, operation: str, *keys: str) -> float:
        """How long to wait for an operation: briefly for what failed to come, as it is counted by its keys.

        Without keys it is counted by its name.
        """

        def ever_came() -> bool:
            return any(one.by_target and one.operation == operation for one in self.journal.exchanges)

        return self._patience.seconds(*(keys or (operation,)), ever=ever_came)

    def listen(self, after: Exchange | None = None) -> None:
        """Listen for what must not come: twice as long as the slowest message took, at least a second.

        That begins now, or at the response of `after`: what has passed since was listened to as well.
        """
        seconds = min(self.profile.stimuli.wait, max(1.0, 2 * self._slowest))
        began = after.finished or after.started if after else now()
        if (rest := began + seconds - now()) > 0:
            with self.onlooker("requests that must not be sent", rest):
                self.spare_time.beside(self._hear_nothing, rest)
        for test in dict.fromkeys((self.test, *self._beside.values())):
            self.journal.note(Quiet(test, began, seconds))

    def _hear_nothing(self, seconds: float) -> None:
        self.journal.wait(lambda _: False, seconds, since=len(self.journal.exchanges))

    def listen_for_sessions(self) -> None:
        """Listen for what must not come in sessions, from their last message on: pushes and pulls go on."""
        of_sessions = [one for one in self.journal.closed() if one.operation in OF_SESSIONS]
        self.listen(of_sessions[-1] if of_sessions else None)
