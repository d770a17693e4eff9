"""Charge detail records against what the suite's own virtual station sent: the driver `ocpp` only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Ocpp
from oicp_conformance.journal.sessions import Session, medium
from oicp_conformance.journal.times import iso
from oicp_conformance.journal.transactions import Transaction, transactions
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, once, shown
from oicp_conformance.judge.plausible import CLOCK, in_words
from oicp_conformance.judge.requirement import Requirement, cpo, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import meter_values, moment, number
from oicp_conformance.oicp.operation_names import CDR, REMOTE_START, RESERVE
from oicp_conformance.oicp.types import is_same_id, plain_id
from oicp_conformance.profile import Profile

_MESSAGE = "eRoamingChargeDetailRecordmessage"


def _without_stations(profile: Profile) -> str:
    if profile.stimuli.driver == "ocpp":
        return ""
    return "judged only with virtual charging stations (driver ocpp)"


ENERGY = requirement(
    "eRoamingChargeDetailRecord.station-energy",
    cpo(
        "MUST",
        "ConsumedEnergy is the energy that the meter of the charging station measured in the transaction.",
        Source("CPO 02", _MESSAGE, 323, "explicit"),
        on=(CDR,),
    ),
    unless=_without_stations,
)

METER = requirement(
    "eRoamingChargeDetailRecord.station-meter-values",
    cpo(
        "SHOULD",
        "The meter values of a CDR are readings that the charging station sent.",
        Source("CPO 02", _MESSAGE, 320, "explicit"),
        on=(CDR,),
    ),
    unless=_without_stations,
)

CHARGING_TIMES = requirement(
    "eRoamingChargeDetailRecord.station-charging-times",
    cpo(
        "SHOULD",
        "ChargingStart and ChargingEnd are the times at which charging started and stopped at the station.",
        Source("CPO 02", _MESSAGE, 316, "explicit"),
        on=(CDR,),
    ),
    unless=_without_stations,
)

SESSION_TIMES = requirement(
    "eRoamingChargeDetailRecord.station-session-times",
    cpo(
        "SHOULD",
        "SessionStart to SessionEnd covers the transaction at the station, with little time around it.",
        Source("CPO 02", _MESSAGE, 318, "explicit"),
        on=(CDR,),
    ),
    unless=_without_stations,
)

IDENTIFICATION = requirement(
    "eRoamingChargeDetailRecord.station-identification",
    cpo(
        "MUST",
        "The Identification of a CDR is the medium with which the transaction began at the station.",
        Source("CPO 02", _MESSAGE, 315, "explicit"),
        on=(CDR,),
    ),
    unless=_without_stations,
)

EVSE = requirement(
    "eRoamingChargeDetailRecord.station-evse",
    cpo(
        "MUST",
        "The EvseID of a CDR is the EVSE at which the transaction ran.",
        Source("CPO 02", _MESSAGE, 314, "explicit"),
        on=(CDR,),
    ),
    unless=_without_stations,
)

AFTER_END = requirement(
    "eRoamingChargeDetailRecord.station-end",
    cpo(
        "MUST",
        "The CPO sends the CDR after the transaction at the station ended.",
        Source("CPO 02", "eRoamingChargeDetailRecord", 292, "explicit"),
        on=(CDR,),
    ),
    unless=_without_stations,
)

_ALL = (ENERGY, METER, CHARGING_TIMES, SESSION_TIMES, IDENTIFICATION, EVSE, AFTER_END)
_ROUNDED = 0.011
"""kWh: some CPOs write two decimals."""
_SHARE = 0.005
"""Of the energy: losses that a CPO leaves out, as calibration law may want it."""
_LARGE, _LARGE_SHARE = 0.1, 0.05
"""kWh, and share of the energy, from which a difference is no matter of rounding or losses."""
_MINUTE = 60.0
"""Seconds by which times of a CDR may miss those of the station: some CPOs write whole minutes."""
_SOON = 2.0
"""Seconds after its response within which a CPO may request the transaction at the station."""
_READ = frozenset({"RFID", "PlugAndChargeIdentification"})
"""The media that virtual stations read."""


@dataclass(frozen=True)
class _Charge:
    """A charge detail record, and the transactions at the station that are its session's."""

    exchange: Exchange
    session: Session
    own: Sequence[Transaction]
    elsewhere: Transaction | None = None
    """Where there is none at the session's EVSE: the one at another EVSE that can only be its own."""


@once
def _charges(record: Record) -> Sequence[_Charge]:
    evses = {plain_id(one.evse) for one in record.notes if isinstance(one, Ocpp) and one.evse}
    if not evses:
        return ()
    own, elsewhere = _by_session(list(record.sessions), transactions(record.notes))
    made = []
    for exchange in record.written(CDR):
        session = record.sessions.get(exchange.request.get("SessionID"))
        if not exchange.by_target or session is None or session.evse is None:
            continue
        if plain_id(session.evse) in evses:  # else perhaps no virtual station has it
            made.append(_Charge(exchange, session, own.get(session.id, []), elsewhere.get(session.id)))
    return made


def _by_session(
    sessions: Sequence[Session], known: Iterable[Transaction]
) -> tuple[Mapping[str, Sequence[Transaction]], Mapping[str, Transaction]]:
    """The transactions of sessions, by SessionID: those at the session's EVSE, and the one at another.

    A transaction is of the session that began last at its EVSE and is not over. If there is none, or that one
    has its transaction, and the central system requested it in time with one start of the hub: of that.
    """
    own: dict[str, list[Transaction]] = {}
    elsewhere: dict[str, Transaction] = {}
    for one in known:
        if not one.authorized:
            continue
        here = _session_at(sessions, one)
        asked = [
            session
            for session in sessions
            if session.id not in own and session.id not in elsewhere and _is_asked_in(session, one)
        ]
        if here is not None and here.id not in own and here.id not in elsewhere:
            own[here.id] = [one]
        elif len(asked) == 1:
            elsewhere[asked[0].id] = one
        elif here is not None:
            own.setdefault(here.id, []).append(one)
    return own, elsewhere


def _session_at(sessions: Iterable[Session], transaction: Transaction) -> Session | None:
    """The session that began last at the EVSE of a transaction, unless it is over."""
    before = [
        session
        for session in sessions
        if session.begun
        and is_same_id(session.evse, transaction.evse)
        and session.begun_by.started <= transaction.begun_at
    ]
    last = max(before, key=lambda session: session.begun_by.started, default=None)
    is_over = last is not None and any(sent.started < transaction.begun_at for sent in last.sent(CDR))
    return None if is_over else last


def _is_asked_in(session: Session, transaction: Transaction) -> bool:
    """Whether the central system requested a transaction for the hub's start of a session, by the time."""
    begun = session.begun_by
    requested = transaction.requested_at
    if requested is None or begun.operation != REMOTE_START or not session.begun:
        return False
    return begun.started <= requested <= begun.started + begun.seconds + _SOON


@rule(*_ALL)
def against_station(record: Record) -> Iterator[Outcome]:
    """Each record of a session at a virtual station, against the one transaction that it is about."""
    for charge in _charges(record):
        yield from _existence(charge)
        if len(charge.own) != 1:
            continue  # none, or it is not clear which
        (transaction,) = charge.own
        if transaction.ended is None:
            continue
        if transaction.ended_at is not None and transaction.ended_at > charge.exchange.started:
            late = transaction.ended_at - charge.exchange.started
            yield AFTER_END.broken(
                charge.exchange,
                f"the transaction at the station ended {in_words(late)} after the CPO sent the CDR",
                expected=f"sent after {iso(transaction.ended_at, 'milliseconds')}",
                found=f"sent at {iso(charge.exchange.started, 'milliseconds')}",
            )
            continue  # its figures cannot be right yet
        yield AFTER_END.held(charge.exchange)
        yield from _energy(charge.exchange, transaction)
        yield from _meter(charge.exchange, transaction)
        yield from _charging_times(charge.exchange, transaction)
        yield from _session_times(charge.exchange, charge.session, transaction)
        yield from _identification(charge.exchange, transaction)


def _existence(charge: _Charge) -> Iterator[Outcome]:
    """Whether the transaction ran at the session's EVSE, or at all."""
    energy = number(charge.exchange.request.object, "ConsumedEnergy")
    if charge.own:
        yield EVSE.held(charge.exchange)
    elif charge.elsewhere is not None:
        yield EVSE.broken(
            charge.exchange,
            "the transaction of this session ran at another EVSE",
            pointer="/EvseID",
            expected=charge.elsewhere.evse,
            found=charge.exchange.request.get("EvseID"),
        )
    elif charge.session.begun_by.operation == RESERVE and not energy:
        return
    elif energy is not None and energy > _ROUNDED:
        yield ENERGY.broken(
            charge.exchange,
            "the station had no transaction in this session",
            pointer="/ConsumedEnergy",
            expected="0",
            found=energy,
        )


def _energy(exchange: Exchange, transaction: Transaction) -> Iterator[Outcome]:
    told, measured = number(exchange.request.object, "ConsumedEnergy"), transaction.energy
    if told is None or measured is None:
        return
    off = abs(told - measured)
    if off <= max(_ROUNDED, _SHARE * measured):
        yield ENERGY.held(exchange)
        return
    start, end = _kwh(transaction.meter_start), _kwh(transaction.meter_end)
    yield ENERGY.broken(
        exchange,
        f"ConsumedEnergy is {told:g} kWh; the station's meter went from {start} to {end} kWh",
        pointer="/ConsumedEnergy",
        expected=f"{measured:.3f}",
        found=told,
        # A small one may be losses between the meter and the vehicle, of which no sentence speaks.
        verdict=None if off > max(_LARGE, _LARGE_SHARE * measured) else Verdict.WARNING,
    )


def _meter(exchange: Exchange, transaction: Transaction) -> Iterator[Outcome]:
    """As the register has them, or counted from the start of the transaction."""
    told = meter_values(exchange.request.object)
    if not told or transaction.meter_end is None:
        return
    sent = [transaction.meter_start, *transaction.readings, transaction.meter_end]
    wrong = min((list(_unlike(told, sent, base)) for base in (0.0, transaction.meter_start)), key=len)
    if not wrong:
        yield METER.held(exchange)
    for pointer, value, expected in wrong[:1]:
        yield METER.broken(
            exchange,
            "the station did not send this reading",
            pointer=pointer,
            expected=expected,
            found=value,
        )


def _unlike(
    told: Iterable[tuple[str, float]], sent: Sequence[float], base: float
) -> Iterator[tuple[str, float, str]]:
    ends = {"/MeterValueStart": sent[:1], "/MeterValueEnd": sent[-1:]}
    for pointer, value in told:
        fitting = ends.get(pointer, sent)
        if not any(abs(value - (one - base) / 1000) <= _ROUNDED for one in fitting):
            yield pointer, value, " or ".join(_kwh(one - base) for one in dict.fromkeys(fitting))


def _charging_times(exchange: Exchange, transaction: Transaction) -> Iterator[Outcome]:
    """By the station's clock, or by the suite's, for a CPO that writes when it received a message."""
    ends = [transaction.ended, transaction.ended_at, transaction.suspended, transaction.suspended_at]
    yield from _near(exchange, "ChargingStart", [transaction.begun, transaction.begun_at])
    yield from _near(exchange, "ChargingEnd", [one for one in ends if one is not None])


def _near(exchange: Exchange, name: str, moments: Sequence[float]) -> Iterator[Outcome]:
    when = moment(exchange.request.object, name)
    if when is None:
        return
    if any(abs(when.timestamp() - one) <= _MINUTE for one in moments):
        yield CHARGING_TIMES.held(exchange)
        return
    nearest = min(moments, key=lambda one: abs(when.timestamp() - one))
    yield from _wrong_time(CHARGING_TIMES, exchange, name, when, nearest)


def _session_times(exchange: Exchange, session: Session, transaction: Transaction) -> Iterator[Outcome]:
    starts = [transaction.begun, transaction.begun_at, session.begun_by.started]
    # When the cable is taken out a station need not say; that a record is late is judged elsewhere.
    ends = [one for one in (transaction.ended, transaction.ended_at) if one is not None]
    ends.append(exchange.started + CLOCK)
    wrong = False
    for name, allowed in (("SessionStart", starts), ("SessionEnd", ends)):
        when = moment(exchange.request.object, name)
        if when is None:
            return
        nearest = min(max(when.timestamp(), min(allowed)), max(allowed))
        if abs(when.timestamp() - nearest) > _MINUTE:
            wrong = True
            yield from _wrong_time(SESSION_TIMES, exchange, name, when, nearest)
    if not wrong:
        yield SESSION_TIMES.held(exchange)


def _wrong_time(
    broken: Requirement, exchange: Exchange, name: str, when: datetime, expected: float
) -> Iterator[Outcome]:
    off = when.timestamp() - expected
    yield broken.broken(
        exchange,
        f"{name} is {in_words(abs(off))} {'later' if off > 0 else 'earlier'} than the station's",
        pointer=f"/{name}",
        expected=datetime.fromtimestamp(expected, when.tzinfo).isoformat(timespec="seconds"),
        found=exchange.request.get(name),
    )


def _identification(exchange: Exchange, transaction: Transaction) -> Iterator[Outcome]:
    given = exchange.request.get("Identification")
    told = medium(given)
    if transaction.requested_at is not None or told is None or told[0] not in _READ:
        return
    token = transaction.token.upper() if told[0] == "RFID" else plain_id(transaction.token)
    if told[1] == token:
        yield IDENTIFICATION.held(exchange)
        return
    yield IDENTIFICATION.broken(
        exchange,
        "the transaction began with another medium",
        pointer="/Identification",
        expected=transaction.token,
        found=shown(given),
    )


def _kwh(watt_hours: float | None) -> str:
    return f"{(watt_hours or 0.0) / 1000:.3f}"
