"""More ways to break requirements of sessions and identifications than the one of their rows."""

from collections.abc import Mapping
from typing import Any

from selftest.unit import examples as ex
from selftest.unit.journals import (
    CARD,
    CARD_BY_RFID,
    EVSE,
    FOREIGN_EVSE,
    OTHER_CARD,
    OTHER_EVSE,
    QR,
    QR_WITH_BOTH_PINS,
    Journal,
    Session,
    a_cpo,
    a_hub_operator,
    a_hub_provider,
    an_emp,
)
from selftest.unit.requirements.row import Broken, Talk, Target, broken, carded, started
from selftest.unit.wording import ABSENT, accepted, http, nothing, refused

_REMOTE_START = "eRoamingAuthorizeRemoteStart"


def _notified(kind: str, **fields: Any) -> Talk:
    return started(lambda cpo, session: cpo.notification(kind, session, **fields))


def _after_a_refused_start(cpo: Journal) -> None:
    cpo.cdr(cpo.remote_start(answer=refused("510")), answer=refused("400"))


def _with_another_id(cpo: Journal) -> None:
    """What was refused goes on under an id of the CPO's own, at the same EVSE."""
    session = cpo.authorize_start(answer=refused("102"))
    stray = Session("its own", session.evse, session.identification, session.begun_by)
    given: dict[str, Any] = {"SessionID": "00000000-0000-4000-8000-999999999999"}
    cpo.cdr(stray, CPOPartnerSessionID=ABSENT, answer=refused("400"), **given)


def _stopped_after_all(emp: Journal) -> None:
    """A start is refused without an id, and the EMP stops what its own id names."""
    session = emp.remote_start(answer=refused("603", SessionID=ABSENT))
    emp.remote_stop(session, answer=refused("400"))


def _settled_stop(cpo: Journal, session: Session) -> None:
    cpo.cdr(session)
    cpo.authorize_stop(session, answer=refused("400"))


def _cut_pin(cpo: Journal) -> None:
    code = {"QRCodeIdentification": {"EvcoID": ex.EVCO, "PIN": "12"}}
    began = cpo.authorize_start(Identification=code).begun_by
    cpo.waited("request.sent", "eRoamingAuthorizeStart", began, stimulus="done", presented=QR)


def _reversed_uid(cpo: Journal) -> None:
    session = cpo.authorize_start(Identification={"RFIDMifareFamilyIdentification": {"UID": "CDAB3412"}})
    cpo.waited(
        "request.sent",
        "eRoamingAuthorizeStart",
        session.begun_by,
        stimulus="done",
        presented=CARD,
        presented_at=EVSE,
    )


FURTHER: Mapping[str, tuple[Target, str, Broken]] = {
    "a remote start of a customer of a provider that is none of the sub-providers": (
        a_hub_provider,
        "identification.evco-of-provider",
        broken(
            lambda emp: emp.remote_start(
                Identification={"RemoteIdentification": {"EvcoID": "FR-XYZ-C12345678-X"}}
            ),
            "/Identification/RemoteIdentification/EvcoID",
            "FR-XYZ",
            "DE-DCB",
        ),
    ),
    "an id that is not written as the hub wrote it": (
        a_cpo,
        "session.id-of-hub",
        broken(
            started(lambda cpo, session: cpo.cdr(session, SessionID=session.id.upper())),
            "/SessionID",
            "0000abcd",
            "0000ABCD",
        ),
    ),
    "an id in another letter case, and the same card again": (
        a_cpo,
        "session.id-of-hub",
        broken(
            carded(
                lambda cpo, session: (cpo.cdr(session, SessionID=session.id.upper()), cpo.authorize_start())
            ),
            "/SessionID",
            "0000abcd",
            "0000ABCD",
            warns=True,
        ),
    ),
    "an id in another letter case in a response": (
        a_cpo,
        "answer.session-id",
        broken(
            lambda cpo: cpo.remote_start(
                SessionID="0000abcd-0000-4000-8000-00000000000a",
                answer=accepted(SessionID="0000ABCD-0000-4000-8000-00000000000A"),
            ),
            "/SessionID",
            "not written as in the request",
            warns=True,
        ),
    ),
    "a start that is rejected with success, and a record": (
        a_cpo,
        "answer.result-and-code",
        broken(
            started(lambda cpo, session: cpo.cdr(session), answer=accepted(Result=False)),
            "/StatusCode/Code",
            "Result is false, but StatusCode is 000",
        ),
    ),
    "a reservation that the EMP ends with a remote stop": (
        an_emp,
        "session.id-of-hub",
        broken(
            lambda emp: emp.remote_stop(emp.reservation_start()),
            "/SessionID",
            "not created for an eRoamingAuthorizeRemoteStart",
        ),
    ),
    "a charge that the EMP ends with the stop of a reservation": (
        an_emp,
        "session.id-of-hub",
        broken(
            started(lambda emp, session: emp.reservation_stop(session)),
            "/SessionID",
            "not created for an eRoamingAuthorizeRemoteReservationStart",
        ),
    ),
    "a stop of a session that is settled": (
        a_cpo,
        "session.id-of-hub",
        broken(carded(_settled_stop), "/SessionID", "CDR was received in exchange 2", warns=True),
    ),
    "a record of a remote start that was refused": (
        a_cpo,
        f"{_REMOTE_START}.nothing-started",
        broken(_after_a_refused_start, "/SessionID", "exchange 1", "Result false, code 510"),
    ),
    "a Start after an Error, where a remote start was refused": (
        a_cpo,
        f"{_REMOTE_START}.nothing-started",
        broken(
            lambda cpo: [
                cpo.notification(kind, session)
                for session in [cpo.remote_start(answer=refused("510"))]
                for kind in ("Error", "Start")
            ],
            "/SessionID",
            "eRoamingChargingNotifications follows",
            "exchange 1",
        ),
    ),
    "a record of a refused driver under another id": (
        a_cpo,
        "session.refused",
        broken(_with_another_id, "/SessionID", "exchange 1", "code 102"),
    ),
    "a record of a refused driver under the CPO's own partner session id": (
        a_cpo,
        "session.refused",
        broken(
            lambda cpo: (
                cpo.authorize_start(EvseID=ABSENT, answer=refused("102")),
                cpo.cdr(cpo.unseen_session(), answer=refused("400")),
            ),
            "/SessionID",
            "exchange 1",
            "code 102",
        ),
    ),
    "a record where the hub had an error": (
        a_cpo,
        "session.refused",
        broken(
            lambda cpo: cpo.cdr(cpo.authorize_start(answer=http(500)), answer=refused("400")),
            "/SessionID",
            "HTTP 500",
        ),
    ),
    "a record where no answer came": (
        a_cpo,
        "session.refused",
        broken(
            lambda cpo: cpo.cdr(
                cpo.authorize_start(answer=nothing("hung up"), scripted="hung up"), answer=refused("400")
            ),
            "/SessionID",
            "hung up",
        ),
    ),
    "a stop of a start that was refused without an id": (
        an_emp,
        "eRoamingAuthorizeRemoteStop.after-refusal",
        broken(_stopped_after_all, "/SessionID", "exchange 1", "code 603"),
    ),
    "a stop of a start that was refused, and neither of them has an id": (
        an_emp,
        "eRoamingAuthorizeRemoteStop.after-refusal",
        broken(
            lambda emp: (
                emp.remote_start(answer=refused("603"), EMPPartnerSessionID=ABSENT),
                emp.remote_stop(emp.unseen_session(), answer=refused("400")),
            ),
            "/SessionID",
            "exchange 1",
            "code 603",
        ),
    ),
    "a hash beside the PIN, in authorization": (
        a_cpo,
        "identification.pin-in-clear",
        broken(
            lambda cpo: cpo.authorize_start(Identification=QR_WITH_BOTH_PINS),
            "/Identification/QRCodeIdentification/HashedPIN",
            "EvcoID, PIN, HashedPIN",
        ),
    ),
    "a partner session id of the EMP where it gave none": (
        a_cpo,
        "session.emp-partner-session-id",
        broken(
            lambda cpo: cpo.authorize_stop(
                cpo.authorize_start(answer=accepted(EMPPartnerSessionID=ABSENT)),
                EMPPartnerSessionID="made up",
            ),
            "/EMPPartnerSessionID",
            "no EMPPartnerSessionID",
            "made up",
        ),
    ),
    "a card that may stop, as RFIDIdentification": (
        an_emp,
        "eRoamingAuthorizationStart.AuthorizationStopIdentifications.RFIDIdentification",
        broken(
            lambda emp: emp.authorize_start(
                answer=accepted(AuthorizationStopIdentifications=[OTHER_CARD, CARD_BY_RFID])
            ),
            "/AuthorizationStopIdentifications/1/RFIDIdentification",
            "EMP 03 L42",
            "expected RFIDMifareFamilyIdentification",
        ),
    ),
    "a hash in a record": (
        a_cpo,
        "identification.pin-in-clear",
        broken(
            lambda cpo: cpo.cdr(cpo.authorize_start(Identification=QR), Identification=QR_WITH_BOTH_PINS),
            "/Identification/QRCodeIdentification/HashedPIN",
            "no HashedPIN",
        ),
    ),
    "a QR code without its PIN": (
        a_cpo,
        "identification.pin-in-clear",
        broken(
            lambda cpo: cpo.authorize_start(Identification={"QRCodeIdentification": {"EvcoID": ex.EVCO}}),
            "/Identification/QRCodeIdentification/PIN",
            "the PIN is missing",
        ),
    ),
    "an empty PIN": (
        a_cpo,
        "identification.pin-in-clear",
        broken(
            lambda cpo: cpo.authorize_start(
                Identification={"QRCodeIdentification": {"EvcoID": ex.EVCO, "PIN": ""}}
            ),
            "/Identification/QRCodeIdentification/PIN",
            "the PIN is empty",
        ),
    ),
    "another OperatorID, in a notification": (
        a_cpo,
        "operator.of-evse",
        broken(_notified("Start", OperatorID="DE*XYZ"), "/OperatorID", "DE*XYZ", "DE*ABC"),
    ),
    "a customer of another provider, in an upload": (
        an_emp,
        "identification.evco-of-provider",
        broken(
            lambda emp: emp.push_customers(
                CARD, QR, {"PlugAndChargeIdentification": {"EvcoID": "FR-XYZ-C12345678-X"}}
            ),
            "/ProviderAuthenticationData/AuthenticationDataRecord/2/Identification"
            "/PlugAndChargeIdentification/EvcoID",
            "FR-XYZ",
            "DE-DCB",
        ),
    ),
    "a card at an EVSE of an operator that is none of the sub-operators": (
        a_hub_operator,
        "operator.of-evse",
        broken(lambda cpo: cpo.authorize_start(EvseID=FOREIGN_EVSE), "/EvseID", FOREIGN_EVSE, "DE*ABC"),
    ),
    "the SessionID in capitals": (
        a_cpo,
        "session.id-of-hub",
        broken(
            started(lambda cpo, session: cpo.cdr(session, SessionID=session.id.upper())),
            "/SessionID",
            "not written as the hub wrote it",
            warns=True,
        ),
    ),
    "another EVSE at a stop": (
        a_cpo,
        "session.evse",
        broken(
            carded(lambda cpo, session: cpo.authorize_stop(session, EvseID=OTHER_EVSE)),
            "/EvseID",
            OTHER_EVSE,
            warns=True,
        ),
    ),
    "another card in a notification": (
        a_cpo,
        "session.identification",
        broken(
            carded(lambda cpo, session: cpo.notification("Start", session, Identification=OTHER_CARD)),
            "/Identification",
            "DEADBEEF",
            warns=True,
        ),
    ),
    "a QR code with a part of its PIN": (
        a_cpo,
        "identification.presented",
        broken(_cut_pin, "/Identification/QRCodeIdentification/PIN", "PIN of 4 char", "PIN of 2 char"),
    ),
    "a card whose UID is read from the other end": (
        a_cpo,
        "identification.presented",
        broken(_reversed_uid, "/Identification", "1234ABCD", "CDAB3412", warns=True),
    ),
    "a record after an authorization that failed": (
        a_cpo,
        "session.refused",
        broken(
            lambda cpo: cpo.cdr(cpo.authorize_start(answer=http(500, b"oops")), answer=refused("400")),
            "/SessionID",
            "HTTP 500",
            warns=True,
        ),
    ),
}
