"""What a rule says: of which requirement, on which operation, on what evidence."""

import copy
import json
from collections.abc import Callable, Collection, Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, wraps
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.json_text import visible
from oicp_conformance.journal.notes import Note, Quiet, Reduced, Unseen, Upload, Wait, Walk
from oicp_conformance.journal.sessions import Session, Sessions
from oicp_conformance.judge.kept import By, Growing, Heard, Kept
from oicp_conformance.oicp.operations import BY_NAME, Operation, Party
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import Profile

_Arguments = ParamSpec("_Arguments")
_Value = TypeVar("_Value")
_Growing = TypeVar("_Growing", bound=Growing)


class Verdict(StrEnum):
    """ISO 9646's verdicts and ours; the worst comes first."""

    __hash__ = str.__hash__  # that of an enumeration is a function of Python, and takes ten times as long

    FAIL = "fail"
    WARNING = "warning"
    INCONCLUSIVE = "inconclusive"
    PASS = "pass"  # noqa: S105 - no password
    NOT_APPLICABLE = "not-applicable"


_OF_FINDINGS = Verdict.FAIL, Verdict.WARNING


# To make a frozen one takes four times as long, and a rule makes some of every exchange.
@dataclass(slots=True, unsafe_hash=True)
class Outcome:
    """One time that a requirement was looked at; it is never changed.

    With the verdict fail or warning it is a finding.
    """

    requirement: str
    operation: str
    verdict: Verdict
    message: str = ""
    exchange: int | None = None
    pointer: str | None = None
    expected: str = ""
    found: str = ""
    erratum: str | None = None
    test: str | None = None
    deviation: str | None = None
    """The ticket of the known deviation that a finding is."""
    cause: Cause | None = None
    """Why it could not be judged, with the verdict inconclusive."""
    behind: str = ""
    """The id of the requirement that hides it, where that is known."""
    against: tuple[int, str] | None = None
    """The exchange that it contradicts, and the pointer to what stands there."""
    also: tuple[str, ...] = ()
    """Pointers to what it was compared with in the same message, any of which may be wrong instead."""
    by_level: bool = False
    """Whether the verdict is still to follow from the requirement's level (see `graded`)."""

    @property
    def is_finding(self) -> bool:
        """Whether something was broken."""
        return self.verdict in _OF_FINDINGS


def held(requirement: str, exchange: Exchange, operation: str | None = None) -> Outcome:
    """The requirement held in this exchange."""
    return Outcome(
        requirement,
        operation or exchange.operation or "",
        Verdict.PASS,
        exchange=exchange.number,
        test=exchange.test,
    )


@dataclass(frozen=True, slots=True)
class Passes:
    """Requirements that held in each of these exchanges of one operation, in place of as many outcomes."""

    verdict: ClassVar = Verdict.PASS
    requirements: tuple[str, ...]
    exchanges: Sequence[Exchange]

    def __iter__(self) -> Iterator[Outcome]:
        return (held(one, exchange) for exchange in self.exchanges for one in self.requirements)

    def of(self, known: Container[str]) -> "Passes":
        """Those of some requirements."""
        if all(one in known for one in self.requirements):
            return self
        return Passes(tuple(one for one in self.requirements if one in known), self.exchanges)


def shown(value: Any, longest: int = 200) -> str:
    """A value of a message as every report spells it: a text as it is, all else as JSON, shortened."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"


def quoted(value: Any) -> str:
    """Return a value as JSON, so that a text in quotes differs from a number."""
    return json.dumps(value, ensure_ascii=False)


def broken(
    requirement: str,
    exchange: Exchange,
    message: str,
    *,
    pointer: str | None = None,
    expected: str = "",
    found: Any = "",
    erratum: str | None = None,
    verdict: Verdict | None = None,
    operation: str | None = None,
    against: tuple[int, str] | None = None,
    also: tuple[str, ...] = (),
) -> Outcome:
    """The requirement was broken in this exchange; without a verdict, that follows from its level."""
    return Outcome(
        requirement,
        operation or exchange.operation or "",
        verdict or Verdict.FAIL,
        visible(message),
        exchange.number,
        pointer,
        visible(expected),
        visible(shown(found)),
        erratum,
        exchange.test,
        against=against,
        also=also,
        by_level=verdict is None,
    )


def unclear(
    requirement: str,
    message: str,
    *,
    cause: Cause,
    exchange: Exchange | None = None,
    operation: str = "",
    test: str | None = None,
    behind: str = "",
) -> Outcome:
    """The requirement could not be judged."""
    return Outcome(
        requirement,
        operation or (exchange.operation or "" if exchange else ""),
        Verdict.INCONCLUSIVE,
        visible(message),
        exchange.number if exchange else None,
        test=exchange.test if exchange else test,
        cause=cause,
        behind=behind,
    )


@dataclass(frozen=True, eq=False)
class Record:
    """All that a judge needs: who the target is, and what was said and done.

    Two records are never the same, so that what was worked out of one can be kept by it.
    """

    profile: Profile
    exchanges: tuple[Exchange, ...]
    notes: tuple[Note, ...]
    part: Collection[int] | None = None
    """The numbers of the exchanges that a piecewise rule is asked about; None: about all."""
    _worked_out: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)
    growth: Kept = field(default_factory=Kept, init=False, repr=False)
    """What grows with the run, and so with its records."""

    def worked_out(self, function: Callable[..., _Value], *arguments: Hashable) -> _Value:
        """What a function says of this record and the arguments; it is asked once."""
        key = function, arguments
        if key not in self._worked_out:
            self._worked_out[key] = function(self, *arguments)
        value: _Value = self._worked_out[key]
        return value

    def kept(self, make: Callable[..., _Growing], *arguments: Hashable) -> _Growing:
        """What has taken in all that this record holds; it is made once, and goes on with the run.

        `make` gets a record of the run and the arguments. It may keep the record's sessions, which grow too.
        """
        key = Kept, make, arguments
        if key not in self._worked_out:
            self._worked_out[key] = self.growth.after(
                lambda: make(self, *arguments), key, self.exchanges, self.notes
            )
        value: _Growing = self._worked_out[key]
        return value

    def go_on_from(self, last: "Record") -> None:
        """Take over what an earlier record of the run kept, if all that is new comes after what that held."""
        if _begins(self.exchanges, last.exchanges) and _begins(self.notes, last.notes):
            object.__setattr__(self, "growth", last.growth)

    def asking_about(self, part: Collection[int]) -> "Record":
        """This record, with all that was worked out of it, of which only a part is to be judged."""
        asking = copy.copy(self)
        for name in _OF_PART:
            asking.__dict__.pop(name, None)
        object.__setattr__(asking, "part", part)
        return asking

    def asks_about(self, exchange: Exchange) -> bool:
        """Whether an exchange is to be judged, and is not there for what it says of others only."""
        return self.part is None or exchange.number in self.part

    def asks_of(self, *operations: str) -> bool:
        """Whether any exchange of these operations is to be judged."""
        return bool(self.asked_of(*operations))

    def asked(self, exchanges: Iterable[Exchange]) -> Iterable[Exchange]:
        """Those of these exchanges that are to be judged."""
        part = self.part
        return exchanges if part is None else [one for one in exchanges if one.number in part]

    @cached_property
    def asked_exchanges(self) -> Sequence[Exchange]:
        """The exchanges that are to be judged, in order."""
        if self.part is None:
            return self.exchanges
        known = self.kept(_by_number)
        return [one for number in sorted(self.part) for one in known.of(number)]

    @cached_property
    def _asked(self) -> By:
        if self.part is None:
            return self.kept(_by_operation)
        found = _by_operation(self)
        for one in self.asked_exchanges:
            found.see(one)
        return found

    def asked_of(self, *operations: str) -> list[Exchange]:
        """The exchanges of these operations that are to be judged, in order."""
        return _in_order(self._asked, operations)

    def asked_written(self, *operations: str) -> list[Exchange]:
        """Those of them in which the target's half is a JSON object."""
        return [exchange for exchange in self.asked_of(*operations) if exchange.sent.object]

    @cached_property
    def asked_sessions(self) -> Sequence[Session]:
        """The sessions that are to be judged: with one of their exchanges, all of them are."""
        if self.part is None:
            return list(self.sessions)
        found = {id(one): one for one in map(self.sessions.of, self.asked_exchanges) if one is not None}
        return sorted(found.values(), key=lambda one: one.begun_by.number)

    @property
    def role(self) -> Role:
        """The target's role."""
        return self.profile.target.role

    @property
    def party(self) -> Party:
        """The target as the operation table knows it."""
        return party_of(self.profile)

    @cached_property
    def sessions(self) -> Sessions:
        """The sessions of the run."""
        return self.kept(_sessions)

    @cached_property
    def reaches_hub(self) -> bool:
        """Whether any operation of the target has come: else it may simply not know where the hub is."""
        return any(one.by_target and one.operation for one in self.exchanges)

    @cached_property
    def waits(self) -> list[Wait]:
        """Where the suite waited for the target."""
        return self.kept(_heard).of(Wait)

    def waits_for(self, operation: str) -> Sequence[Wait]:
        """Where the suite waited for an operation."""
        return self.kept(_heard).waits_for(operation)

    @cached_property
    def quiets(self) -> list[Quiet]:
        """Where the suite listened for what must not come."""
        return self.kept(_heard).of(Quiet)

    @cached_property
    def uploads(self) -> list[Upload]:
        """Which customers the uploaded data authorize."""
        return self.kept(_heard).of(Upload)

    @cached_property
    def unseen(self) -> list[Unseen]:
        """Which tests could not observe what they are about."""
        return self.kept(_heard).of(Unseen)

    @cached_property
    def reduced(self) -> list[Reduced]:
        """Where generated requests that break something were made smaller."""
        return self.kept(_heard).of(Reduced)

    @cached_property
    def walks(self) -> list[Walk]:
        """Which ways of a whole session were tried."""
        return self.kept(_heard).of(Walk)

    def numbered(self, number: int | None) -> Exchange | None:
        """The exchange of that number."""
        return next(iter(self.kept(_by_number).of(number)), None)

    def of_test(self, test: str) -> Sequence[Exchange]:
        """What was said in a test, in order."""
        return self.kept(_by_test).of(test)

    def naming(self, session: str) -> Sequence[Exchange]:
        """The exchanges whose request has this SessionID, in either letter case."""
        return self.kept(_by_session).of(session.lower())

    def of(self, *operations: str) -> list[Exchange]:
        """The exchanges of these operations, in order."""
        return _in_order(self.kept(_by_operation), operations)

    def written(self, *operations: str) -> list[Exchange]:
        """The exchanges of these operations in which the target's half is a JSON object."""
        return [exchange for exchange in self.of(*operations) if exchange.sent.object]

    def declared(self, operation: Operation) -> bool:
        """Whether the target offers the operation: it must, or the profile says so."""
        return operation.name in self._declared

    @cached_property
    def _declared(self) -> Container[str]:
        return {name for name, one in BY_NAME.items() if declared(self.profile, one)}


_OF_PART = ("asked_exchanges", "_asked", "asked_sessions")
"""What a record works out of the part that it asks about."""


def _begins(whole: Sequence[object], first: Sequence[object]) -> bool:
    """Whether the items of one sequence are the first ones of another, where none was taken out."""
    return not first or (len(whole) >= len(first) and whole[len(first) - 1] is first[-1])


def _in_order(found: By, operations: Sequence[str]) -> list[Exchange]:
    """The exchanges of some operations by their numbers."""
    some = [one for operation in operations for one in found.of(operation)]
    return some if len(operations) == 1 else sorted(some, key=lambda one: one.number)


def _by_number(_: Record) -> By:
    return By(lambda one: one.number)


def _by_operation(_: Record) -> By:
    return By(lambda one: one.operation)


def _by_test(_: Record) -> By:
    return By(lambda one: one.test)


def _by_session(_: Record) -> By:
    return By(lambda one: str(one.request.get("SessionID")).lower())


def _sessions(record: Record) -> Sessions:
    return Sessions(record.role)


def _heard(_: Record) -> Heard:
    return Heard()


def once(
    function: Callable[Concatenate[Record, _Arguments], _Value],
) -> Callable[Concatenate[Record, _Arguments], _Value]:
    """Ask a function of a record, and of arguments by position, once for each record."""

    @wraps(function)
    def asked(record: Record, /, *arguments: _Arguments.args, **_: _Arguments.kwargs) -> _Value:
        return record.worked_out(function, *arguments)

    return asked


def held_once(
    judge: Callable[[Record], Iterator[Outcome]],
) -> Callable[[Record], Iterator[Outcome]]:
    """That something held in an exchange is said once, not of each of its records, which may be 100 000."""

    @wraps(judge)
    def judged(record: Record) -> Iterator[Outcome]:
        return passes_once(judge(record))

    return judged


def passes_once(said: Iterable[Outcome]) -> Iterator[Outcome]:
    """What a rule says, without the passes that it says again right after the same one."""
    held: dict[str, tuple[int | None, str, str | None]] = {}
    for one in said:
        if one.verdict is Verdict.PASS:
            where = one.exchange, one.operation, one.test
            if held.get(one.requirement) == where:
                continue
            held[one.requirement] = where
        yield one


def party_of(profile: Profile) -> Party:
    """The target as the operation table knows it."""
    if profile.target.role == "cpo":
        return "cpo"
    return "emp-offline" if profile.partner.mode == "offline" else "emp-online"


def declared(profile: Profile, operation: Operation) -> bool:
    """Whether the target offers the operation: it must, or the profile says so."""
    part = operation.parts.get(party_of(profile))
    if part is None or part.obligation == "none":
        return False
    if part.obligation == "mandatory":
        return True
    return bool(operation.supports and getattr(profile.supports, operation.supports))


def operation_of(exchange: Exchange) -> Operation:
    """The operation of an exchange that has one."""
    return BY_NAME[exchange.operation or ""]
