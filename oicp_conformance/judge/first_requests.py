"""The first request of a session."""

from collections.abc import Iterator

from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import Requirement


def without_session_id(
    record: Record, operation: str, requirement: Requirement, erratum: str
) -> Iterator[Outcome]:
    """Whether it carries no SessionID: the hub makes it."""
    for exchange in record.written(operation):
        if not exchange.by_target:
            continue
        if given := exchange.request.get("SessionID"):
            yield requirement.broken(
                exchange,
                "the first request of a session has a SessionID, which only the hub creates",
                pointer="/SessionID",
                expected="no SessionID",
                found=given,
                erratum=erratum,
            )
        else:
            yield requirement.held(exchange)
