"""Taking down what a station and the central system said to each other."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from oicp_conformance.journal.notes import Ocpp
from oicp_conformance.journal.times import now
from oicp_conformance.stimuli.ocpp.station import Station

_KINDS = {2: "call", 3: "result", 4: "error"}
_LONGEST = 2000
"""Characters that are kept of what is not an OCPP message."""


class Recording:
    """Makes a note of each message, with the EVSE that it is about."""

    def __init__(self, station: Station, version: str, take_down: Callable[[Ocpp], None]) -> None:
        self._station = station
        self._version = version
        self._take_down = take_down
        self._calls: dict[str, tuple[str, str | None]] = {}
        self._evses: dict[str, str] = {}
        """The EVSEs of transactions."""

    def __call__(self, by: str, text: str) -> None:
        """Take down a message."""
        kind, message_id, action, payload = _read(text)
        if kind == "call":
            evse = self._evse(payload)
            self._calls[message_id] = action, evse
        else:
            action, evse = self._calls.pop(message_id, ("", None))
        if kind == "result" and evse and "transactionId" in payload:
            self._evses[str(payload["transactionId"])] = evse
        self._take_down(
            Ocpp(
                "", now(), self._station.identity, self._version, by, kind, action, message_id, payload, evse
            )
        )

    def _evse(self, payload: Mapping[str, Any]) -> str | None:
        """The EVSE that a call is about, by its connector or its transaction."""
        info, evse = payload.get("transactionInfo"), payload.get("evse")
        transaction = str((info if isinstance(info, Mapping) else payload).get("transactionId"))
        number = payload.get("connectorId") if self._version == "1.6" else payload.get("evseId")
        if isinstance(evse, Mapping):
            number = evse.get("id")
        connector = self._station.connectors.get(number) if isinstance(number, int) else None
        found = connector.evse if connector else self._evses.get(transaction)
        if found and isinstance(info, Mapping):
            self._evses[transaction] = found
        return found


def _read(text: str) -> tuple[str, str, str, Mapping[str, Any]]:
    """The kind of a message, its id, its action and its payload."""
    try:
        read = json.loads(text)
        kind = _KINDS[read[0]]
        if kind == "call":
            found = kind, str(read[1]), str(read[2]), read[3]
        elif kind == "result":
            found = kind, str(read[1]), "", read[2]
        else:
            found = kind, str(read[1]), "", {"code": read[2], "description": read[3], "details": read[4:]}
        if isinstance(found[3], Mapping):
            return found
    except (ValueError, RecursionError, LookupError, TypeError):
        pass
    return "other", "", "", {"text": text[:_LONGEST]}
