"""A load from start to end: the hub listens, Locust calls, and what was kept is judged."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oicp_conformance.hub.budget import Budget
from oicp_conformance.hub.hub import Hub
from oicp_conformance.hub.hubject import Hubject
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.statement import Statement
from oicp_conformance.load import keeping, page
from oicp_conformance.load.knowing import TEST, MarkedSessions
from oicp_conformance.load.plan import Plan
from oicp_conformance.oicp.provider import faker
from oicp_conformance.profile import Profile
from oicp_conformance.reporting import page as statement_page
from oicp_conformance.run import archive
from oicp_conformance.run.run import Run
from oicp_conformance.stimuli.none import NoDriver

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
LOG, RESULT = "locust.log", "load.json"
_REQUESTS = 200_000
"""Requests of the target that are kept: a CPO reports every session of a load."""
_GRACE = 60.0
"""Seconds that Locust gets to start, and to end after the load."""
_BEHIND = 60.0
"""Seconds after which a CPO that is still sending is not waited for any longer."""
PARTIAL = "this was a load, of which a sample was judged"


class LoadError(Exception):
    """Locust did not carry out the load."""


@dataclass(frozen=True)
class Loaded:
    """What came of a load."""

    statement: Statement
    result: dict[str, Any]
    folder: Path


def command(plan: Plan, others: Sequence[str]) -> list[str]:
    """How Locust is called; `others` are options of Locust's own."""
    made = [sys.executable, "-m", "locust", "--locustfile", str(LOCUSTFILE), "--headless", "--only-summary"]
    made += ["--exit-code-on-error", "0", "--stop-timeout", "0"]
    if plan.workers > 1 and not {"--master", "--worker"} & set(others):
        made += ["--processes", str(plan.workers)]
    return [*made, *others]


def loaded(plan: Plan, profile: Profile, others: Sequence[str], say: Callable[[str], None]) -> Loaded:
    """Put the load on the target, judge what was kept, and write the reports into the plan's folder.

    Raises:
        HubError: the hub cannot listen, or not call.
        LoadError: Locust did not come to its end.
        OSError: something cannot be written.
        TargetDown: nobody listens where the target should be.
    """
    folder = plan.folder
    run = Run(
        profile,
        NoDriver(wait=profile.stimuli.wait),
        faker(plan.seed),
        seed=plan.seed,
        strict=False,
        folder=folder,
        budget=Budget(requests=_REQUESTS),
    )
    run.partial = PARTIAL
    hub = run.hub
    hub.begin_test(TEST)
    hub.sessions = MarkedSessions(profile.target.role, plan.mark)
    hub.hubject = Hubject(profile, hub.sessions, hub.faker)
    hub.reach()
    hub.start()
    listened = 0.0
    try:
        if not carry_out(plan, others):
            run.stopped = "the load was interrupted"
        result = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        if profile.target.role == "cpo":
            wait = profile.stimuli.wait
            say(f"waiting for the CDRs of the last sessions, until none was received for {wait:g} s")
            listened = wait if _fell_silent(hub, wait) else 0.0
    finally:
        hub.stop()
    by_hub = [Exchange.from_json(one) for one in result.pop("lines")]
    hub.journal.exchanges = keeping.merged(by_hub, hub.journal.closed(), plan.mark)
    hub.journal.notes.clear()
    if profile.target.role == "cpo" and not hub.budget.notes:  # else a record may have come and not be kept
        hub.journal.notes += keeping.awaited(hub.journal.exchanges, listened)
    if not hub.journal.exchanges:
        run.stopped = "no exchange of the load could be judged"
    (folder / RESULT).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    statement = run.finish()
    statement_page.write(folder / archive.STATEMENT)
    page.write(statement, result, plan, folder)
    if run.search():
        statement = run.statement or statement
    return Loaded(statement, result, folder)


def _fell_silent(hub: Hub, seconds: float) -> bool:
    """Wait until nothing has come for so long; gives whether that was so: a CPO may be far behind."""
    deadline = time.monotonic() + max(_BEHIND, seconds)
    while time.monotonic() < deadline:
        if hub.journal.wait(lambda one: one.by_target, seconds, since=hub.last) is None:
            return True
    return False


def carry_out(plan: Plan, others: Sequence[str]) -> bool:
    """Have Locust carry out the load, and wait for its end, which is bounded.

    Gives whether it came to its end: Ctrl-C ends it early, and what was done until then can be judged.

    Raises:
        LoadError: Locust did not carry it out.
    """
    log = plan.folder / LOG
    interrupted = False
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command(plan, others),
            env={**os.environ, **plan.as_environment()},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            code = process.wait(plan.duration + _GRACE)
        except KeyboardInterrupt:
            interrupted = True
            process.send_signal(signal.SIGINT)
            code = process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            raise LoadError(f"Locust did not end within {plan.duration + _GRACE:g} s; see {log}") from None
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
    if (code and not interrupted) or ("--worker" not in others and not Path(plan.result).exists()):
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise LoadError(
            f"Locust ended with exit code {code}: {lines[-1] if lines else 'no output'}; see {log}"
        )
    return not interrupted
