"""Messages that must not be sent: the suite waits for them once, for all tests together."""

from oicp_conformance.actors.stage import Stage
from oicp_conformance.marks import about, last


@last
@about("eRoamingAuthorizeRemoteStop", "eRoamingAuthorizeRemoteStop.after-refusal")
def test_nothing_unexpected_follows(hub: Stage) -> None:
    """The EMP sends no stop after a rejected start."""
    hub.listen_for_sessions()
