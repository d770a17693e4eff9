"""What is awaited: it came, or nobody can say why it did not."""

from collections.abc import Callable

from selftest.unit.journals import Journal, Session, a_cpo, an_emp
from selftest.unit.requirements.row import Never, Row, Target


def _sent(journal: Target, operation: str, begin: Callable[..., Session]) -> Row:
    wanted = "request.sent"
    return Row(
        journal,
        wanted,
        holds=lambda said: said.waited(wanted, operation, begin(said).begun_by, stimulus="done"),
        breaks=Never("what does not come is inconclusive: nobody saw whether there was occasion"),
        unclear=lambda said: said.waited(wanted, operation, stimulus="done"),
    )


ROWS = (
    _sent(a_cpo, "eRoamingAuthorizeStart", Journal.authorize_start),
    _sent(an_emp, "eRoamingAuthorizeRemoteStart", Journal.remote_start),
)
