"""How the target takes the requests of Hubject: what must be accepted, and what must be refused.

They are judged by the requests that are made for them (`judge/trials.py`).
"""

from oicp_conformance.judge.requirement import cpo, emp, tried
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import CDR, NOTIFY, REMOTE_CALLS

VALID = tried(
    "request.valid",
    cpo(
        "MUST",
        "The CPO accepts a valid request when the EVSE and the session allow it.",
        Source("CPO 02", "eRoamingAuthorization", 21, "explicit"),
        on=REMOTE_CALLS,
    ),
    emp(
        "MUST",
        "The EMP accepts a well-formed CDR or notification of a session that it authorized or started.",
        Source("EMP 02", "eRoamingChargeDetailRecord", 279, "explicit"),
        on=(
            NOTIFY,
            CDR,
        ),
    ),
    is_basic=True,
)

MINIMAL = tried(
    "request.minimal",
    cpo(
        "MUST",
        "The CPO accepts a request that contains only the mandatory fields.",
        Source("CPO 02", "eRoamingAuthorizeRemoteStartmessage", 235, "explicit"),
        on="answered",
    ),
    emp(
        "MUST",
        "The EMP accepts a request that contains only the mandatory fields.",
        Source("EMP 02", "eRoamingChargeDetailRecordmessage", 294, "explicit"),
        on="answered",
    ),
)

MAXIMAL = tried(
    "request.maximal",
    cpo(
        "MUST",
        "The CPO accepts a request whose text fields have the maximum length.",
        Source("CPO 02", "eRoamingAuthorizeRemoteStartmessage", 236, "explicit"),
        on="answered",
    ),
    emp(
        "MUST",
        "The EMP accepts a request whose fields have the maximum documented length.",
        Source("EMP 02", "eRoamingChargeDetailRecordmessage", 294, "explicit"),
        on="answered",
    ),
)

OPTIONAL_FIELD = tried(
    "request.optional-field",
    emp(
        "MUST",
        "The EMP accepts a CDR or notification that adds any single optional field.",
        Source("EMP 02", "eRoamingChargeDetailRecordmessage", 303, "explicit"),
        on=(
            NOTIFY,
            CDR,
        ),
    ),
)

NULLS = tried(
    "request.nulls",
    cpo(
        "SHOULD",
        "The CPO accepts null in every optional field.",
        Source("IG CPO 09", "", 38, "example"),
        on="answered",
    ),
    emp(
        "MUST",
        "The EMP treats null in an optional field as an absent field and accepts the request.",
        Source("EMP 03", "QRCodeIdentificationType", 132, "explicit"),
        on="answered",
    ),
)

UNKNOWN_FIELD = tried(
    "request.unknown-field",
    cpo(
        "SHOULD",
        "The CPO ignores fields that OICP 2.3 does not define.",
        Source("OAS-CPO schema RemoteStart", "", 1, "lower"),
        on="answered",
    ),
    emp(
        "SHOULD",
        "The EMP ignores unknown fields and accepts the request.",
        Source("EMP 02", "eRoamingAuthorizeStartmessage", 66, "practice"),
        on="answered",
    ),
)

NON_ASCII = tried(
    "request.non-ascii",
    cpo(
        "MUST",
        "The CPO accepts non-ASCII characters in text fields.",
        Source("CPO 01", "rest", 11, "explicit"),
        on="answered",
    ),
    emp(
        "MUST",
        "The EMP accepts requests with non-ASCII characters in text fields.",
        Source("EMP 01", "rest", 14, "explicit"),
        on="answered",
    ),
)

SEPARATORS = tried(
    "request.separators",
    cpo(
        "SHOULD",
        "The CPO resolves an EvseID or ProviderID without separators to the same EVSE or provider.",
        Source("CPO 03", "EvseIDType", 848, "explicit"),
        on=REMOTE_CALLS,
    ),
)

MALFORMED = tried(
    "request.malformed",
    cpo(
        "MUST",
        "The CPO rejects a malformed request with a negative response or HTTP 4xx, never with HTTP 5xx.",
        Source("CPO 01", "status_codes", 31, "explicit"),
        on="answered",
    ),
    emp(
        "MUST",
        "The EMP rejects a malformed request with a negative response or HTTP 4xx, never with HTTP 5xx.",
        Source("EMP 01", "status_codes", 32, "explicit"),
        on="answered",
    ),
)

NOT_OFFERED = tried(
    "optional.not-offered",
    cpo(
        "SHOULD",
        "The CPO rejects an undeclared optional operation with HTTP 4xx or 501, or a negative response.",
        Source("CPO 02", "eRoamingReservation", 354, "practice"),
        on="answered",
    ),
    emp(
        "SHOULD",
        "The EMP rejects an undeclared optional operation with HTTP 4xx or 501, or a negative response.",
        Source("EMP 02", "eRoamingAuthorizeStop", 113, "practice"),
        on="answered",
    ),
)
