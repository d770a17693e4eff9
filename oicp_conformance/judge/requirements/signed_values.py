"""Signed metering values of charge detail records: when, how many, in which order, and what they show."""

from collections.abc import Iterator

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.kept import OfExchanges
from oicp_conformance.judge.ocmf import Reading, readings
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, shown
from oicp_conformance.judge.plausible import at_its_evse
from oicp_conformance.judge.published import Published
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule, tried
from oicp_conformance.judge.requirements.plausible_records import has_doubtful_energy
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import number, text
from oicp_conformance.oicp.operation_names import CDR, EVSE_DATA
from oicp_conformance.oicp.types import plain_id

COUNT = requirement(
    "eRoamingChargeDetailRecord.signed-values-count",
    cpo(
        "MUST",
        "A CDR has at most 10 SignedMeteringValues.",
        Source("CPO 02", "eRoamingChargeDetailRecordmessage", 324, "explicit"),
        on=(CDR,),
    ),
)

ORDER = requirement(
    "eRoamingChargeDetailRecord.signed-values-order",
    cpo(
        "SHOULD",
        "The CPO lists SignedMeteringValues in the order Start, Progress, End.",
        Source("CPO 03", "SignedMeteringValuesType", 433, "explicit"),
        on=(CDR,),
    ),
)

READINGS = requirement(
    "eRoamingChargeDetailRecord.signed-readings",
    cpo(
        "SHOULD",
        "The signed readings of a CDR are those of its start and end, and show its energy.",
        Source("CPO 03", "SignedMeteringValuesType", 447, "practice"),
        on=(CDR,),
    ),
)

WHEN_EXTERNAL = requirement(
    "eRoamingChargeDetailRecord.signed-when-external",
    cpo(
        "MUST",
        (
            "The CDR of an EVSE with CalibrationLawDataAvailability External carries at least one "
            "SignedMeteringValue."
        ),
        Source("CPO 03", "SignedMeteringValuesType", 452, "explicit"),
        on=(CDR,),
    ),
)

ACCEPTED = tried(
    "eRoamingChargeDetailRecord.signed-values",
    emp(
        "MUST",
        "The EMP accepts a CDR with SignedMeteringValues.",
        Source("EMP 02", "eRoamingChargeDetailRecordmessage", 307, "explicit"),
        on=(CDR,),
    ),
)


_RANK = {"Start": 0, "Progress": 1, "End": 2}
_LITTLE, _PART = 0.2, 0.1
"""kWh that a meter may not show, and the part of the energy that may be lost between two meters."""


@rule(COUNT, ORDER, by_exchange=True)
def signed_values(record: Record) -> Iterator[Outcome]:
    """Their number and their order."""
    for exchange in record.written(CDR):
        values = exchange.request.get("SignedMeteringValues")
        if not exchange.by_target or not isinstance(values, list) or not values:
            continue
        if len(values) > 10:
            yield COUNT.broken(
                exchange,
                f"there are {len(values)} SignedMeteringValues",
                pointer="/SignedMeteringValues",
                expected="at most 10",
                found=len(values),
            )
        else:
            yield COUNT.held(exchange)
        statuses = [value.get("MeteringStatus") for value in values if isinstance(value, dict)]
        ranks = [_RANK[status] for status in statuses if isinstance(status, str) and status in _RANK]
        if ranks != sorted(ranks):
            yield ORDER.broken(
                exchange,
                "the SignedMeteringValues are out of order",
                pointer="/SignedMeteringValues",
                expected="Start, Progress, End",
                found=", ".join(map(shown, statuses)),
            )
        elif len(ranks) > 1:
            yield ORDER.held(exchange)


class _OfExternal(OfExchanges):
    """The charge detail records that name an EVSE with signed values, by the data published until then."""

    def __init__(self, _: Record) -> None:
        self._state = Published(EVSE_DATA)
        self.found: list[Exchange] = []

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange."""
        self._state.see(exchange)
        evse = text(exchange.request.object, "EvseID") if exchange.operation == CDR else None
        data = self._state.records.get(plain_id(evse), {}) if evse is not None else {}
        if data.get("CalibrationLawDataAvailability") == "External":
            self.found.append(exchange)


@rule(WHEN_EXTERNAL, piecewise=True)
def signed_when_external(record: Record) -> Iterator[Outcome]:
    """Where they are announced (C048, C213)."""
    for exchange in record.asked(record.kept(_OfExternal).found):
        if not at_its_evse(record, exchange):
            continue
        values = exchange.request.get("SignedMeteringValues")
        signed = [
            one
            for one in (values if isinstance(values, list) else [])
            if isinstance(one, dict) and one.get("SignedMeteringValue")
        ]
        if signed:
            yield WHEN_EXTERNAL.held(exchange)
        else:
            yield WHEN_EXTERNAL.broken(
                exchange,
                "CalibrationLawDataAvailability is External, but the CDR has no SignedMeteringValue",
                pointer="/SignedMeteringValues",
                expected="at least one SignedMeteringValue",
                found=values if values is not None else "nothing",
                erratum="C048",
                # Where no energy flowed, as in a reservation, the meter may have measured nothing to sign.
                verdict=Verdict.WARNING if number(exchange.request.object, "ConsumedEnergy") == 0 else None,
            )


def _signed(exchange: Exchange, status: str) -> list[tuple[str, list[Reading]]]:
    """The readings of each signed value with a status, with the pointer of the value."""
    values = exchange.request.get("SignedMeteringValues")
    return [
        (f"/SignedMeteringValues/{at}", readings(text(one, "SignedMeteringValue") or ""))
        for at, one in enumerate(values if isinstance(values, list) else [])
        if isinstance(one, dict) and one.get("MeteringStatus") == status
    ]


@rule(READINGS, piecewise=True)
def signed_readings(record: Record) -> Iterator[Outcome]:
    """What can be read of the first Start and the last End, of one register.

    A meter may sign its first reading once more together with its last one.
    """
    for exchange in record.asked_written(CDR):
        starts, ends = _signed(exchange, "Start")[:1], _signed(exchange, "End")[-1:]
        last = [(at, one) for at, given in ends for one in given[-1:]]
        first = [(at, one) for at, given in (starts or ends) for one in given[:1]]
        if not exchange.by_target or not first or not last or first == last:
            continue
        if mislabelled := _mislabelled(starts, ends):
            at, status, taken = mislabelled
            yield READINGS.broken(
                exchange,
                f"the signed value with MeteringStatus {status} has only a reading of the {taken}",
                pointer=f"{at}/MeteringStatus",
                expected=taken,
                found=status,
            )
        elif first[0][1].register == last[0][1].register:
            yield _shows_the_energy(record, exchange, last[0][0], first[0][1].kwh, last[0][1].kwh)


def _mislabelled(
    starts: list[tuple[str, list[Reading]]], ends: list[tuple[str, list[Reading]]]
) -> tuple[str, str, str] | None:
    """A value whose readings were all taken at the other end: its pointer, its status, and which end."""
    for at, given in starts:
        if all(one.is_end for one in given):
            return at, "Start", "End"
    for at, given in ends:
        if all(one.is_begin for one in given):
            return at, "End", "Start"
    return None


def _shows_the_energy(record: Record, exchange: Exchange, at: str, first: float, last: float) -> Outcome:
    """Compare two readings with each other, and with an energy that has no finding of its own."""
    consumed = number(exchange.request.object, "ConsumedEnergy")
    signed = last - first
    message = ""
    if signed < 0:
        message = f"the signed readings decrease from {first:g} kWh to {last:g} kWh"
    elif consumed is not None and not has_doubtful_energy(record, exchange):
        least = consumed * (1 - _PART) - _LITTLE
        most = consumed * (1 + _PART) + _LITTLE
        if (signed == 0 and consumed > _LITTLE) or not least <= signed <= most:
            message = f"the signed readings {first:g} kWh and {last:g} kWh are {signed:g} kWh apart"
    if not message:
        return READINGS.held(exchange)
    return READINGS.broken(
        exchange,
        f"{message}, and ConsumedEnergy is {consumed:g} kWh" if consumed is not None else message,
        pointer=f"{at}/SignedMeteringValue",
        expected=f"{consumed:g} kWh between the first and the last reading" if consumed else "no less",
        found=f"{signed:g} kWh",
    )
