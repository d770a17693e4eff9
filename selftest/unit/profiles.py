"""Profiles for unit tests, and what the suite says about bad ones."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from oicp_conformance.profile import Profile, ProfileError, load

CPO = """\
[target]
name = "Acme CPO"
role = "cpo"
base_url = "http://127.0.0.1:9000"

[partner]
operator_id = "DE*ABC"
evse_ids = ["DE*ABC*E1*1", "DE*ABC*E2*1"]
"""

EMP = """\
[target]
name = "Acme EMP"
role = "emp"
base_url = "http://127.0.0.1:9000"

[partner]
provider_id = "DE-DCB"

[[partner.accepts]]
RFIDMifareFamilyIdentification = { UID = "1234ABCD" }
"""


def write(folder: Path, **files: str) -> Path:
    """Write files, `my` and others, and give the path of my.toml."""
    for name, text in files.items():
        file = folder / f"{name.replace('__', '/')}.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder / "my.toml"


def read(
    folder: Path, overrides: Sequence[str] = (), environ: Mapping[str, str] | None = None, **files: str
) -> Profile:
    """The profile my.toml of these files."""
    return load(write(folder, **files), overrides=overrides, environ=environ or {})


def errors(
    folder: Path, overrides: Sequence[str] = (), environ: Mapping[str, str] | None = None, **files: str
) -> list[str]:
    """The lines of the error that my.toml of these files is; the folder is left out of them."""
    with pytest.raises(ProfileError) as raised:
        read(folder, overrides, environ, **files)
    return str(raised.value).replace(f"{folder}/", "").splitlines()
