"""What the preflight does not check: whether the target knows the EVSEs and the customers of the profile.

Only a start, or an authorization, would show it, and either opens a session in the target.
"""

from collections.abc import Iterator

from oicp_conformance.preflight.places import where
from oicp_conformance.preflight.result import Result, State
from oicp_conformance.profile import Profile

_ADVICE = "compare the list with the data of the target; a run without these fails or is inconclusive"


def check(profile: Profile) -> Iterator[Result]:
    """Name the entries of `[partner]` that a run depends on; nothing is sent."""
    partner = profile.partner
    if profile.target.role == "cpo":
        text = f"not checked: only a start shows whether the target knows {_some(partner.evse_ids)}"
        yield Result(State.SKIPPED, "EVSEs", text, where(profile, "partner", "evse_ids"), _ADVICE)
    elif partner.accepts:
        kinds = sorted({kind for one in partner.accepts for kind in one})
        text = f"not checked: only an authorization shows whether the target accepts each {_some(kinds)}"
        yield Result(State.SKIPPED, "customers", text, where(profile, "partner", "accepts"), _ADVICE)


def _some(names: list[str]) -> str:
    """The first two names, and how many more there are."""
    rest = len(names) - 2
    return ", ".join(names[:2]) + (f" and {rest} more" if rest > 0 else "")
