"""What OICP demands and no run can judge, each with its reason."""

from oicp_conformance.judge.requirement import JudgedBy, cpo, emp, requirement
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_START,
    CDR,
    EVSE_DATA,
    EVSE_STATUS,
    IN_SESSION,
    PRODUCTS,
    PULL_EVSE_DATA,
    STATUS_PULLS,
)

_CLOCK = "the target's clock is not the suite's"
_INSIDE = "it is inside the target, and leaves no trace in a message"

CERTIFICATE = requirement(
    "partner.certificate",
    cpo(
        "MUST",
        "The ids of a request are those of the partner's client certificate.",
        Source("CPO 01", "Security"),
        on="sent",
    ),
    emp(
        "MUST",
        "The ids of a request are those of the partner's client certificate.",
        Source("EMP 01", "Security"),
        on="sent",
    ),
    by=JudgedBy.NOTHING,
    not_tested="certificates do not carry the ids in a form that OICP defines",
)

DESCRIPTION = requirement(
    "status-code.description",
    cpo(
        "SHOULD",
        "The Description of a StatusCode has a defined value.",
        Source("CPO 01", "status_codes"),
        on="answered",
    ),
    emp(
        "SHOULD",
        "The Description of a StatusCode has a defined value.",
        Source("EMP 01", "status_codes"),
        on="answered",
    ),
    by=JudgedBy.NOTHING,
    not_tested="examples have free text (C144)",
)

VERSION = requirement(
    "partner.version",
    cpo(
        "MUST",
        "Partners indicate the OICP version that they run.",
        Source("CPO 00", "release_management"),
        on="all",
    ),
    emp(
        "MUST",
        "Partners indicate the OICP version that they run.",
        Source("EMP 00", "release_management"),
        on="all",
    ),
    by=JudgedBy.NOTHING,
    not_tested="no field or header carries it (C228)",
)

SUB_PARTNERS = requirement(
    "partner.sub-operators",
    cpo(
        "MUST",
        "Sub partners are configured with Hubject before their ids are used.",
        Source("CPO 01", "hub_provider_and_operator"),
        on="sent",
    ),
    emp(
        "MUST",
        "Sub partners are configured with Hubject before their ids are used.",
        Source("EMP 01", "hub_provider_and_operator"),
        on="sent",
    ),
    by=JudgedBy.NOTHING,
    not_tested="it is agreed outside of OICP; the profile lists the EVSEs",
)

TIME_OF_LOCATION = requirement(
    "time.of-location",
    cpo(
        "MUST",
        "The offset of a date and time is the one of the charging location.",
        Source("CPO 01", "time_zones"),
        on=(
            AUTHORIZE_START,
            *IN_SESSION,
        ),
    ),
    by=JudgedBy.NOTHING,
    not_tested="the location of a test EVSE need not be its real one (C146)",
)

CDR_IN_TEN_SECONDS = requirement(
    "cdr.in-ten-seconds",
    cpo(
        "SHOULD",
        "A charge detail record is sent within ten seconds after the session is closed.",
        Source("CPO 02", "eRoamingChargeDetailRecord"),
        on=(CDR,),
    ),
    by=JudgedBy.NOTHING,
    not_tested="when the backend closes a session cannot be seen (C199)",
)

CDR_AFTER_SESSION_END = requirement(
    "cdr.after-session-end",
    cpo(
        "SHOULD",
        "A charge detail record is sent after its SessionEnd.",
        Source("CPO 02", "eRoamingChargeDetailRecord"),
        on=(CDR,),
    ),
    by=JudgedBy.NOTHING,
    not_tested=_CLOCK,
)

SIGNED_FORMAT = requirement(
    "cdr.signed-format",
    cpo(
        "MUST",
        "Signed metering values have a format that the transparency software supports.",
        Source("CPO 03", "SignedMeteringValuesType"),
        on=(CDR,),
    ),
    by=JudgedBy.NOTHING,
    not_tested="which software verifies them is not said in OICP",
)

BIG_ENDIAN = requirement(
    "uid.big-endian",
    cpo(
        "SHOULD",
        "A UID is read from left to right, big-endian.",
        Source("CPO 03", "RFIDmifarefamilyIdentificationType"),
        on=(AUTHORIZE_START,),
    ),
    by=JudgedBy.NOTHING,
    not_tested="the card itself is not at hand: the stimulus names the UID as it should be",
)

ONE_BY_ONE = requirement(
    "status.one-by-one",
    cpo(
        "SHOULD",
        "Status changes are sent one by one.",
        Source("CPO 02", "eRoamingPushEvseStatus"),
        on=(EVSE_STATUS,),
    ),
    by=JudgedBy.NOTHING,
    not_tested="lists are allowed, and when one is wrong is not said (C197)",
)

WITHOUT_VAT = requirement(
    "prices.without-vat",
    cpo(
        "SHOULD",
        "Prices are without value added tax.",
        Source("CPO 02", "eRoamingPushPricingProductData"),
        on=(PRODUCTS,),
    ),
    by=JudgedBy.NOTHING,
    not_tested=_INSIDE,
)

TRUE_DATA = requirement(
    "evse.true-data",
    cpo(
        "SHOULD",
        "Addresses, coordinates and plugs are those of the charging point.",
        Source("CPO 02", "eRoamingPushEvseData"),
        on=(EVSE_DATA,),
    ),
    by=JudgedBy.NOTHING,
    not_tested="the charging point itself is not at hand",
)

FREQUENCY = requirement(
    "pull.frequency",
    emp(
        "SHOULD",
        "Status is pulled every one to five minutes.",
        Source("EMP 02", "eRoamingPullEvseStatus"),
        on=STATUS_PULLS,
    ),
    by=JudgedBy.NOTHING,
    not_tested="a run is shorter than that, and its pulls are asked for (C201)",
)

RECORDS_KEPT = requirement(
    "pull.records-kept",
    emp(
        "SHOULD",
        "What was pulled is kept and shown to customers.",
        Source("EMP 02", "eRoamingPullEvseData"),
        on=(PULL_EVSE_DATA,),
    ),
    by=JudgedBy.NOTHING,
    not_tested=_INSIDE,
)

STORED_ONCE = requirement(
    "cdr.stored-once",
    emp(
        "MUST",
        "A repeated charge detail record is not settled twice.",
        Source("EMP 02", "eRoamingChargeDetailRecord"),
        on=(CDR,),
    ),
    by=JudgedBy.NOTHING,
    not_tested="double storage cannot be seen (C233)",
)
