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
        "MUST",
        "When energy flows, a declared Start is sent.",
        Source("CPO 02", "eRoamingChargingNotificationsstart"),
        on=(NOTIFY,),
    ),
)

SENT_PROGRESS = awaited(
    "eRoamingChargingNotifications.sent-Progress",
    cpo(
        "MUST",
        "While energy flows, a declared Progress is sent.",
        Source("CPO 02", "eRoamingChargingNotificationsprogress"),
        on=(NOTIFY,),
    ),
)

SENT_END = awaited(
    "eRoamingChargingNotifications.sent-End",
    cpo(
        "MUST",
        "When energy flows no more, a declared End is sent.",
        Source("CPO 02", "eRoamingChargingNotificationsend"),
        on=(NOTIFY,),
    ),
)

SENT_ERROR = awaited(
    "eRoamingChargingNotifications.sent-Error",
    cpo(
        "MUST",
        "When a fault occurs, a declared Error is sent.",
        Source("CPO 02", "eRoamingChargingNotificationsError"),
        on=(NOTIFY,),
    ),
)

TYPE = requirement(
    "eRoamingChargingNotifications.type",
    cpo(
        "MUST",
        "Type is Start, Progress, End or Error.",
        Source("CPO 03", "ChargingNotificationType"),
        on=(NOTIFY,),
    ),
)

ERROR_TYPE_WITH_BLANK = tried(
    "eRoamingChargingNotifications.error-type-with-blank",
    emp(
        "SHOULD",
        "The spelling of ErrorType in the CPO's document is accepted too.",
        Source("EMP 03", "ErrorClassType"),
        on=(NOTIFY,),
        erratum="C100",
    ),
)

WITHOUT_OPERATOR_ID = tried(
    "eRoamingChargingNotifications.without-operator-id",
    emp(
        "MUST",
        "The OperatorID of a notification may be absent.",
        Source("EMP 02", "eRoamingChargingNotificationsstartmessage"),
        on=(NOTIFY,),
        erratum="C042",
    ),
)

NOT_A_NOTIFICATION = tried(
    "eRoamingChargingNotifications.not-a-notification",
    emp(
        "MUST",
        "What is no notification is answered in good order.",
        Source("EMP 01", "status_codes"),
        on=(NOTIFY,),
    ),
)


SENT = {"Start": SENT_START, "Progress": SENT_PROGRESS, "End": SENT_END, "Error": SENT_ERROR}
"""The requirement that notifications of a type are sent, by type."""


@rule(TYPE)
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
                "this is no type of notification",
                pointer="/Type",
                expected=", ".join(NOTIFICATION_TYPES),
                found=kind if kind is not None else "nothing",
            )
