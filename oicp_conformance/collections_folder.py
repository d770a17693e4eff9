"""Where the pytest collections lie: in the package when it is installed, beside it in a checkout."""

from functools import cache
from pathlib import Path

PACKAGE = "oicp_conformance.collections"
"""The name of the collections for `pytest --pyargs`."""
NAME = "conformance"
"""The name of their folder in the ids of tests, wherever they lie."""
_HERE = Path(__file__).resolve().parent


class NoCollectionsError(RuntimeError):
    """The suite was installed without its collections."""


@cache
def collections_folder() -> Path:
    """Return the folder of the collections, with `cpo` and `emp` in it.

    Raises:
        NoCollectionsError: it is neither in the package nor beside it.
    """
    for folder in (_HERE / "collections", _HERE.parent / NAME):
        if (folder / "cpo").is_dir() and (folder / "emp").is_dir():
            return folder
    raise NoCollectionsError(
        f"{_HERE} has no collections of tests: the installation is incomplete; "
        "install oicp-conformance again from a wheel or a whole checkout"
    )


def in_collections(argument: str, base: Path, *, by_name: bool) -> str | None:
    """Return an argument of pytest's command line as an absolute path in the collections.

    `base` is the current folder, and `by_name` says whether names of packages are understood (`--pyargs`).
    Returns None when the argument is about something else.

    Raises:
        NoCollectionsError: the collections are not there.
    """
    place, colons, test = argument.partition("::")
    if by_name and (place == PACKAGE or place.startswith(f"{PACKAGE}.")):
        path = collections_folder().joinpath(*place.removeprefix(PACKAGE).split(".")[1:])
        path = path if path.is_dir() else path.with_name(f"{path.name}.py")
        return f"{path}{colons}{test}"
    folder = collections_folder()
    path = (base / place).resolve()
    return f"{path}{colons}{test}" if path.is_relative_to(folder) else None
