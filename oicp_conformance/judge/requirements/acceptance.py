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
        "A well-formed request in a fitting situation is accepted.",
        Source("CPO 02", "services_and_operations"),
        on=REMOTE_CALLS,
    ),
    emp(
        "MUST",
        "A well-formed request in a fitting situation is accepted.",
        Source("EMP 02", "services_and_operations"),
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
        "A request that has only its mandatory fields is accepted.",
        Source("CPO 02", "services_and_operations"),
        on="answered",
    ),
    emp(
        "MUST",
        "A request that has only its mandatory fields is accepted.",
        Source("EMP 02", "services_and_operations"),
        on="answered",
    ),
)

MAXIMAL = tried(
    "request.maximal",
    cpo(
        "MUST",
        "A request that has every field at its longest is accepted.",
        Source("CPO 02", "services_and_operations"),
        on="answered",
    ),
    emp(
        "MUST",
        "A request that has every field at its longest is accepted.",
        Source("EMP 02", "services_and_operations"),
        on="answered",
    ),
)

OPTIONAL_FIELD = tried(
    "request.optional-field",
    emp(
        "MUST",
        "A request with any one of its optional fields is accepted.",
        Source("EMP 02", "services_and_operations"),
        on=(
            NOTIFY,
            CDR,
        ),
    ),
)

NULLS = tried(
    "request.nulls",
    cpo(
        "MUST",
        "A request with null for what is optional is accepted: Hubject sends such.",
        Source("CPO 02", "services_and_operations"),
        on="answered",
    ),
    emp(
        "MUST",
        "A request with null for what is optional is accepted: Hubject sends such.",
        Source("EMP 02", "services_and_operations"),
        on="answered",
    ),
)

UNKNOWN_FIELD = tried(
    "request.unknown-field",
    cpo(
        "MUST",
        "A request with a field that OICP 2.3 does not know is accepted.",
        Source("CPO 02", "services_and_operations"),
        on="answered",
    ),
    emp(
        "MUST",
        "A request with a field that OICP 2.3 does not know is accepted.",
        Source("EMP 02", "services_and_operations"),
        on="answered",
    ),
)

NON_ASCII = tried(
    "request.non-ascii",
    cpo(
        "MUST", "A request with characters beyond ASCII is accepted.", Source("CPO 01", "rest"), on="answered"
    ),
    emp(
        "MUST", "A request with characters beyond ASCII is accepted.", Source("EMP 01", "rest"), on="answered"
    ),
)

SEPARATORS = tried(
    "request.separators",
    cpo(
        "SHOULD",
        "The separators of ids are optional: an id without them is understood.",
        Source("CPO 03", "EvseIDType"),
        on=REMOTE_CALLS,
    ),
)

MALFORMED = tried(
    "request.malformed",
    cpo(
        "MUST",
        "A malformed request is refused in an orderly way: a negative answer or 4xx, never a 5xx.",
        Source("CPO 01", "status_codes"),
        on="answered",
    ),
    emp(
        "MUST",
        "A malformed request is refused in an orderly way: a negative answer or 4xx, never a 5xx.",
        Source("EMP 01", "status_codes"),
        on="answered",
    ),
)

NOT_OFFERED = tried(
    "optional.not-offered",
    cpo(
        "MUST",
        "The endpoint of an optional operation that is not offered refuses and does not break.",
        Source("CPO 02", "services_and_operations"),
        on="answered",
    ),
    emp(
        "MUST",
        "The endpoint of an optional operation that is not offered refuses and does not break.",
        Source("EMP 02", "services_and_operations"),
        on="answered",
    ),
)
