"""What a request in an unusual form has broken, and what else it breaks: one cause is one finding."""

from collections.abc import Callable, Mapping
from typing import Any

from oicp_conformance.journal.exchange import Part
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import REQUIREMENTS, JudgedBy

_STATUS = "http.status"
_MALFORMED = "request.malformed"


def without_consequences_of_forms(record: Record, found: list[Outcome]) -> list[Outcome]:
    """Without what else was broken by a form of request that has a finding, with the same HTTP status."""
    if not any(one.is_finding and _is_of_form(one.requirement) for one in found):
        return found  # as of most: this is asked after every test
    exchanges = {one.number: one for one in record.exchanges}

    def answered(one: Outcome) -> tuple[str, int | None]:
        return one.operation, exchanges[one.exchange or 0].status

    findings = [one for one in found if one.is_finding and one.exchange in exchanges]
    of_forms = {(answered(one), one.requirement) for one in findings if _is_of_form(one.requirement)}
    # A valid request has no form of a malformed one: what is wrong with these explains no status of those.
    of_valid_forms = {answer for answer, form in of_forms if form != _MALFORMED}
    behind = _statuses_behind(record, findings, of_valid_forms, answered)
    for one in findings:
        about = exchanges[one.exchange or 0]
        if one.requirement == _MALFORMED and any(
            (answered(one), form) in of_forms and shows(about.request) for form, shows in _SHOWN.items()
        ):
            behind.add((_MALFORMED, about.number))
    return [one for one in found if (one.requirement, one.exchange) not in behind]


def _statuses_behind(
    record: Record,
    findings: list[Outcome],
    of_forms: set[tuple[str, int | None]],
    answered: Callable[[Outcome], tuple[str, int | None]],
) -> set[tuple[str, int]]:
    """The statuses of requests that may have a form which is answered with the same status.

    Such are generated requests, which have several forms at once, and those of a session in which a form was
    tried, since its ids may be special. Where an ordinary request is answered so, the form is not the cause.
    """
    of_status = [one for one in findings if one.requirement == _STATUS]
    if not of_status:
        return set()
    special = {number for note in record.reduced for number in (*note.smallest, *note.larger)}
    for session in record.sessions:
        if any(one.purpose and _is_of_form(one.purpose) for one in session.exchanges):
            special.update(one.number for one in session.exchanges)
    ordinary = {one.operation for one in of_status if one.exchange not in special}
    return {
        (_STATUS, one.exchange or 0)
        for one in of_status
        if one.operation not in ordinary and answered(one) in of_forms
    }


def _is_of_form(requirement: str) -> bool:
    """Whether a requirement is tried with requests that are not ordinary."""
    known = REQUIREMENTS[requirement]
    return known.by is JudgedBy.TRIED and not known.is_basic


def _has_null(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_null, value.values()))
    return value is None or (isinstance(value, list) and any(map(_has_null, value)))


_SHOWN: Mapping[str, Callable[[Part], bool]] = {
    "request.nulls": lambda request: request.problem is None and _has_null(request.json),
    "request.non-ascii": lambda request: not request.body.isascii(),
}
"""How a malformed request shows that it also has a form that a target must accept."""
