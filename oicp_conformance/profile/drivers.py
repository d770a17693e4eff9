"""Finding the drivers of stimuli: whoever installs a package can register one, as ours are registered.

A driver is a class that an entry point of the group `oicp_conformance.stimuli` names. Its `settings` is the
model of its `[stimuli]` table; what else it has, `oicp_conformance.stimuli` says.
"""

import sys
from functools import lru_cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Any

GROUP = "oicp_conformance.stimuli"


class DriverError(ValueError):
    """A driver that cannot be used; its text says why."""


def names() -> list[str]:
    """The names of the drivers that are installed."""
    return sorted(_installed().names)


def own_names() -> list[str]:
    """The names of the drivers that this package has."""
    own = __name__.partition(".")[0]
    return sorted(one.name for one in _installed() if one.module.partition(".")[0] == own)


def find(name: str) -> Any:
    """The class of the driver `name`.

    Raises:
        DriverError: no package registers it, several do, or it cannot be imported.
    """
    found = list(_installed().select(name=name))
    if not found:
        known = [f'"{one}"' for one in names()]
        if not known:
            raise DriverError("a driver, but none is registered; install oicp-conformance again")
        raise DriverError(" or ".join(filter(None, [", ".join(known[:-1]), known[-1]])))
    if len(found) > 1:
        packages = ", ".join(sorted(map(_package, found)))
        raise DriverError(f"a driver of one package, but several register it: {packages}")
    try:
        return found[0].load()
    except Exception as error:  # noqa: BLE001 - whatever a package does when it is imported
        reason = f"{type(error).__name__}: {error}"
        raise DriverError(
            f"a driver that can be imported, but {_package(found[0])} fails: {reason}"
        ) from None


def _installed() -> EntryPoints:
    return _registered(GROUP, tuple(sys.path))


@lru_cache(maxsize=1)
def _registered(group: str, folders: tuple[str, ...]) -> EntryPoints:
    """What packages in these folders register; to read all of them takes longer than to read a profile."""
    del folders  # Python knows them
    return entry_points(group=group)


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value
