"""Hubject is out of reach: records come again, and retries after HTTP 429 slow down."""

from collections.abc import Callable, Sequence

from oicp_conformance.journal.exchange import Exchange
from selftest.unit.journals import Journal, Session, a_cpo, an_emp
from selftest.unit.requirements.row import Row, Talk, broken, started
from selftest.unit.wording import Answer, accepted, http

_CDR, _DATA = "eRoamingChargeDetailRecord", "eRoamingPullEvseData"
Send = Callable[[Answer], Exchange]
"""Sends the message, and has it answered."""


def _until_later(session: Session, cpo: Journal, *answers: Answer) -> None:
    """The record meets these answers; the run goes on for a minute."""
    for one in answers:
        cpo.cdr(session, answer=one)
    cpo.after(60.0).remote_start()


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


ROWS = (
    Row(
        a_cpo,
        f"{_CDR}.not-lost",
        holds=_met(http(503), accepted()),
        breaks=broken(_met(http(503)), None, "HTTP 503", "000000000001", "again", "1 attempt"),
        unclear=started(lambda cpo, session: cpo.cdr(session, answer=http(503))),
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
