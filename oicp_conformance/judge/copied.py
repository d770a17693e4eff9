"""Charge detail records that have the figures of another session's record."""

from collections.abc import Hashable, Mapping

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.kept import OfExchanges
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.plausible import CLOCK
from oicp_conformance.judge.values import moment, number, text
from oicp_conformance.oicp.operation_names import CDR
from oicp_conformance.oicp.types import plain_id

_TIMES = ("ChargingStart", "ChargingEnd", "SessionStart", "SessionEnd")
_LATER = 1.0
"""Seconds after which the next session of an EVSE ends in a later second than the one before it."""


def copied_records(record: Record) -> Mapping[int, Exchange]:
    """The accepted records of which another session's was the original: by number, that one."""
    return record.kept(_Copies).found


class _Copies(OfExchanges):
    """The next session of an EVSE began when the original had come, so that it cannot have ended before."""

    def __init__(self, record: Record) -> None:
        self._sessions = record.sessions
        self._known: dict[Hashable, Exchange] = {}
        self.found: dict[int, Exchange] = {}

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange."""
        if exchange.operation != CDR or not exchange.sent.object:
            return
        session, figures = self._sessions.get(exchange.request.get("SessionID")), _figures(exchange)
        if session is None or figures is None or answer_of(exchange) is not Answer.POSITIVE:
            return
        first = self._known.setdefault(figures, exchange)
        since = session.begun_by.started
        end = moment(first.request.object, "SessionEnd")
        # An end that is far from the session is a finding of its own.
        if since > first.started + _LATER and end is not None and abs(since - end.timestamp()) <= CLOCK:
            self.found[exchange.number] = first


def _figures(exchange: Exchange) -> Hashable | None:
    """EVSE, times and meter values of a record with energy; None if one is not there."""
    body = exchange.request.object
    evse, start, end = text(body, "EvseID"), number(body, "MeterValueStart"), number(body, "MeterValueEnd")
    times = tuple(moment(body, name) for name in _TIMES)
    if evse is None or start is None or end is None or end <= start or None in times:
        return None
    return plain_id(evse), times, start, end
