"""What becomes of a CPO's pushes: Hubject accepts them, and a full load leaves out only what is gone."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import FAILURES, Answer, answer_of, code_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.full_loads import Loads, incomplete_loads
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.published import (
    Published,
    by_key,
    contradicts_hub,
    is_push,
    rejected_because,
)
from oicp_conformance.judge.requirement import cpo, requirement, rule, rule_in_order
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import CPO_PUSHES, EVSE_DATA, EVSE_PRICING, EVSE_STATUS
from oicp_conformance.profile import Profile

ACCEPTED = requirement(
    "push.accepted",
    cpo(
        "SHOULD",
        "The CPO inserts only new records and updates only records that Hubject has.",
        Source("CPO 02", "eRoamingPushEvseStatus", 550, "practice"),
        on=CPO_PUSHES,
    ),
)

FULL_LOAD = requirement(
    "push.full-load-complete",
    cpo(
        "SHOULD",
        "A fullLoad contains all EVSEs that stay in operation; Hubject removes the others.",
        Source("IG CPO 01", "", 154, "lower"),
        on=(EVSE_DATA, EVSE_STATUS),
    ),
)

_INSTEAD = {"insert": "update for an existing record", "update": "insert for a new record"}
_SHOWN = 5
"""EvseIDs that a finding lists."""


@rule_in_order(ACCEPTED)
class Accepted:
    """An insert of what is there, or an update of what is not, is rejected by the hub.

    A rejection for another reason counts only where nothing else was found wrong with the push (see
    `judge/counted.py`). An update before the first accepted full load proves nothing: the hub is new, and the
    CPO cannot know that it has no data.
    """

    def __init__(self, _: Profile) -> None:
        self._states = {operation: Published(operation) for operation in CPO_PUSHES}
        self._earlier: list[Exchange] = []

    def see(self, exchange: Exchange) -> Iterator[Outcome]:
        """Whether a push was accepted."""
        state = self._states.get(exchange.operation or "")
        if state is None or not is_push(exchange):
            return
        state.see(exchange)
        known = self._states[EVSE_DATA] if exchange.operation in {EVSE_STATUS, EVSE_PRICING} else None
        if outcome := _accepted(exchange, state, known, self._earlier):
            yield outcome
        self._earlier.append(exchange)


def _accepted(
    exchange: Exchange, state: Published, known: Published | None, earlier: list[Exchange]
) -> Outcome | None:
    """Whether the hub accepted a push; None where that says nothing of it.

    `known` are the EVSEs that were published, where the push is about some of them.
    """
    if answer_of(exchange) is Answer.POSITIVE:
        return ACCEPTED.held(exchange)
    if not _is_rejected(exchange) or _is_retry(exchange, earlier):
        return None
    action = exchange.request.get("ActionType")
    contradicts = contradicts_hub(exchange)
    is_known = action == "insert" or state.complete
    is_of_others = known is not None and _repeats_unpublished(state, known, exchange)
    if contradicts and (not is_known or is_of_others or _was_lost(state, exchange)):
        return None
    return ACCEPTED.broken(
        exchange,
        f"Hubject rejected this {action} with code {code_of(exchange)}: {rejected_because(exchange)}",
        pointer="/ActionType" if contradicts else None,
        expected=_INSTEAD.get(str(action), "a push that is accepted"),
        found=action,
    )


def _was_lost(state: Published, exchange: Exchange) -> bool:
    """Whether an update is about what an incomplete full load removed: that is the finding."""
    given = by_key(exchange).keys()
    is_update = exchange.request.get("ActionType") == "update"
    return is_update and given - state.records.keys() <= state.lost


def _repeats_unpublished(state: Published, known: Published, exchange: Exchange) -> bool:
    """Whether an insert only repeats what it says of EVSEs that are not published: that is the finding."""
    repeated = by_key(exchange).keys() & state.records.keys()
    is_insert = exchange.request.get("ActionType") == "insert"
    return is_insert and known.complete and bool(repeated) and known.records.keys().isdisjoint(repeated)


def _is_rejected(exchange: Exchange) -> bool:
    """Whether the hub rejected a push on its own account, and not because it has failed itself."""
    code = code_of(exchange)
    return exchange.scripted is None and code is not None and code not in FAILURES


def _is_retry(exchange: Exchange, earlier: list[Exchange]) -> bool:
    """Whether the same push came before and the hub did not answer it as it does normally."""
    return any(
        one.operation == exchange.operation
        and one.request.json == exchange.request.json
        and (one.scripted is not None or one.status is None)
        for one in earlier
    )


@rule(FULL_LOAD)
def full_load(record: Record) -> Iterator[Outcome]:
    """Each accepted full load of EVSE data and EVSE status."""
    for operation in (EVSE_DATA, EVSE_STATUS):
        incomplete = incomplete_loads(record, operation)
        what = "data" if operation == EVSE_DATA else "status"
        for exchange in record.kept(Loads, operation).taken:
            lost = incomplete.get(exchange.number)
            if not lost:
                yield FULL_LOAD.held(exchange)
                continue
            yield FULL_LOAD.broken(
                exchange,
                f"this fullLoad removes the {what} of {_counted(lost)} in operation",
                pointer="/ActionType",
                expected=f"all EVSEs in one fullLoad; insert or update for a part of them: {_listed(lost)}",
                found="fullLoad",
            )


def _counted(evses: list[str]) -> str:
    return "1 EVSE that stays" if len(evses) == 1 else f"{len(evses)} EVSEs that stay"


def _listed(evses: list[str]) -> str:
    more = f" and {len(evses) - _SHOWN} more" if len(evses) > _SHOWN else ""
    return ", ".join(evses[:_SHOWN]) + more
