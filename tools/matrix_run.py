"""Runs of the suite against a reference target with one change, each a process of its own."""

import json
import os
import shutil
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import tomli_w

from fixtures.faults import Fault, generated, requirements
from oicp_conformance.embedded import arguments, free_port, profile
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import Role
from tools import statement_run
from tools.forked import Program
from tools.matrix_files import files
from tools.matrix_result import Result
from tools.matrix_selection import Run

ROOT = Path(__file__).parent.parent
LONGEST = 600.0
"""Seconds after which a run is given up."""
WAIT = 1.5
"""Seconds to wait for what a stimulus provokes: the reference targets answer at once."""
MANY = 40
"""How many generated inputs there are for each property in the last run, where the others found nothing."""
_SEQUENCES: dict[Role, str] = {"cpo": "eRoamingChargeDetailRecord", "emp": "eRoamingChargingNotifications"}
"""The operation that the generated sequences of sessions are about."""
_EARLY = 0.8
"""The share of all in which the runs of all tests are begun."""
_LONG = ("answers-after-500-ms", "sends-later", "session-known-1-s-later", "slow-pages")
"""Variants that need some minutes, in which their runs mostly wait: they begin at once, beside the others."""
TIMEOUT = 15.0
"""Seconds until an answer is given up; the slow ones take twelve."""


@dataclass(frozen=True)
class Scope:
    """Which tests run, and how many generated inputs they get."""

    operations: Sequence[str] = ()
    """Of which operations; of all where there is none."""
    examples: int = 0
    without: Sequence[str] = ()
    """Functions whose tests do not run."""


def run_all(runs: Iterable[Run], folder: Path, *, jobs: int, whole: bool = False) -> Iterator[Result]:
    """Run many, `jobs` of them at once beside the long ones, in the order in which they end."""
    ordered = mixed(runs)
    long = sum(fault.name in _LONG for _, fault in ordered)
    with ThreadPoolExecutor(long or 1) as beside, ThreadPoolExecutor(jobs) as pool:
        submitted = [
            (beside if fault.name in _LONG else pool).submit(run_one, role, fault, folder, whole=whole)
            for role, fault in ordered
        ]
        for one in as_completed(submitted):
            yield one.result()


def mixed(runs: Iterable[Run]) -> list[Run]:
    """Runs of all tests among the short ones, which mostly wait; none of them is begun near the end."""
    ordered = list(runs)
    whole = [one for one in ordered if one[1].kind == "variant"]
    short = [one for one in ordered if one[1].kind != "variant"]
    places = [(_EARLY * number / len(whole), one) for number, one in enumerate(whole)]
    places += [(number / len(short), one) for number, one in enumerate(short)]
    return [one for _, one in sorted(places, key=lambda placed: placed[0])]


def run_one(role: Role, fault: Fault, folder: Path, *, whole: bool = False) -> Result:
    """Run the suite against a reference target with one change; a result that is there is read.

    The scenarios about its operation come first, with the test of generated inputs that is known to find it.
    Where these do not find it, all tests run, and then many generated ones about its operation. If `whole`,
    all tests run at once.
    """
    own = folder / role / (fault.name or "faultless")
    file = own / "result.json"
    if file.exists():
        known = Result(**json.loads(file.read_text(encoding="utf-8")))
        if known.suite == _suite():
            return known
    began = time.monotonic()
    for number, scope in enumerate(scopes(role, fault, whole=whole), 1):
        tried = run_once(role, fault, own, scope)
        result = replace(tried, runs=number, seconds=round(time.monotonic() - began, 1))
        if result.good:
            break
    file.write_text(json.dumps(asdict(result)), encoding="utf-8")
    return result


def scopes(role: Role, fault: Fault, *, whole: bool) -> Iterator[Scope]:
    """What is run to find a fault, until it is found; all tests for a variant."""
    about = [] if whole else tests_for(fault)
    if not about:
        yield Scope(examples=generated.FEW)
        return
    if fault.generated is None:
        yield Scope(about)
    else:
        test, examples = fault.generated
        others = [one for one in generated.TESTS if one != test]
        more = [_SEQUENCES[role]] if test == generated.SEQUENCES else []
        yield Scope([*about, *more], examples, without=others)
    yield Scope(examples=generated.FEW)
    yield Scope([*about, _SEQUENCES[role]], MANY)


def run_once(role: Role, fault: Fault, own: Path, scope: Scope, *, seed: int = generated.SEED) -> Result:
    """Run some tests, or all, in a folder of its own."""
    began = time.monotonic()
    statement: dict[str, Any] = _statement(role, fault, own, scope, seed) or {"verdict": "none"}
    rows = {f"{one['id']} [{one['operation']}]": one for one in statement.get("requirements", [])}
    found = rows.get(fault.row, {"findings": []})["findings"]
    return Result(
        role=role,
        kind=fault.kind,
        name=fault.name,
        operation=fault.operation,
        about=_about(role, fault),
        expected=fault.expected,
        requirement=fault.row,
        verdict=statement["verdict"],
        failed=[name for name, one in rows.items() if one["verdict"] == "fail"],
        warned=[name for name, one in rows.items() if one["verdict"] == "warning"],
        test=next((str(one["test"]) for one in found), ""),
        seconds=round(time.monotonic() - began, 1),
        suite=_suite(),
    )


def _about(role: Role, fault: Fault) -> str:
    """The freedom that a variant uses, or the sentence of the requirement that a fault breaks."""
    known = requirements(role).get(fault.breaks)
    return known.sentence if known else fault.freedom


def tests_for(fault: Fault) -> list[str]:
    """The operations whose tests may be enough for a fault; none for a variant, which takes all tests."""
    if fault.kind == "variant":
        return []
    return sorted(fault.tested_at & BY_NAME.keys())


def _statement(role: Role, fault: Fault, own: Path, scope: Scope, seed: int) -> dict[str, Any] | None:
    """One run; gives its statement, or None if it left none."""
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    with serving(role, fault, own) as toml:
        asked = files(role, scope.operations) if scope.operations else [f"conformance/{role}"]
        asked += [f"--rootdir={ROOT}", "-q", "--target", str(toml)]
        asked += ["--report-dir", str(own), "--seed", str(seed), "--no-report-html"]
        asked += ["--examples", str(scope.examples)]
        asked += [part for name in scope.operations for part in ("--operation", name)]
        asked += ["-k", " and ".join(f"not {name}" for name in scope.without)] if scope.without else []
        # Generated inputs that show what a test was told are not tried again. If no fail is to be found, or
        # nothing is generated, no test need be told.
        asked += [statement_run.JUDGED_ONCE] if fault.kind == "variant" or not scope.examples else []
        # No other plugin has a part in a statement.
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        suite = Program(statement_run.__name__, asked, own / "console.txt", environment=environment)
        suite.wait(LONGEST)
        suite.end()
    statement = own / "conformance.json"
    if not statement.exists():
        return None
    found: dict[str, Any] = json.loads(statement.read_text(encoding="utf-8"))
    return found


@contextmanager
def serving(role: Role, fault: Fault, own: Path) -> Iterator[Path]:
    """Have a reference target with one change in a process of its own; gives its profile, in a folder."""
    port = free_port()
    options = ["--fault", fault.name] if fault.name else []
    options += ["--ocpp", fault.ocpp] if fault.ocpp else []
    started = arguments(role, f"http://127.0.0.1:{port}", options=options)
    target = Program(f"fixtures.{role}", started, own / "target.txt")
    try:
        toml = own / "profile.toml"
        toml.write_text(_profile(role, fault, port, json.loads(target.line())), encoding="utf-8")
        yield toml
    finally:
        target.end()


def _profile(role: Role, fault: Fault, port: int, target: dict[str, str]) -> str:
    text = profile(role, port, target, wait=WAIT, timeout=TIMEOUT, undeclared=fault.undeclared)
    if not fault.profile:
        return text
    return tomli_w.dumps(merged(tomllib.loads(text), tomllib.loads(fault.profile)))


def merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return tables with those of another merged in: a value there takes the place of one here."""
    made = dict(base)
    for name, value in more.items():
        known = made.get(name)
        made[name] = merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return made


@cache
def _suite() -> str:
    """A digest of all that a result depends on."""
    digest = sha256()
    for folder in ("oicp_conformance", "conformance", "fixtures", "tools"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in {".py", ".tsv"}:
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
