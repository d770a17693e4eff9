"""`${NAME}` in the strings of a profile: the value of the environment variable NAME."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from oicp_conformance.profile.places import Key
from oicp_conformance.profile.values import Located

_VARIABLE = re.compile(r"\$\$\{|\$\{(?P<name>[^}]*)(?P<end>\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass
class Replaced:
    """What became of the variables of a profile."""

    used: dict[str, Key] = field(default_factory=dict)
    """The variables that were replaced, each with the first key where it stands."""
    problems: list[tuple[Key, str]] = field(default_factory=list)


def replace(raw: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[dict[str, Any], Replaced]:
    """The tables of a profile with the values of variables in place of `${NAME}`, in all strings.

    `$${` stands for a literal `${`. What cannot be replaced is a problem, and stays as it is.
    """
    replaced = Replaced()
    return _replaced(raw, (), environ, replaced), replaced


def _replaced(value: Any, key: Key, environ: Mapping[str, str], to: Replaced) -> Any:
    if isinstance(value, Mapping):
        return {name: _replaced(one, (*key, name), environ, to) for name, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, (*key, position), environ, to) for position, one in enumerate(value)]
    if not isinstance(value, Located) or "${" not in value:
        return value
    problems = list(_problems(value, environ))
    if problems:
        to.problems += [(key, text) for text in problems]
        return value

    def of(found: re.Match[str]) -> str:
        if found["name"] is None:
            return "${"
        to.used.setdefault(found["name"], key)
        return environ[found["name"]]

    return Located(_VARIABLE.sub(of, value), value.folder)


def _problems(text: str, environ: Mapping[str, str]) -> Iterator[str]:
    for found in _VARIABLE.finditer(text):
        name = found["name"]
        if name is None:
            continue
        if not found["end"]:
            yield 'found "${" without "}"; write $${ for a literal ${'
        elif not _NAME.fullmatch(name):
            yield f'found "{found[0]}", expected ${{NAME}} with the name of an environment variable; ' + (
                "write $${ for a literal ${"
            )
        elif name not in environ:
            yield f"the environment variable {name} is not set"
