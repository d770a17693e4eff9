"""What an EMP decides of an identification that is presented, and how it says so."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import code_of
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, shown
from oicp_conformance.judge.requirement import emp, requirement, rule, tried
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import AUTHORIZE_START, AUTHORIZE_STOP
from oicp_conformance.oicp.types import plain_id

ACCEPTED = tried(
    "eRoamingAuthorizeStart.accepted",
    emp(
        "MUST",
        "The EMP responds with Authorized to an identification of its own customer.",
        Source("EMP 02", "eRoamingAuthoizeStart", 47, "explicit"),
        on=(AUTHORIZE_START,),
    ),
    is_basic=True,
)

REFUSED = tried(
    "eRoamingAuthorizeStart.refused",
    emp(
        "MUST",
        "The EMP responds with NotAuthorized to an identification that it does not serve.",
        Source("EMP 02", "eRoamingAuthoizeStart", 47, "explicit"),
        on=(AUTHORIZE_START,),
    ),
)

UNKNOWN = tried(
    "eRoamingAuthorizeStart.unknown",
    emp(
        "MUST",
        "The EMP responds with NotAuthorized to an unknown identification.",
        Source("EMP 02", "eRoamingAuthoizeStart", 47, "explicit"),
        on=(AUTHORIZE_START,),
    ),
)

WITHOUT_EVSE = tried(
    "eRoamingAuthorizeStart.without-evse",
    emp(
        "SHOULD",
        "The EMP authorizes its customer when the request has no EvseID.",
        Source("EMP 02", "eRoamingAuthorizeStartmessage", 71, "practice"),
        on=(AUTHORIZE_START,),
    ),
)

OTHER_OPERATOR = tried(
    "eRoamingAuthorizeStart.other-operator",
    emp(
        "SHOULD",
        (
            "The EMP responds to AuthorizeStart from any operator, with operator and EVSE ids in ISO or "
            "DIN format."
        ),
        Source("EMP 02", "eRoamingAuthoizeStart", 53, "practice"),
        on=(AUTHORIZE_START,),
    ),
)

OWN_MEDIUM = tried(
    "eRoamingAuthorizeStop.own-medium",
    emp(
        "MUST",
        "The EMP responds with Authorized when the identification that started the session stops it.",
        Source("EMP 02", "eRoamingAuthorizationStopmessage", 162, "explicit"),
        on=(AUTHORIZE_STOP,),
    ),
    is_basic=True,
)

LISTED_MEDIUM = tried(
    "eRoamingAuthorizeStop.listed-medium",
    emp(
        "SHOULD",
        "The EMP responds with Authorized when an identification that it listed stops the session.",
        Source("EMP 02", "eRoamingAuthorizationStartmessage", 104, "explicit"),
        on=(AUTHORIZE_STOP,),
    ),
)

OTHER_MEDIUM = tried(
    "eRoamingAuthorizeStop.other-medium",
    emp(
        "SHOULD",
        "The EMP responds with NotAuthorized when an identification that it does not serve stops a session.",
        Source("EMP 02", "eRoamingAuthorizeStop", 126, "practice"),
        on=(AUTHORIZE_STOP,),
    ),
)

UNKNOWN_SESSION = tried(
    "eRoamingAuthorizeStop.unknown-session",
    emp(
        "SHOULD",
        "The EMP responds with NotAuthorized to a stop for an unknown SessionID.",
        Source("EMP 01", "session_handling", 50, "practice"),
        on=(AUTHORIZE_STOP,),
    ),
)

CLOSED_SESSION = tried(
    "eRoamingAuthorizeStop.closed-session",
    emp(
        "SHOULD",
        "The EMP responds with NotAuthorized to a stop for a session whose CDR it accepted.",
        Source("EMP 01", "session_handling", 50, "practice"),
        on=(AUTHORIZE_STOP,),
    ),
)

PROVIDER_ID = requirement(
    "authorization.provider-id",
    emp(
        "MUST",
        "An Authorized response carries the EMP's own ProviderID.",
        Source("EMP 02", "eRoamingAuthoizeStart", 47, "explicit"),
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
        "The EMP sends no Result in AuthorizationStart and AuthorizationStop.",
        Source("EMP 02", "eRoamingAuthorizationStopmessage", 157, "practice"),
        on=(
            AUTHORIZE_START,
            AUTHORIZE_STOP,
        ),
    ),
)

CODE = requirement(
    "authorization.code",
    emp(
        "SHOULD",
        "The EMP sends StatusCode 000 with Authorized and an error code with NotAuthorized.",
        Source("EMP 02", "eRoamingAuthorizeStartmessage", 78, "explicit"),
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
        "A NotAuthorized response uses a StatusCode for authentication, sessions or systems.",
        Source("EMP 04", "BusinessProcessDiagrameRoamingAuthorization", 9, "diagram"),
        on=(
            AUTHORIZE_START,
            AUTHORIZE_STOP,
        ),
    ),
)


@rule(PROVIDER_ID, NO_RESULT, CODE, CODE_AREA, by_exchange=True)
def authorization(record: Record) -> Iterator[Outcome]:
    """What an EMP says of a medium."""
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
                    f"Authorized, but the ProviderID is {shown(provider)}"
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
                f"{status} is sent with StatusCode {code}",
                pointer="/StatusCode/Code",
                expected="000" if status == "Authorized" else "a code other than 000",
                found=code,
            )
            continue
        yield CODE.held(exchange)
        # At a stop, 602 tells of a wrong token.
        is_of_token = exchange.operation == AUTHORIZE_STOP and code == "602"
        if status == "NotAuthorized" and code >= "501" and not is_of_token:
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
