"""What a record of EVSE data says, in itself and against the status that is pushed."""

from collections.abc import Iterator, Mapping
from typing import Any

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.published import key_of, published, pushed, pushes
from oicp_conformance.judge.requirement import cpo, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import EVSE_DATA, EVSE_STATUS

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
        "PaymentOptions contains No Payment only alone.",
        Source("CPO 03", "PaymentOptionType", 554, "explicit"),
        on=(EVSE_DATA,),
    ),
)

RENEWABLE_ENERGY = requirement(
    "eRoamingPushEvseData.renewable-energy",
    cpo(
        "MUST",
        "RenewableEnergy is true only if all energy of the station is renewable.",
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


_FOSSIL_OR_NUCLEAR = {"Coal", "NuclearEnergy", "Petroleum", "NaturalGas"}


def _sources(one: Mapping[str, Any]) -> list[str]:
    sources = one.get("EnergySource")
    return [
        str(item.get("Energy"))
        for item in (sources if isinstance(sources, list) else [])
        if isinstance(item, dict)
    ]


@rule(OPENING_TIMES, NO_PAYMENT, RENEWABLE_ENERGY)
def records(record: Record) -> Iterator[Outcome]:
    """Each record in itself."""
    for exchange in pushes(record, EVSE_DATA):
        if exchange.request.get("ActionType") == "delete":
            continue
        for pointer, one in pushed(exchange):
            yield from _opening_times(exchange, pointer, one)
            payment = one.get("PaymentOptions")
            if isinstance(payment, list) and "No Payment" in payment and len(payment) > 1:
                yield NO_PAYMENT.broken(
                    exchange,
                    "No Payment stands beside other options",
                    pointer=f"{pointer}/PaymentOptions",
                    expected="No Payment alone",
                    found=", ".join(map(str, payment)),
                )
            elif isinstance(payment, list):
                yield NO_PAYMENT.held(exchange)
            dirty = _FOSSIL_OR_NUCLEAR & set(_sources(one))
            if one.get("RenewableEnergy") is True and dirty:
                yield RENEWABLE_ENERGY.broken(
                    exchange,
                    "RenewableEnergy is true, but not all energy is renewable",
                    pointer=f"{pointer}/RenewableEnergy",
                    expected="false",
                    found=", ".join(sorted(dirty)),
                    erratum="C211",
                )
            elif isinstance(one.get("RenewableEnergy"), bool):
                yield RENEWABLE_ENERGY.held(exchange)


def _opening_times(exchange: Exchange, pointer: str, one: Mapping[str, Any]) -> Iterator[Outcome]:
    around, times = one.get("IsOpen24Hours"), one.get("OpeningTimes")
    if around is False and not times:
        yield OPENING_TIMES.broken(
            exchange,
            "IsOpen24Hours is false, and there are no OpeningTimes",
            pointer=f"{pointer}/OpeningTimes",
            expected="OpeningTimes",
            found="nothing",
            erratum="C046",
        )
    elif around is True and times:
        yield OPENING_TIMES.broken(
            exchange,
            "IsOpen24Hours is true, and yet there are OpeningTimes",
            pointer=f"{pointer}/OpeningTimes",
            expected="no OpeningTimes",
            found=times,
            erratum="C209",
            verdict=Verdict.WARNING,
        )
    elif isinstance(around, bool):
        yield OPENING_TIMES.held(exchange)


@rule(DYNAMIC_INFO)
def dynamic_info(record: Record) -> Iterator[Outcome]:
    """What is announced agrees with the status that comes."""
    state, told = published(record, EVSE_DATA), published(record, EVSE_STATUS)
    first = next(pushes(record, EVSE_DATA), None)
    if first is None or not record.of(EVSE_STATUS):
        return
    ever = {key_of(EVSE_STATUS, one) for exchange in record.of(EVSE_STATUS) for _, one in pushed(exchange)}
    wrong = False
    for key, one in state.records.items():
        announced = one.get("DynamicInfoAvailable")
        message = None
        if announced == "false" and key in told.records:
            message = "no dynamic information is announced, but a status was pushed"
        elif announced == "true" and key not in ever and told.complete:
            message = "dynamic information is announced, but no status was pushed"
        if message:
            wrong = True
            yield DYNAMIC_INFO.broken(
                first,
                f"{one.get('EvseID')}: {message}",
                expected="DynamicInfoAvailable as it is",
                found=announced,
            )
    if not wrong and state.records:
        yield DYNAMIC_INFO.held(first)
