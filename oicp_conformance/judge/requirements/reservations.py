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
        "A reservation of an EVSE that the operator does not have is refused.",
        Source("CPO 02", "eRoamingAuthorizeRemoteReservationStart"),
        on=(RESERVE,),
    ),
)

OCCUPIED_EVSE = tried(
    "eRoamingAuthorizeRemoteReservationStart.occupied-evse",
    cpo(
        "MUST",
        "A reservation of an EVSE that is in use or reserved is refused.",
        Source("CPO 02", "eRoamingAuthorizeRemoteReservationStart"),
        on=(RESERVE,),
    ),
)

HONOURED = tried(
    "eRoamingAuthorizeRemoteReservationStart.honoured",
    cpo(
        "MUST",
        "What is reserved is not started for others.",
        Source("CPO 02", "eRoamingAuthorizeRemoteReservationStart"),
        on=(RESERVE,),
    ),
)

UNKNOWN_SESSION = tried(
    "eRoamingAuthorizeRemoteReservationStop.unknown-session",
    cpo(
        "MUST",
        "The end of a reservation that never was is refused.",
        Source("CPO 01", "session_handling"),
        on=(RELEASE,),
    ),
)

WITHOUT_SESSION_ID = requirement(
    "eRoamingAuthorizeRemoteReservationStart.no-session-id",
    emp(
        "SHOULD",
        "The first request of a session carries no SessionID: Hubject makes it.",
        Source("EMP 01", "session_handling"),
        on=(RESERVE,),
    ),
)


@rule(WITHOUT_SESSION_ID)
def own_session_id(record: Record) -> Iterator[Outcome]:
    """No SessionID in a first request: the hub makes it."""
    if record.role == "emp":
        yield from without_session_id(record, RESERVE, WITHOUT_SESSION_ID, "C040")
