"""A positive answer of Hubject in any permitted form begins a session like any other."""

from collections.abc import Callable

from selftest.unit.journals import Journal, Session, a_cpo, an_emp
from selftest.unit.requirements.row import Row, Talk, broken

_FORM, _CDR = "form: long texts", "eRoamingChargeDetailRecord"


def _cdr(cpo: Journal, session: Session) -> None:
    cpo.cdr(session)


def _stop(emp: Journal, session: Session) -> None:
    emp.remote_stop(session)


def _begun(
    begin: Callable[..., Session], go_on: Callable[[Journal, Session], None], *, works: bool, goes_on: bool
) -> Talk:
    """A session begins with an answer in such a form, perhaps after an ordinary one."""

    def talk(journal: Journal) -> None:
        if works:
            go_on(journal, begin(journal))
        session = begin(journal, scripted=_FORM)
        if goes_on:
            go_on(journal, session)
        else:
            journal.waited("request.sent", _CDR, session=session.id, stimulus="failed")

    return talk


def _row(
    target: Callable[..., Journal],
    begin: Callable[..., Session],
    go_on: Callable[[Journal, Session], None],
) -> Row:
    return Row(
        target,
        "response.any-form",
        holds=_begun(begin, go_on, works=False, goes_on=True),
        breaks=broken(_begun(begin, go_on, works=True, goes_on=False), None, "long texts", "000000000003"),
        unclear=_begun(begin, go_on, works=False, goes_on=False),
    )


ROWS = (_row(a_cpo, Journal.authorize_start, _cdr), _row(an_emp, Journal.remote_start, _stop))
