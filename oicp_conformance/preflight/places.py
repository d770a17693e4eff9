"""Where in the profile the reason of a problem is."""

from oicp_conformance.profile import Profile


def where(profile: Profile, *key: str) -> str:
    """Return the file, the line and the name of a key, as `my.toml:5 [target] base_url`."""
    *tables, name = key
    return f"{profile.where(*key)} [{'.'.join(tables)}] {name}"
