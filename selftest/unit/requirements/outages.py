"""Hubject is out of reach: records come again, and retries after HTTP 429 slow down."""

from collections.abc import Callable, Sequence
from typing import Any

from oicp_conformance.journal.exchange import Exchange
from selftest.unit.journals import Journal, Session, a_cpo, an_emp
from selftest.unit.requirements.row import Row, Talk, Target, broken, started
from selftest.unit.wording import Answer, accepted, http, refused

_CDR, _DATA = "eRoamingChargeDetailRecord", "eRoamingPullEvseData"
Send = Callable[[Answer], Exchange]
"""Sends the message, and has it answered."""


def _until_later(session: Session, cpo: Journal, *answers: Answer) -> None:
    """The record meets these answers; the run goes on for a minute."""
    for one in answers:
        cpo.cdr(session, answer=one)
    cpo.after(60.0).remote_start()


def _again(**changed: Any) -> Talk:
    """The record is not taken, and comes again with such fields."""
    return started(lambda cpo, session: (cpo.cdr(session, answer=http(503)), cpo.cdr(session, **changed)))


def _met(*answers: Answer) -> Talk:
    return started(lambda cpo, session: _until_later(session, cpo, *answers))


def _tried(pauses: Sequence[float], send: Callable[[Journal], Send]) -> Talk:
    """HTTP 429 for a request, which comes again after these pauses."""

    def talk(journal: Journal) -> None:
        sent = send(journal)
        sent(http(429))
        for pause in pauses[:-1]:
            journal.after(pause)
            sent(http(429))
        journal.after(pauses[-1])
        sent(accepted())

    return talk


def _cdr(cpo: Journal) -> Send:
    session = cpo.remote_start()
    return lambda answer: cpo.cdr(session, answer=answer)


def _pull(emp: Journal) -> Send:
    return lambda answer: emp.pull(_DATA, answer=answer)


def _asked(times: int, answer: Answer) -> Talk:
    """A start is asked for again and again, in the same words."""

    def talk(journal: Journal) -> None:
        ask = journal.authorize_start if journal.is_of_cpo else journal.remote_start
        for _ in range(times):
            ask(answer=answer)

    return talk


def _without_limit(journal: Target) -> Row:
    return Row(
        journal,
        "request.after-rejection",
        holds=_asked(5, refused("102")),
        breaks=broken(_asked(13, refused("102")), None, "12 times", "at most 10"),
        unclear=_asked(13, http(503)),
    )


ROWS = (
    _without_limit(a_cpo),
    _without_limit(an_emp),
    Row(
        a_cpo,
        f"{_CDR}.not-lost",
        holds=_met(http(503), accepted()),
        breaks=broken(_met(http(503)), None, "HTTP 503", "000000000001", "again", "1 attempt"),
        unclear=started(lambda cpo, session: cpo.cdr(session, answer=http(503))),
    ),
    Row(
        a_cpo,
        f"{_CDR}.same-again",
        # The same time with another offset is the same time.
        holds=_again(SessionEnd="2026-11-22T12:00:00+00:00"),
        breaks=broken(
            _again(ConsumedEnergy=5.0, MeterValueEnd=15.0),
            "/ConsumedEnergy",
            "CDR of exchange 2 was not accepted, and sent again with another ConsumedEnergy, MeterValueEnd",
            "4.0",
            "5.0",
        ),
        unclear=started(lambda cpo, session: cpo.cdr(session)),
    ),
    Row(
        a_cpo,
        "http.backoff",
        holds=_tried([0.0, 2.0, 4.0], _cdr),
        breaks=broken(_tried([1.0, 1.0, 1.0], _cdr), None, "HTTP 429", "pauses of"),
        unclear=started(lambda cpo, session: cpo.cdr(session)),
    ),
    Row(
        an_emp,
        "http.backoff",
        holds=_tried([0.0, 2.0, 4.0], _pull),
        breaks=broken(_tried([1.0, 1.0, 1.0], _pull), None, "HTTP 429", "pauses of"),
        unclear=lambda emp: emp.pull(_DATA),
    ),
)
