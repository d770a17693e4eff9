"""How much a run bears: `python -m tools.hostile.limits [--share 0.1] [--only NAME] [--out DIR]`.

Each limit is tried in a process of its own, which has the hub, the judge and all that writes; who sends has
another one. One line for each: time, memory, what was not kept, and the size of the reports, which `--out`
keeps.
"""

import argparse
import contextlib
import json
import random
import resource
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.hostile.behaviour import FINE, MEGABYTES, Behaviour
from tools.hostile.peer import answer, read_request, request, serving
from tools.hostile.scene import CALLED, Scene, opened

ROOT = Path(__file__).parents[2]
_PIECE = 1000
"""Requests on one connection."""
_LONGEST_BODY = 2000
_TIMEOUT = 60.0
"""Seconds that the hub waits for an answer: one of 100 000 may take long on a busy machine."""


def _program(*arguments: object) -> list[str]:
    return [sys.executable, "-m", *map(str, arguments)]


def random_requests(scene: Scene, count: int) -> None:
    """Have the target send requests of random bytes, paths, headers and bodies."""
    scene.start()
    sending = _program("tools.hostile.limits", "--send", scene.port, "--count", count)
    subprocess.run(sending, check=True, cwd=ROOT)  # noqa: S603 - our own module


def connections(scene: Scene, count: int) -> None:
    """Open connections, keep them, and then send a request on a new one."""
    scene.start()
    with contextlib.ExitStack() as held:
        for _ in range(count):
            held.enter_context(socket.create_connection(("127.0.0.1", scene.port), 10))
        said = scene.asks()
    if b" 200 " not in said[:20]:
        raise SystemExit(f"the hub did not answer: {said[:200]!r}")


def push(scene: Scene, count: int) -> None:
    """Push a full load of so many EVSEs."""
    scene.start()
    pushing = _program("tools.full_load", "push", f"http://127.0.0.1:{scene.port}", count, 0)
    subprocess.run(pushing, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603 - our own module


def calls(scene: Scene, count: int) -> None:
    """Have the hub call the target, which keeps its connection."""
    yes = answer(scene.yes, keeps=True)

    def talk(connection: socket.socket) -> None:
        connection.sendall(yes)
        while read_request(connection):
            connection.sendall(yes)

    with serving(talk, reads=True, patience=60.0) as port:
        run = scene.begin(f"http://127.0.0.1:{port}")
        for number in range(count):
            body = {**scene.called, "SessionID": f"{number:08d}-0000-4000-8000-000000000000"}
            run.hub.call(CALLED[scene.role], body, purpose=None, expects="any")


LIMITS: Mapping[str, tuple[int, Callable[[Scene, int], None]]] = {
    "random requests": (1_000_000, random_requests),
    "connections": (2_500, connections),
    "EVSEs in one push": (100_000, push),
    "exchanges of the hub": (100_000, calls),
}
"""What is tried, how often, and how."""


def tried(name: str, count: int, kept: Path | None = None) -> str:
    """Try one limit in this process, and tell how it went; the reports go to `kept`, if given."""
    with TemporaryDirectory(prefix="limits-", ignore_cleanup_errors=True) as folder:
        behaviour = Behaviour(name, "request", lambda _: None, FINE)
        with opened("cpo", behaviour, Path(folder), timeout=_TIMEOUT) as scene:
            began = time.monotonic()
            LIMITS[name][1](scene, count)
            sent = time.monotonic()
            statement = scene.finish()
            ended = time.monotonic()
            run = scene.run
        largest = max(run.folder.iterdir(), key=lambda one: one.stat().st_size)
        page = (run.folder / "conformance.html").stat().st_size / 1e6
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
            1e6 if sys.platform == "darwin" else 1024
        )
        lines = [
            f"{count} {name}: {statement.verdict}; {sent - began:.0f} s, and {ended - sent:.0f} s to judge "
            f"and write; {peak:.0f} MB of memory; {len(run.written.exchanges)} exchanges kept; "
            f"conformance.html {page:.1f} MB, {largest.name} {largest.stat().st_size / 1e6:.1f} MB",
            *(f"  {one}" for one in run.hub.budget.notes),
            *(f"  NOT SO: {one}" for one in run.trouble),
        ]
        if kept:
            shutil.copytree(run.folder, kept, dirs_exist_ok=True)
        if peak > MEGABYTES:
            lines.append(f"  NOT SO: expected at most {MEGABYTES} MB")
        return "\n".join(lines)


# --- who sends


def send(port: int, count: int) -> None:
    """Send random requests, the same ones each time, on four connections at once."""
    each = [count // 4 + (number < count % 4) for number in range(4)]
    threads = [threading.Thread(target=_send, args=[port, one, seed]) for seed, one in enumerate(each)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def _send(port: int, count: int, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - to be repeated
    while count > 0:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 10) as connection:
            for _ in range(min(count, _PIECE)):
                count -= 1
                connection.sendall(_random(draw))
                said = connection.recv(65536)
                if not said or b"connection: close" in said.lower():
                    break


def _random(draw: random.Random) -> bytes:
    kind = draw.randrange(4)
    noise = draw.randbytes(draw.randrange(_LONGEST_BODY))
    if kind == 0:
        return noise + b"\r\n\r\n"
    path = "/api/oicp/evsepush/v21/operators/DE*ABC/status-records"
    if kind == 1:
        return request(path, noise)
    if kind == 2:
        letters = "".join(map(chr, draw.choices(range(33, 127), k=draw.randrange(1, 200))))
        return request(f"/{letters}", b"{}", f"X-{draw.randrange(99)}: {letters}", method=letters[:9])
    value = {letter: [draw.random(), noise.hex()[: draw.randrange(99)], None] for letter in "abc"}
    return request(path, json.dumps(value).encode())


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the limits, one after the other; gives the exit code: 0 if all is as expected."""
    parser = argparse.ArgumentParser(prog="python -m tools.hostile.limits", description=__doc__)
    parser.add_argument("--only", choices=LIMITS, action="append", help="default: all")
    parser.add_argument("--share", type=float, default=1.0, help="of each limit, e.g. 0.1 (default: 1)")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="keep the reports in DIR, a folder for each limit"
    )
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--send", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.send:
        send(given.send, given.count)
        return 0
    if given.one:
        sys.stdout.write(f"{tried(given.one, given.count, given.out)}\n")
        return 0
    bad = 0
    for name in given.only or LIMITS:
        count = max(1, round(LIMITS[name][0] * given.share))
        program = _program("tools.hostile.limits", "--one", name, "--count", count)
        if given.out:
            program += ["--out", str(given.out.absolute() / name.replace(" ", "-"))]
        done = subprocess.run(program, check=False, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
        sys.stdout.write(done.stdout or f"{count} {name}: NOT SO: it ended with {done.returncode}\n")
        sys.stdout.flush()
        bad += done.returncode != 0 or "NOT SO" in done.stdout
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
