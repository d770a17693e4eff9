"""What EVSE data says of how a driver starts, against the starts at the EVSE."""

from collections.abc import Iterator, Mapping
from typing import Any

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome
from oicp_conformance.judge.published import Published, by_key, key_of, pushed
from oicp_conformance.judge.requirement import cpo, requirement, rule_in_order
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import evse_id, texts
from oicp_conformance.oicp.operation_names import AUTHORIZE_START, EVSE_DATA, REMOTE_START
from oicp_conformance.oicp.types import plain_id
from oicp_conformance.profile import Profile

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


@rule_in_order(COMPATIBLE, AUTHENTICATION_MODES)
class Starts:
    """Each start that the CPO accepts or asks for, against the last record of its EVSE that Hubject took."""

    def __init__(self, _: Profile) -> None:
        self._state = Published(EVSE_DATA)
        self._taken: dict[str, Exchange] = {}

    def see(self, exchange: Exchange) -> Iterator[Outcome]:
        """What a start says of the record before it."""
        if exchange.operation == EVSE_DATA:
            self._state.see(exchange)
            if answer_of(exchange) is Answer.POSITIVE:
                self._taken |= dict.fromkeys(by_key(exchange), exchange)
        elif exchange.operation in {REMOTE_START, AUTHORIZE_START}:
            evse, known = evse_id(exchange.request.object), self._state.records
            if evse and (key := plain_id(evse)) in known:
                yield from _start(exchange, evse, self._taken[key], known[key])


def _start(start: Exchange, evse: str, push: Exchange, data: Mapping[str, Any]) -> Iterator[Outcome]:
    is_remote = start.operation == REMOTE_START
    if is_remote and (start.expects == "refuse" or answer_of(start) is not Answer.POSITIVE):
        return
    how = "accepted the RemoteStart of" if is_remote else "sent the AuthorizeStart of"
    said = f"{evse}: the CPO {how} exchange {start.number}"
    if is_remote and data.get("IsHubjectCompatible") is False:
        yield COMPATIBLE.broken(
            push,
            f"{said}, but IsHubjectCompatible is false",
            pointer=_pointer(push, evse, "IsHubjectCompatible"),
            expected="true",
            found=False,
        )
    elif is_remote:
        yield COMPATIBLE.held(push)
    modes = set(texts(data.get("AuthenticationModes")))
    wanted = _APP if is_remote else _modes_of(start)
    if not modes or not wanted or _NOBODY in modes:
        return  # an empty list is a finding of the field
    if modes & wanted:
        yield AUTHENTICATION_MODES.held(push)
    else:
        yield AUTHENTICATION_MODES.broken(
            push,
            f"{said}, but AuthenticationModes does not list this kind of start",
            pointer=_pointer(push, evse, "AuthenticationModes"),
            expected=" or ".join(sorted(wanted)),
            found=", ".join(sorted(modes)),
        )


def _pointer(push: Exchange, evse: str, name: str) -> str:
    """Where a push has a field of the record of an EVSE; the last record counts, as at Hubject."""
    places = {key_of(EVSE_DATA, one): pointer for pointer, one in pushed(push)}
    return f"{places[plain_id(evse)]}/{name}"


def _modes_of(start: Exchange) -> frozenset[str]:
    shown = start.request.get("Identification")
    kinds = [kind for kind in _MODES if isinstance(shown, dict) and shown.get(kind) is not None]
    return _MODES[kinds[0]] if len(kinds) == 1 else frozenset()
