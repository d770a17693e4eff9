"""Charging notifications, as they came."""

from collections.abc import Iterator

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import Session
from oicp_conformance.judge.outcome import Record
from oicp_conformance.oicp.operation_names import NOTIFY


def notifications(record: Record) -> Iterator[Exchange]:
    """The notifications of the target, in order."""
    for exchange in record.written(NOTIFY):
        if exchange.by_target:
            yield exchange


def by_session(record: Record) -> Iterator[tuple[Session, list[Exchange]]]:
    """The notifications of each session that is asked about, in order; what was sent again counts once."""
    for session in record.asked_sessions:
        sent: list[Exchange] = []
        for exchange in session.sent(NOTIFY):
            fits = exchange.request.object and session.has_at_its_evse(exchange)
            if fits and all(one.request.json != exchange.request.json for one in sent):
                sent.append(exchange)
        if sent:
            yield session, sent
