"""Charge detail records: one for each session, consistent in themselves."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, broken, held, rule
from oicp_conformance.judge.values import fall, in_order, meter_values, moment, number

CDR = "eRoamingChargeDetailRecord"
_TOLERANCE = 0.0011
"""kWh: the figures have three decimals, and a difference of two rounded ones is off by one at most."""
AHEAD = 3600.0
"""Seconds by which a target's clock may be ahead of the hub's, or be set to a time zone's wrong hour."""


@rule
def one_per_session(record: Record) -> Iterator[Outcome]:
    """one-per-session: a record is repeated only when the hub did not accept it."""
    if record.role != "cpo":
        return
    for session in record.sessions:
        accepted = None
        for exchange in session.sent(CDR):
            if not exchange.by_target:
                continue
            if accepted is None:
                yield held(f"{CDR}.one-per-session", exchange)
            else:
                yield broken(
                    f"{CDR}.one-per-session",
                    exchange,
                    f"the session's charge detail record was accepted in exchange {accepted.number}",
                    pointer="/SessionID",
                    expected="one charge detail record",
                    found=session.id,
                )
            if answer_of(exchange) is Answer.POSITIVE:
                accepted = accepted or exchange


@rule
def over(record: Record) -> Iterator[Outcome]:
    """over: SessionEnd against the hub's clock, which need not be the target's: at most a warning."""
    for exchange in record.written(CDR):
        end = moment(exchange.request.object, "SessionEnd") if exchange.by_target else None
        if end is None:
            continue
        ahead = end.timestamp() - exchange.started
        if ahead > AHEAD:
            yield broken(
                f"{CDR}.over",
                exchange,
                f"SessionEnd is {ahead / 3600:.1f} hours later than the hub's clock",
                pointer="/SessionEnd",
                expected="a session that is over",
                found=exchange.request.get("SessionEnd"),
                verdict=Verdict.WARNING,
            )
        else:
            yield held(f"{CDR}.over", exchange)


@rule
def times(record: Record) -> Iterator[Outcome]:
    """charging-times, session-times, charging-in-session."""
    for exchange in record.written(CDR):
        if not exchange.by_target:
            continue
        body = exchange.request.object
        for requirement, verdict, names in (
            ("charging-times", Verdict.FAIL, ("ChargingStart", "ChargingEnd")),
            ("session-times", Verdict.FAIL, ("SessionStart", "SessionEnd")),
            ("charging-in-session", Verdict.WARNING, ("SessionStart", "ChargingStart")),
            ("charging-in-session", Verdict.WARNING, ("ChargingEnd", "SessionEnd")),
        ):
            wrong = list(in_order(body, *names))
            for earlier, later in wrong:
                yield broken(
                    f"{CDR}.{requirement}",
                    exchange,
                    f"{earlier} is after {later}",
                    pointer=f"/{later}",
                    expected=f"not before {body[earlier]}",
                    found=body[later],
                    erratum="C192",
                    verdict=verdict,
                )
            if not wrong and all(name in body for name in names):
                yield held(f"{CDR}.{requirement}", exchange)


@rule
def energy(record: Record) -> Iterator[Outcome]:
    """meter-values and consumed-energy."""
    for exchange in record.written(CDR):
        if not exchange.by_target:
            continue
        body = exchange.request.object
        values = meter_values(body)
        if fallen := fall(values):
            pointer, before, value = fallen
            yield broken(
                f"{CDR}.meter-values",
                exchange,
                "the meter runs backwards",
                pointer=pointer,
                expected=f"at least {before}",
                found=value,
            )
        elif len(values) > 1:
            yield held(f"{CDR}.meter-values", exchange)
        consumed, start, end = (
            number(body, name) for name in ("ConsumedEnergy", "MeterValueStart", "MeterValueEnd")
        )
        if consumed is not None and consumed < 0:
            yield broken(
                f"{CDR}.consumed-energy",
                exchange,
                "ConsumedEnergy is negative",
                pointer="/ConsumedEnergy",
                expected="0 or more",
                found=consumed,
            )
            continue
        if consumed is None or start is None or end is None:
            continue
        if abs(end - start - consumed) > _TOLERANCE:
            yield broken(
                f"{CDR}.consumed-energy",
                exchange,
                "ConsumedEnergy is not the difference of the meter values",
                pointer="/ConsumedEnergy",
                expected=f"{end - start:.3f}",
                found=consumed,
            )
        else:
            yield held(f"{CDR}.consumed-energy", exchange)


@rule
def signed_values(record: Record) -> Iterator[Outcome]:
    """signed-values-count and signed-values-order."""
    rank = {"Start": 0, "Progress": 1, "End": 2}
    for exchange in record.written(CDR):
        values = exchange.request.get("SignedMeteringValues")
        if not exchange.by_target or not isinstance(values, list) or not values:
            continue
        if len(values) > 10:
            yield broken(
                f"{CDR}.signed-values-count",
                exchange,
                f"there are {len(values)} signed metering values",
                pointer="/SignedMeteringValues",
                expected="at most 10",
                found=len(values),
            )
        else:
            yield held(f"{CDR}.signed-values-count", exchange)
        statuses = [value.get("MeteringStatus") for value in values if isinstance(value, dict)]
        ranks = [rank[status] for status in statuses if status in rank]
        if ranks != sorted(ranks):
            yield broken(
                f"{CDR}.signed-values-order",
                exchange,
                "the signed metering values are out of order",
                pointer="/SignedMeteringValues",
                expected="Start, Progress, End",
                found=", ".join(map(str, statuses)),
                verdict=Verdict.WARNING,
            )
        elif len(ranks) > 1:
            yield held(f"{CDR}.signed-values-order", exchange)
