"""What is wrong when the suite cannot listen on an address, in one line."""

import contextlib
import io
from collections.abc import Iterator

from oicp_conformance.hub.errors import HubError

_HINTS = {
    "in use": "stop the program that listens there, or choose another port",
    "assign": "it is not an address of this machine: use 127.0.0.1 for a backend on this machine, 0.0.0.0 "
    "for one on another machine",
    "denied": "a port below 1024 may need the rights of an administrator: choose another port",
}
"""What to do, by a word of the system's error message."""


@contextlib.contextmanager
def listens(where: str) -> Iterator[None]:
    """Begin to listen in this block.

    Raises:
        HubError: the address cannot be had; the text begins with `where`.
    """
    complaint = io.StringIO()
    try:
        # Werkzeug prints and exits when the port is taken.
        with contextlib.redirect_stderr(complaint):
            yield
    except (OSError, SystemExit) as error:
        reason = (complaint.getvalue().strip().splitlines() or [str(error)])[0]
        hints = [text for known, text in _HINTS.items() if known in reason]
        raise HubError("; ".join([f"{where}: {reason}", *hints[:1]])) from None
