"""Where the pytest collections lie: in the package when it is installed, beside it in a checkout."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent


@cache
def collections_folder() -> Path:
    """The folder of the collections, with `cpo` and `emp` in it."""
    installed = _PACKAGE / "collections"
    return installed if installed.is_dir() else _PACKAGE.parent / "conformance"
