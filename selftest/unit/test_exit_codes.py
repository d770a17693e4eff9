"""What a command exits with when its hub cannot stand."""

from oicp_conformance.cli.errors import of_hub
from oicp_conformance.hub.addresses import NoConsent
from oicp_conformance.hub.errors import HubError, HubSettingsError


def test_port_in_use_is_an_error_and_a_bad_profile_bad_usage() -> None:
    errors = (HubError("in use"), HubSettingsError("no certificate"), NoConsent("a public address"))
    made = [of_hub(one) for one in errors]
    assert [one.exit_code for one in made] == [3, 4, 4]
    assert made[0].message == "in use"
