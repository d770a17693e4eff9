"""The users of Locust: each is Hubject in one session after the other, at most one call a second.

Every process of Locust imports this. The plan comes from the environment. What is kept goes to Locust's
master with its own reports, and the master, or the only process, writes it at the end.
"""

import json
import random
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from locust import LoadTestShape, constant_throughput, events, task
from locust.contrib.fasthttp import FastHttpUser
from locust.env import Environment
from locust.runners import WorkerRunner

from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub.client import LONGEST
from oicp_conformance.hub.tls import towards_target
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.load.keeping import Keeper
from oicp_conformance.load.knowing import TEST
from oicp_conformance.load.plan import TOO_SLOW, from_environment
from oicp_conformance.load.stories import Saying, Story, cpo_session, emp_session, fault
from oicp_conformance.oicp.operations import BY_NAME, unpack
from oicp_conformance.oicp.provider import faker
from oicp_conformance.profile import load
from oicp_conformance.stimuli.none import NoDriver

PLAN = from_environment()
PROFILE = load(Path(PLAN.profile), operations=BY_NAME, overrides=PLAN.settings)
# Another one in each process, or two would make the same ids.
_DRAW = random.Random(f"{PLAN.seed} {time.time_ns()}")  # noqa: S311 - no secret
_STAGE = Stage(PROFILE, NoDriver(wait=PROFILE.stimuli.wait), faker(_DRAW.randrange(10**9)))
_KEEPER = Keeper(PLAN.share, _DRAW)
_GATHERED: dict[str, Any] = {"lines": [], "sessions": 0, "left_out": 0}
_HISTORY: list[dict[str, float]] = []
_EVSES: list[str] = []
_HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": "oicp-conformance",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}


def _context() -> Callable[..., ssl.SSLContext] | None:
    context = towards_target(PROFILE.target)
    # As a method of a user it gets the user.
    return (lambda *_: context) if context else None


class Hubject(FastHttpUser):
    """Hubject in one session at a time."""

    host = PROFILE.target.base_url
    wait_time = constant_throughput(1)
    network_timeout = PROFILE.target.timeout
    connection_timeout = min(PROFILE.target.timeout, 10.0)
    insecure = False
    max_redirects = 0
    ssl_context_factory = _context()

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._story: Story | None = None
        self._exchanges: list[Exchange] = []
        self._last: Exchange | None = None
        self._evse: str | None = None

    @task
    def turn(self) -> None:
        """Say what comes next, or begin another session."""
        try:
            if self._story is None:
                self._story = self._begin()
                saying = next(self._story) if self._story else None
            else:
                saying = self._story.send(self._last)
        except StopIteration:
            self._end(is_whole=True)
            return
        self._last = self._say(saying) if saying else None

    def on_stop(self) -> None:
        """Keep the session that is broken off."""
        self._end(is_whole=False)

    def _begin(self) -> Story | None:
        if PROFILE.target.role == "emp":
            return emp_session(_STAGE, _DRAW, PLAN.mark)
        if not _EVSES:
            return None
        self._evse = _EVSES.pop(0)
        return cpo_session(_STAGE, self._evse, PLAN.mark)

    def _end(self, *, is_whole: bool) -> None:
        _KEEPER.offer(self._exchanges, is_whole=is_whole)
        self._story, self._exchanges, self._last = None, [], None
        if self._evse:
            _EVSES.append(self._evse)
            self._evse = None

    def _say(self, saying: Saying) -> Exchange:
        operation = BY_NAME[saying.operation]
        counterpart = PROFILE.counterpart
        named = unpack(saying.body, operation.body_id) if operation.body_id else None
        ids = {
            "providerID": named or counterpart.provider_id,
            "operatorID": named or counterpart.operator_id,
        }
        path = operation.path_for(ids, PROFILE.target.paths.get(operation.name))
        body: Any = json.dumps(saying.body, ensure_ascii=False).encode()
        began = time.time()
        with self.client.post(
            path, data=body, headers=_HEADERS, name=operation.name, catch_response=True
        ) as response:
            exchange = Exchange(
                number=0,
                direction="hub-to-target",
                operation=operation.name,
                method="POST",
                path=path,
                request=Part(tuple(_HEADERS.items()), body),
                started=round(began, 6),
                finished=time.time(),
                test=TEST,
                purpose=saying.purpose,
                expects=saying.expects,
                **_answered(response),
            )
            if wrong := fault(exchange):
                response.failure(wrong)
            else:
                response.success()
        self._exchanges.append(exchange)
        return exchange


def _answered(response: Any) -> dict[str, Any]:
    if not response.status_code:
        error = response.error
        # What went wrong in the last of Locust's tries, of which there is one.
        is_late = isinstance(getattr(error, "original", error), TimeoutError)
        late = f"no response within {PROFILE.target.timeout:g} s"
        return {
            "trouble": "timeout" if is_late else "hung up",
            "detail": late if is_late else f"{type(error).__name__}: {error}",
        }
    # Locust has undone what the body was compressed with.
    named = (response.headers or {}).items()
    headers = tuple((str(one), str(value)) for one, value in named if one.lower() != "content-encoding")
    content = response.content or b""
    part = Part(headers, bytes(content[:LONGEST]), cut=len(content) > LONGEST)
    return {"status": response.status_code, "answer": part}


class Shape(LoadTestShape):
    """The rate that is asked for, or one that doubles until answers take too long; bounded in any case."""

    def tick(self) -> tuple[int, float] | None:
        """Tell Locust, once a second, how many users there shall be; None ends the load."""
        assert self.runner is not None
        seconds, total = time.perf_counter() - self.start_time, self.runner.stats.total
        slow = total.get_current_response_time_percentile(0.95) or 0.0
        _HISTORY.append(
            {
                "second": round(seconds, 1),
                "users": self.runner.user_count,
                "rate": round(total.current_rps, 1),
                "median": (total.get_current_response_time_percentile(0.5) or 0.0) / 1000,
                "p95": slow / 1000,
            }
        )
        if seconds >= PLAN.duration:
            return None
        mostly_fails = total.num_requests > 50 and total.num_failures > total.num_requests / 2
        if PLAN.rate is None and (slow > TOO_SLOW * 1000 or mostly_fails):
            return None
        most = len(PROFILE.partner.evse_ids) if PROFILE.target.role == "cpo" else None
        users = PLAN.users(seconds, most) if most else PLAN.users(seconds)
        # All at once, as a broadcast is.
        return users, users


def _allot(environment: Environment, **_: Any) -> None:
    """Give each process EVSEs of its own."""
    index = max(0, getattr(environment.runner, "worker_index", 0))
    _EVSES[:] = PROFILE.partner.evse_ids[index :: max(1, PLAN.workers)]


def _report(data: dict[str, Any], **_: Any) -> None:
    data["kept"] = json.dumps(_KEEPER.fetch())


def _gather(data: dict[str, Any], **_: Any) -> None:
    _add(json.loads(data.get("kept", "{}")))


def _add(kept: dict[str, Any]) -> None:
    for name, value in kept.items():
        _GATHERED[name] += value


def _remember(environment: Environment, **_: Any) -> None:
    def write(**_: Any) -> None:
        if isinstance(environment.runner, WorkerRunner):
            return
        _add(_KEEPER.fetch())
        stats = environment.stats
        entries = [*stats.entries.values(), stats.total]
        result = {
            **_GATHERED,
            "history": _HISTORY,
            "operations": [
                {
                    "name": one.name,
                    "calls": one.num_requests,
                    "failed": one.num_failures,
                    "seconds": {
                        name: (one.get_response_time_percentile(part) or 0) / 1000
                        for name, part in (
                            ("p50", 0.5),
                            ("p90", 0.9),
                            ("p95", 0.95),
                            ("p99", 0.99),
                            ("max", 1.0),
                        )
                    },
                }
                for one in entries
            ],
            "errors": [
                {"operation": one.name, "error": str(one.error), "count": one.occurrences}
                for one in stats.errors.values()
            ],
        }
        Path(PLAN.result).write_text(json.dumps(result), encoding="utf-8")

    environment.events.quit.add_listener(write)


events.init.add_listener(_remember)
events.test_start.add_listener(_allot)
events.report_to_master.add_listener(_report)
events.worker_report.add_listener(_gather)
