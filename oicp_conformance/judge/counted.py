"""Which outcomes count: not of a request that was tried again, and not of what an invalid request has begun.

A session that began with an invalid request proves nothing more: that it was accepted is the finding, or
nothing is. The same holds for what was running on its EVSE, and for a session that an invalid stop has ended.
Where it was rejected and a message follows all the same, that it follows is the finding, not its contents.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import BEGINNINGS, STOPS, Session
from oicp_conformance.judge.forms import without_consequences_of_forms
from oicp_conformance.judge.kept import OfExchanges
from oicp_conformance.judge.outcome import Outcome, Passes, Record, Verdict, held, once
from oicp_conformance.judge.requirement import REQUIREMENTS, JudgedBy
from oicp_conformance.oicp.types import is_same_id

_REMOTE_START = "eRoamingAuthorizeRemoteStart"
_FREE, _REFUSED, _NOTHING = "session.evse-free", "session.refused", f"{_REMOTE_START}.nothing-started"
_REJECTIONS = ("push.accepted", "eRoamingPushAuthenticationData.truthful")
"""The requirements that Hubject accepts what is pushed."""
_PRESENTED = "identification.presented"
_FORBIDDEN = ("identification.no-rfid", "identification.pin-in-clear", "identification.remote")
"""The requirements that an object is not sent at all, which has its table all the same."""
_FIGURE = re.compile(r'"[-+]?[0-9]+([.,][0-9]+)?"')
"""A figure in quotes. Where a number is expected it can be read, and what it says is judged all the same."""
_NUMBERS = ("Integer", "Decimal")
_TIME = "Date/Time"
"""The type of times, as what is expected of a field begins with it."""
_PASS = Verdict.PASS  # a look into an enumeration takes longer, and there are a million outcomes
_HABITS = frozenset({"C122", "C126", "C128", "C143"})
"""Errata about how a target writes all its values of a type: all times with Z, or all ids in lower case."""
_DOUBTFUL_STOPS = ("request.malformed", ".other-evse", ".unknown-session")
"""Ends of the purposes of stops of which an acceptance leaves it open what was stopped."""


def is_garbage(begun: Exchange) -> bool:
    """Whether a beginning by the hub was invalid, or was to be refused, and was accepted all the same."""
    return _is_invalid(begun) and answer_of(begun) is Answer.POSITIVE


def _is_invalid(begun: Exchange) -> bool:
    tried = begun.purpose == "request.malformed" or begun.expects == "refuse"
    return _is_of_hub(begun, BEGINNINGS) and tried


def counted(record: Record, found: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes that count."""
    if not (found := list(found)):
        return []
    is_sound = _soundness(record)
    sound = [one for one in found if is_sound(one)]
    counting = _without_contradictions(sound, _doubtful(record))
    counting = without_consequences_of_forms(record, counting)
    return _habits_once(_without_malformed(_without_consequences(counting)))


def enough(
    record: Record, found: Iterable[Outcome | Passes], matters: Callable[[str | None], bool]
) -> Iterator[Outcome]:
    """What a verdict needs of all outcomes: that a requirement held is said once for each operation.

    In each test that matters, it is said once as well. A run of 100 000 exchanges has a million of them.
    """
    is_sound, seen = _soundness(record), set[_Key]()
    for some in found:
        for one in _unseen(some, matters, seen) if isinstance(some, Passes) else (some,):
            if one.verdict is not _PASS:
                if is_sound(one):
                    yield one
                continue
            key = one.requirement, one.operation, one.test if matters(one.test) else None
            if key not in seen and is_sound(one):
                seen.add(key)
                yield one


_Key = tuple[str, str, str | None]
"""A requirement, an operation, and a test where it matters."""


def _unseen(
    passes: Passes, matters: Callable[[str | None], bool], seen: Collection[_Key]
) -> Iterator[Outcome]:
    """The outcomes that are not seen yet, as long as there are any; what is seen grows meanwhile."""
    left: dict[str | None, Sequence[str]] = {}
    for exchange in passes.exchanges:
        test = exchange.test if matters(exchange.test) else None
        if unseen := left.get(test, passes.requirements):
            left[test] = [one for one in unseen if (one, exchange.operation, test) not in seen]
            yield from (held(one, exchange) for one in left[test])


def _soundness(record: Record) -> Callable[[Outcome], bool]:
    """Whether an outcome is of an exchange that proves what it says."""
    doubtful, repeated = _doubtful(record), _repeated(record)
    return lambda one: (
        one.exchange is None
        or (
            doubtful.get(one.exchange, one.requirement) == one.requirement
            and one.requirement not in repeated.get(one.exchange, ())
        )
    )


def _without_contradictions(found: list[Outcome], doubtful: Collection[int]) -> list[Outcome]:
    """Without what contradicts an exchange that is in doubt, or where either has a finding of its own."""
    compared = {one.against[0] for one in found if one.against}
    if not compared:
        return found
    own = {
        (one.exchange, pointer)
        for one in found
        if one.is_finding and not one.against
        for about in (one.pointer, *one.also)
        for pointer in _with_parents(about)
    }
    return [
        one
        for one in found
        if not one.against
        or not (one.against[0] in doubtful or one.against in own or (one.exchange, one.pointer) in own)
    ]


def _with_parents(pointer: str | None) -> Iterator[str | None]:
    """A pointer, and those to what it is a part of."""
    yield pointer
    while pointer and (pointer := pointer.rpartition("/")[0]):
        yield pointer


def _without_malformed(found: list[Outcome]) -> list[Outcome]:
    """Without further findings about a value that is malformed: its format is the cause.

    The identification that was presented is compared as a whole, so that any field in it may be the cause, or
    that it is of a kind that must not be sent. The latter is said with what is malformed in it, if any is.
    """
    malformed: dict[int | None, list[Outcome]] = {}
    for one in found:
        if not (one.pointer and one.is_finding):
            continue
        is_read = one.expected.startswith(_NUMBERS) and _FIGURE.fullmatch(one.found)
        is_cause = _is_of_table(one) or one.requirement in _FORBIDDEN
        if is_cause and not is_read:
            malformed.setdefault(one.exchange, []).append(one)
    if not malformed:
        return found
    kept, besides = [], dict[int, str]()
    for one in found:
        causes = malformed.get(one.exchange, ()) if one.is_finding else ()
        cause = next((cause for cause in causes if _is_behind(one, cause)), None)
        if cause is None:
            kept.append(one)
        elif one.requirement in _FORBIDDEN:
            besides[id(cause)] = one.message
    return [
        replace(one, message=f"{one.message}; also, {besides[id(one)]}") if id(one) in besides else one
        for one in kept
    ]


def _is_of_table(one: Outcome) -> bool:
    return REQUIREMENTS[one.requirement].by is JudgedBy.TABLE


def _is_behind(one: Outcome, cause: Outcome) -> bool:
    """Whether a finding follows from that of a malformed value; one that is worse does not."""
    if _is_of_table(one) or not one.pointer or not cause.pointer:
        return False
    if cause.requirement in _FORBIDDEN and one.requirement != _PRESENTED:
        return False
    is_worse = one.verdict is Verdict.FAIL and cause.verdict is not Verdict.FAIL
    own, slash, part = cause.pointer.rpartition("/")
    is_item = own == one.pointer and slash and part.isdecimal()
    is_whole = one.requirement == _PRESENTED or one.requirement in _FORBIDDEN
    within = is_whole and cause.pointer.startswith(f"{one.pointer}/")
    return not is_worse and bool(within or is_item or cause.pointer == one.pointer)


def _without_consequences(found: list[Outcome]) -> list[Outcome]:
    """Without the rejections of pushes with which something else was found wrong: that is their reason."""
    rejected = {one.exchange for one in found if _is_rejection(one)}
    if not rejected:
        return found
    told = {
        one.exchange
        for one in found
        if one.exchange in rejected and one.is_finding and one.requirement not in _REJECTIONS
    }
    return [one for one in found if not (_is_rejection(one) and one.exchange in told)]


def _is_rejection(one: Outcome) -> bool:
    """Whether it is the finding that a push was rejected, with no pointer to what contradicts the hub."""
    return one.requirement in _REJECTIONS and one.is_finding and one.pointer is None


def _habit(one: Outcome) -> str | None:
    """What a target does wherever it writes a value of a type: an erratum, or how it writes times."""
    if not one.is_finding:
        return None
    if one.erratum in _HABITS:
        return one.erratum
    is_time = one.expected.startswith(_TIME) and _is_of_table(one) and not one.erratum
    return re.sub(r"[0-9]+", "9", one.found) if is_time else None


def _habits_once(found: list[Outcome]) -> list[Outcome]:
    """Report each habit once for each operation, at the field where it came first."""
    told: dict[tuple[str, str], str] = {}
    others: dict[str, set[str]] = defaultdict(set)
    habits = [(one, habit) for one in found if (habit := _habit(one))]
    for one, habit in sorted(habits, key=lambda pair: pair[0].exchange or 0):
        first = told.setdefault((one.operation, habit), one.requirement)
        if one.requirement != first:
            others[first].add(_named_beside(first, one.requirement))
    return [_of_habit(one, told, others) for one in found] if others else found


def _named_beside(first: str, requirement: str) -> str:
    """A field beside another: its path, where it is one of the same message."""
    message, _, path = requirement.partition(".")
    return path if first.startswith(f"{message}.") else requirement


def _of_habit(one: Outcome, told: Mapping[tuple[str, str], str], others: Mapping[str, set[str]]) -> Outcome:
    habit = _habit(one)
    if habit is None:
        return one
    if one.requirement != told[one.operation, habit]:
        return replace(
            one, verdict=Verdict.PASS, message="", pointer=None, expected="", found="", erratum=None
        )
    further = others[one.requirement]
    if not further:
        return one
    names = ", ".join(sorted(further))
    return replace(one, message=f"{one.message}; the same was found in: {names}")


def _repeated(record: Record) -> Mapping[int, tuple[str | None, ...]]:
    """What is not judged of the exchanges that were tried again: only what the last one was for."""
    again = map(record.numbered, record.kept(_Again).numbers)
    return {one.number: (one.purpose, _FREE) for one in again if one is not None}


class _Again(OfExchanges):
    """The exchanges that were tried again, by their numbers."""

    def __init__(self, _: Record) -> None:
        self.numbers: set[int] = set()

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange."""
        if exchange.repeats is not None:
            self.numbers.add(exchange.repeats)


class _InDoubt(OfExchanges):
    """The beginnings and stops by the hub that may leave others in doubt."""

    def __init__(self, record: Record) -> None:
        self._is_cpo = record.role == "cpo"
        self.found: list[Exchange] = []

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange."""
        if is_garbage(exchange) or _stops_in_doubt(exchange) or (self._is_cpo and _is_invalid(exchange)):
            self.found.append(exchange)


@once
def _doubtful(record: Record) -> Mapping[int, str | None]:
    """The exchanges that prove nothing, each with the one requirement that is judged of it, if any is."""
    found: dict[int, str | None] = {}
    for exchange in record.kept(_InDoubt).found:
        if is_garbage(exchange):
            found[exchange.number] = exchange.purpose
            found |= dict.fromkeys(_of_garbage(record, exchange))
            if record.role == "emp":
                continue  # customers of an EMP charge beside one another, at one EVSE as well
        elif _stops_in_doubt(exchange):
            found[exchange.number] = exchange.purpose
        else:
            about = _NOTHING if exchange.operation == _REMOTE_START else _REFUSED
            found |= dict.fromkeys(_of_garbage(record, exchange, by_target=True), about)
            continue
        for session in _disturbed(record, exchange):
            later = [one.number for one in session.exchanges if one.number > exchange.number]
            found |= {number: found.get(number) for number in later}
    return found


def _is_of_hub(exchange: Exchange, operations: Collection[str]) -> bool:
    return not exchange.by_target and exchange.operation in operations


def _stops_in_doubt(exchange: Exchange) -> bool:
    purpose = exchange.purpose or ""
    return (
        _is_of_hub(exchange, STOPS)
        and purpose.endswith(_DOUBTFUL_STOPS)
        and answer_of(exchange) is Answer.POSITIVE
    )


def _of_garbage(record: Record, begun: Exchange, *, by_target: bool = False) -> Iterator[int]:
    """The exchanges after a beginning that carry its SessionID, or the one that the CPO made up for it."""
    given = (half.get("SessionID") for half in (begun.request, begun.answer))
    ids = {one.lower() for one in given if isinstance(one, str)}
    for one in (one for each in ids for one in record.naming(each)):
        if one.number > begun.number and (one.by_target or not by_target):
            yield one.number


def _disturbed(record: Record, cause: Exchange) -> Iterator[Session]:
    """The sessions that may have been ended by it: on its EVSE, or of its SessionID."""
    evse, named = cause.request.get("EvseID"), record.sessions.get(cause.request.get("SessionID"))
    for session in record.sessions:
        here = is_same_id(evse, session.evse)
        began = session.begun and session.begun_by.number < cause.number
        if (here or session is named) and began and not _is_settled(session, cause):
            yield session


def _is_settled(session: Session, before: Exchange) -> bool:
    return any(
        one.number < before.number and answer_of(one) is Answer.POSITIVE
        for one in session.sent("eRoamingChargeDetailRecord")
    )
