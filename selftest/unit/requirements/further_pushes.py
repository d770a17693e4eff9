"""More ways to break requirements of pushes, uploads and pulls than the one of their rows."""

from collections.abc import Mapping

from selftest.unit import examples as ex
from selftest.unit.journals import (
    CARD,
    EVSE,
    FOREIGN_EVSE,
    OTHER_EVSE,
    QR_WITH_BOTH_PINS,
    Journal,
    Session,
    a_cpo,
    a_hub_operator,
    an_emp,
)
from selftest.unit.requirements import practice, pulls
from selftest.unit.requirements.row import Broken, Talk, Target, broken, started
from selftest.unit.wording import accepted, http, slow

NEW_CARD = {"RFIDMifareFamilyIdentification": {"UID": "5678ABCD"}}
_DATA, _STATUS = "eRoamingPushEvseData", "eRoamingPushEvseStatus"
_OF_1 = "/OperatorEvseData/EvseDataRecord/0"
_PULL = "eRoamingPullEvseData"
_SYSTEM_ERROR = accepted(Result=False, StatusCode={"Code": "001"})


def _available_while_it_charges(cpo: Journal, session: Session) -> None:
    """The CPO itself has reported that energy flows: no cable has to be asked for."""
    cpo.notification("Start", session)
    cpo.push_evse_status((EVSE, "Available"))
    number, wanted = session.begun_by.number, f"{_STATUS}.occupied"
    cpo.waited(wanted, _STATUS, session=session.id, stimulus="done", evse=EVSE, after=number)
    cpo.listened()


def after_another_charge(action: str) -> Talk:
    """Both EVSEs are shown as Available after the second charge, while the first one goes on."""

    def talk(cpo: Journal) -> None:
        first = cpo.remote_start()
        cpo.push_evse_status((EVSE, "Occupied"))
        second = cpo.remote_start(EvseID=OTHER_EVSE)
        cpo.push_evse_status((OTHER_EVSE, "Occupied"), action="update")
        cpo.remote_stop(second)
        cpo.push_evse_status((OTHER_EVSE, "Available"), (EVSE, "Available"), action=action)
        cpo.remote_stop(first)

    return talk


def _pulls_everything_again(emp: Journal) -> None:
    """The same pull is asked for a second time: it is not by another server."""
    for answer in (*[http(429)] * 3, accepted()):
        emp.pull(_PULL, answer=answer)
    emp.waited("request.sent", _PULL, emp.pull(_PULL), stimulus="done")


def _stays_occupied(cpo: Journal, session: Session) -> None:
    """The status is pushed when a car comes, and never again."""
    cpo.push_evse_status((EVSE, "Occupied"))
    record = cpo.cdr(session)
    cpo.waited(f"{_STATUS}.free-again", _STATUS, stimulus="done", evse=EVSE, after=record.number)
    cpo.listened()


FURTHER: Mapping[str, tuple[Target, str, Broken]] = {
    "an EVSE that is Available as soon as another charge has ended": (
        a_cpo,
        f"{_STATUS}.other-evse",
        broken(
            after_another_charge("update"),
            "/OperatorEvseStatus/EvseStatusRecord/1/EvseStatus",
            f"a new status of {OTHER_EVSE}",
            f"shows {EVSE} as Available",
        ),
    ),
    "retries at once, by an EMP that pulls everything when it is asked again": (
        an_emp,
        "http.backoff",
        broken(_pulls_everything_again, None, "sent 4 times", "pauses of"),
    ),
    "a period of CDRs that begins an hour late": (
        an_emp,
        "pull.as-asked",
        broken(pulls.settled("11:00", "14:00"), "/From", "60.0 minutes of it", "T10:00:00", "T13:00:00"),
    ),
    "no status after the record, and Occupied before it": (
        a_cpo,
        f"{_STATUS}.free-again",
        broken(
            started(_stays_occupied),
            "/OperatorEvseStatus/EvseStatusRecord/0/EvseStatus",
            f"{EVSE} is published as Occupied, although its session has ended",
        ),
    ),
    "an update of a customer who was deleted with another one": (
        an_emp,
        "eRoamingPushAuthenticationData.truthful",
        broken(
            lambda emp: (
                emp.push_customers(CARD, NEW_CARD),
                emp.push_customers(NEW_CARD, CARD, action="delete"),
                emp.push_customers(
                    CARD, action="update", answer=practice.contradicted("not there: 1234ABCD")
                ),
            ),
            "/ActionType",
            "not there: 1234ABCD",
            "exchange 2 deleted customers of the profile",
        ),
    ),
    "an update of customers whom an insert has removed, as it was a full load": (
        an_emp,
        "eRoamingPushAuthenticationData.full-load-complete",
        broken(
            lambda emp: (
                emp.push_customers(CARD),
                emp.push_customers(NEW_CARD),
                emp.push_customers(
                    CARD, action="update", answer=practice.contradicted("not there: 1234ABCD")
                ),
            ),
            "/ActionType",
            "removes 1 of 1 customers",
        ),
    ),
    "an update of a customer whom a full load has left out": (
        an_emp,
        "eRoamingPushAuthenticationData.truthful",
        broken(
            lambda emp: (
                emp.push_customers(),
                emp.push_customers(
                    NEW_CARD, action="update", answer=practice.contradicted("not there: 5678ABCD")
                ),
            ),
            "/ActionType",
            "not there: 5678ABCD",
            "update for known ones",
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
            "Mode_3 is for AC, but PowerType is DC",
        ),
    ),
    "PIN and hash in an upload": (
        an_emp,
        "identification.pin-or-hash",
        broken(
            lambda emp: emp.push_customers(QR_WITH_BOTH_PINS),
            "/ProviderAuthenticationData/AuthenticationDataRecord/0/Identification/QRCodeIdentification",
            "PIN and HashedPIN",
        ),
    ),
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
            f"{EVSE} is published as Available",
            "Occupied",
        ),
    ),
    "an EVSE of an operator that is none of the sub-operators": (
        a_hub_operator,
        "push.evse-of-operator",
        broken(
            lambda cpo: cpo.push_evse_data(ex.evse(EvseID=FOREIGN_EVSE)),
            f"{_OF_1}/EvseID",
            FOREIGN_EVSE,
            "sub_operator_ids",
        ),
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
    "no page": (
        an_emp,
        "pull.page-parameters",
        broken(lambda emp: emp.pull(_PULL, "?size=20"), None, "no page was requested", "size=20"),
    ),
    "a page that is not a number": (
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
}
