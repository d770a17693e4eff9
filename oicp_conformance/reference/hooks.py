"""One HTTP exchange as a reference target sees it, either way round."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from oicp_conformance.reference.permissive import PARTNER_SESSION_ID, SESSION_ID, Check, Json, Message


def to_json(message: Json) -> bytes:
    """Write a message as it goes over the wire."""
    return json.dumps(message, ensure_ascii=False).encode()


def _no_constant(name: str) -> Json:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def from_json(raw: bytes) -> Json:
    """Read a message off the wire; raises ValueError when it is not JSON in UTF-8."""
    try:
        value = json.loads(raw.decode(), parse_constant=_no_constant)
        if b"\\u" in raw:
            to_json(value)  # half a surrogate pair could not be written into any answer
    except RecursionError as error:
        msg = "nested too deeply"
        raise ValueError(msg) from error
    return value


@dataclass
class Sending:
    """A request on its way to the hub."""

    operation: str
    path: str
    message: Json
    session: Json = None
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    query: dict[str, str] = field(default_factory=dict)
    """Parameters behind the path."""
    body: bytes | None = None
    """What goes out instead of the message, when a fault spoils the encoding."""
    cancelled: bool = False


@dataclass
class Reply:
    """What came back from the hub: status None means that no answer came."""

    status: int | None
    message: Json = None

    def __getitem__(self, name: str) -> Json:
        return self.message.get(name) if isinstance(self.message, dict) else None

    @property
    def acknowledged(self) -> bool:
        """Whether the hub said yes."""
        return self.status == 200 and self["Result"] is True

    @property
    def code(self) -> Json:
        """The StatusCode's Code, if there is one."""
        status = self["StatusCode"]
        return status.get("Code") if isinstance(status, dict) else None

    @property
    def worth_a_resend(self) -> bool:
        """Whether the hub may never have seen the request."""
        return self.status is None or self.status >= 500 or self.status in {408, 429}


@dataclass
class Answering:
    """An answer on its way to the hub (or to whoever sent a stimulus)."""

    operation: str
    message: Json
    status: int = 200
    request: Json = None
    """The request as it was read; None when it was not JSON."""
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    body: bytes | None = None
    """What goes out instead of the message."""
    delay: float = 0.0
    hang_up: bool = False
    chunked: bool = False
    after: list[Callable[[], None]] = field(default_factory=list)
    """What is to be done once the answer is out."""

    @property
    def code(self) -> Json:
        """The StatusCode's Code, if there is one."""
        status = self.message.get("StatusCode") if isinstance(self.message, dict) else None
        return status.get("Code") if isinstance(status, dict) else None

    @property
    def positive(self) -> bool:
        """Whether the answer says yes."""
        if not isinstance(self.message, dict):
            return False
        return self.message.get("Result") is True or self.message.get("AuthorizationStatus") == "Authorized"


DESCRIPTIONS = {
    "000": "Success",
    "021": "System error",
    "022": "Data error",
    "101": "QR Code Authentication failed - Invalid Credentials",
    "102": "RFID Authentication failed - invalid UID",
    "105": "PLC Authentication failed - invalid EvcoID",
    "106": "No positive authentication response",
    "200": "EvcoID locked",
    "210": "No valid contract",
    "400": "Session is invalid",
    "501": "Communication to EVSE failed",
    "601": "EVSE already reserved",
    "602": "EVSE already in use/ wrong token",
    "603": "Unknown EVSE ID",
}


def status_code(code: str, info: str | None = None) -> Message:
    """Write a StatusCode, with the reason in AdditionalInfo if there is one."""
    status = {"Code": code, "Description": DESCRIPTIONS[code]}
    return status | {"AdditionalInfo": info[:1000]} if info else status


_ECHOED: Mapping[str, Check] = {
    "SessionID": SESSION_ID,
    "CPOPartnerSessionID": PARTNER_SESSION_ID,
    "EMPPartnerSessionID": PARTNER_SESSION_ID,
}


def echo(request: Json, *names: str) -> Message:
    """Take from a request the ids that its answer repeats, as far as they are well-formed."""
    given = request if isinstance(request, dict) else {}
    return {name: given[name] for name in names if not _ECHOED[name](given.get(name))}
