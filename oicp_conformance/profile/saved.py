"""The profile as a run saves it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oicp_conformance.profile.across import ONLY_FOR
from oicp_conformance.profile.loading import ProfileError, validated, worded
from oicp_conformance.profile.masking import Mask
from oicp_conformance.profile.model import Profile
from oicp_conformance.profile.places import Places


def as_saved(profile: Profile) -> dict[str, Any]:
    """A profile with all its defaults, as JSON, without the values of variables; `restore` reads it.

    A run redacts the profile before, which keeps the form of ids; what is left of a secret becomes a mark.
    """
    mask = Mask({}, {}, profile.secret_values.values())
    raw: dict[str, Any] = mask.value(profile.model_dump(mode="json", exclude_none=True))
    role = profile.target.role
    raw["partner"] = {key: value for key, value in raw["partner"].items() if ONLY_FOR.get(key, role) == role}
    return raw


def restore(raw: Mapping[str, Any], path: Path, name: str | None = None) -> Profile:
    """The profile that a run has saved in the file `path`.

    The files that it names need not be there, nor its driver; secrets in it were replaced, so that its
    values need not have their form. `name` is that of the file that it was read from at the time.

    Raises:
        ProfileError: as `load` does.
    """
    source = path.with_name(name) if name else path
    context = {"path": source.absolute(), "saved": True, "places": Places(name or str(path))}
    mask = Mask(raw, {}, ())
    profile, problems = validated(raw, context, mask)
    if profile is None:
        raise ProfileError(worded(problems, Places(str(path)), mask))
    return profile
