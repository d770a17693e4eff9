"""Countries: of an operator's ids, and of the EVSEs that it publishes."""

import re
from collections.abc import Iterator

from oicp_conformance.judge.outcome import Outcome, Record, held_once
from oicp_conformance.judge.published import pushed, pushes
from oicp_conformance.judge.requirement import cpo, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import evse_id, text
from oicp_conformance.oicp.iso import ALPHA_3, COUNTRIES, alpha_2_of
from oicp_conformance.oicp.operation_names import EVSE_DATA
from oicp_conformance.oicp.types import operator_of

OF_IDS = requirement(
    "operator.country",
    cpo(
        "MUST",
        "OperatorID and EvseIDs of the ISO form begin with a country of ISO 3166-1.",
        Source("CPO 03", "OperatorIDType", 880, "explicit"),
        on=(EVSE_DATA,),
    ),
)

OF_ADDRESS = requirement(
    "eRoamingPushEvseData.country",
    cpo(
        "SHOULD",
        "The country in an EvseID is the country of the EVSE's address.",
        Source("CPO 01", "hub_provider_and_operator", 87, "explicit"),
        on=(EVSE_DATA,),
    ),
)

_USER_ASSIGNED = re.compile(r"AA|Q[M-Z]|X[A-Z]|ZZ")
"""What ISO 3166-1 leaves to its users, such as XK for Kosovo."""


@rule(OF_IDS, by_exchange=True)
def of_ids(record: Record) -> Iterator[Outcome]:
    """The operator and the EVSEs of each push."""
    for exchange in pushes(record, EVSE_DATA):
        data = exchange.request.get("OperatorEvseData")
        operator = text(data, "OperatorID") if isinstance(data, dict) else None
        given = [
            ("/OperatorEvseData/OperatorID", operator),
            *((f"{pointer}/EvseID", evse_id(one)) for pointer, one in pushed(exchange)),
        ]
        ids = [(at, id_, country) for at, id_ in given if id_ and (country := alpha_2_of(id_))]
        wrong = [
            (at, id_, country)
            for at, id_, country in ids
            if country not in ALPHA_3 and not _USER_ASSIGNED.fullmatch(country)
        ]
        for at, id_, country in wrong:
            yield OF_IDS.broken(
                exchange,
                f"{country} is not a country of ISO 3166-1",
                pointer=at,
                expected="an id that begins with an alpha-2 code",
                found=id_,
            )
        if ids and not wrong:
            yield OF_IDS.held(exchange)


@rule(OF_ADDRESS, by_exchange=True)
@held_once
def of_address(record: Record) -> Iterator[Outcome]:
    """The address of each EVSE that is published; a code that is none is a matter of its field."""
    operators = record.profile.partner.operators
    for exchange in pushes(record, EVSE_DATA):
        if exchange.request.get("ActionType") == "delete":
            continue
        for pointer, one in pushed(exchange):
            evse = evse_id(one) or ""
            if operator_of(evse) not in operators:
                continue  # whose it is, is the one finding
            address = one.get("Address")
            country = text(address, "Country") if isinstance(address, dict) else None
            expected = ALPHA_3.get(alpha_2_of(evse) or "")
            if expected is None or country not in COUNTRIES:
                continue
            if country == expected:
                yield OF_ADDRESS.held(exchange)
            else:
                yield OF_ADDRESS.broken(
                    exchange,
                    f"{one.get('EvseID')} has a country code that differs from the country of its address",
                    pointer=f"{pointer}/Address/Country",
                    expected=expected,
                    found=country,
                )
