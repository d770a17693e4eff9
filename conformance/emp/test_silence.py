"""What must not come is listened for once, for all tests together."""

from oicp_conformance.actors.stage import Stage
from oicp_conformance.marks import about, last


@last
@about("eRoamingAuthorizeRemoteStop", "eRoamingAuthorizeRemoteStop.after-refusal")
def test_nothing_unexpected_follows(hub: Stage) -> None:
    """No stop follows a start that was refused."""
    hub.listen()
