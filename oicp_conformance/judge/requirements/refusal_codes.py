"""The StatusCode with which a CPO refuses to start at an EVSE: one that fits what is wrong."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import Answer, answer_of, code_of
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import cpo, requirement, rule
from oicp_conformance.judge.requirements import remote_sessions, reservations
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import REMOTE_START, RESERVE

CODE_AREA = requirement(
    "answer.code-area",
    cpo(
        "SHOULD",
        "The CPO rejects a start on an unknown, reserved or occupied EVSE without a code for authentication.",
        Source("CPO 03", "CodeType", 618, "practice"),
        on=(REMOTE_START, RESERVE),
    ),
)

_OF_THE_EVSE = frozenset(
    one.id
    for one in (
        remote_sessions.UNKNOWN_EVSE,
        remote_sessions.OCCUPIED_EVSE,
        reservations.UNKNOWN_EVSE,
        reservations.OCCUPIED_EVSE,
    )
)
"""What the hub tries with a customer whom the CPO serves otherwise: only the EVSE can be the reason."""


@rule(CODE_AREA)
def code_area(record: Record) -> Iterator[Outcome]:
    """Codes 101 to 200 say that a customer was not authenticated: 603, 601 and 602 name the EVSE.

    A CPO that has accepted no start may reject the customer, or the EMP, whatever the EVSE is.
    """
    serves = {
        exchange.operation
        for exchange in record.of(REMOTE_START, RESERVE)
        if exchange.expects == "accept" and answer_of(exchange) is Answer.POSITIVE
    }
    for exchange in record.of(REMOTE_START, RESERVE):
        code = code_of(exchange)
        if exchange.by_target or exchange.purpose not in _OF_THE_EVSE or code is None:
            continue
        if exchange.operation not in serves:
            continue
        if answer_of(exchange) is not Answer.NEGATIVE or code == "000":
            continue
        if "101" <= code <= "200":
            yield CODE_AREA.broken(
                exchange,
                f"{code} is a code for authentication, but the EVSE is the reason",
                pointer="/StatusCode/Code",
                expected="a code for EVSEs (501 to 700), sessions (2xx to 4xx) or systems (0xx)",
                found=code,
                erratum="C105",
            )
        else:
            yield CODE_AREA.held(exchange)
