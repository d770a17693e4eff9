"""Answers of the target against the request: result and code, and the ids that come back."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import code_of, contradicts_itself
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, operation_of, shown
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import text
from oicp_conformance.oicp.types import is_plain_text

RESULT_AND_CODE = requirement(
    "answer.result-and-code",
    cpo(
        "SHOULD",
        "The CPO sends StatusCode 000 with Result true and another code with Result false.",
        Source("IG CPO 09", "", 74, "lower"),
        on="acknowledged",
    ),
    emp(
        "SHOULD",
        "The EMP sends StatusCode 000 with Result true and another code with Result false.",
        Source("EMP 02", "eRoamingAcknowledgement", 1026, "practice"),
        on="acknowledged",
    ),
)

SESSION_ID = requirement(
    "answer.session-id",
    cpo(
        "MUST",
        "If the CPO returns a SessionID, it returns the SessionID of the request.",
        Source("CPO 02", "eRoamingAcknowledgementmessage", 896, "explicit"),
        on="answered",
    ),
    emp(
        "MUST",
        "If the EMP's response has a SessionID, it is the SessionID of the request.",
        Source("EMP 02", "eRoamingAuthorizationStartmessage", 98, "explicit"),
        on="answered",
    ),
)

PARTNER_SESSION_ID = requirement(
    "answer.partner-session-id",
    cpo(
        "SHOULD",
        "If the CPO returns an EMPPartnerSessionID, it returns the one of the request.",
        Source("CPO 02", "eRoamingAcknowledgementmessage", 898, "explicit"),
        on="answered",
    ),
    emp(
        "SHOULD",
        "If the EMP's response has a CPOPartnerSessionID, it is the one of the request.",
        Source("EMP 02", "eRoamingAuthorizationStartmessage", 99, "practice"),
        on="answered",
    ),
)


@rule(RESULT_AND_CODE, by_exchange=True)
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
        if not contradicts_itself(exchange):
            yield RESULT_AND_CODE.held(exchange)
        else:
            yield RESULT_AND_CODE.broken(
                exchange,
                f"Result is {shown(result)}, but StatusCode is {code}",
                pointer="/StatusCode/Code",
                expected="000" if result else "a code other than 000",
                found=code,
            )


@rule(SESSION_ID, PARTNER_SESSION_ID, by_exchange=True)
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
                continue
            # Two spellings are the same GUID; nothing says that it is written in one of them only.
            is_spelling = name == "SessionID" and back.lower() == sent.lower()
            yield demanded.broken(
                exchange,
                f"the {name} of the response is not "
                + ("written as in the request" if is_spelling else "the one of the request"),
                pointer=f"/{name}",
                expected=sent,
                found=back,
                erratum="C135" if is_spelling else None,
                verdict=Verdict.WARNING if is_spelling else None,
            )
