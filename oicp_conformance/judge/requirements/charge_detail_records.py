"""Charge detail records: one for each session, consistent in themselves, and taken by the EMP."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.plausible import is_thousandfold
from oicp_conformance.judge.requirement import awaited, cpo, emp, requirement, rule, tried
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import are_readable, fall, in_order, measured_energy, meter_values, number
from oicp_conformance.oicp.operation_names import CDR

SENT = awaited(
    "eRoamingChargeDetailRecord.sent",
    cpo(
        "MUST",
        "The CPO sends a CDR after each charging process ends, and after a ReservationStop.",
        Source("CPO 02", "eRoamingChargeDetailRecord", 292, "explicit"),
        on=(CDR,),
    ),
)

ONE_PER_SESSION = requirement(
    "eRoamingChargeDetailRecord.one-per-session",
    cpo(
        "MUST",
        "The CPO sends one CDR per SessionID; it repeats a CDR only if Hubject did not accept it.",
        Source("CPO 04", "BusinessProcessDiagrameRoamingAuthorization", 10, "diagram"),
        on=(CDR,),
        erratum="C303",
    ),
)

CHARGING_TIMES = requirement(
    "eRoamingChargeDetailRecord.charging-times",
    cpo(
        "MUST",
        "ChargingStart is not later than ChargingEnd.",
        Source("CPO 02", "eRoamingChargeDetailRecordmessage", 317, "explicit"),
        on=(CDR,),
    ),
)

SESSION_TIMES = requirement(
    "eRoamingChargeDetailRecord.session-times",
    cpo(
        "MUST",
        "SessionStart is not later than SessionEnd.",
        Source("CPO 02", "eRoamingChargeDetailRecordmessage", 319, "explicit"),
        on=(CDR,),
    ),
)

CHARGING_IN_SESSION = requirement(
    "eRoamingChargeDetailRecord.charging-in-session",
    cpo(
        "SHOULD",
        (
            "Charging is within the session: ChargingStart is not before SessionStart, ChargingEnd "
            "not after SessionEnd."
        ),
        Source("CPO 02", "eRoamingChargeDetailRecordmessage", 318, "practice"),
        on=(CDR,),
    ),
)

METER_VALUES = requirement(
    "eRoamingChargeDetailRecord.meter-values",
    cpo(
        "SHOULD",
        "Meter values do not decrease from MeterValueStart over MeterValueInBetween to MeterValueEnd.",
        Source("CPO 02", "eRoamingChargeDetailRecordmessage", 322, "practice"),
        on=(CDR,),
    ),
)

CONSUMED_ENERGY = requirement(
    "eRoamingChargeDetailRecord.consumed-energy",
    cpo(
        "MUST",
        "ConsumedEnergy equals MeterValueEnd minus MeterValueStart, when the CDR has both meter values.",
        Source("CPO 02", "eRoamingChargeDetailRecordmessage", 323, "explicit"),
        on=(CDR,),
    ),
)

UNKNOWN_SESSION = tried(
    "eRoamingChargeDetailRecord.unknown-session",
    emp(
        "MUST",
        "The EMP responds to a CDR for an unknown session with a response message or HTTP 4xx.",
        Source("EMP 02", "eRoamingChargeDetailRecord", 279, "explicit"),
        on=(CDR,),
    ),
)

REPEATED = tried(
    "eRoamingChargeDetailRecord.repeated",
    emp(
        "MUST",
        "The EMP responds to a repeated CDR with a response message or HTTP 4xx.",
        Source("EMP 02", "eRoamingChargeDetailRecord", 279, "explicit"),
        on=(CDR,),
    ),
)

LATE = tried(
    "eRoamingChargeDetailRecord.late",
    emp(
        "SHOULD",
        "The EMP accepts a CDR that it receives days after the session.",
        Source("EMP 02", "eRoamingChargeDetailRecord", 275, "practice"),
        on=(CDR,),
    ),
)

WITHOUT_ENERGY = tried(
    "eRoamingChargeDetailRecord.without-energy",
    emp(
        "SHOULD",
        "The EMP accepts a CDR with a ConsumedEnergy of 0.",
        Source("EMP 02", "eRoamingChargeDetailRecordmessage", 306, "practice"),
        on=(CDR,),
    ),
)

LARGE_VALUES = tried(
    "eRoamingChargeDetailRecord.large-values",
    emp(
        "SHOULD",
        "The EMP accepts a CDR of more than 100 kWh, with a high meter value, or of a session of days.",
        Source("EMP 02", "eRoamingChargeDetailRecordmessage", 306, "practice"),
        on=(CDR,),
    ),
)


_TOLERANCE = 0.0011
"""kWh: the figures have three decimals, and a difference of two rounded ones is off by one at most."""


@rule(ONE_PER_SESSION, piecewise=True)
def one_per_session(record: Record) -> Iterator[Outcome]:
    """A record is repeated only when the hub did not accept it."""
    for session in record.asked_sessions:
        accepted = None
        for exchange in session.sent(CDR):
            if not exchange.by_target:
                continue
            if accepted is None:
                yield ONE_PER_SESSION.held(exchange)
            else:
                yield ONE_PER_SESSION.broken(
                    exchange,
                    f"the CDR of this session was already accepted in exchange {accepted.number}",
                    pointer="/SessionID",
                    expected="one CDR per session",
                    found=session.id,
                )
            if answer_of(exchange) is Answer.POSITIVE:
                accepted = accepted or exchange


_IN_ORDER = (
    (CHARGING_TIMES, ("ChargingStart", "ChargingEnd")),
    (SESSION_TIMES, ("SessionStart", "SessionEnd")),
    (CHARGING_IN_SESSION, ("SessionStart", "ChargingStart")),
    (CHARGING_IN_SESSION, ("ChargingEnd", "SessionEnd")),
)


@rule(CHARGING_TIMES, SESSION_TIMES, CHARGING_IN_SESSION, by_exchange=True)
def times(record: Record) -> Iterator[Outcome]:
    """The four times, in pairs."""
    for exchange in record.written(CDR):
        if not exchange.by_target:
            continue
        body = exchange.request.object
        for demanded, names in _IN_ORDER:
            wrong = list(in_order(body, *names))
            for earlier, later in wrong:
                yield demanded.broken(
                    exchange,
                    f"{earlier} is after {later}",
                    pointer=f"/{later}",
                    expected=f"not before {body[earlier]}",
                    found=body[later],
                    erratum="C192",
                    also=(f"/{earlier}",),
                )
            if not wrong and are_readable(body, *names):
                yield demanded.held(exchange)


@rule(METER_VALUES, CONSUMED_ENERGY, by_exchange=True)
def energy(record: Record) -> Iterator[Outcome]:
    """The meter, and the energy that it measured."""
    for exchange in record.written(CDR):
        if not exchange.by_target:
            continue
        body = exchange.request.object
        values = meter_values(body)
        if fallen := fall(values):
            pointer, before, value = fallen
            yield METER_VALUES.broken(
                exchange,
                "the meter value is less than the one before",
                pointer=pointer,
                expected=f"at least {before}",
                found=value,
            )
        elif len(values) > 1:
            yield METER_VALUES.held(exchange)
        consumed, measured = number(body, "ConsumedEnergy"), measured_energy(body)
        if consumed is None:
            continue
        if measured is not None and abs(measured - consumed) > _TOLERANCE:
            hint = ": is it in Wh?" if is_thousandfold(consumed, measured) else ""
            yield CONSUMED_ENERGY.broken(
                exchange,
                f"ConsumedEnergy is not the difference of the meter values{hint}",
                pointer="/ConsumedEnergy",
                expected=f"{measured:.3f}",
                found=consumed,
                also=("/MeterValueStart", "/MeterValueEnd"),
            )
        elif consumed < 0:
            yield CONSUMED_ENERGY.broken(
                exchange,
                "ConsumedEnergy is negative",
                pointer="/ConsumedEnergy",
                expected="0 or more",
                found=consumed,
                # No sentence says that no energy can flow back.
                verdict=Verdict.WARNING,
            )
        elif measured is not None:
            yield CONSUMED_ENERGY.held(exchange)
