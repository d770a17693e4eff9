"""One behaviour, in a process of its own: `python -m tools.hostile.one NUMBER ROLE FOLDER`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from oicp_conformance.oicp.types import Role
from tools.hostile.catalogue import ALL
from tools.hostile.scene import played


def main(arguments: Sequence[str]) -> int:
    """Play a behaviour, and print its outcome as JSON."""
    number, role, folder = arguments
    outcome = played(cast("Role", role), ALL[int(number)], Path(folder))
    sys.stdout.write(f"{outcome.as_json()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
