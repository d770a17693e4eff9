"""Hubject is out of reach for a while: what was not acknowledged comes again, and not faster than it may."""

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import pairwise

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.kept import OfExchanges
from oicp_conformance.judge.outcome import Outcome, Record, party_of, shown
from oicp_conformance.judge.pulled import is_spoilt
from oicp_conformance.judge.repeated import Endless
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule, rule_in_order
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import moment, number
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_START,
    AUTHORIZE_STOP,
    CDR,
    NOTIFY,
    PULL_EVSE_DATA,
    RELEASE,
    REMOTE_START,
    REMOTE_STOP,
    RESERVE,
)
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import Profile

NOT_LOST = requirement(
    "eRoamingChargeDetailRecord.not-lost",
    cpo(
        "SHOULD",
        "The CPO sends a CDR again if Hubject did not accept it: no response, HTTP 5xx, 408 or 429.",
        Source("CPO 01", "error_handling", 22, "explicit"),
        on=(CDR,),
    ),
)

SAME_AGAIN = requirement(
    "eRoamingChargeDetailRecord.same-again",
    cpo(
        "SHOULD",
        "A CDR that the CPO sends again has the times and energies of the first attempt.",
        Source("CPO 02", "eRoamingChargeDetailRecord", 298, "practice"),
        on=(CDR,),
    ),
)

BACKOFF = requirement(
    "http.backoff",
    cpo(
        "SHOULD",
        "After HTTP 429 the CPO retries with growing pauses.",
        Source("AUP", "rate-limits", 140, "lower"),
        on=(CDR,),
    ),
    emp(
        "SHOULD",
        "After HTTP 429 the EMP retries with growing pauses.",
        Source("AUP", "rate-limits", 140, "lower"),
        on=(PULL_EVSE_DATA,),
    ),
)

AFTER_REJECTION = requirement(
    "request.after-rejection",
    cpo(
        "SHOULD",
        "The CPO does not repeat a rejected request without limit.",
        Source("AUP", "rate-limits", 140, "lower"),
        on=(AUTHORIZE_START, AUTHORIZE_STOP, CDR),
    ),
    emp(
        "SHOULD",
        "The EMP does not repeat a rejected request without limit.",
        Source("AUP", "rate-limits", 140, "lower"),
        on=(REMOTE_START, REMOTE_STOP, RESERVE),
    ),
)

_Key = tuple[str, bytes]
"""The path and the body of a request: what makes two the same."""
_NEVER_REJECTED: Mapping[Role, str] = {"cpo": NOTIFY, "emp": RELEASE}
"""What the hub rejects in no test: looked at all the same, since it may reject it for a reason of its own."""
_TIMES = ("ChargingStart", "ChargingEnd", "SessionStart", "SessionEnd")
_ENERGIES = ("ConsumedEnergy", "MeterValueStart", "MeterValueEnd")
TOO_MANY = 429
_LATER = frozenset({408, TOO_MANY})
"""HTTP errors that say: not now."""
_FEW = 3
"""Retries from which on it shows whether the pauses between them grow."""
_OFTEN = 3
"""So many identical requests are no coincidence, even if they are not retries."""
_GROWTH, _NOISE = 1.2, 0.25
"""By which factor, and how many seconds besides, the longest pause exceeds the shortest at least."""


def _is_untaken(exchange: Exchange) -> bool:
    """Whether Hubject did not get a message, or could not take it: nobody said no."""
    return answer_of(exchange) in {Answer.NONE, Answer.BROKEN} or exchange.status in _LATER


def _is_rejected(exchange: Exchange) -> bool:
    return answer_of(exchange) is Answer.NEGATIVE and exchange.status not in _LATER


def _over(exchange: Exchange) -> float:
    return exchange.finished or exchange.started


@rule_in_order(AFTER_REJECTION)
def after_rejection(profile: Profile) -> Endless:
    """What Hubject said no to is not sent again and again; what it could not take may be."""
    role = profile.target.role
    demanded = AFTER_REJECTION.demands[role].operations(party_of(profile))
    return Endless(AFTER_REJECTION, {*demanded, _NEVER_REJECTED[role]}, _is_rejected)


class _Untaken(OfExchanges):
    """The charge detail records that were not taken."""

    def __init__(self, _: Record) -> None:
        self.found: list[Exchange] = []
        self.end = 0.0
        """When the last exchange was over."""

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange."""
        self.end = max(self.end, _over(exchange))
        if exchange.operation == CDR and exchange.by_target and _is_untaken(exchange):
            self.found.append(exchange)


@rule(NOT_LOST)
def not_lost(record: Record) -> Iterator[Outcome]:
    """A record that was not taken comes again, until the run is over."""
    untaken = record.kept(_Untaken)
    sessions = {
        session.id: session for one in untaken.found if (session := record.sessions.of(one)) is not None
    }
    for session in sorted(sessions.values(), key=lambda one: one.begun_by.number):
        sent = [one for one in session.sent(CDR) if one.by_target]
        for one, again in pairwise(sent):
            if _is_untaken(one):
                yield NOT_LOST.held(again)
        if not sent or not _is_untaken(last := sent[-1]):
            continue
        seconds = untaken.end - _over(last)
        said = f"HTTP {last.status}" if last.status else "no response"
        if seconds < record.profile.stimuli.wait:
            yield NOT_LOST.unclear(
                f"the run ended {seconds:.1f} s after the CDR got {said}",
                cause=Cause.NOT_OBSERVED,
                exchange=last,
            )
        else:
            yield NOT_LOST.broken(
                last,
                f"the CDR of session {session.id} got {said} and was not sent again in the "
                f"{seconds:.0f} s until the end of the run",
                expected="the same CDR again, after a pause",
                found=f"{len(sent)} attempt{'s' if len(sent) > 1 else ''}",
            )


@rule(SAME_AGAIN, piecewise=True)
def same_again(record: Record) -> Iterator[Outcome]:
    """A retry against the record before it, which Hubject or the EMP may have stored all the same."""
    for session in record.asked_sessions:
        sent = [one for one in session.sent(CDR) if one.by_target]
        for first, again in pairwise(sent):
            if not (_is_untaken(first) and first.request.object and again.request.object):
                continue
            differs = list(_differences(first, again))
            if not differs:
                yield SAME_AGAIN.held(again)
                continue
            names = ", ".join(differs)
            yield SAME_AGAIN.broken(
                again,
                f"the CDR of exchange {first.number} was not accepted, and sent again with another {names}",
                pointer=f"/{differs[0]}",
                expected=shown(first.request.get(differs[0])),
                found=again.request.get(differs[0]),
            )


def _differences(first: Exchange, again: Exchange) -> Iterator[str]:
    """The times and energies that two records have, and that are not equal."""
    for read, names in ((moment, _TIMES), (number, _ENERGIES)):
        for name in names:
            before, after = read(first.request.object, name), read(again.request.object, name)
            if before is not None and after is not None and before != after:
                yield name


@rule(BACKOFF)
def backoff(record: Record) -> Iterator[Outcome]:
    """The pauses between the retries of one request, as long as each is answered with HTTP 429."""
    operation = CDR if record.role == "cpo" else PULL_EVSE_DATA
    sent = [one for one in record.of(operation) if one.by_target]
    refused = next((one for one in sent if one.status == TOO_MANY), None)
    if refused is None:
        return
    asked = {wait.came for wait in record.waits if wait.stimulus == "done"}
    if twice := _sent_by_another(sent, asked, record.profile.stimuli.wait):
        yield BACKOFF.unclear(
            f"several senders: exchange {twice[1].number} is identical to exchange {twice[0].number}, and "
            "not a retry of it",
            cause=Cause.NOT_OBSERVED,
            exchange=refused,
        )
        return
    series: dict[_Key, list[Exchange]] = {}
    for exchange in sent:
        key = _key(exchange)
        # What a stimulus has asked for anew is no retry.
        before = series.pop(key, [])
        tries = [*(before if exchange.number not in asked else ()), exchange]
        if exchange.status == TOO_MANY:
            series[key] = tries
        if len(tries) > 1:
            yield _grown(tries)
        elif exchange.status == TOO_MANY:
            yield BACKOFF.held(exchange)


def _key(exchange: Exchange) -> _Key:
    return exchange.path, exchange.request.body


def _sent_by_another(
    sent: Iterable[Exchange], asked: Container[int | None], seconds: float
) -> tuple[Exchange, Exchange] | None:
    """Two identical requests, of which the later one is not a retry of the first one.

    It began before the first one had its response, or soon after the first one was accepted. So another
    server of the target does the same, and the journal does not show whose retries are whose. A response may
    get lost on its way: what happens but once or twice counts only beside HTTP 429.
    """
    last: dict[_Key, Exchange] = {}
    found: list[tuple[Exchange, Exchange]] = []
    of_round: list[tuple[Exchange, Exchange]] = []
    is_busy = False
    for exchange in sent:
        if exchange.number in asked:
            last, of_round, is_busy = {}, [], False
        before = last.get(_key(exchange))
        last[_key(exchange)] = exchange
        is_busy |= exchange.status == TOO_MANY
        if (
            before is not None
            and exchange.started <= _over(before) + seconds
            and _is_another(before, exchange)
        ):
            found.append((before, exchange))
            of_round.append(found[-1])
        if of_round and (is_busy or len(found) >= _OFTEN):
            return of_round[0]
    return None


def _is_another(before: Exchange, exchange: Exchange) -> bool:
    """Whether a request has another reason than that the identical one before it failed."""
    is_honest = not is_spoilt(before)
    if is_honest and answer_of(before) is Answer.POSITIVE:
        return True
    # Who gave up waiting for a late response may send again before it.
    return exchange.started < _over(before) and (is_honest or before.status == TOO_MANY)


def _grown(tries: list[Exchange]) -> Outcome:
    """Whether the pauses before the retries grow, as far as there are enough of them to tell."""
    last = tries[-1]
    pauses = [max(0.0, after.started - _over(before)) for before, after in pairwise(tries)]
    # The policy recommends some randomness: only pauses that are all alike surely do not grow.
    if len(pauses) < _FEW or max(pauses) > _GROWTH * min(pauses) + _NOISE:
        return BACKOFF.held(last)
    return BACKOFF.broken(
        last,
        f"the same request was sent {len(tries)} times in {last.started - tries[0].started:.1f} s, although "
        "each one before got HTTP 429",
        expected="pauses that grow from retry to retry",
        found="pauses of " + ", ".join(f"{pause:.2f} s" for pause in pauses),
    )
