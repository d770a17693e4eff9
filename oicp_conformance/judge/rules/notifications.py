"""Charging notifications: their types, order, spacing and figures."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import Session
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, broken, held, rule
from oicp_conformance.judge.values import fall, in_order, meter_values, moment, number
from oicp_conformance.oicp.operations import NOTIFICATION_TYPES

NOTIFY = "eRoamingChargingNotifications"
_SPACING = timedelta(minutes=5)
_GRACE = timedelta(seconds=5)
_SECOND = timedelta(seconds=1)
_TOLERANCE = 0.0011


def _sent(record: Record) -> Iterator[Exchange]:
    for exchange in record.written(NOTIFY):
        if exchange.by_target:
            yield exchange


def _by_session(record: Record) -> Iterator[tuple[Session, list[Exchange]]]:
    """The notifications of each session in the order of arrival; what was sent again counts once."""
    if record.role != "cpo":
        return
    for session in record.sessions:
        sent: list[Exchange] = []
        for exchange in session.sent(NOTIFY):
            fits = exchange.request.object and session.has_at_its_evse(exchange)
            if fits and all(one.request.json != exchange.request.json for one in sent):
                sent.append(exchange)
        if sent:
            yield session, sent


@rule
def types(record: Record) -> Iterator[Outcome]:
    """type: one of the four."""
    for exchange in _sent(record):
        kind = exchange.request.get("Type")
        if kind in NOTIFICATION_TYPES:
            yield held(f"{NOTIFY}.type", exchange)
        else:
            yield broken(
                f"{NOTIFY}.type",
                exchange,
                "this is no type of notification",
                pointer="/Type",
                expected=", ".join(NOTIFICATION_TYPES),
                found=kind if kind is not None else "nothing",
            )


@rule
def order(record: Record) -> Iterator[Outcome]:
    """order: Start, Progress, End; after a new Start it begins again."""
    for _, sent in _by_session(record):
        before: list[str] = []
        for exchange in sent:
            kind = exchange.request.get("Type")
            if kind not in ("Start", "Progress", "End"):
                continue
            late_start = kind == "Start" and "Start" not in before and bool({"Progress", "End"} & set(before))
            late_progress = kind == "Progress" and before[-1:] == ["End"]
            if late_start or late_progress:
                yield broken(
                    f"{NOTIFY}.order",
                    exchange,
                    f"{kind} comes after {before[-1]}",
                    pointer="/Type",
                    expected="Start, Progress, End",
                    found=", ".join([*before, kind]),
                )
            elif before:
                yield held(f"{NOTIFY}.order", exchange)
            before.append(kind)


@rule
def progress(record: Record) -> Iterator[Outcome]:
    """progress-spacing, by EventOccurred of one session."""
    for _, sent in _by_session(record):
        steps = [one for one in sent if one.request.get("Type") == "Progress"]
        for earlier, later in pairwise(steps):
            first, second = (moment(one.request.object, "EventOccurred") for one in (earlier, later))
            if first is None or second is None:
                continue
            if second - first < _SPACING - _GRACE:
                yield broken(
                    f"{NOTIFY}.progress-spacing",
                    later,
                    f"{(second - first).total_seconds():g} s after the Progress of exchange {earlier.number}",
                    pointer="/EventOccurred",
                    expected="at least 5 minutes",
                    found=later.request.get("EventOccurred"),
                )
            else:
                yield held(f"{NOTIFY}.progress-spacing", later)


@rule
def progress_figures(record: Record) -> Iterator[Outcome]:
    """progress-figure and charging-duration."""
    for exchange in _sent(record):
        body = exchange.request.object
        if body.get("Type") != "Progress":
            continue
        if body.get("ChargingDuration") is None and body.get("ConsumedEnergyProgress") is None:
            yield broken(
                f"{NOTIFY}.progress-figure",
                exchange,
                "Progress has neither ChargingDuration nor ConsumedEnergyProgress",
                expected="one of them, or both",
                found="none",
            )
        else:
            yield held(f"{NOTIFY}.progress-figure", exchange)
        duration, start, event = (
            number(body, "ChargingDuration"),
            moment(body, "ChargingStart"),
            moment(body, "EventOccurred"),
        )
        if duration is None or start is None or event is None:
            continue
        milliseconds = (event - start).total_seconds() * 1000
        if abs(milliseconds - duration) <= 1000:
            yield held(f"{NOTIFY}.charging-duration", exchange)
        else:
            hint = ": is it in seconds?" if abs(milliseconds / 1000 - duration) <= 1 else ""
            yield broken(
                f"{NOTIFY}.charging-duration",
                exchange,
                f"ChargingDuration is not the time since ChargingStart in milliseconds{hint}",
                pointer="/ChargingDuration",
                expected=f"{milliseconds:.0f}",
                found=duration,
            )


@rule
def in_themselves(record: Record) -> Iterator[Outcome]:
    """times and meter-values of each notification."""
    for exchange in _sent(record):
        body = exchange.request.object
        event = "EventOccurred" if body.get("Type") == "Progress" else "ChargingEnd"
        wrong = list(in_order(body, "ChargingStart", event, "PenaltyTimeStart"))
        outside = list(in_order(body, "SessionStart", "ChargingStart"))
        for earlier, later in [*wrong, *outside]:
            yield broken(
                f"{NOTIFY}.times",
                exchange,
                f"{earlier} is after {later}",
                pointer=f"/{later}",
                expected=f"not before {body[earlier]}",
                found=body[later],
                erratum="C192",
                verdict=Verdict.FAIL if (earlier, later) in wrong else Verdict.WARNING,
            )
        if not wrong and not outside and event in body:
            yield held(f"{NOTIFY}.times", exchange)
        values = meter_values(body)
        consumed, start, end = (
            number(body, name) for name in ("ConsumedEnergy", "MeterValueStart", "MeterValueEnd")
        )
        if fallen := fall(values):
            yield broken(
                f"{NOTIFY}.meter-values",
                exchange,
                "the meter runs backwards",
                pointer=fallen[0],
                expected=f"at least {fallen[1]}",
                found=fallen[2],
            )
        elif (
            consumed is not None
            and start is not None
            and end is not None
            and (abs(end - start - consumed) > _TOLERANCE)
        ):
            yield broken(
                f"{NOTIFY}.meter-values",
                exchange,
                "ConsumedEnergy is not the difference of the meter values",
                pointer="/ConsumedEnergy",
                expected=f"{end - start:.3f}",
                found=consumed,
            )
        elif values:
            yield held(f"{NOTIFY}.meter-values", exchange)


@rule
def energy_rises(record: Record) -> Iterator[Outcome]:
    """energy-rises, from one notification of a session to the next."""
    for _, sent in _by_session(record):
        figures = [
            (one, name, value)
            for one in sent
            for name in ("ConsumedEnergyProgress", "ConsumedEnergy")
            if (value := number(one.request.object, name)) is not None
        ]
        for (before, _, low), (after, name, value) in pairwise(figures):
            if value < low - 1e-6:
                yield broken(
                    f"{NOTIFY}.energy-rises",
                    after,
                    f"less energy than in exchange {before.number}",
                    pointer=f"/{name}",
                    expected=f"at least {low}",
                    found=value,
                )
            else:
                yield held(f"{NOTIFY}.energy-rises", after)


@rule
def agree_with_cdr(record: Record) -> Iterator[Outcome]:
    """agree-with-cdr: the same start, the same meter, not more energy than was charged."""
    for session, sent in _by_session(record):
        records = [
            one
            for one in session.sent("eRoamingChargeDetailRecord")
            if one.request.object and answer_of(one) is Answer.POSITIVE
        ]
        if not records:
            continue
        settled = records[0].request.object
        for exchange in sent:
            differences = list(_differences(exchange, settled))
            for name, expected, found in differences:
                yield broken(
                    f"{NOTIFY}.agree-with-cdr",
                    exchange,
                    f"{name} disagrees with the charge detail record of exchange {records[0].number}",
                    pointer=f"/{name}",
                    expected=expected,
                    found=found,
                )
            if not differences and exchange.request.get("Type") != "Error":
                yield held(f"{NOTIFY}.agree-with-cdr", exchange)


def _differences(exchange: Exchange, settled: object) -> Iterator[tuple[str, str, object]]:
    body = exchange.request.object
    if not isinstance(settled, dict):
        return
    for name in ("ChargingStart", "SessionStart"):
        here, there = moment(body, name), moment(settled, name)
        if here and there and abs(here - there) > _SECOND:
            yield name, settled[name], body[name]
    here_start, there_start = number(body, "MeterValueStart"), number(settled, "MeterValueStart")
    if here_start is not None and there_start is not None and abs(here_start - there_start) > _TOLERANCE:
        yield "MeterValueStart", str(there_start), here_start
    total = number(settled, "ConsumedEnergy")
    for name in ("ConsumedEnergyProgress", "ConsumedEnergy"):
        energy = number(body, name)
        if energy is not None and total is not None and energy > total + _TOLERANCE:
            yield name, f"at most {total}", energy
    # Charging may go on after an End, so the record may end later and have more energy, but not earlier.
    end, settled_end = moment(body, "ChargingEnd"), moment(settled, "ChargingEnd")
    if end is None or settled_end is None:
        return
    if end > settled_end + _SECOND:
        yield "ChargingEnd", f"not after {settled['ChargingEnd']}", body["ChargingEnd"]
    energy = number(body, "ConsumedEnergy")
    if (
        abs(end - settled_end) <= _SECOND
        and energy is not None
        and total is not None
        and energy < total - _TOLERANCE
    ):
        yield "ConsumedEnergy", f"{total}, since both end at the same time", energy


@rule
def before_cdr(record: Record) -> Iterator[Outcome]:
    """before-cdr: what comes a second or more after the accepted record comes too late."""
    for session, sent in _by_session(record):
        settled = next(
            (
                one.finished
                for one in session.sent("eRoamingChargeDetailRecord")
                if answer_of(one) is Answer.POSITIVE
            ),
            None,
        )
        for exchange in sent:
            if settled is None or exchange.started < settled + 1:
                yield held(f"{NOTIFY}.before-cdr", exchange)
            else:
                yield broken(
                    f"{NOTIFY}.before-cdr",
                    exchange,
                    "the session's charge detail record was accepted before",
                    pointer="/SessionID",
                    expected="no notification of a session that is over",
                    found=session.id,
                    verdict=Verdict.WARNING,
                )
