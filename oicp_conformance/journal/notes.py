"""What the suite did beside the exchanges: what it asked for, and how long it waited.

With the notes, a saved journal can be judged again without a target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import READ_STRICTLY


@dataclass(frozen=True)
class Wait:
    """The suite waited for an operation of the target."""

    __pydantic_config__ = READ_STRICTLY

    test: str
    requirement: str
    operation: str
    seconds: float
    came: int | None
    """The exchange that was waited for, if it came."""
    session: str | None = None
    after: int | None = None
    """The exchange after which it was due."""
    stimulus: str | None = None
    """The outcome of the stimulus, where one was given."""
    presented: Mapping[str, Any] | None = None
    """The Identification that the stimulus presented at a charger."""
    evse: str | None = None
    """The EVSE that it is about."""
    unasked: float = 0.0
    """Of `seconds`, how many were waited without a stimulus, after the target said that it was over."""
    presented_at: str | None = None
    """The EvseID of that charger."""
    detail: str = ""
    parameters: Mapping[str, Any] | None = None
    """All that the stimulus was given, so that it can be given again."""
    asked: float | None = None
    """When the stimulus was given, in seconds since the epoch."""

    @property
    def cause(self) -> Cause:
        """Why it did not come, if it did not."""
        told = {"unavailable": Cause.STIMULUS_UNAVAILABLE, "failed": Cause.STIMULUS_FAILED}
        return told.get(self.stimulus or "", Cause.NOT_COME)


@dataclass(frozen=True)
class Plug:
    """The suite asked the target's surroundings to plug a cable in, or to take it out."""

    __pydantic_config__ = READ_STRICTLY

    test: str
    stimulus: str
    """`plug-in` or `unplug`."""
    outcome: str
    """The outcome of the stimulus."""
    session: str
    after: int
    """The last exchange before it."""


@dataclass(frozen=True)
class Unseen:
    """A test could not observe what it is about."""

    test: str
    operation: str
    requirements: Sequence[str]
    reason: str
    cause: Cause


@dataclass(frozen=True)
class Upload:
    """Whether a customer is authorized from the authentication data that the target uploaded."""

    __pydantic_config__ = READ_STRICTLY

    test: str
    identification: Mapping[str, Any]
    authorized: bool
    exchange: int | None


@dataclass(frozen=True)
class Quiet:
    """The suite listened for a while in which certain sessions had to stay silent."""

    __pydantic_config__ = READ_STRICTLY

    test: str
    started: float
    seconds: float


@dataclass(frozen=True)
class Reduced:
    """A generated request or sequence that breaks something was made smaller and smaller."""

    test: str
    smallest: tuple[int, ...]
    """The exchanges of the smallest one that shows it."""
    larger: tuple[int, ...]
    """Those of the others, which show the same."""


@dataclass(frozen=True)
class Ocpp:
    """One OCPP message between a virtual station of the suite and the CPO's central system."""

    __pydantic_config__ = READ_STRICTLY

    test: str
    at: float
    """Seconds since the epoch, by the suite's clock."""
    station: str
    """The identity of the station."""
    version: str
    by: str
    """Who sent it: `station` or `central`."""
    kind: str
    """`call`, `result`, `error`, or `other` for what is not an OCPP message."""
    action: str
    """The action of the call; of a response, that of the call that it answers."""
    id: str
    payload: Mapping[str, Any]
    evse: str | None
    """The EvseID of the connector that it is about."""


@dataclass(frozen=True)
class Walk:
    """A test leads a session all its way, from one kind of beginning to one kind of end."""

    test: str
    begin: str
    end: str


Note = Wait | Plug | Quiet | Upload | Unseen | Reduced | Ocpp | Walk


def note_as_json(note: Note) -> dict[str, Any]:
    """One line of the file of notes."""
    return {
        "note": type(note).__name__.lower(),
        **{one.name: getattr(note, one.name) for one in fields(note)},
    }
