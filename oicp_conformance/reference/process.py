"""A reference target as a process of its own."""

import argparse
import json
import os
import signal
import ssl
import sys
import threading
from collections.abc import Callable

from oicp_conformance.reference.backend import Backend

Apply = Callable[[str, Backend], None]
"""Changes a backend as a fault or a variant of some name does; raises KeyError when there is none."""


def parser(description: str, *, with_faults: bool) -> argparse.ArgumentParser:
    """Make the parser of what both reference targets can be told."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--hub", required=True, help="where the hub listens, for example http://127.0.0.1:8600")
    made.add_argument("--port", type=int, default=0, help="the port to listen on; 0 is a free port")
    made.add_argument("--seed", type=int, default=1, help="seed of all made-up data")
    made.add_argument("--timeout", type=float, default=5.0, help="seconds to wait for a response of the hub")
    if with_faults:
        made.add_argument(
            "--fault",
            action="extend",
            nargs="+",
            default=[],
            metavar="NAME",
            help="faults and variants (python -m fixtures.faults lists them)",
        )
    tls = made.add_argument_group("TLS", "files in PEM")
    tls.add_argument("--tls-cert", metavar="FILE", help="serve https with this certificate")
    tls.add_argument("--tls-key", metavar="FILE", help="its key")
    tls.add_argument(
        "--tls-client-ca", metavar="FILE", help="require a certificate of the hub, signed by this CA"
    )
    tls.add_argument("--hub-ca", metavar="FILE", help="trust a hub with a certificate signed by this CA")
    tls.add_argument("--client-cert", metavar="FILE", help="present this certificate to the hub")
    tls.add_argument("--client-key", metavar="FILE", help="its key")
    made.add_argument("--until-stdin-closes", action="store_true", help="end when standard input ends")
    return made


def run(arguments: argparse.Namespace, make: Callable[[], Backend], apply: Apply | None) -> int:
    """Serve until told to stop; says on standard output where."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    backend = make()
    if apply is not None:
        try:
            for name in arguments.fault:
                apply(name, backend)
        except KeyError as unknown:
            sys.stderr.write(f"{unknown.args[0]}\n")
            return 2
    backend.secure(_serving(arguments), _calling(arguments))
    backend.start(arguments.port)
    if arguments.until_stdin_closes:
        threading.Thread(target=_watch_stdin, args=(stop,), daemon=True).start()
    sys.stdout.write(json.dumps(backend.description()) + "\n")
    sys.stdout.flush()
    # Waiting with a limit keeps the main thread open to signals on every platform.
    while not stop.wait(3600):
        pass
    backend.stop()
    return 0


def _watch_stdin(stop: threading.Event) -> None:
    # Read below Python's buffers: their lock would be held when the interpreter ends.
    while os.read(0, 4096):
        pass
    stop.set()


def _serving(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if not arguments.tls_cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.tls_cert, arguments.tls_key)
    if arguments.tls_client_ca:
        context.load_verify_locations(arguments.tls_client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _calling(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if not arguments.hub_ca:
        return None
    context = ssl.create_default_context(cafile=arguments.hub_ca)
    if arguments.client_cert:
        context.load_cert_chain(arguments.client_cert, arguments.client_key)
    return context
