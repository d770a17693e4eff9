"""EVSE data and status: whose EVSEs, each once, consistent, and true to what happens at them."""

from collections.abc import Iterator, Mapping
from typing import Any

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Quiet, Wait
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, broken, held, rule
from oicp_conformance.judge.published import (
    EVSE_DATA,
    EVSE_PRICING,
    EVSE_STATUS,
    Published,
    each_once,
    key_of,
    published,
    pushed,
)
from oicp_conformance.judge.values import text
from oicp_conformance.oicp.types import operator_of, plain_id

_FOSSIL_OR_NUCLEAR = {"Coal", "NuclearEnergy", "Petroleum", "NaturalGas"}
_CDR = "eRoamingChargeDetailRecord"


def _pushes(record: Record, *operations: str) -> Iterator[Exchange]:
    for exchange in record.written(*operations):
        if exchange.by_target:
            yield exchange


@rule
def whose(record: Record) -> Iterator[Outcome]:
    """push.evse-of-operator and push.evse-unique."""
    if record.role != "cpo":
        return
    operators = record.profile.partner.operators
    for exchange in _pushes(record, EVSE_DATA, EVSE_STATUS, EVSE_PRICING):
        # One EVSE may be priced for several providers, once for each; data and statuses have none.
        given = [
            (pointer, evse, (plain_id(evse), plain_id(str(one.get("ProviderID")))))
            for pointer, one in pushed(exchange)
            if (evse := text(one, "EvseID")) is not None
        ]
        foreign = [(pointer, evse) for pointer, evse, _ in given if operator_of(evse) not in operators]
        for pointer, evse in foreign:
            yield broken(
                "push.evse-of-operator",
                exchange,
                "the EVSE is another operator's; name sub-operators in [partner] sub_operator_ids",
                pointer=f"{pointer}/EvseID",
                expected=f"an EVSE of {record.profile.partner.operator_id}",
                found=evse,
            )
        if given and not foreign:
            yield held("push.evse-of-operator", exchange)
        keys = [(f"{pointer}/EvseID", evse, key) for pointer, evse, key in given]
        yield from each_once("push.evse-unique", exchange, keys, "EVSE")


def _sources(one: Mapping[str, Any]) -> list[str]:
    sources = one.get("EnergySource")
    return [
        str(item.get("Energy"))
        for item in (sources if isinstance(sources, list) else [])
        if isinstance(item, dict)
    ]


@rule
def records(record: Record) -> Iterator[Outcome]:
    """eRoamingPushEvseData.opening-times, .no-payment, .renewable-energy."""
    for exchange in _pushes(record, EVSE_DATA):
        if exchange.request.get("ActionType") == "delete":
            continue
        for pointer, one in pushed(exchange):
            yield from _opening_times(exchange, pointer, one)
            payment = one.get("PaymentOptions")
            if isinstance(payment, list) and "No Payment" in payment:
                if len(payment) > 1:
                    yield broken(
                        f"{EVSE_DATA}.no-payment",
                        exchange,
                        "No Payment stands beside other options",
                        pointer=f"{pointer}/PaymentOptions",
                        expected="No Payment alone",
                        found=", ".join(map(str, payment)),
                    )
                else:
                    yield held(f"{EVSE_DATA}.no-payment", exchange)
            elif isinstance(payment, list):
                yield held(f"{EVSE_DATA}.no-payment", exchange)
            dirty = _FOSSIL_OR_NUCLEAR & set(_sources(one))
            if one.get("RenewableEnergy") is True and dirty:
                yield broken(
                    f"{EVSE_DATA}.renewable-energy",
                    exchange,
                    "RenewableEnergy is true, but not all energy is renewable",
                    pointer=f"{pointer}/RenewableEnergy",
                    expected="false",
                    found=", ".join(sorted(dirty)),
                    erratum="C211",
                )
            elif isinstance(one.get("RenewableEnergy"), bool):
                yield held(f"{EVSE_DATA}.renewable-energy", exchange)


def _opening_times(exchange: Exchange, pointer: str, one: Mapping[str, Any]) -> Iterator[Outcome]:
    around, times = one.get("IsOpen24Hours"), one.get("OpeningTimes")
    if around is False and not times:
        yield broken(
            f"{EVSE_DATA}.opening-times",
            exchange,
            "IsOpen24Hours is false, and there are no OpeningTimes",
            pointer=f"{pointer}/OpeningTimes",
            expected="OpeningTimes",
            found="nothing",
            erratum="C046",
        )
    elif around is True and times:
        yield broken(
            f"{EVSE_DATA}.opening-times",
            exchange,
            "IsOpen24Hours is true, and yet there are OpeningTimes",
            pointer=f"{pointer}/OpeningTimes",
            expected="no OpeningTimes",
            found=times,
            erratum="C209",
            verdict=Verdict.WARNING,
        )
    elif isinstance(around, bool):
        yield held(f"{EVSE_DATA}.opening-times", exchange)


@rule
def status_of_published(record: Record) -> Iterator[Outcome]:
    """eRoamingPushEvseStatus.published: judged once a full load told which EVSEs there are."""
    state = Published(EVSE_DATA)
    for exchange in record.of(EVSE_DATA, EVSE_STATUS):
        state.see(exchange)
        if exchange.operation != EVSE_STATUS or not state.complete:
            continue
        if exchange.request.get("ActionType") == "delete":
            continue
        strange = [
            (pointer, one)
            for pointer, one in pushed(exchange)
            if (key := key_of(EVSE_STATUS, one)) is not None and key not in state.records
        ]
        for pointer, one in strange:
            yield broken(
                f"{EVSE_STATUS}.published",
                exchange,
                "there is a status of an EVSE whose data are not published",
                pointer=f"{pointer}/EvseID",
                expected="an EVSE of the last full load, or inserted since",
                found=one.get("EvseID"),
            )
        if not strange:
            yield held(f"{EVSE_STATUS}.published", exchange)


@rule
def dynamic_info(record: Record) -> Iterator[Outcome]:
    """eRoamingPushEvseData.dynamic-info: what is announced agrees with the status that comes."""
    state, told = published(record, EVSE_DATA), published(record, EVSE_STATUS)
    first = next(iter(_pushes(record, EVSE_DATA)), None)
    if first is None or not record.of(EVSE_STATUS):
        return
    wrong = False
    for key, one in state.records.items():
        announced = one.get("DynamicInfoAvailable")
        message = None
        if announced == "false" and key in told.records:
            message = "no dynamic information is announced, but a status was pushed"
        elif announced == "true" and key not in told.records and told.complete:
            message = "dynamic information is announced, but no status was pushed"
        if message:
            wrong = True
            yield broken(
                f"{EVSE_DATA}.dynamic-info",
                first,
                f"{one.get('EvseID')}: {message}",
                expected="DynamicInfoAvailable as it is",
                found=announced,
                verdict=Verdict.WARNING,
            )
    if not wrong and state.records:
        yield held(f"{EVSE_DATA}.dynamic-info", first)


@rule
def signed_when_external(record: Record) -> Iterator[Outcome]:
    """eRoamingChargeDetailRecord.signed-when-external (C048, C213): by the data published until then."""
    if record.role != "cpo":
        return
    state = Published(EVSE_DATA)
    for exchange in record.of(EVSE_DATA, _CDR):
        state.see(exchange)
        evse = text(exchange.request.object, "EvseID")
        if exchange.operation != _CDR or evse is None:
            continue
        data = state.records.get(plain_id(evse), {})
        if data.get("CalibrationLawDataAvailability") != "External":
            continue
        values = exchange.request.get("SignedMeteringValues")
        signed = [
            one
            for one in (values if isinstance(values, list) else [])
            if isinstance(one, dict) and one.get("SignedMeteringValue")
        ]
        if signed:
            yield held(f"{_CDR}.signed-when-external", exchange)
        else:
            yield broken(
                f"{_CDR}.signed-when-external",
                exchange,
                "the EVSE's calibration law data are External, and the record has no signed metering value",
                pointer="/SignedMeteringValues",
                expected="at least one SignedMeteringValue",
                found=values if values is not None else "nothing",
                erratum="C048",
            )


def _last_words(record: Record, wait: Wait) -> list[tuple[Exchange, str, str]]:
    """The statuses of the awaited EVSE, if the target had no more to say when the suite listened on.

    Who is still pushing may be behind: what it has said so far is not its last word.
    """
    later = record.notes[record.notes.index(wait) :]
    quiet = next((one for one in later if isinstance(one, Quiet) and one.test == wait.test), None)
    pushes = [one for one in _pushes(record, EVSE_STATUS) if one.number > (wait.after or 0)]
    if quiet is None or any(0 <= one.started - quiet.started <= quiet.seconds for one in pushes):
        return []
    return [
        (exchange, f"{pointer}/EvseStatus", str(one.get("EvseStatus")))
        for exchange in pushes
        if exchange.started < quiet.started
        for pointer, one in pushed(exchange)
        if wait.evse is not None and key_of(EVSE_STATUS, one) == plain_id(wait.evse)
    ]


@rule
def shown(record: Record) -> Iterator[Outcome]:
    """eRoamingPushEvseStatus.occupied and .reserved: another status came, though the suite asked for it."""
    for wait in record.waits:
        expected = {f"{EVSE_STATUS}.occupied": "Occupied", f"{EVSE_STATUS}.reserved": "Reserved"}.get(
            wait.requirement
        )
        if expected is None or wait.came is not None or wait.stimulus != "done":
            continue
        session = record.sessions.get(wait.session)
        is_there = session is not None and (session.charged or session.plugged_in is not None)
        if expected == "Occupied" and session is not None and not is_there:
            continue  # no car is known to be plugged in
        seen = _last_words(record, wait)
        if not seen or seen[-1][2] == expected:
            continue
        exchange, pointer, status = seen[-1]
        yield broken(
            wait.requirement,
            exchange,
            f"{wait.evse} is shown as {status}, though it is {expected.lower()}",
            pointer=pointer,
            expected=expected,
            found=status,
        )
