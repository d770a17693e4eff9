"""Every erratum has an example that is judged as it says; tolerated fields stand in `test_errata`."""

from typing import Any

import pytest

from oicp_conformance.hub.store import Store
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.oicp.errata import ERRATA
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.types import Role
from selftest.unit import examples as ex
from selftest.unit import models as on
from selftest.unit.journals import (
    CARD,
    CARD_BY_RFID,
    EVSE,
    FOREIGN_EVSE,
    OTHER_CARD,
    Journal,
    a_cpo,
    an_emp,
    at,
)
from selftest.unit.requirements.row import Talk, Target, carded, started
from selftest.unit.stores import PROVIDER, Clock, answer
from selftest.unit.test_errata import PERIOD, TOLERATED
from selftest.unit.wording import ABSENT, accepted, http, nothing, refused, slow

FAIL, WARNING = "fail", "warning"
_CDR, _NOTIFY = "eRoamingChargeDetailRecord", "eRoamingChargingNotifications"
_DATA, _STATUS = "eRoamingPushEvseData", "eRoamingPullEvseStatus"
_GEO = f"{on.EVSE}/GeoCoordinates"


def _decimal(latitude: Any) -> dict[str, Any]:
    return ex.pushed(GeoCoordinates={"DecimalDegree": {"Latitude": latitude, "Longitude": "13.356465"}})


def _open(**period: str) -> dict[str, Any]:
    return ex.pushed(IsOpen24Hours=False, OpeningTimes=[ex.opening(Period=[PERIOD | period])])


def _green(**fields: Any) -> dict[str, Any]:
    return ex.pushed(EnergySource=[{"Energy": "Solar", "Percentage": 100} | fields])


MESSAGES: tuple[tuple[str, type[Message], Role, dict[str, Any], dict[str, str]], ...] = (
    # erratum, message, sender, what is sent, what is blamed
    (
        "C012",
        on.PUSH,
        "cpo",
        ex.pushed(GeoCoordinates={"Google": {"Coordinatea": "52.4 13.3"}}),
        {f"{_GEO}/Google/Coordinates": FAIL},
    ),
    (
        "C016",
        on.PULL,
        "emp",
        {"ProviderID": "DE-DCB", "GeoCoordinates ResponseFormat": "Google"},
        {"/GeoCoordinatesResponseFormat": FAIL},
    ),
    ("C041", on.RESERVE, "emp", ex.without(ex.remote(), "SessionID"), {}),
    (
        "C042",
        on.NOTIFIED["Error"]["cpo"],
        "cpo",
        ex.without(ex.notification("Error", ErrorType="ConnectorError"), "OperatorID"),
        {"/OperatorID": FAIL},
    ),
    ("C060", on.PRICES, "cpo", {"ActionType": "fullLoad", "EVSEPricing": []}, {"/EVSEPricing": FAIL}),
    ("C060", on.PUSH, "cpo", ex.pushed(Plugs=[]), {f"{on.EVSE}/Plugs": "warning +"}),
    ("C079", on.PUSH, "cpo", ex.pushed(DynamicInfoAvailable=True), {f"{on.EVSE}/DynamicInfoAvailable": FAIL}),
    ("C087", on.STOP, "cpo", ex.authorize(SessionID=ex.SESSION, PartnerProductID="AC1"), {}),
    ("C088", on.PUSH, "cpo", ex.pushed(deltaType="insert", lastUpdate=ex.NOON), {}),
    ("C089", on.START, "cpo", ex.authorize(Identification={}, **CARD), {"/Identification": FAIL}),
    ("C091", on.PUSH, "cpo", ex.pushed(GeoCoordinates=ex.three_formats()), {_GEO: FAIL}),
    (
        "C092",
        on.CDR,
        "cpo",
        ex.charge_detail_record(Identification=CARD | ex.REMOTE),
        {"/Identification": FAIL},
    ),
    ("C101", on.PUSH, "cpo", ex.pushed(Plugs=["Unspecified"]), {f"{on.EVSE}/Plugs/0": FAIL}),
    (
        "C102",
        on.PUSH,
        "cpo",
        ex.pushed(AuthenticationModes=["No Authentication Requires"]),
        {f"{on.EVSE}/AuthenticationModes/0": FAIL},
    ),
    ("C103", on.PUSH, "cpo", ex.pushed(PaymentOptions=["No payment"]), {f"{on.EVSE}/PaymentOptions/0": FAIL}),
    ("C104", on.PRODUCTS, "cpo", ex.priced(ReferenceUnit="KILOMETER"), {f"{on.PRODUCT}/ReferenceUnit": FAIL}),
    ("C106", on.PRODUCTS, "cpo", ex.priced(ProductID="Standard price of tomorrow"), {}),
    ("C106", on.PRODUCTS, "cpo", ex.priced(ProductID="x" * 51), {f"{on.PRODUCT}/ProductID": FAIL}),
    (
        "C109",
        on.STATUS,
        "cpo",
        ex.push_status("Charging"),
        {"/OperatorEvseStatus/EvseStatusRecord/0/EvseStatus": FAIL},
    ),
    ("C131", on.PRODUCTS, "cpo", ex.push_products(ex.product(), ProviderID="*"), {}),
    (
        "C131",
        on.PRODUCTS,
        "cpo",
        ex.push_products(ex.product(), ProviderID="DE*DCB*"),
        {"/PricingProductData/ProviderID": FAIL},
    ),
    ("C133", on.PUSH, "cpo", _decimal("199.0"), {f"{_GEO}/DecimalDegree/Latitude": FAIL}),
    ("C133", on.PUSH, "cpo", _decimal(52.480495), {f"{_GEO}/DecimalDegree/Latitude": FAIL}),
    (
        "C139",
        on.PUSH,
        "cpo",
        ex.pushed(ChargingStationNames=[ex.text(lang="EN")]),
        {f"{on.EVSE}/ChargingStationNames/0/lang": FAIL},
    ),
    (
        "C141",
        on.PUSH,
        "cpo",
        ex.pushed(Address=ex.address(TimeZone="UTC,01:00")),
        {f"{on.EVSE}/Address/TimeZone": FAIL},
    ),
    (
        "C141",
        on.PUSH,
        "cpo",
        ex.pushed(Address=ex.address(TimeZone="UTC+15:00")),
        {f"{on.EVSE}/Address/TimeZone": FAIL},
    ),
    ("C142", on.PUSH, "cpo", _open(end="24:00"), {}),
    ("C142", on.PUSH, "cpo", _open(begin="24:00"), {f"{on.EVSE}/OpeningTimes/0/Period/0/begin": FAIL}),
    ("C152", on.PUSH, "cpo", _green(), {}),
    ("C152", on.PUSH, "cpo", _green(Percentage=101), {f"{on.EVSE}/EnergySource/0/Percentage": FAIL}),
    ("C153", on.PUSH, "cpo", ex.pushed(EnvironmentalImpact={"CO2Emission": 12345.678}), {}),
    (
        "C153",
        on.PUSH,
        "cpo",
        ex.pushed(EnvironmentalImpact={"CO2Emission": 100000}),
        {f"{on.EVSE}/EnvironmentalImpact/CO2Emission": FAIL},
    ),
    ("C159", on.RESERVE, "emp", ex.remote(Duration=99), {}),
    ("C159", on.RESERVE, "emp", ex.remote(Duration=100), {"/Duration": FAIL}),
    ("C160", on.PUSH, "cpo", ex.push_evses(ex.evse(), OperatorName="x" * 100), {}),
    (
        "C160",
        on.PUSH,
        "cpo",
        ex.push_evses(ex.evse(), OperatorName="x" * 101),
        {"/OperatorEvseData/OperatorName": FAIL},
    ),
)


@pytest.mark.parametrize(("erratum", "model", "sender", "body", "blamed"), MESSAGES)
def test_message_is_judged_as_the_erratum_says(
    erratum: str, model: type[Message], sender: Role, body: dict[str, Any], blamed: dict[str, str]
) -> None:
    found = on.blamed(model, body, sender)
    assert found == {pointer: said.replace(" +", f" {erratum}") for pointer, said in blamed.items()}


def _record(**fields: Any) -> Talk:
    return started(lambda cpo, session: cpo.cdr(session, **fields))


def _notified(kind: str, **fields: Any) -> Talk:
    return started(lambda cpo, session: cpo.notification(kind, session, **fields))


def _evse(**fields: Any) -> Talk:
    return lambda cpo: cpo.push_evse_data(ex.evse(**fields))


def _external(**fields: Any) -> Talk:
    """A record of an EVSE whose calibration law data are external."""
    return lambda cpo: (
        cpo.push_evse_data(ex.evse(CalibrationLawDataAvailability="External")),
        cpo.cdr(cpo.remote_start(), **fields),
    )


def _reserved(*, stopped: bool) -> Talk:
    """A reservation without a record, which was stopped or ran out."""

    def talk(cpo: Journal) -> None:
        cpo.target_sends()
        session = cpo.reservation_start()
        if stopped:
            stop = cpo.reservation_stop(session)
            cpo.waited(f"{_CDR}.sent", _CDR, session=session.id, after=stop.number, unasked=10.0)

    return talk


def _after(answer: Any) -> Talk:
    """A record of a card that was not authorized."""
    return lambda cpo: cpo.cdr(cpo.authorize_start(answer=answer), answer=refused("400"))


def _why_not(answer: Any) -> Talk:
    """An Error that tells why a start was refused."""
    return lambda cpo: cpo.notification(
        "Error", cpo.remote_start(purpose="session.refused", answer=answer, **_TO_REFUSE)
    )


def _in_time_zone(zone: str) -> Talk:
    """The record of a charge, in the offset of Berlin."""
    return lambda cpo: (
        cpo.push_evse_data(ex.evse(Address=ex.address(TimeZone=zone))),
        cpo.cdr(cpo.remote_start()),
    )


def _qr(**fields: Any) -> Talk:
    code = {"EvcoID": ex.EVCO, **fields}
    return lambda cpo: cpo.authorize_start(Identification={"QRCodeIdentification": code})


def _pull(name: str, query: str = "", **fields: Any) -> Talk:
    return lambda emp: emp.pull(name, query, **fields)


def _asks_for_a_start(**given: Any) -> Talk:
    return lambda cpo: cpo.remote_start(**given)


_NULLED = accepted(EvseStatuses=None)
_TO_REFUSE: dict[str, Any] = {"expects": "refuse"}
_START, _LOAD = "eRoamingAuthorizeRemoteStart", "eRoamingPullEvseData"

JOURNALS: tuple[tuple[str, Target, Talk, dict[str, str]], ...] = (
    # erratum, target, what is said, what is broken; with a + where the finding names the erratum
    ("C040", an_emp, lambda emp: emp.remote_start(), {}),
    (
        "C040",
        an_emp,
        lambda emp: emp.remote_start(SessionID=ex.SESSION),
        {f"{_START}.no-session-id": "warning +"},
    ),
    (
        "C043",
        an_emp,
        lambda emp: emp.authorize_start(answer=accepted(ProviderID=ABSENT)),
        {"authorization.provider-id": "fail +"},
    ),
    (
        "C043",
        an_emp,
        lambda emp: emp.authorize_start(
            Identification=OTHER_CARD,
            purpose="eRoamingAuthorizeStart.refused",
            answer=refused("102", ProviderID=ABSENT),
            **_TO_REFUSE,
        ),
        {},
    ),
    ("C045", a_cpo, _qr(), {"identification.pin-in-clear": FAIL}),
    ("C046", a_cpo, _evse(IsOpen24Hours=False), {f"{_DATA}.opening-times": "fail +"}),
    (
        "C047",
        a_cpo,
        _notified("Progress", ChargingDuration=ABSENT, ConsumedEnergyProgress=ABSENT),
        {f"{_NOTIFY}.progress-figure": "fail +"},
    ),
    ("C048", a_cpo, _external(), {f"{_CDR}.signed-when-external": "fail +"}),
    (
        "C058",
        an_emp,
        lambda emp: (
            emp.pull(_STATUS, scripted="nulls", answer=_NULLED),
            emp.waited("pull.survives", _STATUS, stimulus="done"),
        ),
        {"pull.survives": "warning +"},
    ),
    (
        "C062",
        a_cpo,
        lambda cpo: cpo.authorize_start(SessionID=ex.SESSION),
        {"eRoamingAuthorizeStart.no-session-id": "warning +"},
    ),
    (
        "C077",
        an_emp,
        lambda emp: emp.authorize_start(answer=accepted(Result=True)),
        {"authorization.no-result": "warning +"},
    ),
    (
        "C077",
        an_emp,
        carded(lambda emp, session: emp.authorize_stop(session, answer=accepted(ProviderID=ABSENT))),
        {"authorization.provider-id": "warning +"},
    ),
    ("C085", an_emp, _pull("eRoamingPullPricingProductData"), {}),
    (
        "C085",
        an_emp,
        _pull(
            "eRoamingPullPricingProductData",
            path="/api/oicp/dynamicpricing/v10/providers/DE-XYZ/pricing-products",
        ),
        {"http.path-id": FAIL},
    ),
    (
        "C135",
        a_cpo,
        started(lambda cpo, session: cpo.cdr(session, SessionID=session.id.upper())),
        {"session.id-of-hub": "warning +"},
    ),
    ("C146", a_cpo, _in_time_zone("UTC+01:00"), {}),
    ("C146", a_cpo, _in_time_zone("UTC+09:00"), {"time.of-location": "warning +"}),
    ("C154", a_cpo, _qr(PIN=""), {"identification.pin-in-clear": "warning +"}),
    ("C161", an_emp, _pull(_LOAD, "?page=0&size=2001"), {"pull.page-size": "warning +"}),
    ("C162", an_emp, _pull(_LOAD, query="?"), {"pull.page-parameters": "warning +"}),
    ("C172", an_emp, _pull(_STATUS, EvseID=[EVSE]), {"status-pull.path": "warning +"}),
    ("C176", an_emp, _pull(_LOAD, "?pages=0&limit=20"), {"pull.page-parameters": "fail +"}),
    (
        "C192",
        a_cpo,
        _record(ChargingStart=at("12:30"), ChargingEnd=at("12:10")),
        {f"{_CDR}.charging-times": "fail +"},
    ),
    ("C192", a_cpo, _record(SessionEnd=at("12:30")), {f"{_CDR}.charging-in-session": "warning +"}),
    (
        "C194",
        an_emp,
        _pull(_LOAD, LastCall=at("12:00"), CountryCodes=["DEU"]),
        {f"{_LOAD}.last-call-alone": "fail +"},
    ),
    (
        "C195",
        an_emp,
        _pull(_LOAD, LastCall=at("12:00"), RenewableEnergy=True, Accessibility=["Restricted access"]),
        {},
    ),
    (
        "C196",
        a_cpo,
        lambda cpo: (cpo.push_evse_data(), cpo.push_evse_data(action="insert", answer=refused("018"))),
        {"push.accepted": WARNING},
    ),
    ("C198", a_cpo, _asks_for_a_start(answer=slow(11.0)), {"http.answer-time": WARNING}),
    ("C198", a_cpo, _asks_for_a_start(answer=nothing("timeout")), {"http.answered": FAIL}),
    (
        "C200",
        a_cpo,
        started(
            lambda cpo, session: [
                cpo.notification("Progress", session, EventOccurred=at(time)) for time in ("12:31", "12:35")
            ]
        ),
        {f"{_NOTIFY}.progress-spacing": "fail +"},
    ),
    (
        "C202",
        a_cpo,
        lambda cpo: cpo.authorize_start(Identification=CARD_BY_RFID),
        {"identification.no-rfid": FAIL},
    ),
    (
        "C202",
        a_cpo,
        lambda cpo: cpo.cdr(cpo.authorize_start(), Identification=CARD_BY_RFID),
        {f"{_CDR}.Identification.RFIDIdentification": "warning +"},
    ),
    ("C202", an_emp, lambda emp: emp.push_customers(CARD_BY_RFID), {}),
    ("C203", an_emp, lambda emp: emp.remote_start(Identification=CARD), {"identification.remote": "fail +"}),
    ("C203", a_cpo, _record(Identification=CARD), {"session.identification": FAIL}),
    ("C203", a_cpo, _notified("Start", Identification=CARD), {"session.identification": "warning +"}),
    (
        "C207",
        an_emp,
        lambda emp: emp.authorize_start(
            expects="any", answer=accepted(AuthorizationStatus=ABSENT, ProviderID=ABSENT, Result=False)
        ),
        {},
    ),
    (
        "C208",
        a_cpo,
        _asks_for_a_start(
            answer=http(404), purpose=f"{_START}.unknown-evse", EvseID=FOREIGN_EVSE, **_TO_REFUSE
        ),
        {},
    ),
    ("C208", a_cpo, _asks_for_a_start(answer=http(500)), {"http.status": "fail +"}),
    ("C209", a_cpo, _evse(OpeningTimes=[ex.opening()]), {f"{_DATA}.opening-times": "warning +"}),
    (
        "C210",
        a_cpo,
        lambda cpo: cpo.push_evse_data(ex.evse(EvseID=FOREIGN_EVSE)),
        {"push.evse-of-operator": FAIL},
    ),
    (
        "C210",
        lambda: a_cpo(evse_ids=[EVSE, FOREIGN_EVSE]),
        lambda cpo: cpo.push_evse_data(ex.evse(EvseID=FOREIGN_EVSE)),
        {},
    ),
    (
        "C210",
        lambda: a_cpo(sub_operator_ids=["DE*XYZ"]),
        lambda cpo: cpo.push_evse_data(ex.evse(EvseID=FOREIGN_EVSE)),
        {},
    ),
    ("C211", a_cpo, _evse(EnergySource=[{"Energy": "Coal"}]), {f"{_DATA}.renewable-energy": "fail +"}),
    ("C212", a_cpo, _evse(PaymentOptions=["No Payment", "Direct"]), {f"{_DATA}.no-payment": FAIL}),
    (
        "C219",
        a_cpo,
        lambda cpo: cpo.remote_start(SessionID=ABSENT, purpose="request.malformed", **_TO_REFUSE),
        {"request.malformed": "warning +"},
    ),
    (
        "C223",
        a_cpo,
        _notified("End", Type="Error"),
        {"eRoamingChargingNotificationError.ErrorType": FAIL},
    ),
    (
        "C226",
        a_cpo,
        lambda cpo: (cpo.push_products(answer=slow(3.0)), cpo.push_products()),
        {"push.sequential": FAIL},
    ),
    ("C234", a_cpo, _reserved(stopped=False), {}),
    ("C234", a_cpo, _reserved(stopped=True), {f"{_CDR}.sent": FAIL}),
    (
        "C246",
        a_cpo,
        lambda cpo: cpo.push_evse_status((FOREIGN_EVSE, "Available")),
        {"push.evse-of-operator": FAIL},
    ),
    ("C253", a_cpo, _after(refused("102")), {"session.refused": "fail +"}),
    ("C253", a_cpo, _after(http(500)), {"session.refused": "warning +"}),
    ("C253", a_cpo, _why_not(refused("602")), {}),
    (
        "C301",
        a_cpo,
        lambda cpo: cpo.push_evse_status(raw=b"[]", answer=refused("022")),
        {"http.json": "fail +"},
    ),
    (
        "C302",
        a_cpo,
        lambda cpo: (cpo.remote_start(), cpo.remote_start(purpose=f"{_START}.occupied-evse", **_TO_REFUSE)),
        {f"{_START}.occupied-evse": "fail +"},
    ),
    (
        "C303",
        a_cpo,
        started(lambda cpo, session: (cpo.cdr(session), cpo.cdr(session, answer=refused("400")))),
        {f"{_CDR}.one-per-session": "fail +"},
    ),
)


@pytest.mark.parametrize(("erratum", "target", "talk", "broken"), JOURNALS)
def test_journal_is_judged_as_the_erratum_says(
    erratum: str, target: Target, talk: Talk, broken: dict[str, str]
) -> None:
    journal = target()
    talk(journal)
    found = {one.requirement: one for one in outcomes(journal.record) if one.is_finding}
    assert {
        name: f"{one.verdict} {'+' if one.erratum == erratum else ''}".strip() for name, one in found.items()
    } == broken


def _answered(operation: str, **fields: Any) -> dict[str, Any]:
    return answer(Store(Clock()), operation, {"ProviderID": PROVIDER, **fields})


HUB: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    # erratum, what the target pulls, with which filter, what the hub's answer has
    ("C021", "eRoamingPullEVSEPricing", {"OperatorIDs": ["DE*ABC"]}, "EVSEPricing"),
    ("C024", "eRoamingPullEvseStatusByID", {"EvseID": [EVSE]}, "EVSEStatusRecords"),
    ("C024", "eRoamingPullEvseStatusByOperatorID", {"OperatorID": ["DE*ABC"]}, "EvseStatuses"),
    ("C057", "eRoamingPullEvseData", {"GeoCoordinatesResponseFormat": "Google"}, "StatusCode"),
    ("C075", "eRoamingGetChargeDetailRecords", {"From": ex.NOON, "To": ex.NOON}, "content"),
    ("C076", "eRoamingPullPricingProductData", {"OperatorIDs": ["DE*ABC"]}, "PricingProductData"),
)


@pytest.mark.parametrize(("erratum", "operation", "fields", "has"), HUB)
def test_hub_answers_as_the_erratum_says(
    erratum: str, operation: str, fields: dict[str, Any], has: str
) -> None:
    assert has in _answered(operation, **fields), ERRATA[erratum].judged


def test_every_erratum_has_an_example() -> None:
    tried = [one[0] for table in (MESSAGES, JOURNALS, HUB, TOLERATED) for one in table]
    assert set(tried) == set(ERRATA)
