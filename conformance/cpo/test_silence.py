"""Messages that must not be sent: the suite waits for them once, for all tests together."""

from oicp_conformance.actors.stage import Stage
from oicp_conformance.marks import about, last


@last
@about("eRoamingChargeDetailRecord", "session.refused", "eRoamingChargeDetailRecord.one-per-session")
def test_nothing_unexpected_follows(hub: Stage) -> None:
    """The CPO sends nothing after a rejection, and no second CDR for a session."""
    hub.listen_for_sessions()
