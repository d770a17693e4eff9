"""EVSE status of an EVSE in use, in the pushes that another EVSE is the reason for."""

from collections.abc import Iterator
from dataclasses import dataclass

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.counted import is_garbage
from oicp_conformance.judge.outcome import Outcome
from oicp_conformance.judge.published import by_key, key_of, pushed
from oicp_conformance.judge.requirement import cpo, requirement, rule_in_order
from oicp_conformance.judge.requirements.statuses import SHOWN
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import evse_id
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_START,
    AUTHORIZE_STOP,
    CDR,
    EVSE_STATUS,
    NOTIFY,
    RELEASE,
    REMOTE_START,
    REMOTE_STOP,
    RESERVE,
)
from oicp_conformance.oicp.types import plain_id
from oicp_conformance.profile import Profile

OTHER_EVSE = requirement(
    "eRoamingPushEvseStatus.other-evse",
    cpo(
        "SHOULD",
        "When the status of one EVSE changes, the CPO does not publish another EVSE in use as Available.",
        Source("CPO 03", "EvseStatusType", 579, "explicit"),
        on=(EVSE_STATUS,),
    ),
)

_STATUS = {REMOTE_START: "Occupied", AUTHORIZE_START: "Occupied", RESERVE: "Reserved"}
"""How an EVSE is published after each beginning."""
_LASTING = ("Start", "Progress")
"""The types of notification after which a charge goes on."""


@dataclass
class _Use:
    """An EVSE in use: by a charge, or by a reservation."""

    session: str
    begun: int
    status: str
    shown: int | None = None
    """The first push that had this status."""
    beside: Exchange | None = None
    """The last push since then that told what had happened at another EVSE."""
    wrong: tuple[Exchange, str, str] | None = None
    """The last push that told so and showed the EVSE as Available, the pointer, and the other EVSE."""


@rule_in_order(OTHER_EVSE)
class OtherEvses:
    """What a push says of an EVSE in use, if it was written after the EVSE was shown so.

    A push may be late, and an old list of all EVSEs may come after a newer status. So a push counts only if
    it also tells what happened later at another EVSE, and if Hubject ends the session after it.
    """

    def __init__(self, _: Profile) -> None:
        self._uses: dict[str, _Use] = {}
        self._ended: dict[str, _Use] = {}

    def see(self, exchange: Exchange) -> Iterator[Outcome]:
        """Whether an EVSE is in use, and what is published of it until the session is stopped."""
        if exchange.operation in _STATUS:
            self._begin(exchange)
        elif exchange.operation == EVSE_STATUS:
            if exchange.by_target and answer_of(exchange) is Answer.POSITIVE:
                self._publish(exchange)
        elif exchange.operation in {REMOTE_STOP, RELEASE}:
            if answer_of(exchange) is Answer.POSITIVE and (use := self._end(exchange)):
                yield from _judged(use, exchange)
        elif exchange.operation in {AUTHORIZE_STOP, CDR} or (
            exchange.operation == NOTIFY and exchange.request.get("Type") not in _LASTING
        ):
            self._end(exchange)

    def _begin(self, exchange: Exchange) -> None:
        evse = evse_id(exchange.request.object)
        if evse is None or answer_of(exchange) is not Answer.POSITIVE:
            return
        key = plain_id(evse)
        self._uses.pop(key, None)
        self._ended.pop(key, None)
        given = exchange.answer if exchange.by_target else exchange.request
        session = given.get("SessionID")
        if isinstance(session, str) and not is_garbage(exchange):
            self._uses[key] = _Use(session.lower(), exchange.number, _STATUS[exchange.operation or ""])

    def _end(self, exchange: Exchange) -> _Use | None:
        session = str(exchange.request.get("SessionID")).lower()
        key = next((key for key, use in self._uses.items() if use.session == session), None)
        if key is None:
            return None
        self._ended[key] = self._uses.pop(key)
        return self._ended[key]

    def _publish(self, push: Exchange) -> None:
        given = by_key(push)
        is_removed = push.request.get("ActionType") == "delete"
        for key, use in self._uses.items():
            status = given[key].get("EvseStatus") if key in given else None
            if use.shown is not None and (other := self._news(push, key, use.shown)):
                use.beside = push
                if status == "Available":
                    use.wrong = push, _pointer(push, key), other
            if status == use.status and not is_removed:
                use.shown, use.wrong = use.shown or push.number, None

    def _news(self, push: Exchange, of: str, since: int) -> str | None:
        """Another EVSE of which a push has something that happened after an exchange."""
        action = push.request.get("ActionType")
        for key, one in by_key(push).items():
            if key == of or action == "delete":
                continue
            status, use, ended = one.get("EvseStatus"), self._uses.get(key), self._ended.get(key)
            has_begun = use is not None and use.begun > since and status == use.status
            # A list of all EVSEs may be old enough to have the status from before the session.
            has_ended = ended is not None and (ended.shown or 0) > since and status not in SHOWN
            if has_begun or (has_ended and action != "fullLoad"):
                return str(one.get("EvseID"))
        return None


def _pointer(push: Exchange, key: str) -> str:
    """Where a push has the status of an EVSE; the last record counts, as at Hubject."""
    return {key_of(EVSE_STATUS, one): f"{pointer}/EvseStatus" for pointer, one in pushed(push)}[key]


def _judged(use: _Use, stop: Exchange) -> Iterator[Outcome]:
    if use.wrong is not None:
        push, pointer, other = use.wrong
        yield OTHER_EVSE.broken(
            push,
            f"this push has a new status of {other}, and shows {stop.request.get('EvseID')} as Available, "
            f"although it is {use.status.lower()} until the stop in exchange {stop.number}",
            pointer=pointer,
            expected=f"{use.status}, as in exchange {use.shown}, or no status of this EVSE",
            found="Available",
        )
    elif use.beside is not None:
        yield OTHER_EVSE.held(use.beside)
