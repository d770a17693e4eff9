"""Reading a profile with all that it is made of: the profiles that it extends, and `--set` on top."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oicp_conformance.profile import variables
from oicp_conformance.profile.fields import is_text
from oicp_conformance.profile.places import Key, Place, Places
from oicp_conformance.profile.positions import lines_of
from oicp_conformance.profile.stimuli import common
from oicp_conformance.profile.toml import TomlError, parse, read_text
from oicp_conformance.profile.values import Located


class LayerError(ValueError):
    """A profile of which the parts cannot be put together; its text has one line for each problem."""


@dataclass(frozen=True)
class Layer:
    """Tables, and where each of their keys stands."""

    raw: Mapping[str, Any]
    places: Mapping[Key, Place]


def read(
    path: Path, overrides: Sequence[str], environ: Mapping[str, str]
) -> tuple[Mapping[str, Any], Places]:
    """The tables of the profile `path` over those that it extends, and under the `overrides`.

    Raises:
        LayerError: a file cannot be read or is not TOML, one extends itself, or an override is malformed.
    """
    layer = _with_base(path, environ, ())
    problems = []
    for text in overrides:
        try:
            layer = _over(layer, _override(text, layer.raw))
        except LayerError as error:
            problems.append(str(error))
    if problems:
        raise LayerError("\n".join(problems))
    return layer.raw, Places(str(path), layer.places)


# --- files --------------------------------------------------------------------------------------------


def _with_base(path: Path, environ: Mapping[str, str], chain: tuple[Path, ...]) -> Layer:
    """The layer of a file over that of the file that it extends; `chain` has the files that led to it."""
    chain = (*chain, path)
    own = _file(path)
    base = own.raw.get("extends")
    if not isinstance(base, Located) or not base:
        return own  # it is checked as all other keys are
    where = f"{own.places['extends',]}: extends"
    replaced, result = variables.replace({"extends": base}, environ)
    if result.problems:
        raise LayerError("\n".join(f"{where}: {text}" for _, text in result.problems))
    file = path.parent / replaced["extends"]
    if any(_same(file, one) for one in chain):
        circle = " -> ".join(map(str, (*chain, file)))
        raise LayerError(f"{where}: a profile must not extend itself: {circle}")
    try:
        return _over(_with_base(file, environ, chain), own)
    except TomlError as error:
        raise LayerError(f"{where}: {error}") from None


def _same(first: Path, second: Path) -> bool:
    return first.resolve() == second.resolve()


def _file(path: Path) -> Layer:
    text = read_text(path, "a profile")
    raw, folder = parse(path, text), path.absolute().parent
    places = {key: Place(str(path), line) for key, line in lines_of(text).items()}
    return Layer(_located(raw, folder), places)


def _located(value: Any, folder: Path) -> Any:
    """A value whose strings know the folder of the file in which they stand."""
    if isinstance(value, Mapping):
        return {key: _located(one, folder) for key, one in value.items()}
    if isinstance(value, list):
        return [_located(one, folder) for one in value]
    return Located(value, folder) if isinstance(value, str) else value


# --- one over the other -------------------------------------------------------------------------------


def _over(lower: Layer, upper: Layer) -> Layer:
    """One layer over another: tables are merged, lists and single values are replaced."""
    lower = _without_other_driver(lower, upper)
    replaced = list(_replaced(lower.raw, upper.raw))
    kept = {
        key: place
        for key, place in lower.places.items()
        if not any(key[: len(one)] == one for one in replaced)
    }
    return Layer(_merged(lower.raw, upper.raw), kept | dict(upper.places))


def _merged(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        below = lower.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = _merged(below, value) if both and below is not None else value
    return merged


def _replaced(lower: Mapping[str, Any], upper: Mapping[str, Any], table: Key = ()) -> Iterator[Key]:
    """The keys of which the upper layer replaces the value."""
    for key, value in upper.items():
        if isinstance(value, Mapping) and isinstance(lower.get(key), Mapping):
            yield from _replaced(lower[key], value, (*table, key))
        elif key in lower:
            yield (*table, key)


def _without_other_driver(lower: Layer, upper: Layer) -> Layer:
    """A layer without the keys of its driver when the upper layer has another one: they are not for that."""
    below, above = lower.raw.get("stimuli"), upper.raw.get("stimuli")
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return lower
    if above.get("driver", below.get("driver")) == below.get("driver"):
        return lower
    return Layer({**lower.raw, "stimuli": common(below)}, lower.places)


# --- overrides ----------------------------------------------------------------------------------------


def _override(text: str, below: Mapping[str, Any]) -> Layer:
    """`a.b=c` as a layer over the tables `below`. The value is TOML if it can be, else it is a string."""
    name, equals, written = text.partition("=")
    name = name.strip()
    if not equals:
        raise LayerError(f'--set {text}: expected KEY=VALUE such as "target.base_url=http://127.0.0.1:9000"')
    try:
        table: Any = tomllib.loads(f"{name} = 0") if "\n" not in name else {}
    except tomllib.TOMLDecodeError:
        table = {}
    key = tuple(_only_key(table))
    if not key:
        raise LayerError(f"--set {text}: found the key {name!r}, expected one such as target.base_url")
    if key[0] == "extends":
        raise LayerError(f"--set {text}: extends can only be set in a profile; name that profile instead")
    value = _value(written)
    if not isinstance(value, str) and is_text(key, below):
        value = written.strip()  # the version 4.2 is a string, without quotation marks, too
    value = _located(value, Path.cwd())
    for part in reversed(key):
        value = {part: value}
    return Layer(value, {key: Place(f"--set {name}")})


def _only_key(table: Any) -> Iterator[str]:
    while isinstance(table, Mapping) and len(table) == 1:
        (name, table) = next(iter(table.items()))
        yield name


def _value(text: str) -> Any:
    try:
        read = tomllib.loads(f"value = {text}")
    except ValueError:
        return text
    return read["value"] if read.keys() == {"value"} else text


__all__ = ["LayerError", "read"]
