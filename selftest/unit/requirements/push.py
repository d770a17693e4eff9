"""Data pushes: one after another, the operator's own EVSEs, and true to what happens at them."""

from collections.abc import Callable, Iterator
from functools import partial
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
    a_cpo,
    an_emp,
)
from selftest.unit.requirements.row import Never, Row, Talk, Target, broken, only_asked
from selftest.unit.wording import Answer, refused, slow

_DATA, _STATUS, _UPLOAD = "eRoamingPushEvseData", "eRoamingPushEvseStatus", "eRoamingPushAuthenticationData"
_OF_1 = "/OperatorEvseData/EvseDataRecord/0"
_RECORDS = "/ProviderAuthenticationData/AuthenticationDataRecord"
_UNSEEN = "what does not come is inconclusive: nobody saw whether there was occasion"
_BCRYPT = {
    "1234": "$2b$04$hvzJh27FpHlddD0osznM7ua1GqtmJ5N07eh6KEJu5rUidDPRJy2YW",
    "4321": "$2b$04$4Jk10hDwrLzDfHJL4qebIemb8uhUFZJECug0TrCZcn/0A0QRVj4LG",
}
"""Hashes of PINs, quick ones."""


def _pushed(**fields: Any) -> Talk:
    """The data of an EVSE with such fields."""
    return lambda cpo: cpo.push_evse_data(ex.evse(**fields))


def _started_at(answer: Answer | None = None, **fields: Any) -> Talk:
    """An app starts at an EVSE with such data."""
    given = {"answer": answer} if answer else {}
    return lambda cpo: (cpo.push_evse_data(ex.evse(**fields)), cpo.remote_start(**given))


def _deleted(**fields: Any) -> Talk:
    """Such an EVSE is taken back: what its data say is nothing more to anybody."""
    return lambda cpo: cpo.push_evse_data(ex.evse(**fields), action="delete")


def _repeated(push: Callable[..., object], times: int) -> Talk:
    """The same comes as often, and is refused each time."""
    return lambda said: [push(said, answer=refused("021")) for _ in range(times)]


def _rows(journal: Target, push: Callable[..., object]) -> Iterator[Row]:
    yield Row(
        journal,
        "push.sequential",
        holds=lambda said: (push(said), push(said)),
        breaks=broken(
            lambda said: (push(said, answer=slow(2.0)), push(said)),
            None,
            "before the response to the push of exchange 1",
            "sent after 12:00:02.000",
            "sent at 12:00:01.000",
        ),
        unclear=only_asked,
    )
    yield Row(
        journal,
        "push.after-refusal",
        holds=_repeated(push, 11),
        breaks=broken(_repeated(push, 12), None, "was sent 12 times", "at most 10", "11"),
        unclear=lambda said: (push(said), push(said)),
    )


def actions(journal: Target, operation: str, push: Callable[..., Any]) -> Iterator[Row]:
    """That each ActionType is used when there is occasion."""

    def row(action: str) -> Row:
        wanted = f"{operation}.{action}"
        return Row(
            journal,
            wanted,
            holds=lambda said: said.waited(wanted, operation, push(said, action=action), stimulus="done"),
            breaks=Never(_UNSEEN),
            unclear=lambda said: said.waited(wanted, operation, stimulus="unavailable"),
        )

    return map(row, ("fullLoad", "insert", "update", "delete"))


def _shown(status: str, wanted: str, *, comes: bool = False, pushes: int = 1) -> Talk:
    """The suite brings an EVSE into a state, waits for its status, and listens on."""

    def talk(cpo: Journal) -> None:
        session = cpo.remote_start() if wanted == "occupied" else cpo.reservation_start()
        if wanted == "occupied":
            cpo.plugged(session)
        push = [cpo.push_evse_status((EVSE, status), action="update") for _ in range(pushes)]
        number = session.begun_by.number
        came = push[-1] if comes else None
        cpo.waited(
            f"{_STATUS}.{wanted}",
            _STATUS,
            came,
            session=session.id,
            stimulus="done",
            evse=EVSE,
            after=number,
        )
        cpo.listened()

    return talk


def _state(wanted: str, name: str) -> Row:
    return Row(
        a_cpo,
        f"{_STATUS}.{wanted}",
        holds=_shown(name, wanted, comes=True),
        breaks=broken(
            _shown("Available", wanted),
            "/OperatorEvseStatus/EvseStatusRecord/0/EvseStatus",
            f"{EVSE} is published as Available, although it is {wanted}",
            name,
        ),
        unclear=_shown(name, wanted, pushes=0),
    )


def _over(status: str, wanted: str = "free-again", *, comes: bool = False, listened: bool = True) -> Talk:
    """A session ends with its record, the suite waits for the status of its EVSE, and listens on."""

    def talk(cpo: Journal) -> None:
        begin = cpo.reservation_start if wanted == "released" else cpo.remote_start
        record = cpo.cdr(begin())
        push = cpo.push_evse_status((EVSE, status), action="update")
        came = push if comes else None
        cpo.waited(f"{_STATUS}.{wanted}", _STATUS, came, stimulus="done", evse=EVSE, after=record.number)
        if listened:
            cpo.listened()

    return talk


def _uploaded(*, authorized: bool) -> Talk:
    return lambda emp: emp.tried_upload(CARD, authorized=authorized, push=emp.push_customers())


def _code(**fields: Any) -> dict[str, Any]:
    return {"QRCodeIdentification": {"EvcoID": ex.EVCO, **fields}}


def _hashed(pin: str, evco: str = ex.EVCO) -> Talk:
    """The upload of a customer whose PIN in the profile is 1234, or of one that the profile does not know."""
    return lambda emp: emp.push_customers(
        _code(EvcoID=evco, HashedPIN={"Value": _BCRYPT[pin], "Function": "Bcrypt"})
    )


_INCONSISTENT = Answer("022", {"StatusCode": {"Code": "022", "AdditionalInfo": "already there: 1234ABCD"}})
_NO_DATA = {"OperatorID": "DE*ABC", "OperatorName": "ABC", "EvseDataRecord": []}
_FOSSIL = [{"Energy": "Coal", "Percentage": 40}, {"Energy": "Wind", "Percentage": 60}]

ROWS = (
    *_rows(a_cpo, Journal.push_evse_status),
    *_rows(an_emp, Journal.push_customers),
    *actions(a_cpo, _DATA, Journal.push_evse_data),
    *actions(a_cpo, _STATUS, Journal.push_evse_status),
    *actions(an_emp, _UPLOAD, Journal.push_customers),
    Row(
        a_cpo,
        "push.evse-of-operator",
        holds=lambda cpo: cpo.push_evse_status((EVSE, "Available")),
        breaks=broken(
            lambda cpo: cpo.push_evse_status((EVSE, "Available"), (FOREIGN_EVSE, "Available")),
            "/OperatorEvseStatus/EvseStatusRecord/1/EvseID",
            FOREIGN_EVSE,
            "an EVSE of DE*ABC",
        ),
        unclear=lambda cpo: cpo.push_evse_data(OperatorEvseData=_NO_DATA),
    ),
    Row(
        a_cpo,
        "push.evse-unique",
        holds=lambda cpo: cpo.push_evse_status((EVSE, "Available"), (OTHER_EVSE, "Available")),
        breaks=broken(
            lambda cpo: cpo.push_evse_status((EVSE, "Available"), ("DEABCE11", "Occupied")),
            "/OperatorEvseStatus/EvseStatusRecord/1/EvseID",
            "DEABCE11",
            "more than once",
        ),
        unclear=lambda cpo: cpo.push_evse_data(OperatorEvseData=_NO_DATA),
    ),
    Row(
        a_cpo,
        f"{_DATA}.opening-times",
        holds=_pushed(IsOpen24Hours=False, OpeningTimes=[ex.opening()]),
        breaks=broken(
            _pushed(IsOpen24Hours=False), f"{_OF_1}/OpeningTimes", "IsOpen24Hours is false", "nothing"
        ),
        unclear=_deleted(IsOpen24Hours=False),
    ),
    Row(
        a_cpo,
        f"{_DATA}.no-payment",
        holds=_pushed(PaymentOptions=["No Payment"]),
        breaks=broken(
            _pushed(PaymentOptions=["No Payment", "Direct"]), f"{_OF_1}/PaymentOptions", "No Payment, Direct"
        ),
        unclear=_deleted(PaymentOptions=["No Payment", "Direct"]),
    ),
    Row(
        a_cpo,
        f"{_DATA}.renewable-energy",
        holds=_pushed(RenewableEnergy=False, EnergySource=_FOSSIL),
        breaks=broken(
            _pushed(RenewableEnergy=True, EnergySource=_FOSSIL), f"{_OF_1}/RenewableEnergy", "Coal", "false"
        ),
        unclear=_deleted(RenewableEnergy=True, EnergySource=_FOSSIL),
    ),
    Row(
        a_cpo,
        f"{_DATA}.first-language",
        holds=_pushed(AdditionalInfo=[ex.text(), ex.text("Ladestation", "de")]),
        breaks=broken(
            _pushed(AdditionalInfo=[ex.text("Ladestation", "de"), ex.text()]),
            f"{_OF_1}/AdditionalInfo/0/lang",
            "not English",
            "de",
        ),
        unclear=_pushed(AdditionalInfo=[]),
    ),
    Row(
        a_cpo,
        f"{_DATA}.no-authentication",
        holds=_pushed(AuthenticationModes=["No Authentication Required"]),
        breaks=broken(
            _pushed(AuthenticationModes=["No Authentication Required", "REMOTE"]),
            f"{_OF_1}/AuthenticationModes",
            "No Authentication Required, REMOTE",
        ),
        unclear=_deleted(AuthenticationModes=["No Authentication Required", "REMOTE"]),
    ),
    Row(
        a_cpo,
        f"{_DATA}.hubject-compatible",
        holds=_started_at(IsHubjectCompatible=True),
        breaks=broken(
            _started_at(IsHubjectCompatible=False),
            f"{_OF_1}/IsHubjectCompatible",
            "accepted the RemoteStart of exchange 2",
            "true",
        ),
        unclear=_started_at(IsHubjectCompatible=False, answer=refused("510")),
    ),
    Row(
        a_cpo,
        f"{_DATA}.authentication-modes",
        holds=_started_at(AuthenticationModes=["REMOTE"]),
        breaks=broken(
            _started_at(AuthenticationModes=["NFC RFID Classic", "PnC"]),
            f"{_OF_1}/AuthenticationModes",
            "accepted the RemoteStart of exchange 2",
            "Direct Payment or REMOTE",
            "NFC RFID Classic, PnC",
        ),
        unclear=_started_at(AuthenticationModes=["No Authentication Required"]),
    ),
    Row(
        a_cpo,
        f"{_DATA}.pool-of-operator",
        holds=_pushed(ChargingPoolID="DEABCP1"),
        breaks=broken(
            _pushed(ChargingPoolID="FR*XYZ*P1"),
            f"{_OF_1}/ChargingPoolID",
            "another operator",
            "a pool of DE*ABC",
            "FR*XYZ*P1",
        ),
        unclear=_pushed(),
    ),
    Row(
        a_cpo,
        f"{_DATA}.country",
        holds=_pushed(),
        breaks=broken(
            _pushed(Address=ex.address(Country="FRA")), f"{_OF_1}/Address/Country", EVSE, "DEU", "FRA"
        ),
        unclear=_pushed(EvseID="DX*ABC*E1*1"),
    ),
    Row(
        a_cpo,
        "operator.country",
        holds=_pushed(),
        breaks=broken(
            _pushed(EvseID="DX*ABC*E1*1"),
            f"{_OF_1}/EvseID",
            "DX is not a country",
            "DX*ABC*E1*1",
            also=("push.evse-of-operator",),
        ),
        unclear=lambda cpo: cpo.push_evse_data(OperatorEvseData={"EvseDataRecord": []}),
    ),
    Row(
        a_cpo,
        f"{_DATA}.dynamic-info",
        holds=lambda cpo: (cpo.push_evse_data(), cpo.push_evse_status()),
        breaks=broken(
            lambda cpo: (cpo.push_evse_data(ex.evse(DynamicInfoAvailable="false")), cpo.push_evse_status()),
            None,
            EVSE,
            "a status was pushed",
            "false",
        ),
        unclear=lambda cpo: cpo.push_evse_data(ex.evse(DynamicInfoAvailable="false")),
    ),
    Row(
        a_cpo,
        f"{_STATUS}.published",
        holds=lambda cpo: (cpo.push_evse_data(), cpo.push_evse_status()),
        breaks=broken(
            lambda cpo: (
                cpo.push_evse_data(),
                cpo.push_evse_status((EVSE, "Available"), (OTHER_EVSE, "Available")),
            ),
            "/OperatorEvseStatus/EvseStatusRecord/1/EvseID",
            OTHER_EVSE,
            "has not been published",
        ),
        unclear=lambda cpo: (cpo.push_evse_data(action="insert"), cpo.push_evse_status()),
    ),
    _state("occupied", "Occupied"),
    _state("reserved", "Reserved"),
    Row(
        a_cpo,
        f"{_STATUS}.free-again",
        holds=_over("Available", comes=True),
        breaks=broken(
            _over("Occupied"),
            "/OperatorEvseStatus/EvseStatusRecord/0/EvseStatus",
            f"{EVSE} is published as Occupied, although its session has ended",
            "Available",
        ),
        unclear=_over("Occupied", listened=False),
    ),
    Row(
        a_cpo,
        f"{_STATUS}.released",
        holds=_over("Available", "released", comes=True),
        breaks=broken(
            _over("Reserved", "released"),
            "/OperatorEvseStatus/EvseStatusRecord/0/EvseStatus",
            f"{EVSE} is published as Reserved, although its reservation has ended",
            "Available",
        ),
        unclear=_over("Reserved", "released", listened=False),
    ),
    # what an EMP uploads
    Row(
        an_emp,
        "identification.pin-or-hash",
        holds=lambda emp: emp.push_customers(QR),
        breaks=broken(
            lambda emp: emp.push_customers(CARD, _code()),
            f"{_RECORDS}/1/Identification/QRCodeIdentification",
            "none",
            "PIN or HashedPIN",
        ),
        unclear=lambda emp: emp.push_customers(CARD),
    ),
    Row(
        an_emp,
        f"{_UPLOAD}.pin-matches",
        holds=_hashed("1234"),
        breaks=broken(
            _hashed("4321"),
            f"{_RECORDS}/0/Identification/QRCodeIdentification/HashedPIN/Value",
            _BCRYPT["4321"],
        ),
        unclear=_hashed("4321", "DE-DCB-C99999999-X"),
    ),
    Row(
        an_emp,
        f"{_UPLOAD}.truthful",
        holds=lambda emp: emp.push_customers(action="insert"),
        breaks=broken(
            lambda emp: emp.push_customers(action="insert", answer=_INCONSISTENT),
            "/ActionType",
            "already there: 1234ABCD",
            "insert",
        ),
        unclear=lambda emp: emp.push_customers(action="insert", answer=_INCONSISTENT, scripted="refused"),
    ),
    Row(
        an_emp,
        f"{_UPLOAD}.refused",
        holds=lambda emp: emp.push_customers(),
        breaks=broken(
            lambda emp: emp.push_customers(CARD, OTHER_CARD),
            f"{_RECORDS}/1/Identification",
            "partner.refuses",
            "DEADBEEF",
        ),
        unclear=lambda emp: emp.push_customers(OTHER_CARD, action="delete"),
    ),
    Row(
        partial(an_emp, mode="offline"),
        f"{_UPLOAD}.authorizes-offline",
        holds=_uploaded(authorized=True),
        breaks=broken(_uploaded(authorized=False), _RECORDS, "1234ABCD", "no record of this customer"),
        unclear=lambda emp: emp.push_customers(),
    ),
)
