"""The hub: stands in for Hubject before one target, in both directions, and takes everything down."""

import json
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from faker import Faker

from oicp_conformance.hub.client import Client
from oicp_conformance.hub.errors import HubError
from oicp_conformance.hub.hubject import Hubject
from oicp_conformance.hub.script import Answer, Script
from oicp_conformance.hub.server import Decision, Heard, Server
from oicp_conformance.hub.store.pages import query_of
from oicp_conformance.journal.answers import Answer as Said
from oicp_conformance.journal.answers import answer_of, retried
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.journal import Exchange, Expects, Journal, Part, Quiet, Wait, now
from oicp_conformance.journal.sessions import Session, Sessions, is_misdirected
from oicp_conformance.oicp.operations import BY_NAME, Operation, at_path, meant_by, unpack
from oicp_conformance.profile import Profile
from oicp_conformance.stimuli import Driver, Outcome, Stimulated
from oicp_conformance.stimuli.base import answer_limit

__all__ = ["Hub", "HubError", "NotApplicable", "TargetDown", "Unobserved"]


_AUTHORIZE_START = "eRoamingAuthorizeStart"
UNREACHABLE, UNANSWERED = "the target cannot be reached", "the target has not answered twice in a row"
"""Why a run ends before its time, as it is told."""


class Unobserved(Exception):
    """What a test is about could not be observed; the text says why, `cause` of which kind that is."""

    def __init__(self, reason: str, cause: Cause = Cause.HIDDEN) -> None:
        super().__init__(reason)
        self.cause = cause


class NotApplicable(Exception):
    """What a test is about does not concern this target; the text says why."""


class TargetDown(Exception):
    """The target cannot be reached, or does not answer any more: the run ends."""


class Hub:
    """Our Hubject."""

    def __init__(self, profile: Profile, driver: Driver, faker: Faker) -> None:
        self.profile = profile
        self.journal = Journal()
        self.faker = faker
        self.sessions = Sessions(profile.target.role)
        self.hubject = Hubject(profile, self.sessions, faker)
        self.test = "the start of the run"
        """The test that runs: what arrives now belongs to it, unless its session says otherwise."""
        self.onlooker: Callable[[str, float], AbstractContextManager[None]] = lambda *_: nullcontext()
        """Told what the hub waits for, and for how many seconds at most, as long as it waits."""
        self._driver = driver
        self._client = Client(profile.target)
        self._server = Server(profile.hub, self._hears)
        self._scripts: dict[str, deque[Script]] = defaultdict(deque)
        self._lock = threading.RLock()
        self._silent = 0
        self._was_reached = False
        self._missed: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._reasons: dict[str, str] = {}
        self._slowest = 0.0

    # --- life

    def start(self) -> None:
        """Begin to listen; raises `HubError` when the address cannot be had."""
        self._server.start()

    def reach(self) -> None:
        """See whether somebody listens where the target should be; nothing is said.

        Raises:
            TargetDown: nobody does.
        """
        if trouble := self._client.reach():
            raise TargetDown(f"{UNREACHABLE}: {trouble}")
        self._was_reached = True

    def stop(self) -> None:
        """Stop listening and calling."""
        self._server.stop()
        self._client.close()

    @property
    def url(self) -> str:
        """Where the target reaches the hub."""
        return self._server.url

    @property
    def failures(self) -> list[str]:
        """The hub's own trouble while it answered."""
        return self._server.failures

    def begin_test(self, test: str) -> None:
        """A test begins: nothing of an earlier one's scripts is left."""
        self.test = test
        self._scripts.clear()

    def script(self, operation: str, *scripts: Script) -> None:
        """Answer the next requests of an operation in these ways, one after the other."""
        self._scripts[operation].extend(scripts)

    # --- the target calls

    def _hears(self, heard: Heard) -> Decision:
        located = at_path(heard.path.partition("?")[0])
        arrived = time.time()
        # A full load takes its time to be read: nobody has to wait for that.
        session_id = heard.part.get("SessionID")
        with self._lock:
            session = self.sessions.get(session_id)
            exchange = self.journal.open(
                direction="target-to-hub",
                operation=located[0].name if located else None,
                method=heard.method,
                path=heard.path,
                request=heard.part,
                started=arrived,
                test=session.test if session else self._test_of(located, heard),
                detail=heard.detail,
            )
            script = None
            if heard.trouble:
                answer = Answer(hang_up=True)
            elif located is None:
                answer = Answer(404)
            elif heard.method != "POST":
                answer = Answer(405)
            else:
                operation, ids = located
                waiting = self._scripts[operation.name]
                # What an earlier test has left is no business of this test's scripts.
                script = waiting.popleft() if waiting and exchange.test == self.test else None
                honest = (
                    Answer()
                    if script and script.refuses
                    else self.hubject.answer(operation, ids, heard.part.json, query_of(heard.path))
                )
                answer = script.change(operation, honest) if script else honest
            said: dict[str, Any] = {
                "status": None if answer.hang_up else answer.status,
                "answer": Part(
                    (("Content-Type", "application/json"),), b"" if answer.hang_up else answer.body
                ),
                "trouble": heard.trouble or ("hung up" if answer.hang_up else None),
                "scripted": script.name if script else None,
            }
            # The target may go on the moment it has the answer: the session has to be there by then.
            self.sessions.see(replace(exchange, **said))
        return Decision(
            answer,
            answers=lambda: self.journal.answer(exchange, **said),
            over=lambda: self.journal.close(exchange, **said),
        )

    def _test_of(self, located: tuple[Operation, Mapping[str, str]] | None, heard: Heard) -> str | None:
        """The test to which a request without a session of the hub's belongs: the one that runs.

        An eRoamingAuthorizeStart tried again belongs to the test whose card it shows. Each shows another; of
        other requests, the same may well be asked for twice.
        """
        if located is None or located[0].name != _AUTHORIZE_START:
            return self.test
        tried = [one for one in self.journal.closed() if one.operation == _AUTHORIZE_START]
        again = retried(heard.path, heard.part.body, tried)
        return again.test if again else self.test

    # --- the hub calls

    def call(
        self,
        operation: str,
        body: Any,
        *,
        purpose: str,
        expects: Expects = "accept",
        control: int | None = None,
        raw: bytes | None = None,
        ids: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send a request of an operation to the target; the exchange says what became of it.

        `purpose` is the requirement that the request tries. `raw` is sent in place of `body` as JSON.

        Raises:
            TargetDown: the target cannot be reached, or has not answered twice in a row.
        """
        known = BY_NAME[operation]
        own_path = self.profile.target.paths.get(operation)
        path = known.path_for(ids or self._ids(operation, body), own_path)
        payload = raw if raw is not None else json.dumps(body, ensure_ascii=False).encode()
        request = Part((("Content-Type", "application/json"),), payload)
        with self._lock:
            exchange = self.journal.open(
                direction="hub-to-target",
                operation=operation,
                method="POST",
                path=path,
                request=request,
                started=time.time(),
                test=self.test,
                purpose=purpose,
                expects=expects,
                control=control,
            )
            self.sessions.see(exchange)
        with self.onlooker(f"the answer to {operation}", self.profile.target.timeout):
            reply = self._client.post(path, payload)
        with self._lock:
            closed = self.journal.close(
                exchange,
                status=reply.status,
                answer=reply.answer,
                trouble=reply.trouble,
                detail=reply.detail,
            )
            self.sessions.see(closed)
            whole = raw is None and isinstance(body, dict)
            if operation == "eRoamingChargeDetailRecord" and expects == "accept" and whole:
                taken = answer_of(closed) is Said.POSITIVE
                self.hubject.store.records.keep(body, self.hubject.store.now, forwarded=taken)
        self._watch(closed)
        return closed

    def _ids(self, operation: str, body: Any) -> dict[str, str]:
        """The ids of the path: those of the body, else the counterpart's."""
        counterpart = self.profile.counterpart
        known = BY_NAME[operation]
        in_body = unpack(body, known.body_id) if known.body_id else None
        given = in_body if isinstance(in_body, str) and in_body else None
        return {
            "providerID": given or counterpart.provider_id,
            "operatorID": given or counterpart.operator_id,
        }

    def _watch(self, exchange: Exchange) -> None:
        if exchange.trouble in {"unreachable", "tls"}:
            raise TargetDown(f"{UNREACHABLE}: {exchange.detail}")
        self._silent = self._silent + 1 if exchange.trouble == "timeout" else 0
        if self._silent >= 2:
            raise TargetDown(f"{UNANSWERED}: {exchange.detail}")

    # --- the charging world

    def stimulate(self, stimulus: str, parameters: Mapping[str, Any]) -> Stimulated:
        """Ask the target's surroundings for an operation.

        One that fails is asked for again after a moment: the target may still be busy with what went
        before. One that never worked is given up after three times.

        Raises:
            TargetDown: it failed, and nobody listens any more where the target was.
        """
        if self._failed[stimulus] >= 3:
            return Stimulated(Outcome.FAILED, f"not asked for again: {self._reasons[stimulus]}")
        for pause in (0.3, 1.0, None):
            began = time.monotonic()
            with self._telling(f"the stimulus {stimulus} to be taken", answer_limit(self._driver.wait)):
                outcome = self._driver.stimulate(stimulus, parameters)
            if outcome.outcome is not Outcome.FAILED or pause is None or time.monotonic() - began > 2:
                break
            time.sleep(pause)
        if outcome.outcome is Outcome.DONE:
            self._failed[stimulus] = -(10**6)
        elif outcome.outcome is Outcome.FAILED:
            self._failed[stimulus] += 1
            self._reasons[stimulus] = outcome.detail
            if self._was_reached:
                self.reach()
        return outcome

    def await_operation(
        self,
        operation: str,
        wanted: Callable[[Exchange], bool],
        *,
        requirement: str,
        since: int,
        stimulus: Mapping[str, Any] | None = None,
        session: Session | None = None,
        after: Exchange | None = None,
        unasked: float = 0.0,
        evse: str | None = None,
    ) -> Exchange:
        """Wait for the target to send an operation, after a stimulus if one is given.

        `since` is the number of the last exchange that does not count; `unasked`, how many seconds were
        waited already without a stimulus. What comes and what does not is noted in the journal.

        Raises:
            Unobserved: the stimulus was not carried out, or nothing came.
        """
        asked = self.stimulate(operation, stimulus) if stimulus is not None else None
        at = stimulus.get("EvseID") if stimulus else None
        note: dict[str, Any] = {
            "test": self.test,
            "requirement": requirement,
            "operation": operation,
            "session": session.id if session else None,
            "after": after.number if after else since,
            "stimulus": asked.outcome.value if asked else None,
            "presented": stimulus.get("Identification") if stimulus else None,
            "presented_at": at if isinstance(at, str) else None,
            "unasked": unasked,
            "evse": evse,
        }
        seconds = self.patience(operation)
        came = None
        if asked is None or asked.outcome is Outcome.DONE:
            came = self.wait_for(operation, wanted, seconds, since=since, session=session)
        if came or unasked or asked is None or asked.outcome is Outcome.DONE:
            self._missed[operation] = 0 if came else self._missed[operation] + 1
        detail = f"{operation} did not come within {seconds:g} s{self._insecure(since)}"
        if asked is not None and asked.outcome is not Outcome.DONE:
            detail = f"the stimulus was {asked.outcome.value}: {asked.detail}"
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

    def _insecure(self, since: int) -> str:
        """Why connections of the target failed in their handshakes, if any did."""
        later = (one for one in self.journal.closed() if one.by_target and one.number > since)
        failed = [one for one in later if one.trouble == "tls"]
        return f"; its connections to the hub failed: TLS: {failed[-1].detail}" if failed else ""

    def wait_for(
        self,
        operation: str,
        wanted: Callable[[Exchange], bool],
        seconds: float,
        *,
        since: int,
        session: Session | None = None,
    ) -> Exchange | None:
        """Wait for an operation and note nothing; a decoy from the session's EVSE shortens the wait."""

        def sent(one: Exchange) -> bool:
            return one.by_target and one.operation == operation

        def decoy(one: Exchange) -> bool:
            if one.by_target and one.operation is None:
                meant = meant_by(one.path.partition("?")[0], one.request.json)
                return meant is not None and meant.name == operation
            return sent(one) and session is not None and is_misdirected(one, session)

        def wait(seconds: float, *, also: Callable[[Exchange], bool] = lambda _: False) -> Exchange | None:
            return self.journal.wait(
                lambda one: (sent(one) and wanted(one)) or also(one),
                seconds,
                since=since,
                tick=self._driver.waiting,
            )

        began = time.time()
        with self._telling(operation, seconds):
            came = wait(seconds, also=decoy)
            if came is not None and not wanted(came):
                came = wait(min(seconds, 0.5))
        self._driver.arrived(came is not None)
        if came:
            self._slowest = max(self._slowest, came.started - began)
        return came

    def _telling(self, what: str, seconds: float) -> AbstractContextManager[None]:
        """Have the onlooker told, unless the driver speaks for itself."""
        return nullcontext() if self._driver.speaks else self.onlooker(what, seconds)

    def patience(self, operation: str) -> float:
        """How long to wait: briefly for what failed to come twice in a row."""
        wait = self.profile.stimuli.wait
        return min(wait, 1.0) if self._missed[operation] >= 2 else wait

    def listen(self) -> None:
        """Listen for what must not come: twice as long as the slowest message took, at least a second."""
        seconds = min(self.profile.stimuli.wait, max(1.0, 2 * self._slowest))
        quiet = Quiet(self.test, now(), seconds)
        with self.onlooker("what must not come", seconds):
            self.journal.wait(lambda _: False, seconds, since=len(self.journal.exchanges))
        self.journal.note(quiet)

    @property
    def last(self) -> int:
        """The number of the last exchange so far."""
        return len(self.journal.exchanges)
