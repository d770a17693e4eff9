"""What an EMP decides of an identification that is presented, and how it says so."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import code_of
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.requirement import emp, requirement, rule, tried
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import AUTHORIZE_START, AUTHORIZE_STOP
from oicp_conformance.oicp.types import plain_id

ACCEPTED = tried(
    "eRoamingAuthorizeStart.accepted",
    emp(
        "MUST",
        "A customer's identification is authorized.",
        Source("EMP 02", "eRoamingAuthorizeStart"),
        on=(AUTHORIZE_START,),
    ),
    is_basic=True,
)

REFUSED = tried(
    "eRoamingAuthorizeStart.refused",
    emp(
        "MUST",
        "An identification that the EMP does not serve is not authorized.",
        Source("EMP 02", "eRoamingAuthorizeStart"),
        on=(AUTHORIZE_START,),
    ),
)

UNKNOWN = tried(
    "eRoamingAuthorizeStart.unknown",
    emp(
        "MUST",
        "An identification that nobody knows is not authorized.",
        Source("EMP 02", "eRoamingAuthorizeStart"),
        on=(AUTHORIZE_START,),
    ),
)

WITHOUT_EVSE = tried(
    "eRoamingAuthorizeStart.without-evse",
    emp(
        "MUST",
        "The EvseID may be absent.",
        Source("EMP 02", "eRoamingAuthorizeStartmessage"),
        on=(AUTHORIZE_START,),
    ),
)

OTHER_OPERATOR = tried(
    "eRoamingAuthorizeStart.other-operator",
    emp(
        "MUST",
        "Requests of any operator are answered.",
        Source("EMP 02", "eRoamingAuthorizeStart"),
        on=(AUTHORIZE_START,),
    ),
    excuses=("017", "210", "300"),
)

OWN_MEDIUM = tried(
    "eRoamingAuthorizeStop.own-medium",
    emp(
        "MUST",
        "The medium that started a session may stop it.",
        Source("EMP 02", "eRoamingAuthorizeStop"),
        on=(AUTHORIZE_STOP,),
    ),
    is_basic=True,
)

OTHER_MEDIUM = tried(
    "eRoamingAuthorizeStop.other-medium",
    emp(
        "MUST",
        "A medium that the EMP does not serve may not stop a session.",
        Source("EMP 02", "eRoamingAuthorizeStop"),
        on=(AUTHORIZE_STOP,),
    ),
)

UNKNOWN_SESSION = tried(
    "eRoamingAuthorizeStop.unknown-session",
    emp(
        "SHOULD",
        "A stop of a session that never was is not authorized.",
        Source("EMP 01", "session_handling"),
        on=(AUTHORIZE_STOP,),
    ),
)

CLOSED_SESSION = tried(
    "eRoamingAuthorizeStop.closed-session",
    emp(
        "SHOULD",
        "A stop of a session that is over is not authorized.",
        Source("EMP 01", "session_handling"),
        on=(AUTHORIZE_STOP,),
    ),
)

PROVIDER_ID = requirement(
    "authorization.provider-id",
    emp(
        "MUST",
        "A positive authorization carries the provider's own ProviderID.",
        Source("EMP 02", "eRoamingAuthorizationStartmessage"),
        on=(
            AUTHORIZE_START,
            AUTHORIZE_STOP,
        ),
    ),
)

NO_RESULT = requirement(
    "authorization.no-result",
    emp(
        "SHOULD",
        "An authorization carries no Result: that belongs to acknowledgements.",
        Source("EMP 02", "eRoamingAuthorizationStopmessage"),
        on=(
            AUTHORIZE_START,
            AUTHORIZE_STOP,
        ),
    ),
)

CODE = requirement(
    "authorization.code",
    emp(
        "MUST",
        "Authorized goes with StatusCode 000, NotAuthorized with another.",
        Source("EMP 02", "eRoamingAuthorizationStartmessage"),
        on=(
            AUTHORIZE_START,
            AUTHORIZE_STOP,
        ),
    ),
)

CODE_AREA = requirement(
    "authorization.code-area",
    emp(
        "SHOULD",
        "A refused authorization is explained with a code for authentication, sessions or systems.",
        Source("EMP 03", "CodeType"),
        on=(
            AUTHORIZE_START,
            AUTHORIZE_STOP,
        ),
    ),
)


@rule(PROVIDER_ID, NO_RESULT, CODE, CODE_AREA)
def authorization(record: Record) -> Iterator[Outcome]:
    """What an EMP says of a medium."""
    if record.role != "emp":
        return
    own = record.profile.partner.provider_id or ""
    for exchange in record.of(AUTHORIZE_START, AUTHORIZE_STOP):
        status, code = exchange.answer.get("AuthorizationStatus"), code_of(exchange)
        if exchange.by_target or status not in ("Authorized", "NotAuthorized"):
            continue
        if exchange.answer.get("Result") is None:
            yield NO_RESULT.held(exchange)
        else:
            yield NO_RESULT.broken(
                exchange,
                "Result is a field of acknowledgements, not of authorizations",
                pointer="/Result",
                expected="no Result",
                found=exchange.answer.get("Result"),
                erratum="C077",
            )
        if status == "Authorized":
            provider = exchange.answer.get("ProviderID")
            is_stop = exchange.operation == AUTHORIZE_STOP
            if isinstance(provider, str) and plain_id(provider) in record.profile.partner.providers:
                yield PROVIDER_ID.held(exchange)
            else:
                yield PROVIDER_ID.broken(
                    exchange,
                    f"Authorized, but the ProviderID is {provider}"
                    if provider
                    else "Authorized without ProviderID",
                    pointer="/ProviderID",
                    expected=own,
                    found=provider or "nothing",
                    erratum=None if provider else "C077" if is_stop else "C043",
                    # An example of the official ones stops a session without ProviderID.
                    verdict=Verdict.WARNING if provider is None and is_stop else None,
                )
        if code is None:
            continue
        if (status == "Authorized") != (code == "000"):
            yield CODE.broken(
                exchange,
                f"{status} goes with StatusCode {code}",
                pointer="/StatusCode/Code",
                expected="000" if status == "Authorized" else "a code other than 000",
                found=code,
            )
            continue
        yield CODE.held(exchange)
        if status == "NotAuthorized" and code >= "501":
            yield CODE_AREA.broken(
                exchange,
                f"{code} is a code for EVSEs, not for authorization",
                pointer="/StatusCode/Code",
                expected="a code for authentication (1xx, 2xx), sessions (3xx, 400) or systems",
                found=code,
                erratum="C105",
            )
        elif status == "NotAuthorized":
            yield CODE_AREA.held(exchange)
