"""Reading and checking a profile."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from oicp_conformance.profile import across, layers, variables
from oicp_conformance.profile.across import Problem
from oicp_conformance.profile.drivers import names
from oicp_conformance.profile.explain import explain, key_of
from oicp_conformance.profile.layers import LayerError
from oicp_conformance.profile.masking import Mask
from oicp_conformance.profile.model import ACROSS_KEYS, WORDS, Profile
from oicp_conformance.profile.places import Key, Places
from oicp_conformance.profile.toml import TomlError, shown, unknown
from oicp_conformance.profile.values import SHORTEST_SECRET


class ProfileError(ValueError):
    """A profile that cannot be used; its text has one line for each problem."""


def load(
    path: Path,
    operations: Collection[str] | None = None,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str] = os.environ,
) -> Profile:
    """Read the profile in the file `path`, with the profiles that it extends.

    With `operations`, the names of all OICP operations, the keys of `[target.paths]` must be among them.
    Each of the `overrides`, such as "target.base_url=http://127.0.0.1:9000", replaces one key; relative
    paths in them start from the current folder. `${NAME}` in a string is replaced from `environ`.

    Raises:
        ProfileError: a file cannot be read or is not TOML, a profile extends itself, a variable is not set,
            or the profile is not valid. The text names, for each problem, the file and the line (or the
            override), the key, what was found and what is expected. It has no secrets in it.
    """
    try:
        unreplaced, places = layers.read(path, overrides, environ)
    except (TomlError, LayerError) as error:
        raise ProfileError(str(error)) from None
    raw, replaced = variables.replace(unreplaced, environ)
    secrets = {
        f"{key_of(key)} ({name})": environ[name]
        for name, key in replaced.used.items()
        if len(environ[name]) >= SHORTEST_SECRET and environ[name] not in {*WORDS, *names()}
    }
    context = {"path": path.absolute(), "places": places, "secrets": secrets}
    mask = Mask(raw, environ, secrets.values())
    unset = {key for key, _ in replaced.problems}
    problems = [
        *replaced.problems,
        *(_unknown_operations(raw, operations) if operations is not None else ()),
    ]
    profile, found = validated(raw, context, mask)
    # What is wrong with a string whose variable is not set says nothing.
    problems += [one for one in found if not any(one[0][: len(key)] == key for key in unset)]
    if profile is None or problems:
        raise ProfileError(worded(problems, places, mask))
    return profile


def validated(
    raw: Mapping[str, Any], context: Mapping[str, Any], mask: Mask
) -> tuple[Profile | None, list[Problem]]:
    """The profile that the tables make; None, and what is wrong with them, where they do not."""
    try:
        return Profile.model_validate(raw, context=dict(context)), []
    except ValidationError as error:
        problems = [
            (details["loc"], explain(details, raw, mask))
            for details in error.errors()
            if details["type"] != ACROSS_KEYS
        ]
        return None, [*problems, *across.problems(raw, lambda value: shown(mask.value(value)))]


def worded(problems: Sequence[Problem], places: Places, mask: Mask) -> str:
    """The text of an error: one line for each problem."""
    return mask.text("\n".join(f"{places.of(key)}: {key_of(key)}: {text}" for key, text in problems))


def _unknown_operations(raw: Mapping[str, Any], operations: Collection[str]) -> Iterator[Problem]:
    for name in across.table(raw, "target", "paths"):
        if name not in operations:
            key: Key = ("target", "paths", name)
            yield key, unknown(name, operations, "operation")
