"""The embedded default: both reference targets, judged side by side, and told one after the other."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

from oicp_conformance.interrupts import CAN_BE_SIGNALLED
from oicp_conformance.oicp.types import Role
from oicp_conformance.reference.central_roles import PASSWORD, STATION
from oicp_conformance.reporting.console import not_rendered
from oicp_conformance.reporting.render import RenderError, render

ACCEPTS = (
    {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}},
    {"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", "PIN": "1234"}},
    {"PlugAndChargeIdentification": {"EvcoID": "DE-DCB-C87654321-9"}},
    {"RemoteIdentification": {"EvcoID": "DE-DCB-C11111111-1"}},
)
REFUSES = ({"RFIDMifareFamilyIdentification": {"UID": "DEADBEEF"}},)
_CONSOLE = "console.txt"
"""What a run says that is not told at once."""
_MOST_CLAIMS = 100
"""So many ports are kept from others at most: each takes a file descriptor."""
_CLAIMS: deque[int] = deque()
"""The file descriptors, the oldest first."""
_PATIENCE = 60.0
"""Seconds that a run gets after Ctrl-C, to judge what was said and to write its reports."""
EVSE_IDS = ("DE*ABC*E1*1", "DE*ABC*E2*1", "DE*ABC*E3*1")


def free_port() -> int:
    """A port of this machine on which nobody listens now.

    It is below those that systems give to outgoing connections, one of which could have it meanwhile. Where
    the system allows that, no other process gets it from this function for as long as this one runs.
    """
    for port in random.sample(range(20_000, 32_000), 100):
        claim = socket.socket()
        try:
            claim.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _claim(claim)
        return port
    raise RuntimeError("no port of this machine is free")


def _claim(bound: socket.socket) -> None:
    """Keep a port that is bound from whoever looks for one, and give it to whoever listens on it.

    Linux lets a server have it that sets SO_REUSEADDR, as all of them do. Others would not.
    """
    if sys.platform != "linux":
        bound.close()
        return
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _CLAIMS.append(bound.detach())
    while len(_CLAIMS) > _MOST_CLAIMS:
        os.close(_CLAIMS.popleft())


def arguments(role: Role, hub: str, *, seed: int = 1, options: Sequence[str] = ()) -> list[str]:
    """What a reference target is started with."""
    made = ["--hub", hub, "--seed", str(seed), "--until-stdin-closes", *options]
    if role == "cpo":
        return [*made, *(part for evse in EVSE_IDS for part in ("--evse", evse))]
    made += [part for one in ACCEPTS for part in ("--accepts", json.dumps(one))]
    return [*made, *(part for one in REFUSES for part in ("--refuses", json.dumps(one)))]


@contextlib.contextmanager
def reference(
    role: Role,
    hub: str,
    *,
    seed: int = 1,
    options: Sequence[str] = (),
    package: str = "oicp_conformance.reference",
    cwd: Path | None = None,
) -> Generator[dict[str, str], None, None]:
    """A reference target as a process of its own; gives its base_url and stimuli_url.

    `package` has its program, as the module `cpo` or `emp`; `cwd` is where it runs.
    """
    program = [f"{package}.{role}", *arguments(role, hub, seed=seed, options=options)]
    with _started(program, cwd) as process:
        yield _described(role, process)


@contextlib.contextmanager
def _started(
    program: Sequence[str], cwd: Path | None = None
) -> Generator["subprocess.Popen[str]", None, None]:
    """A reference target, by its module and arguments, as a process that begins to serve."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", *program], cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _described(role: Role, process: "subprocess.Popen[str]") -> dict[str, str]:
    """Wait until a reference target serves; gives its base_url and stimuli_url.

    Raises:
        RuntimeError: it ended before.
    """
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError(f"the reference {role.upper()} did not start")
    described: dict[str, str] = json.loads(line)
    return described


SUPPORTS = """\
eRoamingAuthorizeStop = true
eRoamingChargingNotifications = ["Start", "Progress", "End", "Error"]
eRoamingReservation = true
eRoamingDynamicPricing = true
"""


SETTLE = 0.02
"""Seconds that a reference target needs at most to digest an answer."""


def profile(
    role: Role,
    hub_port: int,
    target: dict[str, str],
    *,
    wait: float = 2.5,
    timeout: float = 10.0,
    mode: str = "online",
    supports: str = SUPPORTS,
    undeclared: Sequence[str] = (),
) -> str:
    """The profile of a reference target, as TOML; without the `undeclared` of what it supports."""
    evse_ids = json.dumps(EVSE_IDS)
    if role == "cpo":
        partner = f'operator_id = "DE*ABC"\nevse_ids = {evse_ids}\n'
    else:
        partner = f'provider_id = "DE-DCB"\nmode = "{mode}"\n'
        partner += "".join(f"[[partner.accepts]]\n{inline(one)}\n" for one in ACCEPTS)
        partner += "".join(f"[[partner.refuses]]\n{inline(one)}\n" for one in REFUSES)
        supports += "eRoamingPushAuthenticationData = true\neRoamingGetChargeDetailRecords = true\n"
    declared = [line for line in supports.splitlines() if line.partition(" ")[0] not in undeclared]
    supports = "".join(f"{line}\n" for line in declared)
    return f"""\
[target]
name = "Reference {role.upper()}"
version = "1"
role = "{role}"
base_url = "{target["base_url"]}"
timeout = {timeout}

[partner]
{partner}
[counterpart]
provider_id = "DE-DCB"
operator_id = "DE*ABC"
evse_ids = {evse_ids}

[hub]
listen = "127.0.0.1:{hub_port}"

[supports]
{supports}
{_stimuli(target, wait)}"""


def _stimuli(target: Mapping[str, str], wait: float) -> str:
    """The table for a target that has shims, or a central system for stations beside them."""
    http = f'driver = "http"\nurl = "{target["stimuli_url"]}"\n'
    if "ocpp_url" not in target:
        return f"[stimuli]\n{http}wait = {wait}\nsettle = {SETTLE}\n"
    connectors = ", ".join(f'"{number}" = "{evse}"' for number, evse in enumerate(EVSE_IDS, start=1))
    return f"""\
[stimuli]
driver = "ocpp"
version = "{target["ocpp_version"]}"
url = "{target["ocpp_url"]}"
fast_clock = true
wait = {wait}
settle = {SETTLE}

[[stimuli.stations]]
identity = "{STATION}"
password = "{PASSWORD}"
power = 7.0
connectors = {{ {connectors} }}

[stimuli.otherwise]
{http}"""


def inline(identification: Mapping[str, Mapping[str, str]]) -> str:
    """Write an Identification as a line of TOML."""
    (kind, fields), *_ = identification.items()
    return f"{kind} = {{ {', '.join(f'{name} = {json.dumps(value)}' for name, value in fields.items())} }}"


def run_all(
    roles: Sequence[Role],
    asked: Sequence[str],
    *,
    folder: Path,
    seed: int,
    html: bool,
    history: Path | None = None,
    ocpp: str | None = None,
) -> int:
    """Judge the reference targets of some roles, and render one report; gives the exit code.

    With `ocpp`, a version of OCPP, what happens at the CPO's charging points comes from virtual stations.
    """
    with contextlib.ExitStack() as under_way:
        ports = {role: free_port() for role in roles}
        targets = {}
        for role in roles:  # all start before one is waited for
            options = ["--ocpp", ocpp] if ocpp and role == "cpo" else []
            asked_of = arguments(role, f"http://127.0.0.1:{ports[role]}", seed=seed, options=options)
            started = _started([f"oicp_conformance.reference.{role}", *asked_of])
            targets[role] = under_way.enter_context(started)
        runs: list[tuple[Role, subprocess.Popen[bytes], Path | None]] = []
        for role in roles:
            # What the first run says is seen at once; the others wait for their turn to be told.
            console = folder / role / _CONSOLE if runs else None
            toml = profile(role, ports[role], _described(role, targets[role]))
            run = _judged(toml, asked, folder / role, seed=seed, console=console)
            runs.append((role, under_way.enter_context(run), console))
        for number, (role, run_of_role, console) in enumerate(runs, 1):
            _say(f"\n##### {number} of {len(roles)}: the reference {role.upper()}, embedded #####\n")
            if console:
                _follow(run_of_role, console)
            run_of_role.wait()
    codes = [run_of_role.returncode for _, run_of_role, _ in runs]
    verdicts = {role: verdict for role in roles if (verdict := _verdict(folder / role))}
    _say(f"\n##### {' and '.join(f'the reference {role.upper()}' for role in roles)} #####\n")
    for role, verdict in verdicts.items():
        _say(f"reference {role.upper()}: {verdict}")
    if html:
        _render(verdicts, folder, history)
    return max(codes)


@contextlib.contextmanager
def _judged(
    toml: str, asked: Sequence[str], folder: Path, *, seed: int, console: Path | None
) -> Generator[subprocess.Popen[bytes], None, None]:
    """A run against the target of a profile, which says what it says on the terminal or in a file."""
    folder.mkdir(parents=True, exist_ok=True)
    with console.open("wb") if console else contextlib.nullcontext() as said:
        file = folder / "profile.toml"
        file.write_text(toml, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", *asked, "--target", str(file)]
        # Pytest would rewrite all packages that have a plugin of it, which can take seconds.
        command += ["--report-dir", str(folder), "--seed", str(seed), "--no-report-html", "--assert=plain"]
        # Its plugin costs three seconds at every start and is not needed: its library is used.
        command += ["-p", "no:schemathesis"]
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdout=said,
            stderr=subprocess.STDOUT if said else None,
            # Ctrl-C of a terminal reaches this process alone, which passes it on once.
            start_new_session=CAN_BE_SIGNALLED,
        )
        try:
            yield process
        except BaseException:
            if CAN_BE_SIGNALLED:
                process.send_signal(signal.SIGINT)
            raise
        finally:
            try:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_PATIENCE)  # it writes its reports
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()


def _follow(process: subprocess.Popen[bytes], console: Path) -> None:
    """Say what a run says, from its beginning to its end."""
    with console.open(encoding="utf-8", errors="replace") as said:
        while True:
            is_over = process.poll() is not None
            sys.stdout.write(said.read())
            sys.stdout.flush()
            if is_over:
                return
            time.sleep(0.1)


def _say(line: str) -> None:
    # At once: what the runs write comes after it.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _verdict(folder: Path) -> str | None:
    """The verdict of the run whose reports lie in a folder, if it came so far."""
    statement = folder / "conformance.json"
    return json.loads(statement.read_text(encoding="utf-8"))["verdict"] if statement.exists() else None


def _render(verdicts: Mapping[Role, str], folder: Path, history: Path | None) -> None:
    title = ", ".join(f"{role.upper()} {verdict}" for role, verdict in verdicts.items())
    try:
        report = render(
            [folder / role / "allure-results" for role in verdicts],
            folder / "report.html",
            title=f"OICP 2.3: {title}",
            history=history,
        )
    except RenderError as error:
        for line in not_rendered(error, folder):
            _say(line)
    else:
        _say(f"report: {report}")
