"""What the target's answers say in themselves, and against the request that they answer."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import code_of
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, broken, held, operation_of, rule
from oicp_conformance.judge.values import text
from oicp_conformance.oicp.types import is_plain_text, plain_id

_AUTHORIZATIONS = ("eRoamingAuthorizeStart", "eRoamingAuthorizeStop")


@rule
def result_and_code(record: Record) -> Iterator[Outcome]:
    """answer.result-and-code: true goes with 000, false with another code."""
    for exchange in record.exchanges:
        if exchange.by_target or exchange.operation is None:
            continue
        if "Result" not in operation_of(exchange).answer.model_fields:
            continue
        result, code = exchange.answer.get("Result"), code_of(exchange)
        if not isinstance(result, bool) or code is None:
            continue
        if result == (code == "000"):
            yield held("answer.result-and-code", exchange)
        else:
            yield broken(
                "answer.result-and-code",
                exchange,
                f"Result is {str(result).lower()}, but StatusCode is {code}",
                pointer="/StatusCode/Code",
                expected="000" if result else "a code other than 000",
                found=code,
            )


@rule
def session_ids(record: Record) -> Iterator[Outcome]:
    """answer.session-id and answer.partner-session-id: what the hub sent comes back as it was."""
    given = "EMPPartnerSessionID" if record.role == "cpo" else "CPOPartnerSessionID"
    for exchange in record.exchanges:
        if exchange.by_target or not exchange.answer.object:
            continue
        for name, requirement in (
            ("SessionID", "answer.session-id"),
            (given, "answer.partner-session-id"),
        ):
            sent, back = text(exchange.request.object, name), text(exchange.answer.object, name)
            # What is no plain text may be cleaned before it is kept.
            if back is None or sent is None or not is_plain_text(sent):
                continue
            if back == sent:
                yield held(requirement, exchange)
            else:
                yield broken(
                    requirement,
                    exchange,
                    f"the {name} of the answer is not the one of the request",
                    pointer=f"/{name}",
                    expected=sent,
                    found=back,
                )


@rule
def authorization(record: Record) -> Iterator[Outcome]:
    """authorization.provider-id, .code and .code-area: what an EMP says of a medium."""
    if record.role != "emp":
        return
    own = record.profile.partner.provider_id or ""
    for exchange in record.of(*_AUTHORIZATIONS):
        status, code = exchange.answer.get("AuthorizationStatus"), code_of(exchange)
        if exchange.by_target or status not in ("Authorized", "NotAuthorized"):
            continue
        if exchange.answer.get("Result") is None:
            yield held("authorization.no-result", exchange)
        else:
            yield broken(
                "authorization.no-result",
                exchange,
                "Result is a field of acknowledgements, not of authorizations",
                pointer="/Result",
                expected="no Result",
                found=exchange.answer.get("Result"),
                erratum="C077",
                verdict=Verdict.WARNING,
            )
        if status == "Authorized":
            provider = exchange.answer.get("ProviderID")
            is_stop = exchange.operation == "eRoamingAuthorizeStop"
            if isinstance(provider, str) and plain_id(provider) in record.profile.partner.providers:
                yield held("authorization.provider-id", exchange)
            else:
                yield broken(
                    "authorization.provider-id",
                    exchange,
                    f"Authorized, but the ProviderID is {provider}"
                    if provider
                    else "Authorized without ProviderID",
                    pointer="/ProviderID",
                    expected=own,
                    found=provider or "nothing",
                    erratum=None if provider else "C077" if is_stop else "C043",
                    # An example of the official ones stops a session without ProviderID.
                    verdict=Verdict.WARNING if provider is None and is_stop else Verdict.FAIL,
                )
        if code is None:
            continue
        if (status == "Authorized") != (code == "000"):
            yield broken(
                "authorization.code",
                exchange,
                f"{status} goes with StatusCode {code}",
                pointer="/StatusCode/Code",
                expected="000" if status == "Authorized" else "a code other than 000",
                found=code,
            )
            continue
        yield held("authorization.code", exchange)
        if status == "NotAuthorized" and code >= "501":
            yield broken(
                "authorization.code-area",
                exchange,
                f"{code} is a code for EVSEs, not for authorization",
                pointer="/StatusCode/Code",
                expected="a code for authentication (1xx, 2xx), sessions (3xx, 400) or systems",
                found=code,
                erratum="C105",
                verdict=Verdict.WARNING,
            )
        elif status == "NotAuthorized":
            yield held("authorization.code-area", exchange)
