"""Charging notifications: which types there are, which are sent, and which an EMP takes."""

from collections.abc import Iterator

from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import awaited, cpo, emp, requirement, rule, tried
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import NOTIFY
from oicp_conformance.oicp.operations import NOTIFICATION_TYPES

SENT_START = awaited(
    "eRoamingChargingNotifications.sent-Start",
    cpo(
        "MAY",
        "The CPO may send a notification Start when energy flow starts.",
        Source("CPO 02", "eRoamingChargingNotificationsstart", 728, "explicit"),
        on=(NOTIFY,),
    ),
)

SENT_PROGRESS = awaited(
    "eRoamingChargingNotifications.sent-Progress",
    cpo(
        "MAY",
        "The CPO may send a notification Progress while energy flows.",
        Source("CPO 02", "eRoamingChargingNotificationsprogress", 761, "explicit"),
        on=(NOTIFY,),
    ),
)

SENT_END = awaited(
    "eRoamingChargingNotifications.sent-End",
    cpo(
        "MAY",
        "The CPO may send a notification End when energy flow ends.",
        Source("CPO 02", "eRoamingChargingNotificationsend", 802, "explicit"),
        on=(NOTIFY,),
    ),
)

SENT_ERROR = awaited(
    "eRoamingChargingNotifications.sent-Error",
    cpo(
        "MAY",
        "The CPO may send a notification Error when a fault occurs.",
        Source("CPO 02", "eRoamingChargingNotificationsError", 841, "explicit"),
        on=(NOTIFY,),
    ),
)

TYPE = requirement(
    "eRoamingChargingNotifications.type",
    cpo(
        "MUST",
        "Type is Start, Progress, End or Error.",
        Source("CPO 02", "eRoamingChargingNotificationsstartmessage", 738, "explicit"),
        on=(NOTIFY,),
    ),
)

ERROR_TYPE_WITH_BLANK = tried(
    "eRoamingChargingNotifications.error-type-with-blank",
    emp(
        "SHOULD",
        "The EMP accepts the ErrorType values Connector Error and Critical Error of the CPO document.",
        Source("CPO 03", "ErrorClassType", 785, "lower"),
        on=(NOTIFY,),
        erratum="C100",
    ),
)

WITHOUT_OPERATOR_ID = tried(
    "eRoamingChargingNotifications.without-operator-id",
    emp(
        "MUST",
        "The EMP accepts a notification without OperatorID.",
        Source("EMP 02", "eRoamingChargingNotificationsstartmessage", 885, "explicit"),
        on=(NOTIFY,),
        erratum="C042",
    ),
)

NOT_A_NOTIFICATION = tried(
    "eRoamingChargingNotifications.not-a-notification",
    emp(
        "MUST",
        (
            "The EMP responds to a notification with an unknown or mismatched Type with a response "
            "message or HTTP 4xx."
        ),
        Source("EMP 01", "status_codes", 32, "explicit"),
        on=(NOTIFY,),
    ),
)


SENT = {"Start": SENT_START, "Progress": SENT_PROGRESS, "End": SENT_END, "Error": SENT_ERROR}
"""The requirement that notifications of a type are sent, by type."""


@rule(TYPE, by_exchange=True)
def types(record: Record) -> Iterator[Outcome]:
    """One of the four."""
    for exchange in record.written(NOTIFY):
        if not exchange.by_target:
            continue
        kind = exchange.request.get("Type")
        if kind in NOTIFICATION_TYPES:
            yield TYPE.held(exchange)
        else:
            yield TYPE.broken(
                exchange,
                "not a notification type",
                pointer="/Type",
                expected=", ".join(NOTIFICATION_TYPES),
                found=kind if kind is not None else "nothing",
            )
