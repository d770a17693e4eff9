"""Compare what is public with an earlier version: `tox -e stability -- --against REF`."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import griffe

ROOT = Path(__file__).parents[1]
PACKAGE = "oicp_conformance"
PUBLIC = ("extend.drivers", "extend.rules", "extend.reports", "testing")
"""The modules whose names other packages import."""


def broken(old: griffe.Object | griffe.Alias, new: griffe.Object | griffe.Alias) -> Iterator[str]:
    """Yield what is in the public modules of the old package and would break who uses it with the new one.

    A name that a public module imports is compared where it is defined: its parameters, bases and values.
    """
    for module in PUBLIC:
        before, after = _module(old, module), _module(new, module)
        if before is None:
            continue
        if after is None:
            yield f"{PACKAGE}.{module}: removed"
            continue
        names = before.exports or [name for name, one in before.members.items() if one.is_public]
        for name in map(str, names):
            if name not in after.members:
                yield f"{PACKAGE}.{module}.{name}: removed"
                continue
            yield from _changes(_real(before[name]), _real(after[name]))


def _module(of: griffe.Object | griffe.Alias, name: str) -> griffe.Object | griffe.Alias | None:
    try:
        found: griffe.Object | griffe.Alias = of[name]
    except KeyError:
        return None
    return found


def _changes(old: griffe.Object, new: griffe.Object) -> Iterator[str]:
    """What of a name itself would break; griffe compares all that a module has."""
    if old.parent is None or new.parent is None:
        return
    for one in griffe.find_breaking_changes(old.parent, new.parent):
        if one.obj.path in {old.path, new.path} or one.obj.path.startswith((f"{old.path}.", f"{new.path}.")):
            yield one.explain(griffe.ExplanationStyle.ONE_LINE)


def _real(one: griffe.Object | griffe.Alias) -> griffe.Object:
    return one.final_target if isinstance(one, griffe.Alias) else one


def package(folder: Path) -> griffe.Object | griffe.Alias:
    """Read the package in a folder, without importing it."""
    return griffe.load(PACKAGE, search_paths=[folder], allow_inspection=False, try_relative_path=False)


def _last_release() -> str:
    """The newest tag of a version; empty if there is none."""
    asked = ["git", "tag", "--list", "v*", "--sort=-version:refname"]
    found = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    return next(iter(found.stdout.split()), "")


def main(arguments: list[str] | None = None) -> int:
    """Print what would break; return 1 if anything would."""
    parser = argparse.ArgumentParser(prog="python -m tools.stability", description=__doc__)
    parser.add_argument("--against", metavar="REF", help="a tag or commit (default: the newest tag v*)")
    ref = parser.parse_args(arguments).against or _last_release()
    if not ref:
        sys.stdout.write("there is no release to compare with\n")
        return 0
    old = griffe.load_git(PACKAGE, ref=ref, repo=ROOT, allow_inspection=False)
    found = list(broken(old, package(ROOT)))
    sys.stdout.write("".join(f"{one}\n" for one in found) or f"nothing that {ref} has is broken\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
