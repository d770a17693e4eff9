"""What the control interface can be asked for: the bodies of its requests."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from oicp_conformance.hub.hub import ANY
from oicp_conformance.oicp.operations import BY_NAME, NOTIFICATION_TYPES, Direction
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile.values import BaseUrl

Json = dict[str, Any]


def _known(name: str) -> str:
    if name not in BY_NAME:
        raise PydanticCustomError("operation", "{name} is not an operation of OICP 2.3", {"name": name})
    return name


def _known_or_any(name: str) -> str:
    return name if name == ANY else _known(name)


Operation = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(BY_NAME)})]
AnyOperation = Annotated[
    str, AfterValidator(_known_or_any), Field(json_schema_extra={"enum": [ANY, *BY_NAME]})
]


class Asked(BaseModel):
    """The body of a request; unknown keys are rejected."""

    model_config = ConfigDict(extra="forbid", strict=True)


class OfRole(Asked):
    """A request to one of two targets."""

    role: Role | None = Field(None, description="the target; required if the hub has two")


class Changed(Asked):
    """An ordinary OICP message, changed."""

    fields: Json = Field(
        default_factory=dict, description="fields of the message that replace its ordinary ones"
    )
    without: list[str] = Field(default_factory=list, description="fields to leave out of the message")


class OnEvse(Changed):
    """A start or a reservation."""

    EvseID: str | None = Field(None, description="default: an EVSE on which no session runs")
    Identification: Json | None = Field(None, description="default: a generated customer")
    PartnerProductID: str | None = None


class Reserved(OnEvse):
    """A reservation."""

    Duration: int = Field(15, description="in minutes")


class InSession(Changed):
    """A message of a session."""

    SessionID: str | None = Field(None, description="default: the session that began last and is not over")


class Authorized(Changed):
    """A driver at a charger of the other side."""

    Identification: Json | None = Field(None, description="default: the first one of partner.accepts")
    EvseID: str | None = Field(None, description="default: the first EVSE of the counterpart")


class Stopped(InSession):
    """A driver at a charger of the other side, who stops."""

    Identification: Json | None = Field(None, description="default: the one that began the session")


class Notified(InSession):
    """A notification."""

    Type: str = Field(json_schema_extra={"enum": list(NOTIFICATION_TYPES)})


class Sent(OfRole):
    """Any request to the target."""

    operation: Operation
    body: Any = None
    raw: str | None = Field(None, description="text to send instead of a JSON body")


class Stimulus(OfRole):
    """A stimulus, as the profile's driver carries it out."""

    stimulus: str
    parameters: Json = Field(default_factory=dict)


class Published(Asked):
    """EVSEs that the other side publishes, for the EMP's pulls."""

    EvseIDs: list[str] = Field(default_factory=list, description="EVSEs to publish, or to publish again")
    count: int = Field(0, ge=0, le=50_000, description="how many more EVSEs to generate")
    fields: Json = Field(default_factory=dict, description="fields of the EvseDataRecords")


class Status(Asked):
    """A status that the other side publishes, for the EMP's pulls."""

    EvseID: str
    EvseStatus: str


class KeptRecords(Asked):
    """Records of charges that Hubject authorized without the EMP, for eRoamingGetChargeDetailRecords."""

    count: int = Field(1, ge=1, le=10_000)


class Customer(Asked):
    """A customer of the EMPs on the other side, whom the hub authorizes."""

    Identification: Json


Kind = Literal["refuse", "system-error", "late", "hang-up", "http", "no-json", "nulls", "fields"]


class Scripted(OfRole):
    """How the hub responds to the next requests of the target."""

    operation: AnyOperation = Field(ANY, description="an operation; * is any")
    answer: Kind = Field(
        description="refuse: with `code`; system-error: an acknowledgement with `code`; late: after "
        "`seconds`; hang-up: no response; http: HTTP `status`; no-json: a body that is not JSON; nulls: null "
        "in all unused optional fields; fields: `fields` put into the ordinary response"
    )
    code: str | None = Field(None, description="refuse: default 603; system-error: default 001")
    seconds: float = Field(15.0, ge=0, le=600)
    status: int = Field(500, ge=400, le=599)
    fields: Json = Field(default_factory=dict)
    times: int = Field(1, ge=1, le=1000, description="how many requests get this response")


class Clock(OfRole):
    """How far to set the hub's clock ahead."""

    advance: float = Field(gt=0, le=10 * 365 * 86400, description="in seconds")


class Aim(OfRole):
    """Where the target is."""

    base_url: BaseUrl


class Nothing(Asked):
    """No field is needed."""


class Query(BaseModel):
    """The query of a path."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = Field(None, description="only this target; required for one exchange of two targets")


class Which(Query):
    """The exchanges to return."""

    operation: Operation | None = None
    direction: Direction | None = None
    session: str | None = Field(None, description="a SessionID")
    verdict: Literal["fail", "warning", "pass"] | None = None
    since: int = Field(0, ge=0, description="only exchanges with a greater number")
    limit: int = Field(500, ge=1, le=100_000, description="at most this many, the newest")


class SentBy(Query):
    """The requests of the target to return."""

    operation: Operation | None = None
    since: int = Field(0, ge=0, description="only exchanges with a greater number")


class Awaited(SentBy):
    """The request of the target to wait for."""

    seconds: float = Field(10.0, ge=0, le=120)


class Judged(Query):
    """The findings to return."""

    verdict: Literal["fail", "warning"] | None = None
    seconds: float = Field(10.0, ge=0, le=120, description="how long to wait until all is judged")


class Drawn(Query):
    """How a session is drawn."""

    seen: int | None = Field(None, description="any number; a new one makes a browser load a new picture")


class Followed(BaseModel):
    """The events to return."""

    model_config = ConfigDict(extra="forbid")

    after: int | None = Field(None, ge=0, description="the last event that you received; default: the newest")
