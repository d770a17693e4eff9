"""The answer as HTTP has it: that it comes, in time, and with which status."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import GIVEN_UP, Exchange
from oicp_conformance.judge.facts import is_basic, is_not_served, no_answer, speaks
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, operation_of
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.requirements.acceptance import NOT_OFFERED
from oicp_conformance.judge.source import Source

SERVED = requirement(
    "http.served",
    cpo(
        "MUST",
        "The CPO serves each mandatory operation, and each optional operation it declares, at its path.",
        Source("CPO 02", "eRoamingAuthorization", 21, "explicit"),
        on="answered",
    ),
    emp(
        "MUST",
        (
            "The EMP serves each mandatory operation, and each optional operation that it declares, "
            "at its path."
        ),
        Source("EMP 02", "services_and_operations", 8, "explicit"),
        on="answered",
    ),
)

STATUS = requirement(
    "http.status",
    cpo(
        "MUST",
        "The CPO responds with HTTP 200 and the operation's response message; it may reject with HTTP 4xx.",
        Source("OAS-CPO RemoteStart", "", 43, "lower"),
        on="answered",
        erratum="C208",
    ),
    emp(
        "MUST",
        "The EMP responds with HTTP 200 and the operation's response message; it may reject with HTTP 4xx.",
        Source("OAS-EMP AuthorizeStart", "", 43, "lower"),
        on="answered",
        erratum="C208",
    ),
)

ANSWERED = requirement(
    "http.answered",
    cpo(
        "MUST",
        "The CPO responds to each request within the timeout of the profile.",
        Source("CPO 01", "status_codes", 31, "explicit"),
        on="answered",
    ),
    emp(
        "MUST",
        "The EMP responds to each request with a response message within the timeout of the profile.",
        Source("EMP 01", "status_codes", 32, "explicit"),
        on="answered",
    ),
)

ANSWER_TIME = requirement(
    "http.answer-time",
    cpo(
        "SHOULD",
        "The CPO responds to each request within 10 seconds.",
        Source("CPO 02", "eRoamingAuthorizeRemoteStartmessage", 244, "explicit"),
        on="answered",
    ),
    emp(
        "SHOULD",
        "The EMP responds to each request in less than 10 seconds.",
        Source("CPO 02", "eRoamingAuthorizeRemoteStartmessage", 244, "lower"),
        on="answered",
    ),
)


SLOW = 10.0
"""Seconds after which an answer is slow (C198)."""
PATIENCE = 30.0
"""Seconds after which Hubject gives up waiting, as its support says; no document has the figure."""
_GIVEN_UP = f"; Hubject waits for a response for about {PATIENCE:g} s and has timed out by then"


@rule(ANSWERED, ANSWER_TIME, by_exchange=True)
def answered(record: Record) -> Iterator[Outcome]:
    """An answer comes, in time; a target that cannot be reached is not accused."""
    for exchange in record.exchanges:
        if exchange.by_target or exchange.operation is None or exchange.trouble in {"unreachable", "tls"}:
            continue
        if exchange.purpose == NOT_OFFERED.id:
            continue  # how an operation that is not declared is answered is judged there
        if exchange.trouble == GIVEN_UP:
            # The operation let the whole limit pass before, which is the finding; this time may be too short.
            yield ANSWERED.unclear(
                no_answer(exchange), cause=Cause.HIDDEN, exchange=exchange, behind=ANSWERED
            )
            continue
        if exchange.trouble:
            yield ANSWERED.broken(
                exchange,
                no_answer(exchange),
                expected=f"a response within {record.profile.target.timeout:g} s",
                found=exchange.trouble,
            )
            continue
        yield ANSWERED.held(exchange)
        if exchange.seconds > SLOW:
            yield ANSWER_TIME.broken(
                exchange,
                f"the response took {exchange.seconds:.1f} s{_GIVEN_UP * (exchange.seconds > PATIENCE)}",
                expected=f"less than {SLOW:g} s",
                found=f"{exchange.seconds:.1f} s",
            )
        else:
            yield ANSWER_TIME.held(exchange)


@rule(SERVED, STATUS, piecewise=True)
def status(record: Record) -> Iterator[Outcome]:
    """Whether the operation is served, and with which status it is answered."""
    for exchange in record.asked_exchanges:
        if exchange.by_target or exchange.status is None or exchange.operation is None:
            continue
        if exchange.purpose == NOT_OFFERED.id or not record.declared(operation_of(exchange)):
            continue
        if is_not_served(exchange) and exchange.expects == "accept":
            yield SERVED.broken(
                exchange,
                f"{exchange.operation} is not served",
                expected="HTTP 200",
                found=f"HTTP {exchange.status}",
            )
            continue
        if answer_of(exchange) is Answer.POSITIVE:
            yield SERVED.held(exchange)
        # What only a special request breaks is charged to what was special.
        if is_basic(exchange) or not speaks(record, exchange):
            yield _judged_status(exchange)


def _judged_status(exchange: Exchange) -> Outcome:
    code = exchange.status or 0
    if code == 200 or (400 <= code < 500):
        return STATUS.held(exchange)
    if code == 201:
        return STATUS.broken(
            exchange,
            "HTTP 201 is documented only in a withdrawn Hubject document",
            expected="HTTP 200",
            found="HTTP 201",
            erratum="C208",
            verdict=Verdict.WARNING,
        )
    return STATUS.broken(
        exchange,
        f"HTTP {code} is not an OICP response",
        expected="HTTP 200, or 4xx for a rejection",
        found=f"HTTP {code}",
    )
