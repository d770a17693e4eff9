"""EVSE data and status as they are pushed: with which actions, whose EVSEs, each once, and true."""

from collections.abc import Iterator

from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.published import each_once, pushed, pushes
from oicp_conformance.judge.requirement import awaited, cpo, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import text
from oicp_conformance.oicp.operation_names import EVSE_DATA, EVSE_PRICING, EVSE_STATUS
from oicp_conformance.oicp.types import is_evse_id, operator_of, plain_id

DATA_FULL_LOAD = awaited(
    "eRoamingPushEvseData.fullLoad",
    cpo(
        "SHOULD",
        "The CPO publishes its full EVSE data with ActionType fullLoad.",
        Source("IG CPO 01", "", 153, "lower"),
        on=(EVSE_DATA,),
    ),
)

DATA_INSERT = awaited(
    "eRoamingPushEvseData.insert",
    cpo(
        "MAY",
        "The CPO may publish new EVSE data with ActionType insert.",
        Source("CPO 02", "eRoamingPushEvseDatamessage", 489, "explicit"),
        on=(EVSE_DATA,),
    ),
)

DATA_UPDATE = awaited(
    "eRoamingPushEvseData.update",
    cpo(
        "MAY",
        "The CPO may publish changed EVSE data with ActionType update.",
        Source("CPO 02", "eRoamingPushEvseData", 465, "explicit"),
        on=(EVSE_DATA,),
    ),
)

DATA_DELETE = awaited(
    "eRoamingPushEvseData.delete",
    cpo(
        "MAY",
        "The CPO may remove published EVSE data with ActionType delete.",
        Source("CPO 02", "eRoamingPushEvseData", 465, "explicit"),
        on=(EVSE_DATA,),
    ),
)

STATUS_FULL_LOAD = awaited(
    "eRoamingPushEvseStatus.fullLoad",
    cpo(
        "SHOULD",
        "The CPO publishes the status of all its EVSEs with ActionType fullLoad.",
        Source("IG CPO 02", "", 75, "lower"),
        on=(EVSE_STATUS,),
    ),
)

STATUS_INSERT = awaited(
    "eRoamingPushEvseStatus.insert",
    cpo(
        "MAY",
        "The CPO may publish new EVSE status with ActionType insert.",
        Source("CPO 02", "eRoamingPushEvseStatusmessage", 569, "explicit"),
        on=(EVSE_STATUS,),
    ),
)

STATUS_UPDATE = awaited(
    "eRoamingPushEvseStatus.update",
    cpo(
        "MAY",
        "The CPO may publish changed EVSE status with ActionType update.",
        Source("CPO 02", "eRoamingPushEvseStatus", 548, "explicit"),
        on=(EVSE_STATUS,),
    ),
)

STATUS_DELETE = awaited(
    "eRoamingPushEvseStatus.delete",
    cpo(
        "MAY",
        "The CPO may remove published EVSE status with ActionType delete.",
        Source("CPO 02", "eRoamingPushEvseStatusmessage", 571, "explicit"),
        on=(EVSE_STATUS,),
    ),
)

OF_OPERATOR = requirement(
    "push.evse-of-operator",
    cpo(
        "MUST",
        "Every EVSE in a push belongs to the CPO or its sub-operators.",
        Source("CPO 01", "hub_provider_and_operator", 87, "explicit"),
        on=(
            EVSE_DATA,
            EVSE_STATUS,
            EVSE_PRICING,
        ),
    ),
)

UNIQUE = requirement(
    "push.evse-unique",
    cpo(
        "SHOULD",
        "An EVSE appears at most once per push (prices: once per provider).",
        Source("IG errors", "", 8, "lower"),
        on=(
            EVSE_DATA,
            EVSE_STATUS,
            EVSE_PRICING,
        ),
    ),
)


@rule(OF_OPERATOR, UNIQUE, by_exchange=True)
def whose(record: Record) -> Iterator[Outcome]:
    """The EVSEs of the operator, each once."""
    operators = record.profile.partner.operators
    for exchange in pushes(record, EVSE_DATA, EVSE_STATUS, EVSE_PRICING):
        # One EVSE may be priced for several providers, once for each; data and statuses have none.
        given = [
            (pointer, evse, (plain_id(evse), plain_id(str(one.get("ProviderID")))))
            for pointer, one in pushed(exchange)
            if (evse := text(one, "EvseID")) is not None
        ]
        # Of an id that is none, the form is what is wrong.
        ids = [(pointer, evse) for pointer, evse, _ in given if is_evse_id(evse)]
        foreign = [(pointer, evse) for pointer, evse in ids if operator_of(evse) not in operators]
        for pointer, evse in foreign:
            yield OF_OPERATOR.broken(
                exchange,
                "the EVSE belongs to another operator; list sub-operators in [partner] sub_operator_ids",
                pointer=f"{pointer}/EvseID",
                expected=f"an EVSE of {record.profile.partner.operator_id}",
                found=evse,
            )
        if ids and not foreign:
            yield OF_OPERATOR.held(exchange)
        keys = [(f"{pointer}/EvseID", evse, key) for pointer, evse, key in given]
        yield from each_once(UNIQUE, exchange, keys, "EVSE")
