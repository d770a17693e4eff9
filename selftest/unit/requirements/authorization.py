"""Identifications: which kind, whose, and in which form."""

from collections.abc import Callable
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
    REMOTE,
    Journal,
    Session,
    a_cpo,
    an_emp,
)
from selftest.unit.requirements.row import Row, Talk, Target, broken
from selftest.unit.wording import ABSENT, refused

_START = "eRoamingAuthorizeStart"
_REMOTE_START = "eRoamingAuthorizeRemoteStart"
_HASHED = {"QRCodeIdentification": {"EvcoID": ex.EVCO, "HashedPIN": {"Value": ex.HASH, "Function": "Bcrypt"}}}
_FOREIGN = "FR-XYZ-C12345678-X"
_OTHER_CUSTOMER = {"RemoteIdentification": {"EvcoID": "DE-DCB-C87654321-X"}}
_OWN_ID = "00000000-0000-4000-8000-999999999999"


def _presented(
    begin: Callable[..., Session], operation: str, *, card: Any = CARD, at: str | None = EVSE, **given: Any
) -> Talk:
    """The suite presents a card at the first EVSE, and a request comes."""
    return lambda journal: journal.waited(
        "request.sent",
        operation,
        begin(journal, **given).begun_by,
        stimulus="done",
        presented=card,
        presented_at=at,
    )


def _without_own_id(journal: Target, operation: str, begin: Callable[..., Session]) -> Row:
    return Row(
        journal,
        f"{operation}.no-session-id",
        holds=begin,
        breaks=broken(lambda said: begin(said, SessionID=_OWN_ID), "/SessionID", _OWN_ID),
        unclear=lambda said: begin(said, raw=b"[]", answer=refused("022")),
    )


def _evse_presented(journal: Target, begin: Callable[..., Session], operation: str, shown: Any) -> Row:
    return Row(
        journal,
        "evse.presented",
        holds=_presented(begin, operation, card=shown),
        breaks=broken(
            _presented(begin, operation, card=shown, EvseID=OTHER_EVSE), "/EvseID", EVSE, OTHER_EVSE
        ),
        unclear=_presented(begin, operation, card=shown, EvseID=ABSENT),
    )


ROWS = (
    _without_own_id(a_cpo, _START, Journal.authorize_start),
    _without_own_id(an_emp, _REMOTE_START, Journal.remote_start),
    _without_own_id(an_emp, "eRoamingAuthorizeRemoteReservationStart", Journal.reservation_start),
    Row(
        a_cpo,
        f"{_START}.once",
        holds=lambda cpo: cpo.authorize_start(),
        breaks=broken(
            lambda cpo: (cpo.authorize_start(), cpo.authorize_start()),
            "/Identification",
            "in exchange 1",
            "1234ABCD",
        ),
        unclear=lambda cpo: cpo.authorize_start(EvseID=ABSENT),
    ),
    Row(
        a_cpo,
        "identification.no-rfid",
        holds=lambda cpo: cpo.authorize_start(),
        breaks=broken(
            lambda cpo: cpo.authorize_start(Identification=CARD_BY_RFID),
            "/Identification/RFIDIdentification",
            "mifareCls",
            "RFIDMifareFamilyIdentification",
        ),
        unclear=lambda cpo: cpo.authorize_start(Identification=ABSENT, answer=refused("022")),
    ),
    Row(
        a_cpo,
        "identification.pin-in-clear",
        holds=lambda cpo: cpo.authorize_start(Identification=QR),
        breaks=broken(
            lambda cpo: cpo.authorize_start(Identification=_HASHED),
            "/Identification/QRCodeIdentification/HashedPIN",
            "EvcoID, HashedPIN",
            "PIN in clear",
        ),
        unclear=lambda cpo: cpo.authorize_start(Identification=CARD),
    ),
    Row(
        a_cpo,
        "identification.presented",
        holds=_presented(Journal.authorize_start, _START),
        breaks=broken(
            _presented(Journal.authorize_start, _START, card=OTHER_CARD),
            "/Identification",
            "DEADBEEF",
            "1234ABCD",
        ),
        unclear=_presented(Journal.authorize_start, _START, card=None),
    ),
    Row(
        an_emp,
        "identification.presented",
        holds=_presented(Journal.remote_start, _REMOTE_START, card=REMOTE),
        breaks=broken(
            _presented(Journal.remote_start, _REMOTE_START, card=REMOTE, Identification=_OTHER_CUSTOMER),
            "/Identification",
            ex.EVCO,
            "DE-DCB-C87654321-X",
        ),
        # Whom the suite made up, the EMP cannot name.
        unclear=_presented(Journal.remote_start, _REMOTE_START, card=_OTHER_CUSTOMER),
    ),
    _evse_presented(a_cpo, Journal.authorize_start, _START, CARD),
    _evse_presented(an_emp, Journal.remote_start, _REMOTE_START, REMOTE),
    Row(
        a_cpo,
        "operator.of-evse",
        holds=lambda cpo: cpo.authorize_start(),
        breaks=broken(
            lambda cpo: cpo.authorize_start(EvseID=FOREIGN_EVSE), "/EvseID", FOREIGN_EVSE, "an EVSE of DE*ABC"
        ),
        unclear=lambda cpo: cpo.authorize_start(raw=b"[]", answer=refused("022")),
    ),
    Row(
        an_emp,
        "identification.remote",
        holds=lambda emp: emp.remote_start(),
        breaks=broken(
            lambda emp: emp.remote_start(Identification=CARD),
            "/Identification/RFIDMifareFamilyIdentification",
            "RFIDMifareFamilyIdentification",
            "RemoteIdentification",
        ),
        unclear=lambda emp: emp.remote_start(Identification={}, answer=refused("022")),
    ),
    Row(
        an_emp,
        "identification.evco-of-provider",
        holds=lambda emp: emp.remote_start(),
        breaks=broken(
            lambda emp: emp.remote_start(Identification={"RemoteIdentification": {"EvcoID": _FOREIGN}}),
            "/Identification/RemoteIdentification/EvcoID",
            _FOREIGN,
            "DE-DCB",
        ),
        unclear=lambda emp: emp.remote_start(raw=b"[]", answer=refused("022")),
    ),
)
