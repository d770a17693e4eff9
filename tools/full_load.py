"""How long the hub takes over a full load, and how much memory: `python -m tools.full_load`.

The partners are processes of their own, as a target is. What is printed of time is theirs for taking and
serving, and ours for judging; what is printed of memory is ours: hub, journal and judge.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import httpx
from pydantic_core import from_json

from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub.budget import Budget
from oicp_conformance.hub.inventory import catalogue
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.provider import faker
from oicp_conformance.profile import Profile
from oicp_conformance.stimuli import driver_for

OPERATOR, PROVIDER = "DE*ABC", "DE-DCB"
PAGE = 2000
TIMEOUT = 120.0
ENOUGH = 4_000_000_000
"""Bytes that the hub may keep of bodies: more than in a run, in which it cuts a full load of this size."""
Result = TypeVar("Result")


def _profile(role: str) -> Profile:
    """The profile of a partner that needs not be there: it only calls."""
    partner: dict[str, object] = {"operator_id": OPERATOR, "evse_ids": [f"{OPERATOR}*E1*1"]}
    if role == "emp":
        card = {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}}
        partner = {"provider_id": PROVIDER, "accepts": [card]}
    return Profile.model_validate(
        {
            "target": {"name": "a partner", "role": role, "base_url": "http://127.0.0.1:9"},
            "partner": partner,
            "hub": {"listen": "127.0.0.1:0"},
        }
    )


def _hub(role: str) -> Stage:
    profile = _profile(role)
    driver = driver_for(profile.stimuli, interactive=False, out=sys.stdout)
    hub = Stage(profile, driver, faker(1), Budget(memory=ENOUGH))
    hub.start()
    return hub


def push(url: str, count: int, broken: int) -> float:
    """Push a full load; gives the seconds from the first byte to the answer.

    Of every `broken` records the first has something wrong with it; 0 for none.
    """
    records = [
        {name: value for name, value in record.items() if not name.startswith("Operator")}
        for record in catalogue(faker(2), count, [OPERATOR])
    ]
    for record in records[:: broken or len(records)] if broken else ():
        record["Plugs"], record["Vendor"] = ["Cable"], "something"
    data = {"OperatorID": OPERATOR, "OperatorName": "Benchmark", "EvseDataRecord": records}
    body = json.dumps({"ActionType": "fullLoad", "OperatorEvseData": data}, ensure_ascii=False).encode()
    path = BY_NAME["eRoamingPushEvseData"].path_for({"operatorID": OPERATOR})
    began = time.monotonic()
    with httpx.Client(base_url=url, trust_env=False, timeout=TIMEOUT) as client:
        said = client.post(path, content=body, headers={"Content-Type": "application/json"}).json()
    seconds = time.monotonic() - began
    if said["Result"] is not True:
        raise SystemExit(f"the full load was refused: {said}")
    return seconds


def pull(url: str, count: int) -> float:
    """Pull all pages, in another notation than was pushed; gives the seconds."""
    path = BY_NAME["eRoamingPullEvseData"].path_for({"providerID": PROVIDER})
    body = {"ProviderID": PROVIDER, "GeoCoordinatesResponseFormat": "DegreeMinuteSeconds"}
    seen: set[str] = set()
    began = time.monotonic()
    with httpx.Client(base_url=url, trust_env=False, timeout=TIMEOUT) as client:
        last, number = False, 0
        while not last:
            # A quick reader: how long a partner takes to read a page is not what is measured.
            page = from_json(client.post(path, params={"page": number, "size": PAGE}, json=body).content)
            seen.update(record["EvseID"] for record in page["content"])
            last, number = page["last"], number + 1
    seconds = time.monotonic() - began
    if len(seen) != count:
        raise SystemExit(f"{len(seen)} of {count} records were served")
    return seconds


def _partner(*arguments: object) -> float:
    """Run one of the two above in a process of its own."""
    command = [sys.executable, "-m", "tools.full_load", *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    return float(done.stdout)


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    began = time.monotonic()
    result = work()
    return time.monotonic() - began, result


def peak() -> float:
    """The most memory that this process has had so far, in MB."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1e6 if sys.platform == "darwin" else 1e3)


def _tell(what: str, seconds: float) -> None:
    sys.stdout.write(f"{what:<44} {seconds:6.2f} s   {peak():6.0f} MB at most so far\n")
    sys.stdout.flush()


def _judged(hub: Stage) -> list[Outcome]:
    return outcomes(Record(hub.profile, tuple(hub.journal.closed()), tuple(hub.journal.notes)))


def run(count: int, broken: int) -> float:
    """Take a full load, judge it, serve it, and tell how that went; gives the seconds of all."""
    cpo, emp = _hub("cpo"), _hub("emp")
    try:
        taking = _partner("push", cpo.url, count, broken)
        taken = cpo.journal.wait(lambda one: one.by_target, TIMEOUT)
        size = len(taken.request.body) / 1e6 if taken else 0
        _tell(f"a full load of {count} records ({size:.0f} MB) taken", taking)
        judging, found = _timed(lambda: _judged(cpo))
        _tell(f"judged, with {sum(one.is_finding for one in found)} findings", judging)
        again, _ = _timed(lambda: _judged(cpo))
        _tell("judged again, as after each test", again)
        emp.hubject.store = cpo.hubject.store
        serving = _partner("pull", emp.url, count)
        _tell(f"served in pages of {PAGE}", serving)
        pulled, _ = _timed(lambda: _judged(emp))
        _tell("the pulls judged", pulled)
        _tell("together", taking + judging + serving + pulled)
        for failure in (*cpo.failures, *emp.failures):
            raise SystemExit(failure)
        return taking + judging + serving + pulled
    finally:
        cpo.stop()
        emp.stop()


def main() -> None:
    """Run the benchmark, or a partner of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=50_000, help="EVSE records of the full load")
    parser.add_argument("--broken", type=int, default=0, help="spoil one of so many records (default: none)")
    partners = parser.add_subparsers(dest="partner")
    pushing = partners.add_parser("push")
    pulling = partners.add_parser("pull")
    for one in (pushing, pulling):
        one.add_argument("url")
        one.add_argument("records", type=int)
    pushing.add_argument("every", type=int)
    given = parser.parse_args()
    if given.partner == "push":
        sys.stdout.write(f"{push(given.url, given.records, given.every)}\n")
    elif given.partner == "pull":
        sys.stdout.write(f"{pull(given.url, given.records)}\n")
    else:
        run(given.count, given.broken)


if __name__ == "__main__":
    main()
