"""All checks, in the order in which they make sense."""

from collections.abc import Iterator

from oicp_conformance.preflight import certificates, hub, partner, paths, stimuli, target
from oicp_conformance.preflight.result import Result
from oicp_conformance.profile import Profile


def check(profile: Profile) -> Iterator[Result]:
    """Check what can be checked before a run, one result after the other; it takes seconds at most."""
    yield from certificates.check(profile)
    yield from hub.check(profile)
    reached = yield from target.check(profile)
    if reached:
        yield from paths.check(profile)
    yield from stimuli.check(profile.stimuli, profile.where)
    yield from partner.check(profile)
