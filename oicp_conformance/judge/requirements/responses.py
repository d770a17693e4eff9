"""Answers of the target against the request: result and code, and the ids that come back."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import code_of
from oicp_conformance.judge.outcome import Outcome, Record, operation_of
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import text
from oicp_conformance.oicp.types import is_plain_text

RESULT_AND_CODE = requirement(
    "answer.result-and-code",
    cpo(
        "MUST",
        "Result is true exactly when the StatusCode is 000.",
        Source("CPO 02", "eRoamingAcknowledgementmessage"),
        on="acknowledged",
    ),
    emp(
        "MUST",
        "Result is true exactly when the StatusCode is 000.",
        Source("EMP 02", "eRoamingAcknowledgementmessage"),
        on="acknowledged",
    ),
)

SESSION_ID = requirement(
    "answer.session-id",
    cpo(
        "MUST",
        "The SessionID of an answer is the one of the request.",
        Source("CPO 01", "session_handling"),
        on="answered",
    ),
    emp(
        "MUST",
        "The SessionID of an answer is the one of the request.",
        Source("EMP 01", "session_handling"),
        on="answered",
    ),
)

PARTNER_SESSION_ID = requirement(
    "answer.partner-session-id",
    cpo(
        "MUST",
        "The partner session id that the other side gave comes back unchanged.",
        Source("CPO 01", "session_handling"),
        on="answered",
    ),
    emp(
        "MUST",
        "The partner session id that the other side gave comes back unchanged.",
        Source("EMP 01", "session_handling"),
        on="answered",
    ),
)


@rule(RESULT_AND_CODE)
def result_and_code(record: Record) -> Iterator[Outcome]:
    """True goes with 000, false with another code."""
    for exchange in record.exchanges:
        if exchange.by_target or exchange.operation is None:
            continue
        if "Result" not in operation_of(exchange).answer.model_fields:
            continue
        result, code = exchange.answer.get("Result"), code_of(exchange)
        if not isinstance(result, bool) or code is None:
            continue
        if result == (code == "000"):
            yield RESULT_AND_CODE.held(exchange)
        else:
            yield RESULT_AND_CODE.broken(
                exchange,
                f"Result is {str(result).lower()}, but StatusCode is {code}",
                pointer="/StatusCode/Code",
                expected="000" if result else "a code other than 000",
                found=code,
            )


@rule(SESSION_ID, PARTNER_SESSION_ID)
def session_ids(record: Record) -> Iterator[Outcome]:
    """What the hub sent comes back as it was."""
    given = "EMPPartnerSessionID" if record.role == "cpo" else "CPOPartnerSessionID"
    for exchange in record.exchanges:
        if exchange.by_target or not exchange.answer.object:
            continue
        for name, demanded in (("SessionID", SESSION_ID), (given, PARTNER_SESSION_ID)):
            sent, back = text(exchange.request.object, name), text(exchange.answer.object, name)
            # What is no plain text may be cleaned before it is kept.
            if back is None or sent is None or not is_plain_text(sent):
                continue
            if back == sent:
                yield demanded.held(exchange)
            else:
                yield demanded.broken(
                    exchange,
                    f"the {name} of the answer is not the one of the request",
                    pointer=f"/{name}",
                    expected=sent,
                    found=back,
                )
