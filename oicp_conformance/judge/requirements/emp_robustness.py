"""What a target copes with: the same request again, several at once, each form that OICP leaves to a CPO.

They are judged by the requests that are made for them (`judge/trials.py`).
"""

from oicp_conformance.judge.requirement import cpo, emp, tried
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_START,
    AUTHORIZE_STOP,
    CDR,
    NOTIFY,
    REMOTE_START,
    REMOTE_STOP,
)

REPEATED_START = tried(
    "eRoamingAuthorizeStart.repeated",
    emp(
        "MUST",
        "The EMP responds to an AuthorizeStart that it receives twice with the same SessionID.",
        Source("EMP 01", "status_codes", 32, "explicit"),
        on=(AUTHORIZE_START,),
    ),
)

PARALLEL = tried(
    "request.parallel",
    cpo(
        "MUST",
        "The CPO responds to requests that it receives at the same time.",
        Source("CPO 01", "status_codes", 31, "explicit"),
        on=(REMOTE_START, REMOTE_STOP),
    ),
    emp(
        "MUST",
        "The EMP responds to requests that it receives at the same time.",
        Source("EMP 01", "status_codes", 32, "explicit"),
        on=(AUTHORIZE_START, AUTHORIZE_STOP, NOTIFY, CDR),
    ),
)

REPEATED_REMOTE_START = tried(
    "eRoamingAuthorizeRemoteStart.repeated",
    cpo(
        "MUST",
        "The CPO responds to a RemoteStart that it receives twice with the same SessionID.",
        Source("CPO 01", "status_codes", 31, "explicit"),
        on=(REMOTE_START,),
    ),
)

CLOCK_CHANGE = tried(
    "eRoamingChargeDetailRecord.clock-change",
    emp(
        "SHOULD",
        (
            "The EMP accepts a CDR across midnight or a change of summer time, with any offset, and with "
            "milliseconds."
        ),
        Source("EMP 01", "time_zones", 122, "explicit"),
        on=(CDR,),
    ),
)

UTC_TIMES = tried(
    "request.utc",
    emp(
        "MUST",
        "The EMP accepts dates and times in UTC, written with a Z.",
        Source("EMP 01", "time_zones", 122, "explicit"),
        on=(CDR,),
    ),
)

REPEATED_STOP = tried(
    "eRoamingAuthorizeStop.repeated",
    emp(
        "MUST",
        "The EMP responds to an AuthorizeStop that it receives twice.",
        Source("EMP 01", "status_codes", 32, "explicit"),
        on=(AUTHORIZE_STOP,),
    ),
)

NOTIFIED_LATE = tried(
    "eRoamingChargingNotifications.after-record",
    emp(
        "MUST",
        "The EMP responds to a notification that it receives after the CDR of the session.",
        Source("EMP 01", "status_codes", 32, "explicit"),
        on=(NOTIFY,),
    ),
)

REPEATED_NOTIFICATION = tried(
    "eRoamingChargingNotifications.repeated",
    emp(
        "MUST",
        "The EMP responds to a notification that it receives twice.",
        Source("EMP 01", "status_codes", 32, "explicit"),
        on=(NOTIFY,),
    ),
)

BARE_METER_VALUES = tried(
    "eRoamingChargingNotifications.meter-values-list",
    emp(
        "SHOULD",
        "The EMP accepts MeterValueInBetween as a list of numbers, too.",
        Source("EMP 02", "eRoamingChargingNotificationsprogressmessage", 925, "explicit"),
        on=(NOTIFY,),
        erratum="C070",
    ),
    is_disputed=True,
)
