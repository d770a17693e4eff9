"""Signed metering values of charge detail records: when, how many, and in which order."""

from collections.abc import Iterator

from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.plausible import at_its_evse
from oicp_conformance.judge.published import Published
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule, tried
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
                found=", ".join(map(str, statuses)),
            )
        elif len(ranks) > 1:
            yield ORDER.held(exchange)


@rule(WHEN_EXTERNAL)
def signed_when_external(record: Record) -> Iterator[Outcome]:
    """Where they are announced (C048, C213): by the data published until then."""
    state = Published(EVSE_DATA)
    for exchange in record.of(EVSE_DATA, CDR):
        state.see(exchange)
        evse = text(exchange.request.object, "EvseID")
        if exchange.operation != CDR or evse is None or not at_its_evse(record, exchange):
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
            yield WHEN_EXTERNAL.held(exchange)
        else:
            yield WHEN_EXTERNAL.broken(
                exchange,
                "CalibrationLawDataAvailability is External, but the record has no SignedMeteringValue",
                pointer="/SignedMeteringValues",
                expected="at least one SignedMeteringValue",
                found=values if values is not None else "nothing",
                erratum="C048",
                # Where no energy flowed, as in a reservation, the meter may have measured nothing to sign.
                verdict=Verdict.WARNING if number(exchange.request.object, "ConsumedEnergy") == 0 else None,
            )
