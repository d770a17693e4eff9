"""A plugin of a run that writes down whom the run calls; loaded with `-p selftest.watching`.

Python tells its audit hooks of each connection, datagram and name, whichever library makes it.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

WATCHED = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getaddrinfo": 0}
"""The events, and which of their arguments says whom."""


def _watch(event: str, given: tuple[Any, ...]) -> None:
    if event in WATCHED and (whom := given[WATCHED[event]]) is not None:
        shown = list(map(str, whom[:2])) if isinstance(whom, tuple) else [str(whom)]
        with Path(os.environ["WATCHING"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps([event, *shown]) + "\n")


sys.addaudithook(_watch)
