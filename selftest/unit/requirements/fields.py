"""The fields of messages: one row for each way in which one can be wrong.

What is demanded of each field comes out of the models, so that the ways stand for all of them.
"""

from typing import Any

from selftest.unit import examples as ex
from selftest.unit.journals import CARD, EVSE, QR, a_cpo, an_emp, at
from selftest.unit.requirements.row import Row, Talk, broken, started
from selftest.unit.wording import ABSENT, accepted, http, refused

_CDR, _DATA = "eRoamingChargeDetailRecord", "eRoamingPushEvseData"
_START = "eRoamingAuthorizeStart"
_RECORD, _OF_1 = f"{_DATA}.OperatorEvseData.EvseDataRecord", "/OperatorEvseData/EvseDataRecord/0"
_UID = "RFIDMifareFamilyIdentification"


def _cdr(**fields: Any) -> Talk:
    return started(lambda cpo, session: cpo.cdr(session, **fields))


def _notified(kind: str, **fields: Any) -> Talk:
    return started(lambda cpo, session: cpo.notification(kind, session, **fields))


def _pushed(**fields: Any) -> Talk:
    return lambda cpo: cpo.push_evse_data(ex.evse(**fields))


def _carded(**fields: Any) -> Talk:
    return lambda cpo: cpo.authorize_start(**fields)


def _no_evses(cpo: Any) -> object:
    return cpo.push_evse_data(OperatorEvseData=ex.push_evses()["OperatorEvseData"])


WAYS = {
    "mandatory and missing": Row(
        a_cpo,
        f"{_CDR}.EvseID",
        holds=_cdr(),
        breaks=broken(_cdr(EvseID=ABSENT), "/EvseID", "EvseID is mandatory and missing", "nothing"),
        unclear=_cdr(raw=b"[]", answer=refused("022")),
    ),
    "mandatory and null": Row(
        a_cpo,
        f"{_CDR}.EvseID",
        holds=_cdr(),
        breaks=broken(_cdr(EvseID=None), "/EvseID", "missing (null)"),
        unclear=_cdr(raw=b"{", answer=refused("022")),
    ),
    "mandatory and empty": Row(
        a_cpo,
        f"{_DATA}.OperatorEvseData.EvseDataRecord.PaymentOptions",
        holds=lambda cpo: cpo.push_evse_data(ex.evse()),
        breaks=broken(
            lambda cpo: cpo.push_evse_data(ex.evse(PaymentOptions=[])),
            "/OperatorEvseData/EvseDataRecord/0/PaymentOptions",
            "must not be empty",
            "[]",
            warns=True,
        ),
        unclear=lambda cpo: cpo.push_evse_data(OperatorEvseData={"EvseDataRecord": []}),
    ),
    "optional and wrong": Row(
        a_cpo,
        f"{_CDR}.HubOperatorID",
        holds=_cdr(HubOperatorID="DE*HUB"),
        breaks=broken(_cdr(HubOperatorID="HUB"), "/HubOperatorID", "OperatorIDType", '"HUB"'),
        unclear=_cdr(HubOperatorID=None),
    ),
    "not of its pattern": Row(
        a_cpo,
        f"{_START}.Identification.{_UID}.UID",
        holds=_carded(Identification=CARD),
        breaks=broken(
            _carded(Identification={_UID: {"UID": "1234ABC"}}),
            f"/Identification/{_UID}/UID",
            "[0-9A-F]{8}|",
            '"1234ABC"',
        ),
        unclear=_carded(Identification=QR),
    ),
    "too long": Row(
        a_cpo,
        f"{_START}.CPOPartnerSessionID",
        holds=_carded(CPOPartnerSessionID="x" * 250),
        breaks=broken(
            _carded(CPOPartnerSessionID="x" * 251), "/CPOPartnerSessionID", "at most 250 characters", "253"
        ),
        unclear=_carded(CPOPartnerSessionID=ABSENT),
    ),
    "not in its enumeration, in a list": Row(
        a_cpo,
        f"{_RECORD}.Plugs",
        holds=_pushed(Plugs=["Type 2 Outlet", "CHAdeMO"]),
        breaks=broken(
            _pushed(Plugs=["Type 2 Outlet", "Type 7"]), f"{_OF_1}/Plugs/1", "enumeration", '"Type 7"'
        ),
        unclear=_no_evses,
    ),
    "of another type": Row(
        a_cpo,
        f"{_RECORD}.IsHubjectCompatible",
        holds=_pushed(IsHubjectCompatible=False),
        breaks=broken(_pushed(IsHubjectCompatible=1), f"{_OF_1}/IsHubjectCompatible", "boolean", "1"),
        unclear=_no_evses,
    ),
    "a time without its offset": Row(
        a_cpo,
        f"{_CDR}.SessionEnd",
        holds=_cdr(),
        breaks=broken(
            _cdr(SessionEnd=at("13:00").removesuffix("+01:00")),
            "/SessionEnd",
            "no numeric time zone offset",
            '"2026-11-22T13:00:00"',
        ),
        unclear=_cdr(raw=b"[]", answer=refused("022")),
    ),
    "two of a choice": Row(
        a_cpo,
        f"{_START}.Identification",
        holds=_carded(Identification={**CARD, "QRCodeIdentification": None}),
        breaks=broken(
            _carded(Identification=CARD | QR), "/Identification", "has 2 of them", "QRCodeIdentification"
        ),
        unclear=_carded(raw=b"[]", answer=refused("022")),
    ),
    "none of a choice": Row(
        a_cpo,
        f"{_START}.Identification",
        holds=_carded(),
        breaks=broken(
            _carded(Identification={}, answer=refused("022")), "/Identification", "has none of them"
        ),
        unclear=_carded(raw=b"[]", answer=refused("022")),
    ),
    "no object": Row(
        a_cpo,
        f"{_RECORD}.Address",
        holds=_pushed(),
        breaks=broken(
            _pushed(Address="Berlin"), f"{_OF_1}/Address", "an object with Country, City", '"Berlin"'
        ),
        unclear=_no_evses,
    ),
    "missing in an object of a list": Row(
        a_cpo,
        f"{_RECORD}.ChargingFacilities.PowerType",
        holds=_pushed(ChargingFacilities=[ex.facility(), ex.facility()]),
        breaks=broken(
            _pushed(ChargingFacilities=[ex.facility(), {"Power": 22}]),
            f"{_OF_1}/ChargingFacilities/1/PowerType",
            "PowerType is mandatory and missing",
        ),
        unclear=_pushed(ChargingFacilities=[]),
    ),
    "misspelt": Row(
        a_cpo,
        f"{_CDR}.PartnerProductID",
        holds=_cdr(PartnerProductID="AC 1"),
        breaks=broken(
            _cdr(PartnerProductId="AC 1"), "/PartnerProductID", "PartnerProductId is not an OICP field"
        ),
        unclear=_cdr(Tariff="AC 1"),
    ),
    "spelt as another document has it": Row(
        a_cpo,
        f"{_CDR}.HubProviderID",
        holds=_cdr(HubProviderID="DE-HUB"),
        breaks=broken(_cdr(HubProviderId="DE-HUB"), "/HubProviderId", "HubProviderID", "HubProviderId"),
        unclear=_cdr(),
    ),
    "of a message that its Type tells": Row(
        a_cpo,
        "eRoamingChargingNotificationEnd.ChargingEnd",
        holds=_notified("End"),
        breaks=broken(_notified("End", ChargingEnd=ABSENT), "/ChargingEnd", "mandatory and missing"),
        unclear=_notified("Start", ChargingEnd=ABSENT),
    ),
    "in an answer": Row(
        an_emp,
        "eRoamingAcknowledgement.Result",
        holds=lambda emp: emp.hub_asks(),
        breaks=broken(
            lambda emp: emp.hub_asks(answer=accepted(Result="true")), "/Result", "boolean", '"true"'
        ),
        unclear=lambda emp: emp.hub_asks(answer=http(423, b'{"Result": "no"}')),
    ),
    "in an authorization": Row(
        an_emp,
        "eRoamingAuthorizationStart.AuthorizationStatus",
        holds=lambda emp: emp.authorize_start(),
        breaks=broken(
            lambda emp: emp.authorize_start(answer=accepted(AuthorizationStatus="Yes")),
            "/AuthorizationStatus",
            "Authorized",
            '"Yes"',
        ),
        # Hubject's own errors come as acknowledgements, so an EMP's may, too.
        unclear=lambda emp: emp.authorize_start(
            answer=accepted(AuthorizationStatus=ABSENT, Result=False), expects="any"
        ),
    ),
    "a list that is too long": Row(
        an_emp,
        "eRoamingPullEVSEStatusByID.EvseID",
        holds=lambda emp: emp.pull("eRoamingPullEvseStatusByID", EvseID=[EVSE] * 100),
        breaks=broken(
            lambda emp: emp.pull("eRoamingPullEvseStatusByID", EvseID=[EVSE] * 101), "/EvseID", "at most 100"
        ),
        unclear=lambda emp: emp.pull("eRoamingPullEvseStatus"),
    ),
}
