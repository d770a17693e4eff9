"""What EVSE data says of how a driver starts, against the starts at the EVSE."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.published import key_of, pushed
from oicp_conformance.judge.requirement import cpo, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import evse_id, texts
from oicp_conformance.oicp.operation_names import AUTHORIZE_START, EVSE_DATA, REMOTE_START
from oicp_conformance.oicp.types import plain_id

COMPATIBLE = requirement(
    "eRoamingPushEvseData.hubject-compatible",
    cpo(
        "SHOULD",
        "An EVSE with IsHubjectCompatible false is not started remotely through Hubject.",
        Source("CPO 03", "EvseDataRecordType", 228, "explicit"),
        on=(EVSE_DATA,),
    ),
)

AUTHENTICATION_MODES = requirement(
    "eRoamingPushEvseData.authentication-modes",
    cpo(
        "SHOULD",
        "AuthenticationModes lists the modes with which drivers start at the EVSE.",
        Source("CPO 03", "EvseDataRecordType", 214, "explicit"),
        on=(EVSE_DATA,),
    ),
)

_MODES: Mapping[str, frozenset[str]] = {
    "RFIDMifareFamilyIdentification": frozenset({"NFC RFID Classic", "NFC RFID DESFire"}),
    "PlugAndChargeIdentification": frozenset({"PnC"}),
}
"""By identification, the modes of which one is listed; a QR code is of no mode of its own."""
_APP = frozenset({"REMOTE", "Direct Payment"})
_NOBODY = "No Authentication Required"


@dataclass(frozen=True)
class _Published:
    exchange: Exchange
    pointer: str
    data: Mapping[str, Any]


@rule(COMPATIBLE, AUTHENTICATION_MODES)
def starts(record: Record) -> Iterator[Outcome]:
    """Each start that the CPO accepts or asks for, against the last record of its EVSE that Hubject took."""
    known: dict[str, _Published] = {}
    for exchange in record.of(EVSE_DATA, REMOTE_START, AUTHORIZE_START):
        if exchange.operation == EVSE_DATA:
            _take(exchange, known)
        elif (evse := evse_id(exchange.request.object)) and (told := known.get(plain_id(evse))):
            yield from _start(exchange, evse, told)


def _take(push: Exchange, known: dict[str, _Published]) -> None:
    if answer_of(push) is not Answer.POSITIVE:
        return
    if push.request.get("ActionType") == "fullLoad":
        known.clear()
    for pointer, one in pushed(push):
        if (key := key_of(EVSE_DATA, one)) is None:
            continue
        if push.request.get("ActionType") == "delete":
            known.pop(key, None)
        else:
            known[key] = _Published(push, pointer, one)


def _start(start: Exchange, evse: str, told: _Published) -> Iterator[Outcome]:
    is_remote = start.operation == REMOTE_START
    if is_remote and (start.expects == "refuse" or answer_of(start) is not Answer.POSITIVE):
        return
    how = "accepted the RemoteStart of" if is_remote else "sent the AuthorizeStart of"
    said = f"{evse}: the CPO {how} exchange {start.number}"
    if is_remote and told.data.get("IsHubjectCompatible") is False:
        yield COMPATIBLE.broken(
            told.exchange,
            f"{said}, and IsHubjectCompatible is false",
            pointer=f"{told.pointer}/IsHubjectCompatible",
            expected="true",
            found=False,
        )
    elif is_remote:
        yield COMPATIBLE.held(told.exchange)
    modes = set(texts(told.data.get("AuthenticationModes")))
    wanted = _APP if is_remote else _modes_of(start)
    if not modes or not wanted or _NOBODY in modes:
        return  # an empty list is a finding of the field
    if modes & wanted:
        yield AUTHENTICATION_MODES.held(told.exchange)
    else:
        yield AUTHENTICATION_MODES.broken(
            told.exchange,
            f"{said}, and AuthenticationModes does not list such a start",
            pointer=f"{told.pointer}/AuthenticationModes",
            expected=" or ".join(sorted(wanted)),
            found=", ".join(sorted(modes)),
        )


def _modes_of(start: Exchange) -> frozenset[str]:
    shown = start.request.get("Identification")
    kinds = [kind for kind in _MODES if isinstance(shown, dict) and shown.get(kind) is not None]
    return _MODES[kinds[0]] if len(kinds) == 1 else frozenset()
