"""The hub: stands in for Hubject before one target, in both directions, and takes everything down."""

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any

from faker import Faker

from oicp_conformance.hub.addresses import Allowed, check_stimuli
from oicp_conformance.hub.budget import Budget
from oicp_conformance.hub.client import Client
from oicp_conformance.hub.hubject import Hubject
from oicp_conformance.hub.reading import Heard
from oicp_conformance.hub.script import Answer, Script, acknowledgement, negative
from oicp_conformance.hub.server import Decision, Server
from oicp_conformance.hub.store.pages import query_of
from oicp_conformance.journal.answers import Answer as Said
from oicp_conformance.journal.answers import answer_of, retried
from oicp_conformance.journal.cause import UNANSWERED, UNREACHABLE
from oicp_conformance.journal.exchange import GIVEN_UP, Exchange, Expects, Part
from oicp_conformance.journal.journal import Journal
from oicp_conformance.journal.sessions import Sessions
from oicp_conformance.oicp.messages import eRoamingAcknowledgement
from oicp_conformance.oicp.operations import BY_NAME, Operation, at_path, unpack
from oicp_conformance.profile import Profile
from oicp_conformance.spare_time import SpareTime

_AUTHORIZE_START = "eRoamingAuthorizeStart"
ANY = "*"
"""In place of an operation's name: a script for the next request, whatever its operation."""


class TargetDown(Exception):
    """The target cannot be reached, or does not answer any more: the run ends."""


class Hub:
    """Our Hubject."""

    def __init__(
        self,
        profile: Profile,
        faker: Faker,
        requirements: Container[str] | None = None,
        budget: Budget | None = None,
    ) -> None:
        """`requirements` are the ids that a call may name as its purpose; None leaves that to who calls."""
        self.profile = profile
        self._requirements = requirements
        self.journal = Journal()
        self.faker = faker
        self.sessions = Sessions(profile.target.role)
        self.hubject = Hubject(profile, self.sessions, faker)
        self.test = "the start of the run"
        """The test that runs: what arrives now belongs to it, unless its session says otherwise."""
        self._beside: Mapping[str, str] = {}
        """The tests that wait together with the one that runs, by the operation whose requests are theirs."""
        self._played: set[str] = set()
        """The tests whose parts were played while the one that runs did."""
        self.onlooker: Callable[[str, float], AbstractContextManager[None]] = lambda *_: nullcontext()
        """Told what the hub waits for, and for how many seconds at most, as long as it waits."""
        self.spare_time = SpareTime()
        """What is prepared while the run only waits."""
        check_stimuli(profile)
        self._client = Client(profile.target)
        self.budget = budget or Budget()
        """How much of what the target sends is kept."""
        self._allowed = Allowed(profile)
        self._server = Server(profile.hub, self._hears, self.budget, self._knows)
        self._scripts: dict[tuple[str | None, str], deque[Script]] = defaultdict(deque)
        """What is scripted, by the test that did it and the operation."""
        self._lock = threading.RLock()
        self._silent: set[str | None] = set()
        """The operations that let the whole limit pass since the target last responded."""
        self._was_reached = False

    # --- life

    def start(self) -> None:
        """Begin to listen; raises `HubError` when the address cannot be had."""
        self._server.start()

    def reset(self) -> None:
        """Forget all that was said, kept and scripted; an exchange under way ends in the old journal."""
        with self._lock:
            self.journal = Journal(self.journal.told)
            self.sessions = Sessions(self.profile.target.role)
            self.hubject = Hubject(self.profile, self.sessions, self.faker)
            self._scripts.clear()
            self._silent.clear()
            self.budget.reset()

    def aim(self, base_url: str) -> None:
        """Call the target at another base URL from now on."""
        target = self.profile.target.model_copy(update={"base_url": base_url.rstrip("/")})
        with self._lock:
            self.profile = self.profile.model_copy(update={"target": target})
            old, self._client = self._client, Client(target)
            self._allowed = Allowed(self.profile)
        old.close()

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
        self._beside = {}
        self._played.clear()
        self._scripts.clear()

    @contextmanager
    def playing(self, test: str) -> Iterator[None]:
        """Play a part of another test: what is begun and scripted in it belongs to that one."""
        own, self.test = self.test, test
        self._played.add(test)
        try:
            yield
        finally:
            self.test = own

    def runs(self, test: str | None) -> bool:
        """Whether a test runs, or has a part that was played in it."""
        return test == self.test or test in self._played

    def wait_together(self, tests: Mapping[str, str]) -> None:
        """Until the next test begins, requests of these operations belong to these tests."""
        self._beside = tests

    def test_about(self, operation: str) -> str:
        """The test to which a request of an operation belongs, if nothing in it says otherwise."""
        return self._beside.get(operation, self.test)

    def script(self, operation: str, *scripts: Script) -> None:
        """Answer the next requests of an operation that belong to this test in these ways, one by one."""
        self._scripts[self.test_about(operation), operation].extend(scripts)

    @property
    def scripted(self) -> dict[str, list[str]]:
        """The names of the scripts that wait for a request, by operation."""
        with self._lock:
            return {name: [one.name for one in some] for (_, name), some in self._scripts.items() if some}

    def unscript(self) -> None:
        """Drop all scripts that wait for a request."""
        with self._lock:
            self._scripts.clear()

    # --- the target calls

    def _hears(self, heard: Heard) -> Decision:
        arrived = time.time()
        if heard.stranger:
            return self._hears_stranger(heard, arrived)
        located = at_path(heard.path.partition("?")[0])
        if not self.budget.admits():
            self.budget.forget(heard.part)
            refused = Answer(503, raw=b"the suite keeps no more requests")
            return Decision(refused, answers=lambda: None, over=lambda: None)
        # A full load takes its time to be read: nobody has to wait for that.
        session_id = heard.part.get("SessionID")
        with self._lock:
            session = self.sessions.get(session_id)
            journal = self.journal
            exchange = journal.open(
                direction="target-to-hub",
                operation=located[0].name if located else None,
                method=heard.method,
                path=heard.path,
                request=heard.part,
                started=arrived,
                test=session.test if session else self._test_of(located, heard),
                detail=heard.detail,
                peer=heard.peer or None,
                certificate=heard.certificate,
            )
            script = None
            if heard.trouble == "broke off":
                answer = Answer(400, raw=heard.detail.encode())
            elif heard.trouble:
                answer = Answer(hang_up=True)
            elif located is None:
                answer = Answer(404)
            elif heard.method != "POST":
                answer = Answer(405)
            elif not self._is_partner(heard):
                answer = Answer(message=negative(located[0], "017"))
            elif heard.part.over_budget:
                # It may be in order: who sent it must not have to send it again.
                kind = located[0].answer
                is_taken = kind is eRoamingAcknowledgement
                answer = Answer(message=acknowledgement()) if is_taken else Answer(503)
            else:
                operation, ids = located
                # What an earlier test has left is no business of this test's scripts.
                own, rest = ((exchange.test, name) for name in (operation.name, ANY))
                waiting = self._scripts[own] or self._scripts[rest]
                script = waiting.popleft() if waiting else None
                honest = (
                    Answer()
                    if script and script.refuses
                    else self.hubject.answer(operation, ids, heard.part.json, query_of(heard.path))
                )
                answer = script.change(operation, honest) if script else honest
            unanswered = answer.hang_up or heard.trouble is not None
            written = Part((("Content-Type", "application/json"),), b"" if unanswered else answer.body)
            said: dict[str, Any] = {
                "status": None if unanswered else answer.status,
                "answer": self.budget.kept(written.reads_as(answer.value)),
                "trouble": heard.trouble or ("hung up" if answer.hang_up else None),
                "scripted": script.name if script else None,
            }
            # The target may go on the moment it has the answer: the session has to be there by then.
            self.sessions.see(replace(exchange, **said))
        return Decision(
            answer,
            answers=lambda: journal.answer(exchange, **said),
            over=lambda: journal.close(exchange, **said),
        )

    def _knows(self, peer: str, here: str) -> bool:
        """Whether an address is the target's."""
        return self._allowed.admits(peer, here)

    def _hears_stranger(self, heard: Heard, arrived: float) -> Decision:
        """A request from an address that is not the target's: it is taken down, and changes nothing."""
        text = f"{heard.peer} is not an address of the target: see [hub] allow in the profile of the suite"
        refused = Answer(403, raw=text.encode())
        if not self.budget.admits_stranger(heard.peer):
            return Decision(refused, answers=lambda: None, over=lambda: None)
        journal = self.journal
        exchange = journal.open(
            direction="target-to-hub",
            operation=None,
            method=heard.method,
            path=heard.path,
            request=heard.part,
            started=arrived,
            detail=heard.detail or "the request was sent from an address that is not the target's",
            peer=heard.peer,
            certificate=heard.certificate,
            stranger=True,
        )
        said: dict[str, Any] = {
            "status": None if heard.trouble else refused.status,
            "answer": Part((("Content-Type", "application/json"),), b"" if heard.trouble else refused.body),
            "trouble": heard.trouble,
        }
        return Decision(
            refused,
            answers=lambda: journal.answer(exchange, **said),
            over=lambda: journal.close(exchange, **said),
        )

    def _is_partner(self, heard: Heard) -> bool:
        """Whether a request came with the target's certificate, where the hub asks for one."""
        return self.profile.hub.tls is None or self.profile.hub.tls.knows(heard.certificate)

    def _test_of(self, located: tuple[Operation, Mapping[str, str]] | None, heard: Heard) -> str | None:
        """The test to which a request without a session of the hub's belongs: the one that runs.

        An eRoamingAuthorizeStart tried again belongs to the test whose card it shows. Each shows another; of
        other requests, the same may well be asked for twice.
        """
        if located is None or located[0].name != _AUTHORIZE_START:
            return self.test_about(located[0].name) if located else self.test
        tried = [one for one in self.journal.closed() if one.operation == _AUTHORIZE_START]
        again = retried(heard.path, heard.part.body, tried)
        return again.test if again else self.test

    def _check(self, requirement: str) -> None:
        """A misspelt id would be judged by nobody, and nobody would notice."""
        if self._requirements is not None and requirement not in self._requirements:
            raise ValueError(f"unknown requirement {requirement}")

    # --- the hub calls

    def call(
        self,
        operation: str,
        body: Any,
        *,
        purpose: str | None,
        expects: Expects = "accept",
        control: int | None = None,
        repeats: int | None = None,
        raw: bytes | None = None,
        ids: Mapping[str, str] | None = None,
        ready: Callable[[], object] = lambda: None,
    ) -> Exchange:
        """Send a request of an operation to the target; the exchange says what became of it.

        `purpose` is the requirement that the request tries, None if it tries none. `repeats` is the rejected
        exchange that it tries again. `raw` is sent in place of `body` as JSON. `ready` is called when the
        request is taken down, and before it is sent.

        Raises:
            TargetDown: the target cannot be reached, or did not respond to two operations in a row.
            ValueError: the purpose is not a requirement.
        """
        if purpose is not None:
            self._check(purpose)
        known = BY_NAME[operation]
        own_path = self.profile.target.paths.get(operation)
        path = known.path_for(ids or self._ids(operation, body), own_path)
        payload = raw if raw is not None else json.dumps(body, ensure_ascii=False).encode()
        request = Part((("Content-Type", "application/json"),), payload)
        with self._lock:
            journal, sessions, store = self.journal, self.sessions, self.hubject.store
            exchange = journal.open(
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
                repeats=repeats,
            )
            sessions.see(exchange)
        ready()
        seconds = self._answers_within(operation)
        with self.onlooker(f"the response to {operation}", seconds):
            reply = self._client.post(path, payload, seconds=seconds)
        limit = self.profile.target.timeout
        if reply.trouble == "timeout" and seconds < limit:
            detail = f"{reply.detail}; earlier there was none within {limit:g} s"
            reply = replace(reply, trouble=GIVEN_UP, detail=detail)
        with self._lock:
            closed = journal.close(
                exchange,
                status=reply.status,
                answer=self.budget.kept(reply.answer),
                trouble=reply.trouble,
                detail=reply.detail,
            )
            sessions.see(closed)
            whole = raw is None and isinstance(body, dict)
            if operation == "eRoamingChargeDetailRecord" and expects == "accept" and whole:
                taken = answer_of(closed) is Said.POSITIVE
                store.records.keep(body, store.now, forwarded=taken)
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

    def _answers_within(self, operation: str) -> float:  # noqa: ARG002 - a run waits less for some
        """Seconds that the answer to an operation may take."""
        return self.profile.target.timeout

    def _watch(self, exchange: Exchange) -> None:
        if exchange.trouble in {"unreachable", "tls"}:
            raise TargetDown(f"{UNREACHABLE}: {exchange.detail}")
        if exchange.trouble == "timeout":
            self._silent.add(exchange.operation)
        elif exchange.trouble != GIVEN_UP:
            self._silent.clear()
        # One operation that hangs is a finding; what the others do is still to be seen.
        if len(self._silent) > 1:
            raise TargetDown(f"{UNANSWERED}: {exchange.detail}")

    @property
    def last(self) -> int:
        """The number of the last exchange so far."""
        return len(self.journal.exchanges)
