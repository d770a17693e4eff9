"""The times, energies and durations of charging notifications."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import Session
from oicp_conformance.judge.copied import copied_records
from oicp_conformance.judge.notified import by_session, notifications
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.plausible import is_thousandfold
from oicp_conformance.judge.requirement import cpo, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import (
    are_readable,
    fall,
    in_order,
    measured_energy,
    meter_values,
    moment,
    number,
)
from oicp_conformance.oicp.operation_names import CDR, NOTIFY

PROGRESS_FIGURE = requirement(
    "eRoamingChargingNotifications.progress-figure",
    cpo(
        "MUST",
        "Progress carries ChargingDuration, ConsumedEnergyProgress or both.",
        Source("CPO 04", "BusinessProcessDiagrameRoamingChargingNotificationProgress", 45, "diagram"),
        on=(NOTIFY,),
        erratum="C047",
    ),
)

CHARGING_DURATION = requirement(
    "eRoamingChargingNotifications.charging-duration",
    cpo(
        "MUST",
        "ChargingDuration equals EventOccurred minus ChargingStart in milliseconds.",
        Source("CPO 02", "eRoamingChargingNotificationsprogressmessage", 784, "explicit"),
        on=(NOTIFY,),
    ),
)

TIMES = requirement(
    "eRoamingChargingNotifications.times",
    cpo(
        "MUST",
        "ChargingStart is not later than EventOccurred or ChargingEnd in the same notification.",
        Source("CPO 02", "eRoamingChargingNotificationsendmessage", 824, "explicit"),
        on=(NOTIFY,),
    ),
)

METER_VALUES = requirement(
    "eRoamingChargingNotifications.meter-values",
    cpo(
        "MUST",
        "ConsumedEnergy of an End equals MeterValueEnd minus MeterValueStart.",
        Source("CPO 02", "eRoamingChargingNotificationsendmessage", 827, "explicit"),
        on=(NOTIFY,),
    ),
)

ENERGY_RISES = requirement(
    "eRoamingChargingNotifications.energy-rises",
    cpo(
        "SHOULD",
        "Consumed energy does not decrease from one notification of a session to the next.",
        Source("CPO 02", "eRoamingChargingNotificationsprogressmessage", 788, "practice"),
        on=(NOTIFY,),
    ),
)

AGREE_WITH_CDR = requirement(
    "eRoamingChargingNotifications.agree-with-cdr",
    cpo(
        "SHOULD",
        "Times and energies of the notifications agree with the CDR.",
        Source("CPO 02", "eRoamingChargeDetailRecordmessage", 316, "practice"),
        on=(NOTIFY,),
    ),
)


_SECOND = timedelta(seconds=1)
_TOLERANCE = 0.0011
"""kWh."""


@rule(PROGRESS_FIGURE, CHARGING_DURATION, by_exchange=True)
def progress_figures(record: Record) -> Iterator[Outcome]:
    """What a Progress measures."""
    for exchange in notifications(record):
        body = exchange.request.object
        if body.get("Type") != "Progress":
            continue
        if body.get("ChargingDuration") is None and body.get("ConsumedEnergyProgress") is None:
            yield PROGRESS_FIGURE.broken(
                exchange,
                "Progress has neither ChargingDuration nor ConsumedEnergyProgress",
                expected="one of them, or both",
                found="none",
            )
        else:
            yield PROGRESS_FIGURE.held(exchange)
        duration, start, event = (
            number(body, "ChargingDuration"),
            moment(body, "ChargingStart"),
            moment(body, "EventOccurred"),
        )
        if duration is None or start is None or event is None:
            continue
        milliseconds = (event - start).total_seconds() * 1000
        if abs(milliseconds - duration) <= 1000:
            yield CHARGING_DURATION.held(exchange)
        else:
            hint = ": is it in seconds?" if abs(milliseconds / 1000 - duration) <= 1 else ""
            yield CHARGING_DURATION.broken(
                exchange,
                f"ChargingDuration is not the time since ChargingStart in milliseconds{hint}",
                pointer="/ChargingDuration",
                expected=f"{milliseconds:.0f}",
                found=duration,
            )


@rule(TIMES, by_exchange=True)
def times(record: Record) -> Iterator[Outcome]:
    """The times of each notification."""
    for exchange in notifications(record):
        body = exchange.request.object
        event = "EventOccurred" if body.get("Type") == "Progress" else "ChargingEnd"
        wrong = list(in_order(body, "ChargingStart", event))
        # Of these, the documents have examples and no sentence (C192).
        outside = [
            *in_order(body, "SessionStart", "ChargingStart"),
            *in_order(body, event, "PenaltyTimeStart"),
        ]
        for earlier, later in [*wrong, *outside]:
            yield TIMES.broken(
                exchange,
                f"{earlier} is after {later}",
                pointer=f"/{later}",
                expected=f"not before {body[earlier]}",
                found=body[later],
                erratum="C192",
                also=(f"/{earlier}",),
                verdict=None if (earlier, later) in wrong else Verdict.WARNING,
            )
        # A Start has no event but its own.
        compared = (
            ("SessionStart", "ChargingStart") if body.get("Type") == "Start" else ("ChargingStart", event)
        )
        if not wrong and not outside and are_readable(body, *compared):
            yield TIMES.held(exchange)


@rule(METER_VALUES, by_exchange=True)
def meter(record: Record) -> Iterator[Outcome]:
    """The meter of each notification, and the energy that it measured."""
    for exchange in notifications(record):
        body = exchange.request.object
        values = meter_values(body)
        consumed, measured = number(body, "ConsumedEnergy"), measured_energy(body)
        if fallen := fall(values):
            yield METER_VALUES.broken(
                exchange,
                "the meter value is less than the one before",
                pointer=fallen[0],
                expected=f"at least {fallen[1]}",
                found=fallen[2],
                # No sentence says that a meter cannot run backwards; what it measured is defined below.
                verdict=Verdict.WARNING,
            )
        elif consumed is not None and measured is not None and abs(measured - consumed) > _TOLERANCE:
            yield METER_VALUES.broken(
                exchange,
                "ConsumedEnergy is not the difference of the meter values",
                pointer="/ConsumedEnergy",
                expected=f"{measured:.3f}",
                found=consumed,
                also=("/MeterValueStart", "/MeterValueEnd"),
            )
        elif values:
            yield METER_VALUES.held(exchange)


@rule(ENERGY_RISES, piecewise=True)
def energy_rises(record: Record) -> Iterator[Outcome]:
    """From one notification of a session to the next."""
    for session, sent in by_session(record):
        settled = _settled(session)
        total = number(settled.request.object, "ConsumedEnergy") if settled else None
        figures = [
            (one, name, value)
            for one in sent
            for name in ("ConsumedEnergyProgress", "ConsumedEnergy")
            if (value := number(one.request.object, name)) is not None
        ]
        for (before, _, low), (after, name, value) in pairwise(figures):
            if total is not None and low > total + _TOLERANCE:
                continue  # the figure before disagrees with the record, which is a finding of its own
            if value < low - 1e-6:
                yield ENERGY_RISES.broken(
                    after,
                    f"the energy is less than in exchange {before.number}",
                    pointer=f"/{name}",
                    expected=f"at least {low}",
                    found=value,
                )
            else:
                yield ENERGY_RISES.held(after)


_IN_THE_RECORD = {"ConsumedEnergyProgress": "ConsumedEnergy"}
"""The field of the charge detail record at which a finding hides that another one disagrees with it."""


@rule(AGREE_WITH_CDR, piecewise=True)
def agree_with_cdr(record: Record) -> Iterator[Outcome]:
    """The same start, the same meter, not more energy than was charged."""
    for session, sent in by_session(record):
        accepted = _settled(session)
        if accepted is None or accepted.number in copied_records(record):
            continue
        settled = dict(accepted.request.object)
        for exchange in sent:
            differences = list(_differences(exchange, settled))
            for name, expected, found in differences:
                hint = _hint(exchange, name, settled)
                yield AGREE_WITH_CDR.broken(
                    exchange,
                    f"{name} disagrees with the CDR of exchange {accepted.number}{hint}",
                    pointer=f"/{name}",
                    expected=expected,
                    found=found,
                    against=(accepted.number, f"/{_IN_THE_RECORD.get(name, name)}"),
                )
            if not differences and exchange.request.get("Type") != "Error":
                yield AGREE_WITH_CDR.held(exchange)


def _settled(session: Session) -> Exchange | None:
    """The first charge detail record of a session that the hub has accepted."""
    accepted = (one for one in session.sent(CDR) if one.request.object and answer_of(one) is Answer.POSITIVE)
    return next(accepted, None)


def _hint(exchange: Exchange, name: str, settled: Mapping[str, Any]) -> str:
    """Ask what a figure of a notification may be that disagrees with the record; empty where nobody knows."""
    figure, start = (number(exchange.request.object, one) for one in (name, "MeterValueStart"))
    if is_thousandfold(figure, number(settled, name if name == "MeterValueStart" else "ConsumedEnergy")):
        return ": is it in Wh?"
    if name == "ConsumedEnergyProgress" and figure and start and figure >= start:
        return ": is it the meter reading?"
    return ""


def _differences(exchange: Exchange, settled: object) -> Iterator[tuple[str, str, object]]:
    """What disagrees: the field, what the record has or implies, what the notification has."""
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
