"""More ways to break a requirement than the one of its row."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from selftest.unit import examples as ex
from selftest.unit.journals import (
    CARD,
    EVSE,
    FOREIGN_EVSE,
    OTHER_CARD,
    OTHER_EVSE,
    QR,
    Journal,
    Session,
    a_cpo,
    an_emp,
    at,
)
from selftest.unit.requirements import practice
from selftest.unit.requirements.row import Broken, Talk, Target, broken, carded, started
from selftest.unit.wording import ABSENT, accepted, http, nothing, refused, slow

_NOTIFY, _CDR = "eRoamingChargingNotifications", "eRoamingChargeDetailRecord"
_DATA, _STATUS = "eRoamingPushEvseData", "eRoamingPushEvseStatus"
_REMOTE_START = "eRoamingAuthorizeRemoteStart"
_OF_1 = "/OperatorEvseData/EvseDataRecord/0"
_PULL = "eRoamingPullEvseData"
_RFID = {"RFIDIdentification": {"UID": "1234ABCD", "RFID": "mifareCls"}}
_CREATED = replace(accepted(), status=201)
_SYSTEM_ERROR = accepted(Result=False, StatusCode={"Code": "001"})
_QR = {"QRCodeIdentification": {"EvcoID": ex.EVCO, "PIN": "1234"}}
_BOTH = {
    "QRCodeIdentification": {
        "EvcoID": ex.EVCO,
        "PIN": "1234",
        "HashedPIN": {
            "Value": "$2b$04$hvzJh27FpHlddD0osznM7ua1GqtmJ5N07eh6KEJu5rUidDPRJy2YW",
            "Function": "Bcrypt",
        },
    }
}


def _cdr(**fields: Any) -> Talk:
    return started(lambda cpo, session: cpo.cdr(session, **fields))


def _notified(kind: str, **fields: Any) -> Talk:
    return started(lambda cpo, session: cpo.notification(kind, session, **fields))


def _settled(kind: str, **fields: Any) -> Talk:
    return started(lambda cpo, session: (cpo.notification(kind, session, **fields), cpo.cdr(session)))


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


def _busy_in_spite_of_its_control(cpo: Journal) -> None:
    cpo.remote_start(purpose="request.minimal", answer=refused("601"), EMPPartnerSessionID=ABSENT)
    cpo.remote_start(control=1)


def _settled_stop(cpo: Journal, session: Session) -> None:
    cpo.cdr(session)
    cpo.authorize_stop(session, answer=refused("400"))


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


def _of_hub_operator() -> Journal:
    return a_cpo(sub_operator_ids=["DE*SUB"])


def _of_hub_provider() -> Journal:
    return an_emp(sub_provider_ids=["DE-SUB"])


def _available_while_it_charges(cpo: Journal, session: Session) -> None:
    """The CPO itself has reported that energy flows: no cable has to be asked for."""
    cpo.notification("Start", session)
    cpo.push_evse_status((EVSE, "Available"))
    number, wanted = session.begun_by.number, f"{_STATUS}.occupied"
    cpo.waited(wanted, _STATUS, session=session.id, stimulus="done", evse=EVSE, after=number)
    cpo.listened()


def _too_much(cpo: Journal) -> None:
    cpo.push_evse_data(ex.evse(ChargingFacilities=[ex.facility(Power=3)]))
    session = cpo.remote_start()
    cpo.notification("End", session)
    cpo.cdr(session, **practice.in_wh(10, 84))


def _stays_occupied(cpo: Journal, session: Session) -> None:
    """The status is pushed when a car comes, and never again."""
    cpo.push_evse_status((EVSE, "Occupied"))
    record = cpo.cdr(session)
    cpo.waited(f"{_STATUS}.free-again", _STATUS, stimulus="done", evse=EVSE, after=record.number)
    cpo.listened()


FURTHER: Mapping[str, tuple[Target, str, Broken]] = {
    # what goes wrong in the field
    "no status after the record, and Occupied before it": (
        a_cpo,
        f"{_STATUS}.free-again",
        broken(
            started(_stays_occupied),
            "/OperatorEvseStatus/EvseStatusRecord/0/EvseStatus",
            f"{EVSE} is shown as Occupied, though its session is over",
        ),
    ),
    "a push that the hub rejects for another reason": (
        a_cpo,
        "push.accepted",
        broken(
            lambda cpo: cpo.push_evse_status(answer=practice.contradicted("no contract for this service")),
            None,
            "rejected this fullLoad with code 022: no contract for this service",
        ),
    ),
    "an update of what a full load left out": (
        a_cpo,
        "push.accepted",
        broken(
            lambda cpo: (
                cpo.push_evse_status(),
                cpo.push_evse_status(
                    (OTHER_EVSE, "Occupied"),
                    action="update",
                    answer=practice.contradicted("not there: DEABCE21"),
                ),
            ),
            "/ActionType",
            "rejected this update",
            "insert",
        ),
    ),
    "data in parts, each a full load": (
        a_cpo,
        "push.full-load-complete",
        broken(
            lambda cpo: [cpo.push_evse_data(practice.TWO[one]) for one in (0, 1, 0)],
            "/ActionType",
            "removes the data of 1 EVSE that stays",
            EVSE,
        ),
    ),
    "a full load without an EVSE that the profile names": (
        a_cpo,
        "push.full-load-complete",
        broken(practice.parts(again=False), "/ActionType", "removes the data of 1 EVSE that stays", EVSE),
    ),
    "a status change as a full load, and an update of all of them": (
        a_cpo,
        "push.full-load-complete",
        broken(
            lambda cpo: (
                cpo.push_evse_data(*practice.TWO),
                cpo.push_evse_status((EVSE, "Available"), (OTHER_EVSE, "Available")),
                cpo.push_evse_status((EVSE, "Occupied")),
                cpo.push_evse_status(
                    (EVSE, "Available"),
                    (OTHER_EVSE, "Available"),
                    action="update",
                    answer=practice.contradicted("not there: DEABCE21"),
                ),
            ),
            "/ActionType",
            "removes the status of 1 EVSE that stays",
        ),
    ),
    "a status change as a full load": (
        a_cpo,
        "push.full-load-complete",
        broken(
            lambda cpo: (
                cpo.push_evse_data(*practice.TWO),
                cpo.push_evse_status((EVSE, "Available"), (OTHER_EVSE, "Available")),
                cpo.push_evse_status((EVSE, "Occupied")),
            ),
            "/ActionType",
            "removes the status of 1 EVSE that stays",
            OTHER_EVSE,
        ),
    ),
    "a record in Wh, and notifications in kWh": (
        a_cpo,
        f"{_CDR}.plausible-energy",
        broken(
            started(
                lambda cpo, session: (
                    cpo.notification("Start", session),
                    cpo.notification("End", session),
                    cpo.cdr(session, **practice.in_wh()),
                )
            ),
            "/ConsumedEnergy",
            "4000 is 1000 times the energy of exchange 2: is it in Wh?",
        ),
    ),
    "more energy than a vehicle takes": (
        a_cpo,
        f"{_CDR}.plausible-energy",
        broken(
            _cdr(**practice.in_wh()),
            "/ConsumedEnergy",
            "4000 kWh is more than a vehicle takes: is it in Wh?",
            "at most 1000 kWh",
        ),
    ),
    "more energy than the power allows, and a notification that is in order": (
        a_cpo,
        f"{_CDR}.plausible-energy",
        broken(_too_much, "/ConsumedEnergy", "74 kWh in 0.97 h", "3 kW", "at most"),
    ),
    "more energy than the power allows": (
        a_cpo,
        f"{_CDR}.plausible-energy",
        broken(
            practice.at_an_evse(3, **practice.in_wh(10, 84)), "/ConsumedEnergy", "74 kWh in 0.97 h", "3 kW"
        ),
    ),
    "notifications in Wh, and a record in kWh": (
        a_cpo,
        f"{_NOTIFY}.agree-with-cdr",
        broken(
            _settled("End", **practice.in_wh()),
            "/MeterValueStart",
            "MeterValueStart disagrees with the charge detail record of exchange 3: is it in Wh?",
        ),
    ),
    "a ConsumedEnergy in Wh, and a meter in kWh": (
        a_cpo,
        f"{_CDR}.consumed-energy",
        broken(_cdr(ConsumedEnergy=4000), "/ConsumedEnergy", "is it in Wh?", "4000"),
    ),
    "UTC that is marked as local time": (
        a_cpo,
        f"{_CDR}.after-beginning",
        broken(
            _cdr(
                SessionStart=at("11:00"),
                ChargingStart=at("11:01"),
                ChargingEnd=at("11:59"),
                SessionEnd=at("12:00"),
            ),
            "/SessionEnd",
            "60.0 minutes before exchange 1",
            "that is 1 hour: is it UTC marked as local time?",
        ),
    ),
    "more power than voltage and current give": (
        a_cpo,
        f"{_DATA}.plausible-power",
        broken(
            practice.with_facility(Voltage=230, Amperage=16),
            f"{_OF_1}/ChargingFacilities/0/Power",
            "3 x 230 V x 16 A is 11.0 kW, less than 22 kW",
        ),
    ),
    "power in W": (
        a_cpo,
        f"{_DATA}.OperatorEvseData.EvseDataRecord.ChargingFacilities.Power",
        broken(
            practice.with_facility(Power=22_000),
            f"{_OF_1}/ChargingFacilities/0/Power",
            "is it in W?",
            "22000",
            warns=True,
        ),
    ),
    "a plug for AC at a DC charger": (
        a_cpo,
        f"{_DATA}.fits-power-type",
        broken(
            practice.with_facility("Type 2 Outlet", PowerType="DC"),
            f"{_OF_1}/Plugs",
            "only AC plugs",
            "PowerType is DC",
        ),
    ),
    "a mode for AC at a DC charger": (
        a_cpo,
        f"{_DATA}.fits-power-type",
        broken(
            practice.with_facility("CHAdeMO", PowerType="DC", ChargingModes=["Mode_3"]),
            f"{_OF_1}/ChargingFacilities/0/ChargingModes",
            "Mode_3 is for AC, and PowerType is DC",
        ),
    ),
    # how messages travel
    "a response after Hubject has given up": (
        an_emp,
        "http.answer-time",
        broken(
            lambda emp: emp.hub_asks(answer=slow(35.0)), None, "took 35.0 s", "about 30 s and has given up"
        ),
    ),
    "another method": (
        a_cpo,
        "http.path",
        broken(lambda cpo: cpo.push_evse_status(method="PUT"), None, "PUT", "is sent with POST"),
    ),
    "another partner in the path": (
        an_emp,
        "http.path-id",
        broken(
            lambda emp: emp.pull(
                "eRoamingPullEvseStatus", path="/api/oicp/evsepull/v21/providers/FR-XYZ/status-records"
            ),
            None,
            "FR-XYZ",
            "DE-DCB",
        ),
    ),
    "an empty body": (
        a_cpo,
        "http.json",
        broken(lambda cpo: cpo.push_evse_status(raw=b""), None, "the body is empty"),
    ),
    "a list in place of an object": (
        a_cpo,
        "http.json",
        broken(lambda cpo: cpo.push_evse_status(raw=b"[1]"), None, "not a JSON object", "[1]"),
    ),
    "an answer that is no JSON": (
        a_cpo,
        "http.json",
        broken(lambda cpo: cpo.hub_asks(answer=http(200, b"OK")), None, "OK"),
    ),
    "a charset that is not UTF-8": (
        a_cpo,
        "http.content-type",
        broken(
            lambda cpo: cpo.push_evse_status(content_type="application/json; charset=latin-1"),
            None,
            "latin-1",
        ),
    ),
    "created": (
        a_cpo,
        "http.status",
        broken(lambda cpo: cpo.hub_asks(answer=_CREATED), None, "HTTP 201"),
    ),
    "a special request that breaks the target": (
        a_cpo,
        "request.malformed",
        broken(
            lambda cpo: (
                cpo.hub_asks(),
                cpo.hub_asks(
                    purpose="request.malformed", expects="refuse", answer=http(500, b"oops"), EvseID=ABSENT
                ),
            ),
            None,
            "HTTP 500",
            "oops",
        ),
    ),
    "a start as the guide shows it": (
        a_cpo,
        "request.malformed",
        broken(
            lambda cpo: (
                cpo.hub_asks(),
                cpo.hub_asks(purpose="request.malformed", expects="refuse", SessionID=ABSENT),
            ),
            None,
            "accepted",
        ),
    ),
    "busy, though the same without what is special is accepted": (
        a_cpo,
        "request.minimal",
        broken(_busy_in_spite_of_its_control, None, "code 601", "exchange 2 was accepted"),
    ),
    "an endpoint of an optional operation that breaks": (
        lambda: a_cpo({}),
        "optional.not-offered",
        broken(
            lambda cpo: cpo.reservation_start(
                purpose="optional.not-offered", expects="refuse", answer=http(500)
            ),
            None,
            "HTTP 500",
        ),
    ),
    "an endpoint of an optional operation that does not answer": (
        lambda: a_cpo({}),
        "optional.not-offered",
        broken(
            lambda cpo: cpo.reservation_start(
                purpose="optional.not-offered", expects="refuse", answer=nothing("timeout")
            ),
            None,
            "no response: timeout",
        ),
    ),
    # what answers say
    "Authorized without a ProviderID": (
        an_emp,
        "authorization.provider-id",
        broken(
            lambda emp: emp.authorize_start(answer=accepted(ProviderID=ABSENT)),
            "/ProviderID",
            "without ProviderID",
            "DE-DCB",
        ),
    ),
    "Authorized by a provider that is none of the sub-providers": (
        _of_hub_provider,
        "authorization.provider-id",
        broken(
            lambda emp: emp.authorize_start(answer=accepted(ProviderID="FR-XYZ")),
            "/ProviderID",
            "FR-XYZ",
            "DE-DCB",
        ),
    ),
    "a remote start of a customer of a provider that is none of the sub-providers": (
        _of_hub_provider,
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
    "NotAuthorized with success": (
        an_emp,
        "authorization.code",
        broken(
            lambda emp: emp.authorize_start(
                answer=accepted(AuthorizationStatus="NotAuthorized"), expects="any"
            ),
            "/StatusCode/Code",
            "NotAuthorized goes with StatusCode 000",
        ),
    ),
    # sessions
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
    "a stop of a session that is settled": (
        a_cpo,
        "session.id-of-hub",
        broken(carded(_settled_stop), "/SessionID", "record came in exchange 2", warns=True),
    ),
    "a record of a remote start that was refused": (
        a_cpo,
        f"{_REMOTE_START}.nothing-started",
        broken(_after_a_refused_start, "/SessionID", "exchange 1", "Result False, code 510"),
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
        broken(
            _stopped_after_all,
            "/SessionID",
            "exchange 1",
            "code 603",
        ),
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
    # identifications
    "a hash beside the PIN, in authorization": (
        a_cpo,
        "identification.pin-in-clear",
        broken(
            lambda cpo: cpo.authorize_start(Identification=_BOTH),
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
                answer=accepted(AuthorizationStopIdentifications=[OTHER_CARD, _RFID])
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
            lambda cpo: cpo.cdr(cpo.authorize_start(Identification=_QR), Identification=_BOTH),
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
    "a card in its other form, in a notification": (
        a_cpo,
        "eRoamingChargingNotificationStart.Identification.RFIDIdentification",
        broken(
            carded(lambda cpo, session: cpo.notification("Start", session, Identification=_RFID)),
            "/Identification/RFIDIdentification",
            "mifareCls",
        ),
    ),
    "another OperatorID, in a notification": (
        a_cpo,
        "operator.of-evse",
        broken(_notified("Start", OperatorID="DE*XYZ"), "/OperatorID", "DE*XYZ", "DE*ABC"),
    ),
    "PIN and hash in an upload": (
        an_emp,
        "identification.pin-or-hash",
        broken(
            lambda emp: emp.push_customers(_BOTH),
            "/ProviderAuthenticationData/AuthenticationDataRecord/0/Identification/QRCodeIdentification",
            "PIN and HashedPIN",
        ),
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
    # records and notifications
    "negative energy": (
        a_cpo,
        f"{_CDR}.consumed-energy",
        broken(
            _cdr(
                ConsumedEnergy=-1.0, MeterValueStart=ABSENT, MeterValueEnd=ABSENT, MeterValueInBetween=ABSENT
            ),
            "/ConsumedEnergy",
            "-1.0",
            "0 or more",
            warns=True,
        ),
    ),
    "a session that begins after its charge": (
        a_cpo,
        f"{_CDR}.charging-in-session",
        broken(_cdr(SessionStart=at("12:02")), "/ChargingStart", at("12:02"), at("12:01")),
    ),
    "signed values that are empty": (
        a_cpo,
        f"{_CDR}.signed-when-external",
        broken(
            lambda cpo: (
                cpo.push_evse_data(ex.evse(CalibrationLawDataAvailability="External")),
                cpo.cdr(cpo.remote_start(), SignedMeteringValues=[{"MeteringStatus": "Start"}]),
            ),
            "/SignedMeteringValues",
            "MeteringStatus",
        ),
    ),
    "nothing signed where no energy flowed": (
        a_cpo,
        f"{_CDR}.signed-when-external",
        broken(
            lambda cpo: (
                cpo.push_evse_data(ex.evse(CalibrationLawDataAvailability="External")),
                cpo.cdr(cpo.remote_start(), ConsumedEnergy=0, MeterValueEnd=ABSENT),
            ),
            "/SignedMeteringValues",
            "nothing",
            warns=True,
        ),
    ),
    "a record of another EVSE, whose data say External": (
        a_cpo,
        "session.evse",
        broken(
            lambda cpo: (
                cpo.push_evse_data(
                    ex.evse(), ex.evse(EvseID=OTHER_EVSE, CalibrationLawDataAvailability="External")
                ),
                cpo.cdr(cpo.remote_start(), EvseID=OTHER_EVSE),
            ),
            "/EvseID",
            OTHER_EVSE,
        ),
    ),
    "Progress after End": (
        a_cpo,
        f"{_NOTIFY}.order",
        broken(
            started(
                lambda cpo, session: (
                    cpo.notification("End", session),
                    cpo.notification("Progress", session, ConsumedEnergyProgress=4.0),
                )
            ),
            "/Type",
            "Progress comes after End",
        ),
    ),
    "a charge that begins before its session, in a notification": (
        a_cpo,
        f"{_NOTIFY}.times",
        broken(_notified("Start", SessionStart=at("12:02")), "/ChargingStart", at("12:02"), at("12:01")),
    ),
    "penalty before the end": (
        a_cpo,
        f"{_NOTIFY}.times",
        broken(_notified("End", PenaltyTimeStart=at("12:58")), "/PenaltyTimeStart", at("12:59"), at("12:58")),
    ),
    "energy that is not the difference, in a notification": (
        a_cpo,
        f"{_NOTIFY}.meter-values",
        broken(_notified("End", ConsumedEnergy=3.0), "/ConsumedEnergy", "4.000", "3.0"),
    ),
    "a duration that is off by more than a second": (
        a_cpo,
        f"{_NOTIFY}.charging-duration",
        broken(_notified("Progress", ChargingDuration=1801001), "/ChargingDuration", "1800000", "1801001"),
    ),
    "another meter than in the record": (
        a_cpo,
        f"{_NOTIFY}.agree-with-cdr",
        broken(_settled("Start", MeterValueStart=9.0), "/MeterValueStart", "10.0", "9.0"),
    ),
    "more energy than in the record": (
        a_cpo,
        f"{_NOTIFY}.agree-with-cdr",
        broken(
            _settled("Progress", ConsumedEnergyProgress=4.5), "/ConsumedEnergyProgress", "at most 4.0", "4.5"
        ),
    ),
    "the reading of the meter in place of the energy": (
        a_cpo,
        f"{_NOTIFY}.agree-with-cdr",
        broken(
            started(
                lambda cpo, session: (
                    cpo.notification("Progress", session, ConsumedEnergyProgress=12.0),
                    cpo.notification("End", session),
                    cpo.cdr(session),
                )
            ),
            "/ConsumedEnergyProgress",
            "is it the reading of the meter?",
        ),
    ),
    "less energy than in the record, at the same end": (
        a_cpo,
        f"{_NOTIFY}.agree-with-cdr",
        broken(
            _settled("End", ConsumedEnergy=3.0, MeterValueEnd=13.0),
            "/ConsumedEnergy",
            "4.0, since both end at the same time",
            "3.0",
        ),
    ),
    "a later end than in the record": (
        a_cpo,
        f"{_NOTIFY}.agree-with-cdr",
        broken(_settled("End", ChargingEnd=at("13:02")), "/ChargingEnd", at("12:59"), at("13:02")),
    ),
    # what is published
    "OpeningTimes around the clock": (
        a_cpo,
        f"{_DATA}.opening-times",
        broken(
            lambda cpo: cpo.push_evse_data(ex.evse(IsOpen24Hours=True, OpeningTimes=[ex.opening()])),
            f"{_OF_1}/OpeningTimes",
            "IsOpen24Hours is true",
            "09:00",
        ),
    ),
    "dynamic information that does not come": (
        a_cpo,
        f"{_DATA}.dynamic-info",
        broken(
            lambda cpo: (
                cpo.push_evse_data(ex.evse(), ex.evse(EvseID=OTHER_EVSE)),
                cpo.push_evse_status((EVSE, "Available")),
            ),
            None,
            OTHER_EVSE,
            "no status was pushed",
        ),
    ),
    "Available while it charges, though nobody asked for the cable": (
        a_cpo,
        f"{_STATUS}.occupied",
        broken(
            started(_available_while_it_charges),
            "/OperatorEvseStatus/EvseStatusRecord/0/EvseStatus",
            f"{EVSE} is shown as Available",
            "Occupied",
        ),
    ),
    "an EVSE of an operator that is none of the sub-operators": (
        _of_hub_operator,
        "push.evse-of-operator",
        broken(
            lambda cpo: cpo.push_evse_data(ex.evse(EvseID=FOREIGN_EVSE)),
            f"{_OF_1}/EvseID",
            FOREIGN_EVSE,
            "sub_operator_ids",
        ),
    ),
    "a card at an EVSE of an operator that is none of the sub-operators": (
        _of_hub_operator,
        "operator.of-evse",
        broken(lambda cpo: cpo.authorize_start(EvseID=FOREIGN_EVSE), "/EvseID", FOREIGN_EVSE, "DE*ABC"),
    ),
    "a status of an EVSE that was deleted": (
        a_cpo,
        f"{_STATUS}.published",
        broken(
            lambda cpo: (
                cpo.push_evse_data(ex.evse(), ex.evse(EvseID=OTHER_EVSE)),
                cpo.push_evse_data(ex.evse(EvseID=OTHER_EVSE), action="delete"),
                cpo.push_evse_status((EVSE, "Available"), (OTHER_EVSE, "Available")),
            ),
            "/OperatorEvseStatus/EvseStatusRecord/1/EvseID",
            OTHER_EVSE,
        ),
    ),
    "three pushes at once": (
        a_cpo,
        "push.sequential",
        broken(
            lambda cpo: (
                cpo.push_evse_status(answer=slow(5.0)),
                cpo.after(-0.5).push_evse_status(),
                cpo.after(1.0).push_evse_status(),
            ),
            None,
            "exchange 1",
        ),
    ),
    # what is pulled
    "no page": (
        an_emp,
        "pull.page-parameters",
        broken(lambda emp: emp.pull(_PULL, "?size=20"), None, "no page is asked for", "size=20"),
    ),
    "a page that is no number": (
        an_emp,
        "pull.page-parameters",
        broken(lambda emp: emp.pull(_PULL, "?page=first"), None, "page=first", "page from 0"),
    ),
    "a page of no records": (
        an_emp,
        "pull.page-parameters",
        broken(lambda emp: emp.pull(_PULL, "?page=0&size=0"), None, "size=0", "size from 1"),
    ),
    "a pull that Hubject's own failure ends": (
        an_emp,
        "pull.failed-page",
        broken(
            lambda emp: (
                emp.pull("eRoamingPullEvseStatus", scripted="system error 001", answer=_SYSTEM_ERROR),
                emp.waited("pull.failed-page", "eRoamingPullEvseStatus", stimulus="done"),
            ),
            None,
            "system error 001",
        ),
    ),
    # of what the sentence behind a MUST does not speak
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
    "a penalty before the end": (
        a_cpo,
        f"{_NOTIFY}.times",
        broken(
            _notified("End", PenaltyTimeStart=at("12:50")),
            "/PenaltyTimeStart",
            at("12:50"),
            warns=True,
        ),
    ),
    "a start that lacks its identification": (
        a_cpo,
        "request.malformed",
        broken(
            lambda cpo: (
                cpo.hub_asks(),
                cpo.hub_asks(purpose="request.malformed", expects="refuse", Identification=ABSENT),
            ),
            None,
            "accepted",
            warns=True,
        ),
    ),
    "an authorization of nobody": (
        an_emp,
        "request.malformed",
        broken(
            lambda emp: (
                emp.authorize_start(),
                emp.authorize_start(purpose="request.malformed", expects="refuse", Identification=ABSENT),
            ),
            None,
            "accepted",
        ),
    ),
    "a null that breaks the target": (
        a_cpo,
        "request.nulls",
        broken(
            lambda cpo: (
                cpo.hub_asks(),
                cpo.hub_asks(purpose="request.nulls", answer=http(500, b"oops"), EMPPartnerSessionID=None),
            ),
            None,
            "HTTP 500",
        ),
    ),
}
