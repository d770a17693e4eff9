"""What a record of EVSE data says, in itself and against the status that is pushed."""

from collections.abc import Iterator, Mapping
from typing import Any

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.kept import OfExchanges
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, held_once
from oicp_conformance.judge.published import by_key, published, pushed, pushes
from oicp_conformance.judge.requirement import Requirement, cpo, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import evse_id, number, text
from oicp_conformance.oicp.operation_names import EVSE_DATA, EVSE_STATUS
from oicp_conformance.oicp.types import operator_of

OPENING_TIMES = requirement(
    "eRoamingPushEvseData.opening-times",
    cpo(
        "MUST",
        "An EVSE with IsOpen24Hours false has OpeningTimes.",
        Source("CPO 03", "EvseDataRecordType", 225, "explicit"),
        on=(EVSE_DATA,),
    ),
)

NO_PAYMENT = requirement(
    "eRoamingPushEvseData.no-payment",
    cpo(
        "MUST",
        "An EVSE with No Payment in PaymentOptions has no other entry there.",
        Source("CPO 03", "PaymentOptionType", 554, "explicit"),
        on=(EVSE_DATA,),
    ),
)

RENEWABLE_ENERGY = requirement(
    "eRoamingPushEvseData.renewable-energy",
    cpo(
        "MUST",
        "RenewableEnergy is true if all energy of the station is renewable, otherwise false.",
        Source("CPO 03", "EvseDataRecordType", 210, "explicit"),
        on=(EVSE_DATA,),
    ),
)

DYNAMIC_INFO = requirement(
    "eRoamingPushEvseData.dynamic-info",
    cpo(
        "SHOULD",
        "DynamicInfoAvailable matches whether the CPO pushes a status for the EVSE.",
        Source("CPO 03", "EvseDataRecordType", 229, "explicit"),
        on=(EVSE_DATA,),
    ),
)


FIRST_LANGUAGE = requirement(
    "eRoamingPushEvseData.first-language",
    cpo(
        "SHOULD",
        "AdditionalInfo lists English first and then other languages.",
        Source("CPO 02", "eroamingevsedata-best-practices", 521, "explicit"),
        on=(EVSE_DATA,),
    ),
)

NO_AUTHENTICATION = requirement(
    "eRoamingPushEvseData.no-authentication",
    cpo(
        "SHOULD",
        "An EVSE with No Authentication Required in AuthenticationModes has no other entry there.",
        Source("CPO 03", "AuthenticationModeType", 542, "explicit"),
        on=(EVSE_DATA,),
    ),
)

POOL_OF_OPERATOR = requirement(
    "eRoamingPushEvseData.pool-of-operator",
    cpo(
        "SHOULD",
        "ChargingPoolID belongs to the CPO or one of its sub-operators.",
        Source("CPO 03", "ChargingPoolIDType", 979, "explicit"),
        on=(EVSE_DATA,),
    ),
)

ENERGY_SHARES = requirement(
    "eRoamingPushEvseData.energy-shares",
    cpo(
        "SHOULD",
        "The percentages in EnergySource add up to 100.",
        Source("CPO 03", "EnergySourceType", 414, "practice"),
        on=(EVSE_DATA,),
    ),
)

_FOSSIL_OR_NUCLEAR = {"Coal", "NuclearEnergy", "Petroleum", "NaturalGas"}
_RENEWABLE = {"Solar", "Wind", "HydroPower", "GeothermalEnergy", "Biomass"}
_WHOLE = 99.0
"""Percent: what is told in whole numbers need not add up to a hundred."""
_MOST = 90.0
"""Percent: what small sources that are left out leave of a hundred at least."""
_NOBODY = "No Authentication Required"


def _sources(one: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The kinds of energy with their percentages; one that is not told counts as nothing."""
    sources = one.get("EnergySource")
    return [
        (str(item.get("Energy")), number(item, "Percentage") or 0.0)
        for item in (sources if isinstance(sources, list) else [])
        if isinstance(item, dict)
    ]


def _renewable_energy(exchange: Exchange, pointer: str, one: Mapping[str, Any]) -> Iterator[Outcome]:
    is_renewable, sources = one.get("RenewableEnergy"), _sources(one)
    kinds = {energy for energy, _ in sources}
    dirty = kinds & _FOSSIL_OR_NUCLEAR
    whole = sum(percentage for _, percentage in sources) >= _WHOLE
    if is_renewable is True and dirty:
        yield RENEWABLE_ENERGY.broken(
            exchange,
            "RenewableEnergy is true, but not all energy is renewable",
            pointer=f"{pointer}/RenewableEnergy",
            expected="false",
            found=", ".join(sorted(dirty)),
            erratum="C211",
        )
    elif is_renewable is False and whole and kinds <= _RENEWABLE:
        yield RENEWABLE_ENERGY.broken(
            exchange,
            "RenewableEnergy is false, but all energy is renewable",
            pointer=f"{pointer}/RenewableEnergy",
            expected="true",
            found=", ".join(sorted(kinds)),
        )
    elif isinstance(is_renewable, bool):
        yield RENEWABLE_ENERGY.held(exchange)


def _energy_shares(exchange: Exchange, pointer: str, one: Mapping[str, Any]) -> Iterator[Outcome]:
    """Shares that add up to less than 100 are wrong if all energy is renewable, or if they are all 0."""
    sources = one.get("EnergySource")
    given = [item for item in (sources if isinstance(sources, list) else []) if isinstance(item, dict)]
    shares = [number(item, "Percentage") for item in given]
    known = [share for share in shares if share is not None]
    if not known or not all(0 <= share <= 100 for share in known):
        return  # a share that is none is a finding of its field
    total, rounding = sum(known), len(known) / 2
    least = (_MOST if one.get("RenewableEnergy") is True else 1.0) if len(known) == len(shares) else 0.0
    if least <= total <= 100 + rounding:
        yield ENERGY_SHARES.held(exchange)
    else:
        yield ENERGY_SHARES.broken(
            exchange,
            f"the percentages of EnergySource add up to {total:g}",
            pointer=f"{pointer}/EnergySource",
            expected="100",
            found=" + ".join(f"{share:g}" for share in known),
        )


def _alone(
    requirement: Requirement, exchange: Exchange, pointer: str, given: object, option: str
) -> Iterator[Outcome]:
    """Whether an option that excludes all others stands alone in its list."""
    if isinstance(given, list) and option in given and len(given) > 1:
        yield requirement.broken(
            exchange,
            f"{option} is sent with other options",
            pointer=pointer,
            expected=f"{option} alone",
            found=", ".join(map(str, given)),
        )
    elif isinstance(given, list):
        yield requirement.held(exchange)


@rule(
    OPENING_TIMES,
    NO_PAYMENT,
    RENEWABLE_ENERGY,
    FIRST_LANGUAGE,
    NO_AUTHENTICATION,
    POOL_OF_OPERATOR,
    ENERGY_SHARES,
    by_exchange=True,
)
@held_once
def records(record: Record) -> Iterator[Outcome]:
    """Each record in itself."""
    for exchange in pushes(record, EVSE_DATA):
        if exchange.request.get("ActionType") == "delete":
            continue
        for pointer, one in pushed(exchange):
            yield from _opening_times(exchange, pointer, one)
            at = f"{pointer}/PaymentOptions"
            yield from _alone(NO_PAYMENT, exchange, at, one.get("PaymentOptions"), "No Payment")
            at = f"{pointer}/AuthenticationModes"
            yield from _alone(NO_AUTHENTICATION, exchange, at, one.get("AuthenticationModes"), _NOBODY)
            yield from _renewable_energy(exchange, pointer, one)
            yield from _energy_shares(exchange, pointer, one)
            yield from _first_language(exchange, pointer, one)
            yield from _pool(record, exchange, pointer, one)


def _first_language(exchange: Exchange, pointer: str, one: Mapping[str, Any]) -> Iterator[Outcome]:
    texts = one.get("AdditionalInfo")
    first = texts[0] if isinstance(texts, list) and texts else None
    language = text(first, "lang") if isinstance(first, dict) else None
    if language is None:
        return
    if language.lower().startswith("en"):
        yield FIRST_LANGUAGE.held(exchange)
    else:
        yield FIRST_LANGUAGE.broken(
            exchange,
            "the first language is not English",
            pointer=f"{pointer}/AdditionalInfo/0/lang",
            expected="en",
            found=language,
        )


def _pool(record: Record, exchange: Exchange, pointer: str, one: Mapping[str, Any]) -> Iterator[Outcome]:
    pool, evse = text(one, "ChargingPoolID"), evse_id(one)
    if pool is None or evse is None or operator_of(evse).isdigit():
        return  # a pool has an id of the ISO form only: it cannot name an operator of the DIN form
    if operator_of(pool) in {*record.profile.partner.operators, operator_of(evse)}:
        yield POOL_OF_OPERATOR.held(exchange)
    else:
        yield POOL_OF_OPERATOR.broken(
            exchange,
            "the pool belongs to another operator; list sub-operators in [partner] sub_operator_ids",
            pointer=f"{pointer}/ChargingPoolID",
            expected=f"a pool of {record.profile.partner.operator_id}",
            found=pool,
        )


def _opening_times(exchange: Exchange, pointer: str, one: Mapping[str, Any]) -> Iterator[Outcome]:
    around, times = one.get("IsOpen24Hours"), one.get("OpeningTimes")
    if around is False and not times:
        yield OPENING_TIMES.broken(
            exchange,
            "IsOpen24Hours is false, but OpeningTimes is missing",
            pointer=f"{pointer}/OpeningTimes",
            expected="OpeningTimes",
            found="nothing",
            erratum="C046",
        )
    elif around is True and times:
        yield OPENING_TIMES.broken(
            exchange,
            "IsOpen24Hours is true, but OpeningTimes is sent",
            pointer=f"{pointer}/OpeningTimes",
            expected="no OpeningTimes",
            found=times,
            erratum="C209",
            verdict=Verdict.WARNING,
        )
    elif isinstance(around, bool):
        yield OPENING_TIMES.held(exchange)


class _WithStatus(OfExchanges):
    """The EVSEs of which a status was ever pushed."""

    def __init__(self, _: Record) -> None:
        self.keys: set[str] = set()

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange."""
        if exchange.operation == EVSE_STATUS:
            self.keys |= by_key(exchange).keys()


@rule(DYNAMIC_INFO)
def dynamic_info(record: Record) -> Iterator[Outcome]:
    """What is announced agrees with the status that comes."""
    state, told = published(record, EVSE_DATA), published(record, EVSE_STATUS)
    first = next(pushes(record, EVSE_DATA), None)
    if first is None or not record.of(EVSE_STATUS):
        return
    ever = record.kept(_WithStatus).keys
    wrong = False
    for key, one in state.records.items():
        announced = one.get("DynamicInfoAvailable")
        message = None
        if announced == "false" and key in told.records:
            message = "DynamicInfoAvailable is false, but a status was pushed"
        elif announced == "true" and key not in ever and told.complete:
            message = "DynamicInfoAvailable is true, but no status was pushed"
        if message:
            wrong = True
            yield DYNAMIC_INFO.broken(
                first,
                f"{one.get('EvseID')}: {message}",
                expected="DynamicInfoAvailable that matches the pushes",
                found=announced,
            )
    if not wrong and state.records:
        yield DYNAMIC_INFO.held(first)
