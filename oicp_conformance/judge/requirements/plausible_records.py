"""Charge detail records with figures that can be right: energies, times and time zones."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import Session
from oicp_conformance.judge.copied import copied_records
from oicp_conformance.judge.notified import by_session
from oicp_conformance.judge.outcome import Outcome, Record, once
from oicp_conformance.judge.plausible import (
    CLOCK,
    data_of,
    in_words,
    is_thousandfold,
    offset_of,
    power_of,
    time_zone_hint,
)
from oicp_conformance.judge.requirement import cpo, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import in_order, measured_energy, moment, number
from oicp_conformance.oicp.operation_names import CDR, NOTIFY, RESERVE
from oicp_conformance.oicp.types import plain_id

PLAUSIBLE_ENERGY = requirement(
    "eRoamingChargeDetailRecord.plausible-energy",
    cpo(
        "SHOULD",
        "The energy of a CDR is in kWh, and the EVSE can deliver it during the charge.",
        Source("CPO 02", "eRoamingChargeDetailRecordmessage", 323, "explicit"),
        on=(CDR,),
    ),
)

AFTER_BEGINNING = requirement(
    "eRoamingChargeDetailRecord.after-beginning",
    cpo(
        "SHOULD",
        "SessionEnd is not before the time at which Hubject authorized or started the session.",
        Source("CPO 02", "eRoamingChargeDetailRecordmessage", 319, "practice"),
        on=(CDR,),
    ),
)

OVER = requirement(
    "eRoamingChargeDetailRecord.over",
    cpo(
        "SHOULD",
        "The CPO sends a CDR with a SessionEnd that is not in the future.",
        Source("CPO 02", "charge-detail-records-best-practices", 347, "explicit"),
        on=(CDR,),
    ),
)

NOTIFIED_AHEAD = requirement(
    "eRoamingChargingNotifications.happened",
    cpo(
        "SHOULD",
        "The times of a notification are not in the future.",
        Source("CPO 02", "eRoamingChargingNotificationsprogressmessage", 784, "practice"),
        on=(NOTIFY,),
    ),
)

TIME_OF_LOCATION = requirement(
    "time.of-location",
    cpo(
        "SHOULD",
        "Date and time fields carry the UTC offset of the charging location.",
        Source("CPO 01", "time_zones", 125, "explicit"),
        on=(CDR,),
    ),
)

RESERVATION_WITHOUT_ENERGY = requirement(
    "eRoamingChargeDetailRecord.reservation-without-energy",
    cpo(
        "SHOULD",
        "The CDR of a reservation without a charge has a ConsumedEnergy of 0.",
        Source("CPO 02", "eRoamingAuthorizeRemoteReservationStop", 419, "practice"),
        on=(CDR,),
        needs=RESERVE,
    ),
)

OWN_FIGURES = requirement(
    "eRoamingChargeDetailRecord.own-figures",
    cpo(
        "SHOULD",
        "A CDR has the times and meter values of its own session.",
        Source("CPO 02", "eRoamingChargeDetailRecord", 292, "practice"),
        on=(CDR,),
    ),
)

_MOST = 1000.0
"""kWh: a vehicle does not charge more than that."""
_AT_ONCE = 0.5
"""kWh: more does not flow within a second."""
_LEAST = 0.05
"""kWh: with less, a charge has hardly begun."""
_TIMES = ("ChargingStart", "ChargingEnd", "SessionStart", "SessionEnd")
_SLACK = 1.1
"""A charger may deliver a little more than its rated power, and the times are in whole seconds."""


def _records(record: Record) -> Iterator[Exchange]:
    for exchange in record.asked_written(CDR):
        if exchange.by_target:
            yield exchange


@rule(RESERVATION_WITHOUT_ENERGY, piecewise=True)
def reservation_without_energy(record: Record) -> Iterator[Outcome]:
    """A reservation that was given back, and at whose EVSE no session began meanwhile."""
    for exchange in record.asked_written(CDR):
        consumed = number(exchange.request.object, "ConsumedEnergy")
        if consumed is None or not _is_idle_reservation(record, exchange):
            continue
        if consumed <= _LEAST:
            yield RESERVATION_WITHOUT_ENERGY.held(exchange)
        else:
            yield RESERVATION_WITHOUT_ENERGY.broken(
                exchange,
                f"no charge took place in this reservation, but its CDR has {consumed:g} kWh",
                pointer="/ConsumedEnergy",
                expected="0",
                found=exchange.request.get("ConsumedEnergy"),
            )


def _is_idle_reservation(record: Record, exchange: Exchange) -> bool:
    """Whether a record is that of a reservation in which nothing shows a charge."""
    session = record.sessions.get(exchange.request.get("SessionID"))
    if session is None or session.begun_by.operation != RESERVE or session.stopped_by is None:
        return False
    begun = _begun_at_evses(record).get(plain_id(session.evse or ""), ())
    following = bisect_right(begun, session.begun_by.number)
    return not session.sent(NOTIFY) and bisect_left(begun, exchange.number) <= following


@once
def _begun_at_evses(record: Record) -> Mapping[str, Sequence[int]]:
    """The numbers of the exchanges in which sessions began, in order, by the EVSE."""
    begun: dict[str, list[int]] = defaultdict(list)
    for session in record.sessions:
        if session.begun:
            insort(begun[plain_id(session.evse or "")], session.begun_by.number)
    return begun


@rule(OWN_FIGURES, piecewise=True)
def own_figures(record: Record) -> Iterator[Outcome]:
    """Against the records of the sessions before it at its EVSE."""
    copies = copied_records(record)
    for exchange in record.asked_written(CDR):
        session = record.sessions.get(exchange.request.get("SessionID"))
        if session is None or _measured(exchange) is None:
            continue
        if original := copies.get(exchange.number):
            yield OWN_FIGURES.broken(
                exchange,
                f"the CDR has the times and meter values of exchange {original.number}, the CDR of a session "
                f"that was over when exchange {session.begun_by.number} began this one",
                pointer="/SessionEnd",
                expected="the times and meter values of this session",
                found=exchange.request.get("SessionEnd"),
            )
        else:
            yield OWN_FIGURES.held(exchange)


@rule(PLAUSIBLE_ENERGY, piecewise=True)
def plausible_energy(record: Record) -> Iterator[Outcome]:
    """By what was notified, by what a vehicle takes, and by the power that was published."""
    for exchange in _records(record):
        if _measured(exchange) is None or _contradicts_itself(exchange):
            continue
        if doubt := _doubt_about(record, exchange):
            yield PLAUSIBLE_ENERGY.broken(
                exchange,
                doubt.message,
                pointer=f"/{doubt.field}",
                expected=doubt.expected,
                found=exchange.request.get(doubt.field),
                also=("/MeterValueStart", "/MeterValueEnd"),
            )
        else:
            yield PLAUSIBLE_ENERGY.held(exchange)


def has_doubtful_energy(record: Record, exchange: Exchange) -> bool:
    """Whether the energy of a charge detail record has a finding of its own, or is none."""
    consumed, measured = number(exchange.request.object, "ConsumedEnergy"), _measured(exchange)
    if consumed is None or measured is None or consumed < 0 or _is_idle_reservation(record, exchange):
        return True
    return abs(consumed - measured) > _LEAST or _doubt_about(record, exchange) is not None


@dataclass(frozen=True)
class _Doubt:
    """Why the energy of a record cannot be right."""

    message: str
    expected: str
    field: str = "ConsumedEnergy"
    """The field that is wrong."""


def _doubt_about(record: Record, exchange: Exchange) -> _Doubt | None:
    """Why the energy of a charge detail record cannot be right; None where it can."""
    energy = _measured(exchange)
    if energy is None:
        return None
    power, hours = power_of(data_of(record, exchange)), _hours_of_charge(exchange)
    possible = None
    if power is not None and hours is not None:
        possible = power * hours * _SLACK + (1.0 if hours else _AT_ONCE)
    told = _told_in_kwh(record.sessions.get(exchange.request.get("SessionID")), exchange)
    if told is not None:
        message, expected = f"{_plain(energy)} is 1000 times the energy of exchange {told.number}", "kWh"
    elif possible is not None and energy > possible and not hours:
        end = exchange.request.get("ChargingEnd")
        message = f"{_plain(energy)} kWh were charged, but ChargingEnd equals ChargingStart"
        return _Doubt(message, f"later than {end}", "ChargingEnd")
    elif possible is not None and energy > possible:
        message = f"{_plain(energy)} kWh in {hours:.2f} h is more than the EVSE can deliver with {power:g} kW"
        expected = f"at most {possible:.1f} kWh"
    elif energy > _MOST:
        message, expected = (
            f"{_plain(energy)} kWh is more than a vehicle can charge",
            f"at most {_MOST:g} kWh",
        )
    else:
        return None
    in_wh = told is not None or energy / 1000 <= (possible or _MOST)
    # Of a few kWh, a thousandth is no charge: the unit is right, and something else is not.
    is_charge = told is not None or energy / 1000 > _LEAST
    question = ": is it in Wh?" if in_wh and is_charge else ""
    rejects = "; Hubject rejects a CDR above 1000 kWh" if energy > _MOST else ""
    return _Doubt(f"{message}{question}{rejects}", expected)


def _plain(energy: float) -> str:
    return f"{energy:.3f}".rstrip("0").rstrip(".")


def _hours_of_charge(exchange: Exchange) -> float | None:
    start, end = (moment(exchange.request.object, name) for name in ("ChargingStart", "ChargingEnd"))
    return (end - start).total_seconds() / 3600 if start and end and end >= start else None


def _measured(exchange: Exchange) -> float | None:
    """The energy of a record: by its meter values, as far as it has them."""
    body = exchange.request.object
    measured = measured_energy(body)
    return number(body, "ConsumedEnergy") if measured is None else measured


def _contradicts_itself(exchange: Exchange) -> bool:
    """Whether one of the energies is wrong, and not the unit of all: that is a finding of its own."""
    body = exchange.request.object
    measured, consumed = measured_energy(body), number(body, "ConsumedEnergy")
    if measured is None or consumed is None:
        return False
    return abs(measured - consumed) > max(1.0, 0.1 * abs(consumed))


def _told_in_kwh(session: Session | None, exchange: Exchange) -> Exchange | None:
    """A notification of the session whose figures are a thousandth of the record's."""
    for sent in session.sent(NOTIFY) if session else ():
        ended = number(sent.request.object, "ConsumedEnergy")
        if is_thousandfold(_measured(exchange), ended):
            return sent
        same = "MeterValueStart"
        if is_thousandfold(number(exchange.request.object, same), number(sent.request.object, same)):
            return sent
    return None


def _ahead(exchange: Exchange) -> float:
    """How many seconds SessionEnd is later than the arrival of the record; negative where it is earlier."""
    end = moment(exchange.request.object, "SessionEnd")
    return end.timestamp() - exchange.started if end is not None else 0.0


@rule(OVER, AFTER_BEGINNING, piecewise=True)
def times(record: Record) -> Iterator[Outcome]:
    """SessionEnd against the hub's clock, which need not be the target's: at most a warning."""
    for exchange in _records(record):
        end = moment(exchange.request.object, "SessionEnd")
        if end is None:
            continue
        ahead = _ahead(exchange)
        if ahead > CLOCK:
            yield OVER.broken(
                exchange,
                f"SessionEnd is {in_words(ahead)} later than the hub's clock{time_zone_hint(ahead)}",
                pointer="/SessionEnd",
                expected="a SessionEnd that is not in the future",
                found=exchange.request.get("SessionEnd"),
            )
        else:
            yield OVER.held(exchange)
            yield from _after_beginning(record, exchange, end)


def _after_beginning(record: Record, exchange: Exchange, end: datetime) -> Iterator[Outcome]:
    session = record.sessions.get(exchange.request.get("SessionID"))
    disordered = list(
        in_order(exchange.request.object, "SessionStart", "ChargingStart", "ChargingEnd", "SessionEnd")
    )
    if session is None or disordered:
        return  # times that are out of order are findings of their own
    before = session.begun_by.started - end.timestamp()
    if before <= CLOCK:
        yield AFTER_BEGINNING.held(exchange)
        return
    hint = time_zone_hint(_ahead(exchange))
    yield AFTER_BEGINNING.broken(
        exchange,
        f"SessionEnd is {in_words(before)} before exchange {session.begun_by.number}, "
        f"with which the session began{hint}",
        pointer="/SessionEnd",
        expected=f"not before {datetime.fromtimestamp(session.begun_by.started, end.tzinfo).isoformat()}",
        found=exchange.request.get("SessionEnd"),
    )


_HAPPENED = ("SessionStart", "ChargingStart", "EventOccurred", "ChargingEnd")
"""The times of what a notification reports; PenaltyTimeStart may be ahead."""


@rule(NOTIFIED_AHEAD, piecewise=True)
def notified_ahead(record: Record) -> Iterator[Outcome]:
    """The times of a notification against the hub's clock, unless the record has the same finding."""
    for session, sent in by_session(record):
        records = [one for one in session.sent(CDR) if one.by_target]
        if any(_ahead(one) > CLOCK for one in records):
            continue
        for exchange in sent:
            body = exchange.request.object
            given = {name: when for name in _HAPPENED if (when := moment(body, name))}
            ahead = {name: when.timestamp() - exchange.started for name, when in given.items()}
            if given and max(ahead.values()) <= CLOCK:
                yield NOTIFIED_AHEAD.held(exchange)
            for name, seconds in ahead.items():
                if seconds > CLOCK:
                    yield NOTIFIED_AHEAD.broken(
                        exchange,
                        f"{name} is {in_words(seconds)} later than the hub's clock{time_zone_hint(seconds)}",
                        pointer=f"/{name}",
                        expected="a time that is not in the future",
                        found=body.get(name),
                    )


@rule(TIME_OF_LOCATION, piecewise=True)
def time_of_location(record: Record) -> Iterator[Outcome]:
    """The offset of a record's times against the TimeZone of its EVSE; an hour more is summer time.

    A time that ends in Z has no offset, which is a finding of the field.
    """
    for exchange in _records(record):
        zone, body = offset_of(data_of(record, exchange)), exchange.request.object
        given = [
            (name, when)
            for name in _TIMES
            if (when := moment(body, name)) and not str(body.get(name)).endswith("Z")
        ]
        if zone is None or not given or _ahead(exchange) > CLOCK:
            continue  # a time in the future is a finding of its own, and may come of a wrong offset
        wrong = [(name, when) for name, when in given if _hours(when) - zone not in (0.0, 1.0)]
        if not wrong:
            yield TIME_OF_LOCATION.held(exchange)
        for name, when in wrong[:1]:
            yield TIME_OF_LOCATION.broken(
                exchange,
                f"the offset of {', '.join(one for one, _ in wrong)} is {_hours(when):+g} h, "
                f"the TimeZone of the EVSE is {zone:+g} h",
                pointer=f"/{name}",
                expected=f"{zone:+g} h, or {zone + 1:+g} h in summer",
                found=exchange.request.get(name),
                erratum="C146",
            )


def _hours(when: datetime) -> float:
    offset = when.utcoffset()
    return offset.total_seconds() / 3600 if offset is not None else 0.0
