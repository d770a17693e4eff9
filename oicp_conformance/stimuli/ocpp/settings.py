"""The keys of `[stimuli]` with `driver = "ocpp"`."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SerializeAsAny, ValidationInfo, WrapValidator

from oicp_conformance.oicp.types import plain_id
from oicp_conformance.profile import Stimuli
from oicp_conformance.profile.stimuli import by_driver
from oicp_conformance.profile.table import Table
from oicp_conformance.profile.values import EvseID, File, Form, SecretValue, expected, is_saved


def _socket_url(value: str) -> str | None:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    is_plain = not re.search(r"[\s\x00-\x1f?#]", value) and parts.username is None
    fine = is_plain and parts.scheme in {"ws", "wss"} and parts.hostname and port != 0
    return value.rstrip("/") if fine else None


SocketUrl = Annotated[
    str,
    Form(
        'a URL such as "ws://127.0.0.1:9100/ocpp", without a user and a query',
        _socket_url,
        pattern="^wss?://[^?#]+$",
        examples=["ws://127.0.0.1:9100/ocpp"],
    ),
]
Identity = Annotated[
    str,
    Form(
        'the identity of a station such as "CP-1"',
        lambda value: value if re.fullmatch(r"[!-~]{1,48}", value) and ":" not in value else None,
        minLength=1,
        maxLength=48,
        examples=["CP-1"],
    ),
]


def _numbered(connectors: Mapping[str, str], info: ValidationInfo) -> Mapping[str, str]:
    if not is_saved(info) and any(not re.fullmatch("[1-9][0-9]{0,3}", number) for number in connectors):
        raise expected('connectors by their numbers, such as { "1" = "DE*ABC*E1*1" }')
    return connectors


class StationTable(Table):
    """`[[stimuli.stations]]`: one virtual charging station."""

    identity: Identity
    """The identity of the station; it is appended to `url`."""
    password: SecretValue | None = None
    """The password for HTTP basic authentication (OCPP security profiles 1 and 2)."""
    connectors: Annotated[dict[str, EvseID], Field(min_length=1), AfterValidator(_numbered)]
    """The EvseID at each connector by its number (OCPP 2.0.1 and 2.1: by the number of the EVSE)."""
    power: Annotated[float, Field(gt=0, le=1000)] = 22.0
    """The power of a charge in kW."""


class StationTls(Table):
    """`[stimuli.tls]`: TLS from the stations to the central system, when `url` is wss."""

    ca: File | None = None
    """The PEM file of the CA certificates that the stations trust. Default: those of the system."""
    certificate: File | None = None
    """The PEM file of the certificate that the stations present, with its key if `key` is absent."""
    key: File | None = None
    """The PEM file of the private key of `certificate`, without a password."""


def _distinct(stations: list[StationTable], info: ValidationInfo) -> list[StationTable]:
    if is_saved(info):
        return stations
    identities = [one.identity for one in stations]
    evses = [plain_id(evse) for one in stations for evse in one.connectors.values()]
    if len(set(identities)) < len(identities):
        raise expected("each identity at one station only")
    if len(set(evses)) < len(evses):
        raise expected("each EvseID at one connector only")
    return stations


class OcppStimuli(Stimuli):
    """`[stimuli]` with `driver = "ocpp"`."""

    driver: Literal["ocpp"] = "ocpp"
    """"ocpp": the suite connects virtual charging stations to the central system of the CPO."""
    version: Literal["1.6", "2.0.1", "2.1"]
    """The OCPP version of the stations: "1.6" (1.6J), "2.0.1" or "2.1"."""
    url: SocketUrl
    """The URL of the central system; the identity of a station is appended as the last part of the path."""
    stations: Annotated[list[StationTable], Field(min_length=1), AfterValidator(_distinct)]
    """The charging stations that the suite plays."""
    fast_clock: bool = False
    """Whether the clock of a transaction is sped up: it begins two hours ago, and events are minutes apart.
    Without it, everything happens in real time."""
    tls: StationTls | None = None
    """TLS from the stations to the central system, when `url` is wss."""
    otherwise: Annotated[SerializeAsAny[Stimuli], WrapValidator(by_driver)] = Stimuli()
    """The driver for stimuli that no station can cause, such as publishing prices. It has the same keys as
    `[stimuli]`. `wait` and `settle` are taken from `[stimuli]`."""

    @property
    def shim(self) -> str:
        """The URL."""
        return self.url

    @property
    def passwords(self) -> Mapping[str, str]:
        """The passwords of the stations."""
        named = {f"[stimuli] stations[{at}].password": one.password for at, one in enumerate(self.stations)}
        return {place: password for place, password in named.items() if password is not None}
