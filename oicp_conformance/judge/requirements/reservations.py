"""Reservations: which ones are refused, and what the EMP sends for one."""

from collections.abc import Iterator

from oicp_conformance.judge.first_requests import without_session_id
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule, tried
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import RELEASE, RESERVE

UNKNOWN_EVSE = tried(
    "eRoamingAuthorizeRemoteReservationStart.unknown-evse",
    cpo(
        "MUST",
        "The CPO rejects a reservation of an EVSE that it does not have.",
        Source("CPO 02", "eRoamingAuthorizeRemoteReservationStart", 383, "explicit"),
        on=(RESERVE,),
    ),
)

OCCUPIED_EVSE = tried(
    "eRoamingAuthorizeRemoteReservationStart.occupied-evse",
    cpo(
        "SHOULD",
        "The CPO rejects a reservation of an EVSE that is in use or reserved.",
        Source("CPO 04", "BusinessProcessDiagrameRoamingReservation", 20, "diagram"),
        on=(RESERVE,),
    ),
)

HONOURED = tried(
    "eRoamingAuthorizeRemoteReservationStart.honoured",
    cpo(
        "SHOULD",
        "The CPO rejects a start on a reserved EVSE by another provider.",
        Source("CPO 03", "EvseStatusType", 580, "explicit"),
        on=(RESERVE,),
    ),
)

FOR_ITS_CUSTOMER = tried(
    "eRoamingAuthorizeRemoteReservationStart.for-its-customer",
    cpo(
        "SHOULD",
        "The CPO rejects a start on a reserved EVSE by another customer of the same provider.",
        Source("CPO 02", "eRoamingAuthorizeRemoteReservationStart", 377, "practice"),
        on=(RESERVE,),
    ),
)

CUSTOMER_STARTS = tried(
    "eRoamingAuthorizeRemoteReservationStart.customer-starts",
    cpo(
        "SHOULD",
        "The CPO accepts a start on a reserved EVSE by the customer who reserved it.",
        Source("CPO 02", "eRoamingAuthorizeRemoteReservationStart", 377, "practice"),
        on=(RESERVE,),
    ),
)

UNKNOWN_SESSION = tried(
    "eRoamingAuthorizeRemoteReservationStop.unknown-session",
    cpo(
        "MUST",
        "The CPO rejects a ReservationStop for a reservation that it does not know.",
        Source("CPO 01", "session_handling", 50, "explicit"),
        on=(RELEASE,),
    ),
)

WITHOUT_SESSION_ID = requirement(
    "eRoamingAuthorizeRemoteReservationStart.no-session-id",
    emp(
        "SHOULD",
        "The EMP sends no SessionID in RemoteReservationStart.",
        Source("EMP 02", "eRoamingAuthorizeRemoteReservationStart", 399, "practice"),
        on=(RESERVE,),
    ),
)


@rule(WITHOUT_SESSION_ID, by_exchange=True)
def own_session_id(record: Record) -> Iterator[Outcome]:
    """No SessionID in a first request: the hub makes it."""
    yield from without_session_id(record, RESERVE, WITHOUT_SESSION_ID, "C040")
