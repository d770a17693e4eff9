"""The journal: every exchange of a run as it was on the wire, in order, append-only.

Beside the exchanges it keeps what the suite asked for and how long it waited, so that a saved journal can
be judged again without a target. Times are kept to the microsecond, as the file has them: what is judged
again is judged by the same times.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import ConfigDict

from oicp_conformance.journal.cause import Cause
from oicp_conformance.oicp.operations import Direction

Expects = Literal["accept", "refuse", "any"]
"""What a conformant target does with a request of the hub: accept, refuse, or either in good order."""


_READ_STRICTLY = ConfigDict(strict=True, extra="forbid", revalidate_instances="always")
"""How pydantic looks at what was read from a file."""


class NotJson(ValueError):
    """A body that is no JSON text in UTF-8; the text of the error says where it breaks."""


def _refuse_constant(name: str) -> Any:
    raise NotJson(f"{name} is no JSON value")


def _integer(digits: str) -> int | float:
    # Python refuses very long integers, and cannot compare them with other numbers.
    return int(digits) if len(digits) <= 300 else float(digits)


def parse(body: bytes) -> Any:
    """The JSON value of a body.

    Raises:
        NotJson: it is not UTF-8, or not one JSON text.
    """
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, parse_int=_integer)
        if b"\\u" in body:
            # Half a surrogate pair can be written in JSON, but is no character: no text can hold it.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise NotJson("there is half a surrogate pair in it") from None
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    return value


@dataclass(frozen=True)
class Part:
    """One half of an exchange: a request or an answer."""

    __pydantic_config__ = _READ_STRICTLY

    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cut: bool = False
    """Whether the body was longer than the suite reads."""

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return self._first.get(name.lower())

    @cached_property
    def _first(self) -> dict[str, str]:
        return {name.lower(): value for name, value in reversed(self.headers)}

    @cached_property
    def _read(self) -> tuple[Any, str | None]:
        try:
            return parse(self.body), None
        except NotJson as error:
            return None, str(error)

    @property
    def json(self) -> Any:
        """The JSON value of the body, or None when there is none: `problem` tells them apart."""
        return self._read[0]

    @property
    def problem(self) -> str | None:
        """Why the body is no JSON text, or None."""
        return self._read[1]

    @cached_property
    def object(self) -> Mapping[str, Any]:
        """The body when it is a JSON object, else an empty one."""
        return self.json if isinstance(self.json, dict) else {}

    def get(self, name: str) -> Any:
        """A field of the body; null is absent."""
        return self.object.get(name)

    def as_json(self) -> dict[str, Any]:
        """For the journal file: text where the body is UTF-8, else Base64."""
        record: dict[str, Any] = {"headers": [list(pair) for pair in self.headers]}
        try:
            record["body"] = self.body.decode("utf-8")
        except UnicodeDecodeError:
            record["base64"] = base64.b64encode(self.body).decode("ascii")
        if self.cut:
            record["cut"] = True
        return record

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The reverse of `as_json`."""
        body = record["body"].encode() if "body" in record else base64.b64decode(record["base64"])
        return cls(tuple((k, v) for k, v in record["headers"]), body, record.get("cut", False))


@dataclass(frozen=True)
class Exchange:
    """One HTTP request and its answer, either way round."""

    # What was judged of one is kept by it: to hash all that was said would cost more than to judge it.
    __hash__ = object.__hash__

    __pydantic_config__ = _READ_STRICTLY

    number: int
    direction: Direction
    operation: str | None
    """The operation that the path names; None when it names none."""
    method: str
    path: str
    """As it was sent, with its query."""
    request: Part
    started: float
    """Seconds since the epoch, by the suite's clock."""
    finished: float | None = None
    status: int | None = None
    answer: Part = field(default_factory=Part)
    trouble: str | None = None
    """Why there is no answer: `timeout`, `unreachable`, `hung up`, `not HTTP`, `tls`."""
    detail: str = ""
    test: str | None = None
    purpose: str | None = None
    """The requirement that the hub tries with this request."""
    expects: Expects = "any"
    control: int | None = None
    """The exchange of which this is the control: the same without what was special."""
    scripted: str | None = None
    """How the hub answered on purpose when it was not honest."""

    @property
    def by_target(self) -> bool:
        """Whether the target sent the request."""
        return self.direction == "target-to-hub"

    @property
    def sent(self) -> Part:
        """The half that the target wrote."""
        return self.request if self.by_target else self.answer

    @property
    def seconds(self) -> float:
        """How long the answer took."""
        return (self.finished or self.started) - self.started

    def without_purpose(self) -> Self:
        """The same, as a request of which nothing is expected."""
        return replace(self, purpose=None, expects="any", control=None)

    def as_json(self) -> dict[str, Any]:
        """One line of the journal file."""
        record = asdict(replace(self, request=Part(), answer=Part()))
        record["started"] = iso(self.started)
        record["finished"] = iso(self.finished) if self.finished else None
        record["request"] = self.request.as_json()
        record["answer"] = self.answer.as_json()
        return record

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The reverse of `as_json`."""
        values = dict(record)
        values["started"] = seconds_of(values["started"])
        if values["finished"]:
            values["finished"] = seconds_of(values["finished"])
        values["request"] = Part.from_json(values["request"])
        values["answer"] = Part.from_json(values["answer"])
        return cls(**values)


def now() -> float:
    """The time in seconds since the epoch, to the microsecond."""
    return round(time.time(), 6)


def iso(seconds: float) -> str:
    """A time as the files of a run have it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def seconds_of(text: str) -> float:
    """The reverse of `iso`."""
    return datetime.fromisoformat(text).timestamp()


@dataclass(frozen=True)
class Wait:
    """The suite waited for an operation of the target."""

    __pydantic_config__ = _READ_STRICTLY

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

    @property
    def cause(self) -> Cause:
        """Why it did not come, if it did not."""
        told = {"unavailable": Cause.STIMULUS_UNAVAILABLE, "failed": Cause.STIMULUS_FAILED}
        return told.get(self.stimulus or "", Cause.NOT_COME)


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

    __pydantic_config__ = _READ_STRICTLY

    test: str
    identification: Mapping[str, Any]
    authorized: bool
    exchange: int | None


@dataclass(frozen=True)
class Quiet:
    """The suite listened for a while in which certain sessions had to stay silent."""

    __pydantic_config__ = _READ_STRICTLY

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


Note = Wait | Quiet | Upload | Unseen | Reduced


def note_as_json(note: Note) -> dict[str, Any]:
    """One line of the file of notes."""
    return {"note": type(note).__name__.lower(), **asdict(note)}


class Journal:
    """What was said in a run; safe to write from several threads, and to wait on."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.notes: list[Note] = []
        self._on_their_way: set[int] = set()
        """The exchanges of which the answer is taken down, and not written yet."""
        self._changed = threading.Condition()

    def open(self, *, started: float, **values: Any) -> Exchange:
        """Take down a request; the number is given in the order of arrival."""
        with self._changed:
            exchange = Exchange(number=len(self.exchanges) + 1, started=round(started, 6), **values)
            self.exchanges.append(exchange)
            return exchange

    def answer(self, exchange: Exchange, **values: Any) -> None:
        """Take down the answer that goes out now: whatever the target does next comes after it.

        Who waits for the exchange goes on when it is closed.
        """
        with self._changed:
            if not self.exchanges[exchange.number - 1].finished:
                self._take_down(exchange, values)
                self._on_their_way.add(exchange.number)

    def close(self, exchange: Exchange, **values: Any) -> Exchange:
        """Take down the answer, or why there is none; what is taken down stays as it is."""
        with self._changed:
            if not self.exchanges[exchange.number - 1].finished:
                self._take_down(exchange, values)
            self._on_their_way.discard(exchange.number)
            self._changed.notify_all()
            return self.exchanges[exchange.number - 1]

    def _take_down(self, exchange: Exchange, values: Mapping[str, Any]) -> None:
        at = exchange.number - 1
        self.exchanges[at] = replace(self.exchanges[at], finished=now(), **values)

    def note(self, note: Note) -> None:
        """Take down what the suite did."""
        with self._changed:
            self.notes.append(note)

    def closed(self) -> list[Exchange]:
        """The exchanges that are answered, or will not be."""
        with self._changed:
            return [exchange for exchange in self.exchanges if exchange.finished]

    def wait(
        self,
        wanted: Callable[[Exchange], bool],
        seconds: float,
        *,
        since: int = 0,
        tick: Callable[[float], None] = lambda _: None,
    ) -> Exchange | None:
        """The first closed exchange after number `since` that is wanted, or None after `seconds`.

        `tick` is told several times a second how many seconds remain.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                for exchange in self.exchanges[since:]:
                    is_over = exchange.finished and exchange.number not in self._on_their_way
                    if is_over and wanted(exchange):
                        return exchange
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return None
                tick(remaining)
                self._changed.wait(min(remaining, 0.2))
