"""What must not come is listened for once, for all tests together."""

from oicp_conformance.actors.stage import Stage
from oicp_conformance.marks import about, last


@last
@about("eRoamingChargeDetailRecord", "session.refused", "eRoamingChargeDetailRecord.one-per-session")
def test_nothing_unexpected_follows(hub: Stage) -> None:
    """Nothing follows what was refused, and no session gets a second charge detail record."""
    hub.listen()
