"""A stage with a scripted CPO on it: no process, no network."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub.client import Reply
from oicp_conformance.journal.exchange import Part
from oicp_conformance.oicp.provider import faker
from oicp_conformance.stimuli import Outcome, Stimulated
from oicp_conformance.stimuli.none import NoDriver
from selftest.unit.profiles import CPO, read

ONE, TWO = "DE*ABC*E1*1", "DE*ABC*E2*1"
STATUS, CDR, NOTIFY = "eRoamingPushEvseStatus", "eRoamingChargeDetailRecord", "eRoamingChargingNotifications"
PRODUCTS, PRICES = "eRoamingPushPricingProductData", "eRoamingPushEVSEPricing"
SETTLE, WAIT = 0.05, 0.6

Rule = Callable[[dict[str, Any], int], str]
"""The code with which a CPO answers a request; the second argument counts the requests."""


class World(NoDriver):
    """A driver that takes each stimulus down, and answers as it is told."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(wait=WAIT)
        self.asked: list[tuple[str, Mapping[str, object]]] = []
        self._outcome = outcome

    def stimulate(self, stimulus: str, parameters: Mapping[str, object]) -> Stimulated:
        """Take it down."""
        self.asked.append((stimulus, parameters))
        return Stimulated(self._outcome, "as told")


class Target:
    """A scripted CPO, of which only the answers are there."""

    def __init__(self, rule: Rule, after: Callable[[dict[str, Any]], None]) -> None:
        self._rule = rule
        self._after = after
        self.requests: list[dict[str, Any]] = []

    def post(self, path: str, body: bytes, *, seconds: float) -> Reply:
        """Answer a request of the hub."""
        del path, seconds
        request = json.loads(body)
        self.requests.append(request)
        code = self._rule(request, len(self.requests))
        answer: dict[str, Any] = {"Result": code == "000", "StatusCode": {"Code": code}}
        if code == "000" and "SessionID" not in request:
            answer["SessionID"] = "99999999-0000-4000-8000-000000000001"
        if code == "000":
            self._after(request)
        return Reply(200, Part((("Content-Type", "application/json"),), json.dumps(answer).encode()))

    def close(self) -> None:
        """Do nothing."""


class Scene:
    """A stage with a scripted CPO on it."""

    def __init__(
        self, folder: Path, rule: Rule = lambda *_: "000", outcome: Outcome = Outcome.DONE, more: str = ""
    ) -> None:
        stimuli = f"[stimuli]\nsettle = {SETTLE}\nwait = {WAIT}\n"
        profile = read(folder, my=CPO.replace(f'["{ONE}"]', f'["{ONE}", "{TWO}"]') + more + stimuli)
        self.world = World(outcome)
        self.stage = Stage(profile, self.world, faker(1))
        self.target = Target(rule, self._answered)
        self.stage._client = self.target  # type: ignore[assignment]
        self.cpo = Cpo(self.stage)
        self.signs_after: float | None = None
        """Seconds after which an EVSE is shown as Occupied once a start was answered."""
        self.cdr_comes = True

    def says(self, operation: str, body: Mapping[str, Any], answer: Mapping[str, Any] | None = None) -> None:
        """The CPO sends a message, which the hub accepts if no other answer is given."""
        yes = {"AuthorizationStatus": "Authorized"} if "Authorize" in operation else {"Result": True}
        message = answer or {**yes, "StatusCode": {"Code": "000"}}
        opened = self.stage.journal.open(
            direction="target-to-hub",
            operation=operation,
            method="POST",
            path="/",
            request=Part(body=json.dumps(body).encode()),
            started=time.time(),
            test=self.stage.test,
        )
        closed = self.stage.journal.close(opened, status=200, answer=Part(body=json.dumps(message).encode()))
        self.stage.sessions.see(closed)

    def _answered(self, request: dict[str, Any]) -> None:
        if "Identification" in request and self.signs_after is not None:
            records = [{"EvseID": request["EvseID"], "EvseStatus": "Occupied"}]
            body = {"ActionType": "update", "OperatorEvseStatus": {"EvseStatusRecord": records}}
            self._later(self.signs_after, STATUS, body)
        if "Identification" not in request and self.cdr_comes:
            self._later(0.02, CDR, {"SessionID": request["SessionID"], "EvseID": request.get("EvseID")})

    def _later(self, seconds: float, operation: str, body: Mapping[str, Any]) -> None:
        timer = threading.Timer(seconds, self.says, args=[operation, body])
        timer.daemon = True
        timer.start()


def seconds_of(act: Callable[[], object]) -> float:
    """How many seconds something takes."""
    began = time.monotonic()
    act()
    return time.monotonic() - began
