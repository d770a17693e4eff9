"""What a target sent of a session that was refused."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from oicp_conformance.journal.answers import Answer, answer_of, code_of, contradicts_itself
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import BEGINNINGS, FOLLOWERS
from oicp_conformance.judge.kept import OfExchanges
from oicp_conformance.judge.outcome import Record, once, shown
from oicp_conformance.judge.values import session_id, text
from oicp_conformance.oicp.operation_names import REMOTE_START, REMOTE_STOP
from oicp_conformance.oicp.types import is_same_id, plain_id


@once
def after_refusals(record: Record) -> list[tuple[Exchange, list[Exchange]]]:
    """Each beginning that was refused, with what the CPO sent all the same."""
    if record.role != "cpo":
        return []
    refusals = record.kept(_Refusals)
    known = {given: some for given, some in refusals.followers.items() if record.sessions.get(given)}
    unknown = [one for given, some in refusals.followers.items() if given not in known for one in some]

    def after(begun: Exchange, session: str | None) -> list[Exchange]:
        maybe = _of_this_or_unknown(session, known, unknown)
        return [one for one in maybe if one.number > begun.number and _follows(record, begun, one)]

    return [(begun, after(begun, session)) for begun, session in refusals.begun]


def _of_this_or_unknown(
    session: str | None, known: Mapping[str | None, Sequence[Exchange]], unknown: Sequence[Exchange]
) -> Sequence[Exchange]:
    """What may belong to a beginning, in order: what carries another session's id belongs to that one."""
    return sorted([*known.get(session, ()), *unknown], key=lambda one: one.number)


class _Refusals(OfExchanges):
    """The beginnings that were refused, and what a CPO sends in sessions, by the SessionID that it has."""

    def __init__(self, record: Record) -> None:
        self._sessions = record.sessions
        self.begun: list[tuple[Exchange, str | None]] = []
        """Each with the SessionID that it gives to what it wants to begin."""
        self.followers: dict[str | None, list[Exchange]] = defaultdict(list)

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange."""
        if exchange.operation in BEGINNINGS:
            if _is_refused(exchange) and not self._is_again(exchange):
                self.begun.append((exchange, _session_of(exchange)))
        elif exchange.operation in FOLLOWERS and exchange.by_target and exchange.request.object:
            self._see_follower(exchange)

    def _see_follower(self, exchange: Exchange) -> None:
        # An Error may come before charging starts (CPO 02): then it tells why a start was refused.
        if exchange.request.get("Type") != "Error":
            given = text(exchange.request.object, "SessionID")
            self.followers[None if given is None else given.lower()].append(exchange)

    def _is_again(self, begun: Exchange) -> bool:
        """Whether a beginning by the hub came for a session that runs already: refused, it ends nothing."""
        session = None if begun.by_target else self._sessions.get(begun.request.get("SessionID"))
        return session is not None and session.begun and session.begun_by.number < begun.number


def _is_refused(begun: Exchange) -> bool:
    answer = answer_of(begun)
    return (
        answer is not Answer.POSITIVE
        and (begun.by_target or answer is not Answer.NONE)
        and begun.scripted != "late"  # the CPO may or may not have waited for it
        and (begun.by_target or not contradicts_itself(begun))  # a finding of its own: it may have started
    )


def answered_with(begun: Exchange) -> str:
    """The refusal of a beginning in words: status, result and code."""
    if begun.status is None:
        return begun.scripted or begun.trouble or "no response"
    message = begun.answer.object
    result = f"Result {shown(message['Result'])}" if "Result" in message else "no Result"
    said = message.get("AuthorizationStatus") or result
    return f"HTTP {begun.status}, {said}, code {code_of(begun) or '-'}"


def _session_of(begun: Exchange) -> str | None:
    """The SessionID that a beginning gives to what it wants to begin."""
    return session_id((begun.answer if begun.by_target else begun.request).object)


def _follows(record: Record, begun: Exchange, one: Exchange) -> bool:
    """Whether a message belongs to what `begun` wanted to begin."""
    asked, given = begun.request.object, one.request.object
    named = _session_of(begun)
    if named and session_id(given) == named:
        return True
    if record.sessions.get(given.get("SessionID")):
        return False
    # An id that the hub never gave: of this EVSE or this partner session, if that was the last to begin.
    partner = text(asked, "CPOPartnerSessionID") if begun.by_target else None
    if partner and given.get("CPOPartnerSessionID") == partner:
        return True
    evse = text(asked, "EvseID")
    # A remote start that was refused may have met a session that runs there: that one may go on.
    return begun.by_target and bool(evse) and _last_begun(record, evse or "", one) is begun


def _last_begun(record: Record, evse: str, before: Exchange) -> Exchange | None:
    found = None
    for begun in record.of(*BEGINNINGS):
        at = text(begun.request.object, "EvseID")
        if begun.number < before.number and at and is_same_id(at, evse):
            found = begun
    at = text(before.request.object, "EvseID")
    return found if at and is_same_id(at, evse) else None


@once
def stops_of_refused(record: Record) -> list[tuple[Exchange, list[Exchange]]]:
    """Each remote start of an EMP that was refused, with the stops that it sent all the same."""
    if record.role != "emp":
        return []
    known: dict[str | None, list[Exchange]] = defaultdict(list)
    unknown: list[Exchange] = []
    for stop in record.of(REMOTE_STOP):
        is_known = record.sessions.get(stop.request.get("SessionID")) is not None
        (known[session_id(stop.request.object)] if is_known else unknown).append(stop)

    def after(begun: Exchange) -> list[Exchange]:
        maybe = _of_this_or_unknown(_session_of(begun), known, unknown)
        return [one for one in maybe if _stops(record, begun, one)]

    return [
        (begun, after(begun))
        for begun in record.of(REMOTE_START)
        if begun.by_target and answer_of(begun) is not Answer.POSITIVE
    ]


def _stops(record: Record, begun: Exchange, stop: Exchange) -> bool:
    """Whether a stop is meant for what `begun` wanted to begin."""
    if stop.number < begun.number:
        return False
    given = session_id(begun.answer.object)
    partner = text(begun.request.object, "EMPPartnerSessionID")
    if given and session_id(stop.request.object) == given:
        return True
    if record.sessions.get(stop.request.get("SessionID")) is not None:
        return False
    if partner:
        return bool(stop.request.get("EMPPartnerSessionID") == partner)
    same_evse = plain_id(str(stop.request.get("EvseID"))) == plain_id(str(begun.request.get("EvseID")))
    return not given and same_evse
