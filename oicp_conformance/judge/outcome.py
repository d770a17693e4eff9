"""What a rule says: of which requirement, on which operation, on what evidence."""

import copy
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.json_text import visible
from oicp_conformance.journal.notes import Note, Quiet, Reduced, Unseen, Upload, Wait, Walk
from oicp_conformance.journal.sessions import Session, Sessions
from oicp_conformance.oicp.operations import BY_NAME, Operation, Party
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import Profile

_Arguments = ParamSpec("_Arguments")
_Value = TypeVar("_Value")


class Verdict(StrEnum):
    """ISO 9646's verdicts and ours; the worst comes first."""

    FAIL = "fail"
    WARNING = "warning"
    INCONCLUSIVE = "inconclusive"
    PASS = "pass"  # noqa: S105 - no password
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One time that a requirement was looked at.

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
        return self.verdict is Verdict.FAIL or self.verdict is Verdict.WARNING


# Most outcomes are such ones, and the judge makes them anew after every test; a desk runs for days.
@lru_cache(maxsize=65_536)
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

    requirements: tuple[str, ...]
    exchanges: Sequence[Exchange]

    def __iter__(self) -> Iterator[Outcome]:
        return (held(one, exchange) for exchange in self.exchanges for one in self.requirements)


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

    def worked_out(self, function: Callable[..., _Value], *arguments: Hashable) -> _Value:
        """What a function says of this record and the arguments; it is asked once."""
        key = function, arguments
        if key not in self._worked_out:
            self._worked_out[key] = function(self, *arguments)
        value: _Value = self._worked_out[key]
        return value

    def asking_about(self, part: Collection[int]) -> "Record":
        """This record, with all that was worked out of it, of which only a part is to be judged."""
        asking = copy.copy(self)
        asking.__dict__.pop("asked_sessions", None)
        object.__setattr__(asking, "part", part)
        return asking

    def asks_about(self, exchange: Exchange) -> bool:
        """Whether an exchange is to be judged, and is not there for what it says of others only."""
        return self.part is None or exchange.number in self.part

    def asks_of(self, *operations: str) -> bool:
        """Whether any exchange of these operations is to be judged."""
        return self.part is None or any(self.asks_about(one) for name in operations for one in self.of(name))

    def asked(self, exchanges: Iterable[Exchange]) -> Iterable[Exchange]:
        """Those of these exchanges that are to be judged."""
        part = self.part
        return exchanges if part is None else [one for one in exchanges if one.number in part]

    @cached_property
    def asked_sessions(self) -> Sequence[Session]:
        """The sessions that are to be judged: with one of their exchanges, all of them are."""
        return [one for one in self.sessions if any(map(self.asks_about, one.exchanges))]

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
        return Sessions(self.role, self.exchanges, self.notes)

    @cached_property
    def reaches_hub(self) -> bool:
        """Whether any operation of the target has come: else it may simply not know where the hub is."""
        return any(one.by_target and one.operation for one in self.exchanges)

    @cached_property
    def waits(self) -> list[Wait]:
        """Where the suite waited for the target."""
        return [note for note in self.notes if isinstance(note, Wait)]

    @cached_property
    def quiets(self) -> list[Quiet]:
        """Where the suite listened for what must not come."""
        return [note for note in self.notes if isinstance(note, Quiet)]

    @cached_property
    def uploads(self) -> list[Upload]:
        """Which customers the uploaded data authorize."""
        return [note for note in self.notes if isinstance(note, Upload)]

    @cached_property
    def unseen(self) -> list[Unseen]:
        """Which tests could not observe what they are about."""
        return [note for note in self.notes if isinstance(note, Unseen)]

    @cached_property
    def reduced(self) -> list[Reduced]:
        """Where generated requests that break something were made smaller."""
        return [note for note in self.notes if isinstance(note, Reduced)]

    @cached_property
    def walks(self) -> list[Walk]:
        """Which ways of a whole session were tried."""
        return [note for note in self.notes if isinstance(note, Walk)]

    @cached_property
    def _by_operation(self) -> dict[str | None, list[Exchange]]:
        sorted_out: dict[str | None, list[Exchange]] = defaultdict(list)
        for exchange in self.exchanges:
            sorted_out[exchange.operation].append(exchange)
        return sorted_out

    @cached_property
    def _by_session(self) -> dict[str, list[Exchange]]:
        sorted_out: dict[str, list[Exchange]] = defaultdict(list)
        for exchange in self.exchanges:
            if isinstance(session := exchange.request.get("SessionID"), str):
                sorted_out[session.lower()].append(exchange)
        return sorted_out

    def naming(self, session: str) -> Sequence[Exchange]:
        """The exchanges whose request has this SessionID, in either letter case."""
        return self._by_session.get(session.lower(), ())

    def of(self, *operations: str) -> list[Exchange]:
        """The exchanges of these operations, in order."""
        found = [one for operation in operations for one in self._by_operation.get(operation, ())]
        return found if len(operations) == 1 else sorted(found, key=lambda one: one.number)

    def written(self, *operations: str) -> list[Exchange]:
        """The exchanges of these operations in which the target's half is a JSON object."""
        return [exchange for exchange in self.of(*operations) if exchange.sent.object]

    def declared(self, operation: Operation) -> bool:
        """Whether the target offers the operation: it must, or the profile says so."""
        return declared(self.profile, operation)


def once(
    function: Callable[Concatenate[Record, _Arguments], _Value],
) -> Callable[Concatenate[Record, _Arguments], _Value]:
    """Ask a function of a record, and of arguments by position, once for each record."""

    @wraps(function)
    def asked(record: Record, /, *arguments: _Arguments.args, **_: _Arguments.kwargs) -> _Value:
        return record.worked_out(function, *arguments)

    return asked


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
