"""EVSE status: of EVSEs that are published, and true to what happens at them."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Quiet, Wait
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.published import Published, by_key, key_of, pushed, pushes
from oicp_conformance.judge.requirement import awaited, cpo, requirement, rule, rule_in_order
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import EVSE_DATA, EVSE_STATUS, REMOTE_START
from oicp_conformance.oicp.types import operator_of, plain_id
from oicp_conformance.profile import Profile

PUBLISHED = requirement(
    "eRoamingPushEvseStatus.published",
    cpo(
        "SHOULD",
        "The CPO pushes a status only for EVSEs whose data it has published.",
        Source("CPO 02", "eRoamingPushEvseStatus", 548, "practice"),
        on=(EVSE_STATUS,),
    ),
)

OCCUPIED = awaited(
    "eRoamingPushEvseStatus.occupied",
    cpo(
        "SHOULD",
        "While a session runs, the CPO publishes the EVSE as Occupied.",
        Source("CPO 03", "EvseStatusType", 581, "explicit"),
        on=(EVSE_STATUS,),
    ),
)

RESERVED = awaited(
    "eRoamingPushEvseStatus.reserved",
    cpo(
        "SHOULD",
        "While an EVSE is reserved, the CPO publishes it as Reserved.",
        Source("CPO 03", "EvseStatusType", 580, "explicit"),
        on=(EVSE_STATUS,),
        needs="eRoamingAuthorizeRemoteReservationStart",
    ),
)

FREE_AGAIN = awaited(
    "eRoamingPushEvseStatus.free-again",
    cpo(
        "SHOULD",
        "After the CDR, the CPO no longer publishes the EVSE as Occupied.",
        Source("CPO 03", "EvseStatusType", 579, "explicit"),
        on=(EVSE_STATUS,),
    ),
)

RELEASED = awaited(
    "eRoamingPushEvseStatus.released",
    cpo(
        "SHOULD",
        "After a ReservationStop, the CPO no longer publishes the EVSE as Reserved.",
        Source("CPO 03", "EvseStatusType", 580, "explicit"),
        on=(EVSE_STATUS,),
        needs="eRoamingAuthorizeRemoteReservationStart",
    ),
)

MADE_UP_FOR = awaited(
    "eRoamingPushEvseStatus.not-lost",
    cpo(
        "SHOULD",
        "The CPO pushes the status of an EVSE again if Hubject did not accept it.",
        Source("CPO 01", "error_handling", 22, "explicit"),
        on=(EVSE_STATUS,),
    ),
)

OUT_OF_SERVICE = requirement(
    "eRoamingAuthorizeRemoteStart.out-of-service",
    cpo(
        "SHOULD",
        "The CPO rejects a RemoteStart on an EVSE that it published as OutOfService.",
        Source("CPO 03", "EvseStatusType", 582, "explicit"),
        on=(REMOTE_START,),
    ),
)

SHOWN = {"Occupied": OCCUPIED, "Reserved": RESERVED}
"""The requirement that an EVSE is shown with a status, by status."""
FREED = {"Occupied": FREE_AGAIN, "Reserved": RELEASED}
"""The requirement that an EVSE is shown with a status no more, by status."""
STATUS_SHOWN = {one.id for one in (*SHOWN.values(), *FREED.values())}
"""The ids of the requirements that a status is shown."""
_EXPECTED = {one.id: (status, one) for status, one in SHOWN.items()}
_ENDED = {"Occupied": "session", "Reserved": "reservation"}
_OVER = {one.id: (status, one) for status, one in FREED.items()}


@rule_in_order(PUBLISHED)
class OfPublished:
    """Judged once a full load told which EVSEs there are; another operator's are a finding of their own."""

    def __init__(self, profile: Profile) -> None:
        self._state, self._operators = Published(EVSE_DATA), profile.partner.operators

    def see(self, exchange: Exchange) -> Iterator[Outcome]:
        """Whether the EVSEs of a status push are published."""
        self._state.see(exchange)
        if exchange.operation != EVSE_STATUS or not self._state.complete:
            return
        if exchange.request.get("ActionType") == "delete":
            return
        strange = [
            (pointer, one)
            for pointer, one in pushed(exchange)
            # What a full load removed is a finding on that full load (push.full-load-complete).
            if (key := key_of(EVSE_STATUS, one)) is not None
            and key not in self._state.records
            and key not in self._state.lost
            and operator_of(str(one.get("EvseID"))) in self._operators
        ]
        for pointer, one in strange:
            yield PUBLISHED.broken(
                exchange,
                "status pushed for an EVSE whose data has not been published",
                pointer=f"{pointer}/EvseID",
                expected="an EVSE of the last full load, or inserted since",
                found=one.get("EvseID"),
            )
        if not strange:
            yield PUBLISHED.held(exchange)


def _last_words(record: Record, wait: Wait, since: int | None = None) -> list[tuple[Exchange, str, str]]:
    """The statuses of the awaited EVSE, if the target had no more to say when the suite listened on.

    Who is still pushing may be behind: what it has said so far is not its last word. `since` is the number of
    the exchange before them, if they may be older than what the suite waited after.
    """
    later = record.notes[record.notes.index(wait) :]
    quiet = next((one for one in later if isinstance(one, Quiet) and one.test == wait.test), None)
    first = (wait.after or 0) if since is None else since
    sent = [one for one in pushes(record, EVSE_STATUS) if one.number > first]
    if quiet is None or any(0 <= one.started - quiet.started <= quiet.seconds for one in sent):
        return []
    return [
        (exchange, f"{pointer}/EvseStatus", str(one.get("EvseStatus")))
        for exchange in sent
        if exchange.started < quiet.started and not is_rejected(exchange)
        for pointer, one in pushed(exchange)
        if wait.evse is not None and key_of(EVSE_STATUS, one) == plain_id(wait.evse)
    ]


def _came_not(record: Record, wait: Wait) -> bool:
    """Whether a status that was asked for did not come, and had the whole time for that."""
    return wait.came is None and wait.stimulus == "done" and wait.seconds >= record.profile.stimuli.wait


def is_rejected(exchange: Exchange) -> bool:
    """Whether the hub rejected a push on its own account: what it says is not published."""
    return exchange.scripted is None and answer_of(exchange) is Answer.NEGATIVE


@rule_in_order(OUT_OF_SERVICE)
class OutOfService:
    """The status that was published last before a start on the EVSE."""

    def __init__(self, _: Profile) -> None:
        self._shown: dict[str, str] = {}

    def see(self, exchange: Exchange) -> Iterator[Outcome]:
        """Whether a start is on an EVSE that is out of service."""
        if exchange.operation == EVSE_STATUS and answer_of(exchange) is Answer.POSITIVE:
            removed = exchange.request.get("ActionType") == "delete"
            for key, one in by_key(exchange).items():
                self._shown[key] = "" if removed else str(one.get("EvseStatus"))
        if exchange.operation != REMOTE_START:
            return
        status = self._shown.get(plain_id(str(exchange.request.get("EvseID"))))
        answer = answer_of(exchange)
        if status == "OutOfService" and answer is Answer.POSITIVE:
            yield OUT_OF_SERVICE.broken(
                exchange,
                f"{exchange.request.get('EvseID')} is published as OutOfService, but the start was accepted",
                pointer="/Result",
                expected="a rejection, such as code 510 or 700",
                found=exchange.answer.get("Result"),
            )
        elif status and (status == "OutOfService" or answer is Answer.POSITIVE):
            yield OUT_OF_SERVICE.held(exchange)


@rule(OCCUPIED, RESERVED)
def as_it_is(record: Record) -> Iterator[Outcome]:
    """Another status came, though the suite asked for it."""
    for wait in record.waits:
        if wait.requirement not in _EXPECTED or not _came_not(record, wait):
            continue
        expected, requirement = _EXPECTED[wait.requirement]
        session = record.sessions.get(wait.session)
        is_there = session is not None and (session.charged or session.plugged_in is not None)
        if expected == "Occupied" and session is not None and not is_there:
            continue  # no car is known to be plugged in
        seen = _last_words(record, wait)
        if not seen or seen[-1][2] == expected:
            continue
        exchange, pointer, status = seen[-1]
        yield requirement.broken(
            exchange,
            f"{wait.evse} is published as {status}, although it is {expected.lower()}",
            pointer=pointer,
            expected=expected,
            found=status,
        )


@rule(FREE_AGAIN, RELEASED)
def free_again(record: Record) -> Iterator[Outcome]:
    """Occupied or Reserved was the last word, though that was over and the suite asked for the status."""
    for wait in record.waits:
        if wait.requirement not in _OVER or not _came_not(record, wait):
            continue
        over, requirement = _OVER[wait.requirement]
        # Who pushes nothing after the record, though it was asked to, leaves what it has pushed before.
        seen = _last_words(record, wait, since=0)
        if not seen or seen[-1][2] != over:
            continue
        exchange, pointer, status = seen[-1]
        yield requirement.broken(
            exchange,
            f"{wait.evse} is published as {over}, although its {_ENDED[over]} has ended",
            pointer=pointer,
            expected="Available",
            found=status,
        )


@rule(MADE_UP_FOR)
def made_up_for(record: Record) -> Iterator[Outcome]:
    """Hubject took no push that has the EVSE since, though the suite asked for the status."""
    for wait in record.waits:
        if wait.requirement != MADE_UP_FOR.id or not _came_not(record, wait):
            continue
        failed = next((one for one in record.of(EVSE_STATUS) if one.number == wait.after), None)
        shown = _status_in_hub(record, wait)
        given = by_key(failed).get(plain_id(wait.evse or "")) if failed else None
        if failed is None or given is None or shown == given.get("EvseStatus"):
            continue
        yield MADE_UP_FOR.broken(
            failed,
            f"this push got HTTP {failed.status}, and no push of the next {wait.seconds:.1f} s has "
            f"{wait.evse}: its status in Hubject is still {shown or 'unknown'}",
            expected=f"{given.get('EvseStatus')} again",
            found="nothing",
        )


def _status_in_hub(record: Record, wait: Wait) -> str | None:
    """The status of the awaited EVSE as Hubject had it when a push failed."""
    state = Published(EVSE_STATUS)
    for exchange in record.of(EVSE_STATUS):
        if exchange.number <= (wait.after or 0):
            state.see(exchange)
    one = state.records.get(plain_id(wait.evse or ""))
    return str(one.get("EvseStatus")) if one else None
