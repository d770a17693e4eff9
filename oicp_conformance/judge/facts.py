"""What several rules need to know of a run."""

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Record, once
from oicp_conformance.judge.requirement import REQUIREMENTS
from oicp_conformance.oicp.operations import NOTIFICATION_TYPES

_NOT_SERVED = {404, 405, 501}

WITHOUT_BODY = {204, 205}
"""Statuses of an answer that has no body, whatever was sent: the status is what is wrong with it."""

Subject = tuple[str | None, str | None]


def is_basic(exchange: Exchange) -> bool:
    """Whether a request tries what its operation is for.

    When even that is not answered, nothing else can be judged of the operation.
    """
    return exchange.purpose is not None and REQUIREMENTS[exchange.purpose].is_basic


def subject_of(exchange: Exchange) -> Subject:
    """What a target may handle apart from all else: an operation, and its type where it has types."""
    kind = exchange.request.get("Type")
    return exchange.operation, kind if kind in NOTIFICATION_TYPES else None


def speaks(record: Record, exchange: Exchange) -> bool:
    """Whether the target has answered an ordinary request of the same subject with a yes or a no.

    What has none of the types is spoken of where any type is.
    """
    return subject_of(exchange) in _spoken_of(record, exchange.operation or "")


@once
def _spoken_of(record: Record, operation: str) -> set[Subject]:
    return {
        subject
        for exchange in record.of(operation)
        if is_basic(exchange)
        and answer_of(exchange) in {Answer.POSITIVE, Answer.NEGATIVE}
        and not is_not_served(exchange)
        for subject in (subject_of(exchange), (exchange.operation, None))
    }


def is_not_served(exchange: Exchange) -> bool:
    """Whether the answer reads as: there is no such endpoint."""
    message = exchange.answer.object
    return exchange.status in _NOT_SERVED and "Result" not in message and "AuthorizationStatus" not in message


def no_answer(exchange: Exchange) -> str:
    """In words that a request was not answered, and why."""
    why = exchange.detail or exchange.trouble or ""
    return why if why.startswith("no response") else f"no response: {why}"
