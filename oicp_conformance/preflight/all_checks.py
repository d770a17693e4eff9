"""All checks, in the order in which they make sense."""

from collections.abc import Iterator
from dataclasses import replace

from oicp_conformance.preflight import certificates, hub, partner, paths, stimuli, target
from oicp_conformance.preflight.result import Result
from oicp_conformance.profile import Profile
from oicp_conformance.redaction import Redactor


def check(profile: Profile) -> Iterator[Result]:
    """Check what can be checked before a run, one result after the other; it takes seconds at most.

    The results have no secrets: they quote the target, the shim and the profile.
    """
    written = Redactor.from_profile(profile).text
    for one in _all(profile):
        yield replace(one, text=written(one.text), advice=written(one.advice))


def _all(profile: Profile) -> Iterator[Result]:
    yield from certificates.check(profile)
    yield from hub.check(profile)
    reached = yield from target.check(profile)
    if reached:
        yield from paths.check(profile)
    yield from stimuli.check(profile)
    yield from partner.check(profile)
