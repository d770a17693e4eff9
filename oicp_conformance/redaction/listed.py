"""What a profile names as secrets."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from oicp_conformance.profile import SHORTEST_SECRET, Profile
from oicp_conformance.redaction.credentials import PRIVATE_KEY, is_credential

_KEY_LINE = re.compile(r"^[A-Za-z0-9+/=]{16,}$", re.MULTILINE)


def secrets_of(profile: Profile, environ: Mapping[str, str]) -> dict[str, str]:
    """The secrets that a profile names, by the place where it does."""
    table = profile.secrets
    named = {f"[secrets] values[{index}]": value for index, value in enumerate(table.values)}
    for index, name in enumerate(table.environment):
        if value := environ.get(name):
            named[f"[secrets] environment[{index}] ({name})"] = value
    named |= profile.secret_values
    named |= profile.stimuli.passwords
    urls = {"[target] base_url": profile.target.base_url}
    urls |= {f"[stimuli] {key}": value for key, value in profile.stimuli if isinstance(value, str)}
    for place, url in urls.items():
        user, at, _ = url.partition("//")[2].partition("/")[0].rpartition("@")
        password = user.partition(":")[2]
        if at and len(password) >= SHORTEST_SECRET:
            named[f"{place}: password"] = password
            named[f"{place}: user and password"] = user
        for name, value in parse_qsl(url.partition("?")[2].partition("#")[0]):
            if is_credential(name) and len(value) >= SHORTEST_SECRET:
                named[f"{place}: {name}"] = value
    for place, tls in (("[target.tls]", profile.target.tls), ("[hub.tls]", profile.hub.tls)):
        for key in ("key", "certificate"):
            file = getattr(tls, key, None)
            text = file.read_text(encoding="latin-1") if file and file.is_file() else ""
            for block in PRIVATE_KEY.findall(text):
                lines = _KEY_LINE.findall(block)
                named |= {f"{place} {key}, line {number}": line for number, line in enumerate(lines, start=2)}
    return named
