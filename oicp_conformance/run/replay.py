"""Playing what led to a finding again: is it still so?

The requests of the hub are sent again, with new SessionIDs. A request of the target is brought about by the
stimulus that was given for it, or awaited where it came by itself. The hub answers honestly, but where a test
had it answer otherwise, and in authorizations: these it answers as it did in the run. What was said is judged
by all rules, and only the requirement of the finding is looked at.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from typing import Any, Literal

from oicp_conformance.actors.at_once import Ready, sent_at_once
from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub.script import Answer, Script
from oicp_conformance.journal.answers import Answer as Said
from oicp_conformance.journal.answers import answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Plug, Wait
from oicp_conformance.judge.chain import AUTHORIZED, Given, are_at_once, chain, in_vain, stimuli, stimulus
from oicp_conformance.judge.deviations import place
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.requirements.acceptance import VALID
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.oicp.operation_names import CDR
from oicp_conformance.oicp.operations import Operation, at_path, meant_by
from oicp_conformance.oicp.provider import faker
from oicp_conformance.stimuli import Driver

State = Literal["still so", "gone", "not observed"]


@dataclass(frozen=True)
class Replayed:
    """What became of a finding when what led to it was played again."""

    state: State
    reason: str
    """Why it was not observed, or what the finding says now."""
    findings: Sequence[Outcome]
    """The findings of the requirement in what was said now."""
    record: Record
    """What was said now, as it was said."""


def replay(record: Record, finding: Outcome, driver: Driver, *, seed: int) -> Replayed:
    """Play the chain that led to a finding again against the target of the record's profile.

    Raises:
        HubError: the hub cannot listen where the profile says.
        TargetDown: the target cannot be reached, or does not answer.
    """
    exchanges = _chain(record, finding)
    stage = Stage(record.profile, driver, faker(seed))
    stage.test = finding.test or stage.test
    actor = Cpo(stage) if record.role == "cpo" else Emp(stage)
    player = _Player(stage, record, actor)
    stage.start()
    try:
        stage.reach()
        reason = player.play(exchanges) or player.wait(finding, exchanges)
        actor.clean_up()
    finally:
        stage.stop()
    said = Record(record.profile, tuple(stage.journal.closed()), tuple(stage.journal.notes))
    return _judged(said, finding, reason, is_silent=player.is_silent)


def _judged(said: Record, finding: Outcome, reason: str, *, is_silent: bool) -> Replayed:
    looked = [
        one
        for one in outcomes(said)
        if (one.requirement, one.operation) == (finding.requirement, finding.operation)
    ]
    findings = [one for one in looked if one.is_finding]
    # The same place, where the finding has one: another defect of the same requirement is another one.
    same = [one for one in findings if place(one.pointer) == place(finding.pointer)]
    if same:
        return Replayed("still so", same[0].message, same, said)
    held = any(one.verdict is Verdict.PASS for one in looked)
    if held and (not reason or is_silent):
        return Replayed("gone", "the requirement was judged and held", findings, said)
    unclear = next((one.message for one in looked if one.message), "")
    why = reason or unclear or "no message was sent on which it can be judged"
    return Replayed("not observed", why, findings, said)


def _chain(record: Record, finding: Outcome) -> list[Exchange]:
    """What is played: the chain of the finding's exchange with its controls, or else all of its test.

    That a special request is refused, or not answered well, says nothing of a target that accepts none of its
    kind: one that was accepted follows.
    """
    if finding.exchange is None:
        return [one for one in record.exchanges if finding.test and one.test == finding.test]
    led = chain(record, finding.exchange)
    controls = [one for one in record.exchanges if one.control == finding.exchange]
    accepted = [
        one
        for one in record.exchanges
        if led[-1:]
        and led[-1].purpose not in {None, VALID.id}
        and one.operation == led[-1].operation
        and one.expects == "accept"
        and answer_of(one) is Said.POSITIVE
    ]
    proof = chain(record, accepted[0].number) if accepted else []
    return [*led, *controls, *proof]


def _meant(exchange: Exchange) -> str | None:
    """The operation that a request to a path that OICP does not have is most likely meant for."""
    meant = meant_by(exchange.path.partition("?")[0], exchange.request.json)
    return meant.name if meant else None


class _Player:
    """Plays exchanges again, one after the other."""

    def __init__(self, stage: Stage, record: Record, actor: Cpo | Emp) -> None:
        self._stage = stage
        self._actor = actor
        self._record = record
        self._sessions: dict[str, str] = {}
        """The SessionIDs of then, in small letters, and those of now."""
        self._numbers: dict[int, int] = {}
        """The exchanges of then, and those of now."""
        self._taken: set[int] = set()
        self._scripted: set[int] = set()
        """The exchanges of then whose answers are ready."""
        self.is_silent = False
        """Whether it ended because the target did not send what it had sent by itself."""

    def play(self, exchanges: Sequence[Exchange]) -> str:
        """Play them; gives why it could not be played to its end, or nothing."""
        given = stimuli(self._record, exchanges)
        at = 0
        while at < len(exchanges):
            one, then = exchanges[at], exchanges[at + 1 :]
            together = [one, *takewhile(partial(are_at_once, one), then)]
            asked = self._plugged(given[at])
            reason = self._awaited(one, asked, then) if one.by_target else self._sent(together)
            if reason:
                return reason
            at += len(together)
        return ""

    def _plugged(self, given: Sequence[Given]) -> Given | None:
        """Plug the cable in or take it out where that was done; gives what else was asked for."""
        for one in given:
            session = self._stage.sessions.get(self._mapped(one.parameters.get("SessionID")))
            if isinstance(one.note, Plug) and session is not None:
                self._stage.plug(one.stimulus, session)
        return next((one for one in given if isinstance(one.note, Wait)), None)

    def wait(self, finding: Outcome, played: Sequence[Exchange]) -> str:
        """Wait again for what did not come in the finding's test after all that was played; gives nothing."""
        last = max((one.number for one in played), default=0)
        for one in in_vain(self._record, finding.test, last):
            session = self._stage.sessions.get(self._mapped(one.session))
            with suppress(Unobserved):
                if isinstance(self._actor, Cpo) and one.operation == CDR and session is not None:
                    self._actor.charge_detail_record(session)
                    continue
                self._stage.await_operation(
                    one.operation,
                    lambda now: now.number not in self._taken,
                    requirement=one.requirement,
                    since=max(self._numbers.values(), default=0),
                    stimulus=self._mapped(one.parameters or {}) if one.stimulus else None,
                    evse=one.evse,
                )
        return ""

    def _sent(self, together: Sequence[Exchange]) -> str:
        """Send requests of the hub again, which it sent at the same time."""
        for one in together:
            if one.operation is None:
                return f"exchange {one.number} is of no operation"
            self._know_anew(one.request.get("SessionID"))
        for one, sent in zip(together, sent_at_once(self._send, together), strict=True):
            self._numbers[one.number] = sent.number
            self._learn(one, sent)
        return ""

    def _send(self, one: Exchange, ready: Ready) -> Exchange:
        located = at_path(one.path.partition("?")[0])
        return self._stage.call(
            one.operation or "",
            self._mapped(one.request.json),
            raw=self._bytes(one.request.body),
            purpose=one.purpose or "request.valid",
            expects=one.expects,
            control=self._numbers.get(one.control or 0),
            ids=located[1] if located else None,
            ready=ready,
        )

    def _awaited(self, one: Exchange, given: Given | None, then: Sequence[Exchange]) -> str:
        """Wait for a request of the target, after its stimulus if one is to be given."""
        meant = one.operation or _meant(one)
        if meant is None:
            return f"the target sent exchange {one.number} on its own, to a path that OICP does not have"
        if one.scripted or meant in AUTHORIZED:
            self._know_anew(one.answer.get("SessionID"))
            if one.operation and one.number not in self._scripted:
                # A target that tries again at once does not wait until the next answer is made ready.
                again = takewhile(lambda next_: self._is_again(one, next_), then)
                scripted = [one, *again]
                self._stage.script(meant, *map(self._as_then, scripted))
                self._scripted.update(each.number for each in scripted)
        session = self._stage.sessions.get(self._mapped(one.request.get("SessionID")))
        since = max(self._numbers.values(), default=0)
        try:
            came = self._stage.await_operation(
                meant,
                lambda now: now.number not in self._taken,
                requirement=getattr(given and given.note, "requirement", "request.sent"),
                since=since,
                stimulus=self._mapped(given.parameters) if given else None,
                session=session,
            )
        except Unobserved as reason:
            astray = self._astray(meant, since)
            if astray is None and given:
                return str(reason)
            if astray is None:
                self.is_silent = True
                self._stage.listen()
                return f"{reason}; in the run the target sent it on its own"
            came = astray
        self._taken.add(came.number)
        self._numbers[one.number] = came.number
        self._learn(one, came)
        return ""

    def _is_again(self, one: Exchange, then: Exchange) -> bool:
        """Whether the target sent the same operation by itself then, and a test chose the answer."""
        same = then.by_target and then.operation == one.operation and bool(then.scripted)
        given = stimulus(self._record, then)
        return same and (given is None or given == stimulus(self._record, one))

    def _astray(self, meant: str, since: int) -> Exchange | None:
        """What the target has sent to a path that OICP does not have, and meant for an operation."""
        later = (one for one in self._stage.journal.closed() if one.number > since and one.by_target)
        return next((one for one in later if not one.operation and _meant(one) == meant), None)

    def _as_then(self, one: Exchange) -> Script:
        """The hub's answer of then, with the SessionIDs of now."""

        def change(operation: Operation, honest: Answer) -> Answer:  # noqa: ARG001 - any answer is replaced
            if one.status is None:
                return Answer(hang_up=True)
            return replace(honest, status=one.status, raw=self._bytes(one.answer.body))

        refuses = answer_of(one) is not Said.POSITIVE
        return Script(one.scripted or "as in the run", change, refuses=refuses)

    # --- ids

    def _know_anew(self, session: object) -> None:
        """Give a session another id: the target may still know the one of then."""
        if isinstance(session, str) and re.fullmatch(r"[0-9A-Fa-f-]{36}", session):
            self._sessions.setdefault(session.lower(), str(uuid.uuid4()))

    def _learn(self, then: Exchange, now: Exchange) -> None:
        """Learn which session of now is that of then, where the answer gives it."""
        old, new = then.answer.get("SessionID"), now.answer.get("SessionID")
        if isinstance(old, str) and isinstance(new, str):
            self._sessions[old.lower()] = new

    def _mapped(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._sessions.get(value.lower(), value)
        if isinstance(value, Mapping):
            return {name: self._mapped(one) for name, one in value.items()}
        return [self._mapped(one) for one in value] if isinstance(value, list) else value

    def _bytes(self, body: bytes) -> bytes:
        for old, new in self._sessions.items():
            body = re.sub(re.escape(old.encode()), new.encode(), body, flags=re.IGNORECASE)
        return body
