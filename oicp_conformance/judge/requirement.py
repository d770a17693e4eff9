"""A requirement: one thing that OICP 2.3 demands, in one place with what it is judged by.

The modules in `judge/requirements` define them. A rule names a requirement by its object, so a misspelt name
is an error at import; an id that is taken is one as well.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, wraps
from typing import Any, Literal, Protocol, TypeVar, get_args

from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome, Passes, Record, Verdict, broken, held, unclear
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.errata import ERRATA
from oicp_conformance.oicp.messages import eRoamingAcknowledgement
from oicp_conformance.oicp.operations import BY_NAME, Operation, Party, of_party
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import Profile

Level = Literal["MUST", "SHOULD", "MAY"]
Scope = Literal["all", "sent", "sent-with-id", "answered", "acknowledged"]
"""Of all operations; of those that the target sends (with an id in the path); of those that it answers
(with an eRoamingAcknowledgement)."""


class JudgedBy(StrEnum):
    """How a requirement is judged, in words."""

    TABLE = "every message of the target, against the message definition"
    AWAITED = "whether the target sent it when an event required it"
    TRIED = "the target's responses to test requests"
    RULE = "a rule over the journal"
    NOTHING = "not tested"


Unless = Callable[[Profile], str]
"""Why a requirement is not applicable with a profile; empty where it is."""


def _always(_: Profile) -> str:
    return ""


@dataclass(frozen=True)
class Demand:
    """What a requirement demands of one role."""

    role: Role
    level: Level
    sentence: str
    source: Source
    on: Scope | tuple[str, ...]
    """The operations that it is judged on."""
    erratum: str | None = None
    """What the documents leave open, and the finding has to name."""
    needs: str = ""
    """The optional operation without which there is no occasion for it."""
    id: str = ""
    """The requirement's id; this and what follows is the requirement's own, and `requirement` sets it."""
    by: JudgedBy = JudgedBy.RULE
    is_basic: bool = False
    unless: Unless = _always
    """Why a profile leaves no occasion for it."""
    not_tested: str = ""

    @property
    def is_field(self) -> bool:
        """Whether it comes out of a message's table."""
        return self.by is JudgedBy.TABLE

    @property
    def judged(self) -> str:
        """How it is judged, or why it is not."""
        return f"{self.by}: {self.not_tested}" if self.not_tested else str(self.by)

    @property
    def clause(self) -> str:
        """The clause as a report names it, such as `CPO 02 eRoamingChargeDetailRecord`."""
        return self.source.clause

    @property
    def url(self) -> str:
        """Where the clause can be read."""
        return self.source.url

    def operations(self, party: Party) -> Sequence[str]:
        """The operations of a party that it is judged on: its rows in a statement."""
        return self._operations[party]

    @cached_property
    def _operations(self) -> Mapping[Party, Sequence[str]]:
        return {
            party: tuple(one.name for one in of_party(party) if self.is_judged_on(one, party))
            for party in get_args(Party)
        }

    def is_judged_on(self, operation: Operation, party: Party) -> bool:
        """Whether it is judged on an operation of a party."""
        sends = operation.parts[party].direction == "target-to-hub"
        match self.on:
            case "all":
                return True
            case "sent":
                return sends
            case "sent-with-id":
                return sends and "{" in operation.path
            case "answered":
                return not sends
            case "acknowledged":
                return not sends and operation.answer is eRoamingAcknowledgement
            case listed:
                return operation.name in listed


def cpo(
    level: Level,
    sentence: str,
    source: Source,
    *,
    on: Scope | tuple[str, ...],
    erratum: str | None = None,
    needs: str = "",
) -> Demand:
    """Say what is demanded of a CPO."""
    return Demand("cpo", level, sentence, source, on, erratum, needs)


def emp(
    level: Level, sentence: str, source: Source, *, on: Scope | tuple[str, ...], erratum: str | None = None
) -> Demand:
    """Say what is demanded of an EMP."""
    return Demand("emp", level, sentence, source, on, erratum)


@dataclass(frozen=True, eq=False)
class Requirement:
    """A requirement on one role or on both; what it demands of them may differ."""

    id: str
    demands: Mapping[Role, Demand]
    by: JudgedBy
    is_basic: bool
    """Whether it is what an operation is for: when even this fails, nothing else can be judged of it."""
    is_disputed: bool
    """Whether the documents dispute the form that is tried: then no answer to it is more than its level."""

    def held(self, exchange: Exchange, operation: str | None = None) -> Outcome:
        """It held in this exchange."""
        return held(self.id, exchange, operation)

    def broken(
        self,
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
        """It was broken in this exchange.

        The verdict follows from the level: what is no MUST is a warning (see `graded`). A `verdict` that is
        given is for a part of what is judged that has another level; say there why. `against` is the exchange
        that it contradicts, with the pointer: where that has a finding of its own, this one is none. `also`
        are pointers to what is compared in the same message: what contradicts these is no finding either.

        Raises:
            ValueError: it is a MAY, which cannot be broken.
        """
        if all(one.level == "MAY" for one in self.demands.values()):
            raise ValueError(f"{self.id} is a MAY, and cannot be broken")
        return broken(
            self.id,
            exchange,
            message,
            pointer=pointer,
            expected=expected,
            found=found,
            erratum=erratum,
            verdict=verdict,
            operation=operation,
            against=against,
            also=also,
        )

    def unclear(
        self,
        message: str,
        *,
        cause: Cause,
        exchange: Exchange | None = None,
        operation: str = "",
        behind: "Requirement | None" = None,
    ) -> Outcome:
        """It could not be judged; `behind` is the requirement that hides it."""
        return unclear(
            self.id,
            message,
            cause=cause,
            exchange=exchange,
            operation=operation,
            behind=behind.id if behind else "",
        )


REQUIREMENTS: dict[str, Requirement] = {}
"""All requirements that were defined, by id: of both roles, and those that are not tested."""


def requirement(
    id: str,  # noqa: A002 - the field's word
    *demands: Demand,
    by: JudgedBy = JudgedBy.RULE,
    is_basic: bool = False,
    is_disputed: bool = False,
    unless: Unless = _always,
    not_tested: str = "",
) -> Requirement:
    """Define a requirement; `unless` says of a profile why it leaves no occasion for it.

    Raises:
        ValueError: the id is taken; a demand names an operation or an erratum that there is not; or it is a
            MUST although its source is not strong enough.
    """
    if id in REQUIREMENTS:
        raise ValueError(f"two requirements are called {id}")
    for demand in demands:
        _check(id, demand)
        named = demand.on if isinstance(demand.on, tuple) else ()
        for name in (*named, *filter(None, [demand.needs])):
            if name not in BY_NAME:
                raise ValueError(f"{id}: {name} is not an operation of OICP 2.3")
    made = Requirement(
        id,
        {
            one.role: replace(one, id=id, by=by, is_basic=is_basic, unless=unless, not_tested=not_tested)
            for one in demands
        },
        by,
        is_basic,
        is_disputed,
    )
    REQUIREMENTS[id] = made
    return made


def _check(requirement: str, demand: Demand) -> None:
    """The rule of strengths: only what is written as a duty can be a MUST."""
    strength = demand.source.strength
    if demand.level == "MUST" and strength in {"example", "practice"}:
        raise ValueError(f"{requirement}: {strength} is not a MUST")
    if demand.level == "MUST" and strength in {"diagram", "lower"} and not demand.erratum:
        raise ValueError(f"{requirement}: a MUST by {strength} names its erratum")
    if demand.erratum and demand.erratum not in ERRATA:
        raise ValueError(f"{requirement}: there is no erratum {demand.erratum}")


def tried(
    id: str,  # noqa: A002 - the field's word
    *demands: Demand,
    is_basic: bool = False,
    is_disputed: bool = False,
) -> Requirement:
    """Define a requirement that is judged by how the target answers the requests that are made for it."""
    return requirement(id, *demands, by=JudgedBy.TRIED, is_basic=is_basic, is_disputed=is_disputed)


def awaited(id: str, *demands: Demand) -> Requirement:  # noqa: A002 - the field's word
    """Define a requirement that is judged by whether something came."""
    return requirement(id, *demands, by=JudgedBy.AWAITED)


Rule = Callable[[Record], Iterator[Outcome | Passes]]
RULES: list[Rule] = []
JUDGES: dict[Rule, frozenset[str]] = {}
"""The ids of the requirements that a rule says that it judges; none: it may be about any."""


BY_EXCHANGE: set[Rule] = set()
"""The rules that say of an exchange the same whatever else was said in the run."""
PIECEWISE: set[Rule] = set()
"""The rules that can be asked about a part of the exchanges: see `rule`."""
FINDS: dict[Rule, Rule] = {}
"""What says of a rule only its findings, where that takes less: see `rule`."""


def rule(
    *requirements: Requirement,
    by_exchange: bool = False,
    piecewise: bool = False,
    finds: Rule | None = None,
) -> Callable[[Rule], Rule]:
    """Register a rule, a pure function over a record, with the requirements that it judges.

    It is not asked about a target of which none of these is required; without any, it is asked about all.

    `by_exchange`: it says of an exchange the same whatever else was said in the run, so it need not look at
    one twice. `piecewise`: what it says of an exchange follows from its session, from what came before it,
    and from what the suite did for it, its session or its test; and it says nothing but of what the record
    asks about (`Record.asked_of`, `asked_sessions`), so it need not look again at a session to which nothing
    has come. `finds`: a function that says its findings, and need not say the rest; it is asked in its place
    while the run goes on.
    """

    def register(function: Rule) -> Rule:
        RULES.append(function)
        JUDGES[function] = frozenset(one.id for one in requirements)
        if by_exchange:
            BY_EXCHANGE.add(function)
        if piecewise:
            PIECEWISE.add(function)
        if finds is not None:
            FINDS[function] = finds
        return function

    return register


class InOrder(Protocol):
    """Judges the exchanges of a run one after the other, as they come."""

    def see(self, exchange: Exchange, /) -> Iterable[Outcome]:
        """What is to be said when this exchange has come."""


_InOrder = TypeVar("_InOrder", bound=InOrder)
IN_ORDER: dict[Rule, Callable[[Profile], InOrder]] = {}
"""The rules that look at one exchange after the other, each with what makes who does."""


def rule_in_order(
    *requirements: Requirement,
) -> Callable[[Callable[[Profile], _InOrder]], Callable[[Profile], _InOrder]]:
    """Register a rule that says all it has to say of an exchange when that comes, by what came before it.

    It never takes anything back, so it need not look at an exchange twice.
    """

    def register(make: Callable[[Profile], _InOrder]) -> Callable[[Profile], _InOrder]:
        @wraps(make)
        def judged(record: Record) -> Iterator[Outcome]:
            judge = make(record.profile)
            for exchange in record.exchanges:
                yield from judge.see(exchange)

        IN_ORDER[rule(*requirements)(judged)] = make
        return make

    return register


def graded(outcome: Outcome, demand: Demand) -> Outcome:
    """An outcome with the verdict that the level allows, and the erratum that the demand rests on."""
    if not outcome.is_finding:
        return outcome
    is_lower = outcome.by_level and demand.level != "MUST"
    return replace(
        outcome,
        verdict=Verdict.WARNING if is_lower else outcome.verdict,
        erratum=outcome.erratum or demand.erratum,
        by_level=False,
    )
