"""Where in the profile the reason of a problem is."""

from oicp_conformance.profile import Profile


def where(profile: Profile, *key: str) -> str:
    """Return file, line and name of a key, as `my.toml:5 [target] base_url`; or its option, `--set KEY`."""
    *tables, name = key
    place = profile.where(*key)
    return place if place.startswith("--set ") else f"{place} [{'.'.join(tables)}] {name}"
