"""What OICP demands and no run can judge, each with its reason."""

from oicp_conformance.judge.requirement import JudgedBy, cpo, emp, requirement
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_START,
    CDR,
    EVSE_DATA,
    EVSE_STATUS,
    PRODUCTS,
    PULL_EVSE_DATA,
    STATUS_PULLS,
)

_CLOCK = "the clocks of the target and the suite may differ"
_INSIDE = "it happens inside the target, and no message shows it"

DESCRIPTION = requirement(
    "status-code.description",
    cpo(
        "SHOULD",
        "The CPO uses only defined values in Description of a StatusCode.",
        Source("CPO 01", "status_codes", 39, "explicit"),
        on="answered",
    ),
    emp(
        "SHOULD",
        "Description of a StatusCode contains only a defined value.",
        Source("EMP 01", "status_codes", 40, "explicit"),
        on="answered",
    ),
    by=JudgedBy.NOTHING,
    not_tested="the examples in the documents have free text (C144)",
)

VERSION = requirement(
    "partner.version",
    cpo(
        "MUST",
        "The CPO indicates the OICP version that it runs.",
        Source("CPO 00", "release-management", 65, "explicit"),
        on="all",
    ),
    emp(
        "MUST",
        "The EMP indicates the OICP version that it uses.",
        Source("EMP 00", "release-management", 72, "explicit"),
        on="all",
    ),
    by=JudgedBy.NOTHING,
    not_tested="no field or header carries it (C228)",
)

SUB_PARTNERS = requirement(
    "partner.sub-operators",
    cpo(
        "MUST",
        "Hubject has configured every sub-operator id before the CPO uses it.",
        Source("CPO 01", "hub_provider_and_operator", 75, "explicit"),
        on="sent",
    ),
    emp(
        "MUST",
        "Sub-providers are configured with Hubject before the EMP uses their ids.",
        Source("EMP 01", "hub_provider_and_operator", 75, "explicit"),
        on="sent",
    ),
    by=JudgedBy.NOTHING,
    not_tested="it is agreed outside of OICP; the profile lists the EVSEs",
)

CDR_IN_TEN_SECONDS = requirement(
    "cdr.in-ten-seconds",
    cpo(
        "SHOULD",
        "The CPO sends the CDR within ten seconds after its backend closes the session.",
        Source("CPO 02", "charge-detail-records-best-practices", 334, "explicit"),
        on=(CDR,),
    ),
    by=JudgedBy.NOTHING,
    not_tested="no message shows when the backend closes a session (C199)",
)

CDR_AFTER_SESSION_END = requirement(
    "cdr.after-session-end",
    cpo(
        "SHOULD",
        "The CPO sends the CDR after SessionEnd.",
        Source("CPO 02", "charge-detail-records-best-practices", 347, "explicit"),
        on=(CDR,),
    ),
    by=JudgedBy.NOTHING,
    not_tested=_CLOCK,
)

SIGNED_FORMAT = requirement(
    "cdr.signed-format",
    cpo(
        "MUST",
        "The format of SignedMeteringValue is supported by the CPO's transparency software.",
        Source("CPO 03", "SignedMeteringValuesType", 453, "explicit"),
        on=(CDR,),
    ),
    by=JudgedBy.NOTHING,
    not_tested="OICP does not name the software",
)

BIG_ENDIAN = requirement(
    "uid.big-endian",
    cpo(
        "SHOULD",
        "The CPO reads the UID from left to right in big-endian format.",
        Source("CPO 03", "RFIDmifarefamilyIdentificationType", 121, "explicit"),
        on=(AUTHORIZE_START,),
    ),
    by=JudgedBy.NOTHING,
    not_tested="the suite has no card reader: the stimulus already has the correct UID",
)

ONE_BY_ONE = requirement(
    "status.one-by-one",
    cpo(
        "SHOULD",
        "The CPO sends status changes one at a time.",
        Source("CPO 02", "eRoamingPushEvseStatusmessage", 578, "explicit"),
        on=(EVSE_STATUS,),
    ),
    by=JudgedBy.NOTHING,
    not_tested="OICP allows lists, and does not define when a list is wrong (C197)",
)

WITHOUT_VAT = requirement(
    "prices.without-vat",
    cpo(
        "SHOULD",
        "The CPO pushes prices without value added tax.",
        Source("CPO 02", "eRoamingPushPricingProductDatamessage", 638, "explicit"),
        on=(PRODUCTS,),
    ),
    by=JudgedBy.NOTHING,
    not_tested=_INSIDE,
)

TRUE_DATA = requirement(
    "evse.true-data",
    cpo(
        "SHOULD",
        "Addresses, coordinates and plugs in EVSE data are those of the charging point.",
        Source("CPO 02", "eroamingevsedata-best-practices", 515, "explicit"),
        on=(EVSE_DATA,),
    ),
    by=JudgedBy.NOTHING,
    not_tested="the suite has no access to the charging point",
)

FREQUENCY = requirement(
    "pull.frequency",
    emp(
        "SHOULD",
        "The EMP pulls EVSE status every 1 to 5 minutes.",
        Source("EMP 02", "eRoamingPullEVSEStatusmessage", 680, "explicit"),
        on=STATUS_PULLS,
    ),
    by=JudgedBy.NOTHING,
    not_tested="a run is shorter than that, and the suite requests its pulls (C201)",
)

RECORDS_KEPT = requirement(
    "pull.records-kept",
    emp(
        "SHOULD",
        "The EMP stores the pulled EVSE data and shows it to customers.",
        Source("EMP 02", "eRoamingPullEvseData", 562, "practice"),
        on=(PULL_EVSE_DATA,),
    ),
    by=JudgedBy.NOTHING,
    not_tested=_INSIDE,
)

STORED_ONCE = requirement(
    "cdr.stored-once",
    emp(
        "SHOULD",
        "The EMP does not bill a repeated CDR twice.",
        Source("EMP 02", "eRoamingChargeDetailRecord", 281, "practice"),
        on=(CDR,),
    ),
    by=JudgedBy.NOTHING,
    not_tested="no message shows whether the EMP stores a CDR twice (C233)",
)
