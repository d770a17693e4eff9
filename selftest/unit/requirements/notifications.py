"""Charging notifications: their types, order, spacing and figures."""

from typing import Any

from selftest.unit.journals import a_cpo, at
from selftest.unit.requirements.row import Never, Row, Talk, broken, started
from selftest.unit.wording import ABSENT, refused

_NOTIFY = "eRoamingChargingNotifications"
_UNSEEN = "what does not come is inconclusive: nobody saw whether there was occasion"


def _notified(kind: str, **fields: Any) -> Talk:
    """One notification of a session."""
    return started(lambda cpo, session: cpo.notification(kind, session, **fields))


def _two(first: str, second: str, **fields: Any) -> Talk:
    """Two notifications of a session; the second one has these fields."""
    return started(
        lambda cpo, session: (
            cpo.notification(first, session),
            cpo.notification(second, session, **fields),
        )
    )


def _settled(kind: str, **fields: Any) -> Talk:
    """A notification of a session, and its charge detail record."""
    return started(lambda cpo, session: (cpo.notification(kind, session, **fields), cpo.cdr(session)))


def _when_settled(seconds: float) -> Talk:
    """A notification some time after the charge detail record."""
    return started(lambda cpo, session: (cpo.cdr(session), cpo.after(seconds).notification("End", session)))


def _sent(kind: str) -> Row:
    wanted = f"{_NOTIFY}.sent-{kind}"
    return Row(
        a_cpo,
        wanted,
        holds=started(
            lambda cpo, session: cpo.waited(wanted, _NOTIFY, cpo.notification(kind, session), stimulus="done")
        ),
        breaks=Never(_UNSEEN),
        unclear=started(
            lambda cpo, session: cpo.waited(wanted, _NOTIFY, stimulus="done", session=session.id)
        ),
    )


ROWS = (
    *map(_sent, ("Start", "Progress", "End", "Error")),
    Row(
        a_cpo,
        f"{_NOTIFY}.type",
        holds=_notified("Error"),
        breaks=broken(_notified("Pause"), "/Type", "Pause", "Start, Progress, End, Error"),
        unclear=_notified("Start", raw=b"[]", answer=refused("022")),
    ),
    Row(
        a_cpo,
        f"{_NOTIFY}.order",
        holds=_two("Start", "Progress"),
        breaks=broken(_two("Progress", "Start"), "/Type", "Start was sent after Progress", "Progress, Start"),
        unclear=_two("Error", "Start"),
    ),
    Row(
        a_cpo,
        f"{_NOTIFY}.progress-spacing",
        holds=_two("Progress", "Progress", EventOccurred=at("12:36")),
        breaks=broken(
            _two("Progress", "Progress", EventOccurred=at("12:33")),
            "/EventOccurred",
            "120 s after the Progress of exchange 2",
            "5 minutes",
        ),
        unclear=_two("Start", "Progress"),
    ),
    Row(
        a_cpo,
        f"{_NOTIFY}.progress-figure",
        holds=_notified("Progress", ChargingDuration=ABSENT),
        breaks=broken(
            _notified("Progress", ChargingDuration=ABSENT, ConsumedEnergyProgress=ABSENT),
            None,
            "neither ChargingDuration nor ConsumedEnergyProgress",
        ),
        unclear=_notified("Start"),
    ),
    Row(
        a_cpo,
        f"{_NOTIFY}.charging-duration",
        holds=_notified("Progress"),
        breaks=broken(
            _notified("Progress", ChargingDuration=1800),
            "/ChargingDuration",
            "1800000",
            "1800",
            "in seconds?",
        ),
        unclear=_notified("Progress", ChargingDuration=ABSENT),
    ),
    Row(
        a_cpo,
        f"{_NOTIFY}.times",
        holds=_notified("End"),
        breaks=broken(
            _notified("End", ChargingEnd=at("11:00"), SessionStart=at("12:00")),
            "/ChargingEnd",
            "ChargingStart is after ChargingEnd",
            at("12:01"),
            at("11:00"),
        ),
        unclear=_notified("Error"),
    ),
    Row(
        a_cpo,
        f"{_NOTIFY}.meter-values",
        holds=_notified("End"),
        breaks=broken(
            _notified("End", MeterValueEnd=8.5), "/MeterValueEnd", "at least 10.0", "8.5", warns=True
        ),
        unclear=_notified("End", MeterValueStart=ABSENT, MeterValueEnd=ABSENT),
    ),
    Row(
        a_cpo,
        f"{_NOTIFY}.energy-rises",
        holds=_two("Progress", "End"),
        breaks=broken(
            _two("Progress", "Progress", EventOccurred=at("12:40"), ConsumedEnergyProgress=1.5),
            "/ConsumedEnergyProgress",
            "the energy is less than in exchange 2",
            "at least 2.0",
            "1.5",
        ),
        unclear=_two("Start", "Progress"),
    ),
    Row(
        a_cpo,
        f"{_NOTIFY}.agree-with-cdr",
        holds=_settled("End"),
        breaks=broken(
            _settled("Start", ChargingStart=at("12:05")),
            "/ChargingStart",
            "exchange 3",
            at("12:01"),
            at("12:05"),
        ),
        unclear=_notified("End"),
    ),
    Row(
        a_cpo,
        f"{_NOTIFY}.before-cdr",
        holds=_when_settled(0.0),
        breaks=broken(_when_settled(5.0), "/SessionID", "after the CDR", "000000000001"),
        unclear=lambda cpo: cpo.notification("End", cpo.unseen_session(), answer=refused("400")),
    ),
)
