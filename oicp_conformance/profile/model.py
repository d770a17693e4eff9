"""The tables of a profile, with all their keys."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    SerializeAsAny,
    ValidationError,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from oicp_conformance.oicp.types import Role, operator_of, plain_id, provider_of
from oicp_conformance.profile import across
from oicp_conformance.profile.identification import Identification
from oicp_conformance.profile.masking import without_user
from oicp_conformance.profile.places import Places
from oicp_conformance.profile.stimuli import Stimuli, by_driver
from oicp_conformance.profile.table import Table
from oicp_conformance.profile.values import (
    BaseUrl,
    EvseID,
    File,
    Listen,
    NonEmpty,
    OperatorID,
    Peer,
    ProductID,
    ProviderID,
    Seconds,
    SecretValue,
    SecretVariable,
    UrlPath,
    expected,
)

NotificationType = Literal["Start", "Progress", "End", "Error"]
Mode = Literal["online", "offline"]
WORDS = frozenset([*get_args(Role), *get_args(Mode), *get_args(NotificationType)])
"""The profile's own words: they are no secrets, wherever they come from."""

ACROSS_KEYS: Literal["across_keys"] = "across_keys"
"""The type of the error of keys that are each right and do not fit together."""


class TargetTls(Table):
    """`[target.tls]`: TLS from the hub to the target, when `base_url` is https."""

    ca: File | None = None
    """The PEM file of the CA certificates that the hub trusts. Default: those of the system."""
    certificate: File | None = None
    """The PEM file of the certificate that the hub presents to the target (mutual TLS)."""
    key: File | None = None
    """The PEM file of the private key of `certificate`, without a password."""


class Target(Table):
    """`[target]`: the system under test, and how the hub reaches it."""

    name: Annotated[NonEmpty, Field(examples=["Acme CPO backend"])]
    """The name of the target in all reports."""
    version: Annotated[str | None, Field(examples=["4.2.0"])] = None
    """The version of the target in all reports."""
    role: Role
    """The role of the target: "cpo" or "emp"."""
    base_url: BaseUrl
    """The URL to which the suite appends the path of an operation, "/api/oicp/..."."""
    timeout: Seconds = 60.0
    """Seconds to wait for a response. No response by then is a fail, a response after 10 s a warning."""
    paths: dict[str, UrlPath] = {}
    """The paths of operations that the target serves at another path than OICP's."""
    tls: TargetTls | None = None
    """TLS from the hub to the target, when `base_url` is https."""
    consent: Annotated[NonEmpty | None, Field(examples=["permitted by Acme, ticket OPS-4711"])] = None
    """Who permits the test. It is required if `base_url`, or the URL of the stimuli, is at a public address
    or at a host of hubject.com."""

    @property
    def shown_url(self) -> str:
        """`base_url` without user and password."""
        return without_user(self.base_url)


class Partner(Table):
    """`[partner]`: who the target is. Each role has keys of its own."""

    operator_id: OperatorID | None = None
    """Role cpo: the OperatorID of the target."""
    evse_ids: list[EvseID] = []
    """Role cpo: EVSEs on which the suite may start sessions; two or more, three are faster."""
    sub_operator_ids: list[OperatorID] = []
    """Role cpo, a hub operator: the OperatorIDs of its sub-operators."""
    products: list[ProductID] = []
    """Role cpo: the PartnerProductIDs that remote starts and reservations of the suite may name."""
    provider_id: ProviderID | None = None
    """Role emp: the ProviderID of the target."""
    mode: Mode = "online"
    """Role emp: "online" authorizes by request; "offline" pushes its authentication data to the hub."""
    sub_provider_ids: list[ProviderID] = []
    """Role emp, a hub provider: the ProviderIDs of its sub-providers."""
    accepts: list[Identification] = []
    """Role emp: Identifications that the target authorizes. An online EMP needs at least one.
    A RemoteIdentification is for the remote starts that the target sends."""
    refuses: list[Identification] = []
    """Role emp: Identifications that the target does not authorize. They must be well-formed, too: a target
    may reject a malformed one for its form alone."""

    @property
    def operators(self) -> frozenset[str]:
        """The plain OperatorIDs of a CPO: its own, its sub-operators', and those of its EVSEs (C210)."""
        named = (self.operator_id or "", *self.sub_operator_ids)
        return frozenset([*map(plain_id, named), *map(operator_of, self.evse_ids)])

    @property
    def providers(self) -> frozenset[str]:
        """The plain ProviderIDs of an EMP: its own, its sub-providers', and those of its customers."""
        named = (self.provider_id or "", *self.sub_provider_ids)
        shown = [value for one in self.accepts for value in one.values() if "EvcoID" in value]
        return frozenset([*map(plain_id, named), *(provider_of(str(one["EvcoID"])) for one in shown)])


class Counterpart(Table):
    """`[counterpart]`: the partner that the hub plays towards the target."""

    provider_id: ProviderID = "DE-DCB"
    """The EMP that the hub plays towards a CPO."""
    operator_id: OperatorID = "DE*ABC"
    """The CPO that the hub plays towards an EMP."""
    evse_ids: Annotated[list[EvseID], Field(min_length=1)] = ["DE*ABC*E1*1"]
    """The EVSEs of the CPO that the hub plays."""


class HubTls(Table):
    """`[hub.tls]`: TLS from the target to the hub."""

    certificate: File
    """The PEM file of the certificate that the hub presents to the target."""
    key: File
    """The PEM file of the private key of `certificate`, without a password."""
    client_ca: File | None = None
    """The PEM file of the CA certificates that sign the target's certificate: with it, the hub asks for one.
    The hub rejects a request without certificate, or with that of another partner, with code 017."""
    client_subject: Annotated[NonEmpty | None, Field(examples=["cpo.acme.example"])] = None
    """The common name, or the whole subject, of the target's certificate. Without it, every certificate that
    `client_ca` signed is the target's."""

    def knows(self, subject: str | None) -> bool:
        """Whether a certificate with a subject such as `CN=a, O=b`, or none, is the target's."""
        if self.client_ca is None:
            return True
        if subject is None:
            return False
        wanted = self.client_subject
        return wanted is None or wanted == subject or f"CN={wanted}" in subject.split(", ")


class Hub(Table):
    """`[hub]`: where the hub listens."""

    listen: Listen = "127.0.0.1:8600"
    """The address of the hub as "host:port"; the target calls "http://host:port/api/oicp/...".
    Port 0 lets the system choose one."""
    allow: Annotated[list[Peer] | None, Field(min_length=1)] = None
    """The addresses, networks or host names from which the target calls the hub. Without it, they are the
    addresses of `base_url` and of this machine. Requests from elsewhere are rejected and not judged."""
    tls: HubTls | None = None
    """TLS from the target to the hub: the hub speaks https."""

    @property
    def host(self) -> str:
        """The host of `listen`; an IPv6 address without its brackets."""
        return self.listen.rpartition(":")[0].removeprefix("[").removesuffix("]")

    @property
    def port(self) -> int:
        """The port of `listen`; 0 lets the system choose one."""
        return int(self.listen.rpartition(":")[2])


def _notifications(value: object) -> object:
    if isinstance(value, bool):
        return list(get_args(NotificationType)) if value else []
    if not isinstance(value, list):
        raise expected(f"true, false or a list of {', '.join(get_args(NotificationType))}")
    return value


def _unique(value: list[NotificationType]) -> list[NotificationType]:
    if len(set(value)) != len(value):
        raise expected("each type at most once")
    return value


_NOTIFICATIONS_SCHEMA = {
    "anyOf": [
        {"type": "boolean"},
        {
            "type": "array",
            "items": {"type": "string", "enum": list(get_args(NotificationType))},
            "uniqueItems": True,
        },
    ]
}


class Supports(Table):
    """`[supports]`: the optional operations that the target offers."""

    eRoamingAuthorizeStop: bool = False
    """Whether the target offers eRoamingAuthorizeStop."""
    eRoamingChargingNotifications: Annotated[
        list[NotificationType],
        BeforeValidator(_notifications),
        AfterValidator(_unique),
        WithJsonSchema(_NOTIFICATIONS_SCHEMA),
    ] = []
    """The types of charging notifications that the target sends (cpo) or accepts (emp); true means all."""
    eRoamingReservation: bool = False
    """Whether the target offers both operations of reservations."""
    eRoamingDynamicPricing: bool = False
    """Whether the target offers both operations of pricing."""
    eRoamingPushAuthenticationData: bool = False
    """Role emp, online: whether the target pushes authentication data. Mandatory for an offline EMP."""
    eRoamingGetChargeDetailRecords: bool = False
    """Role emp, online: whether the target pulls CDRs. Mandatory for an offline EMP."""


class Secrets(Table):
    """`[secrets]`: values to redact in all files, in addition to PINs, credentials and private keys."""

    values: list[SecretValue] = []
    """Texts that are redacted everywhere."""
    environment: list[SecretVariable] = []
    """Environment variables whose values are secret. A variable that is not set is not an error."""
    headers: list[NonEmpty] = []
    """HTTP headers with secret values, in addition to Authorization, Cookie, keys and tokens."""
    fields: list[NonEmpty] = []
    """JSON fields with secret values."""
    personal: bool = False
    """Whether the suite also replaces EvcoIDs and UIDs."""


class Profile(Table):
    """The profile: what the suite needs to know about one target."""

    extends: Annotated[NonEmpty | None, Field(exclude=True, examples=["base.toml"])] = None
    """Another profile, relative to this file. This profile has precedence over its keys. Tables are merged;
    lists and single values are replaced."""
    target: Target
    """The system under test, and how the hub reaches it."""
    partner: Partner = Partner()
    """Who the target is. Each role has keys of its own."""
    counterpart: Counterpart = Counterpart()
    """The partner that the hub plays towards the target."""
    hub: Hub = Hub()
    """Where the hub listens."""
    supports: Supports = Supports()
    """The optional operations that the target offers."""
    stimuli: Annotated[SerializeAsAny[Stimuli], WrapValidator(by_driver)] = Stimuli()
    """How the suite makes the target send an operation."""
    secrets: Secrets = Secrets()
    """Values to redact in all files, in addition to PINs, credentials and private keys."""

    _path: Path | None = PrivateAttr(default=None)
    _places: Places = PrivateAttr(default_factory=lambda: Places("the profile"))
    _secret_values: Mapping[str, str] = PrivateAttr(default_factory=dict)

    def model_post_init(self, context: Mapping[str, Any] | None, /) -> None:
        """Remember where the profile comes from."""
        if context:
            self._path = context["path"]
            self._places = context.get("places") or Places(self._path.name)
            self._secret_values = context.get("secrets") or {}

    @property
    def path(self) -> Path | None:
        """The file that the profile was read from; None for one that was made in memory."""
        return self._path

    @property
    def secret_values(self) -> Mapping[str, str]:
        """The values of the environment variables that `${NAME}` names, each by the key where it stands.

        A value shorter than `SHORTEST_SECRET` is not among them: it also occurs in text that is not secret,
        so that it cannot be looked for. Nor are the profile's own words, such as "online" or "http".
        """
        return self._secret_values

    def where(self, *key: str | int) -> str:
        """Where a key stands, such as `where("partner", "evse_ids", 1)`: "my.toml:12".

        For a key that stands nowhere, since it has its default, that is its table, or the file alone.
        """
        return str(self._places.of(key))

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        raw = self.model_dump(exclude_unset=True)
        problems = [
            InitErrorDetails(
                type=PydanticCustomError(ACROSS_KEYS, "{text}", {"text": text}), loc=location, input=None
            )
            for location, text in across.problems(raw)
        ]
        if problems:
            raise ValidationError.from_exception_data("Profile", problems)
        return self
