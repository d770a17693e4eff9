"""What the suite costs, as ratios that are measured in one run: `python -m tools.benchmark [--out FILE]`.

Each part runs in a process of its own, so that its memory is its own. `--part NAME` runs one of them.
"""

import argparse
import contextlib
import itertools
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import jsonschema_rs

from oicp_conformance import embedded
from oicp_conformance.actors.pace import changes
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.archive import read_lines
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge.outcome import Record, operation_of
from oicp_conformance.judge.requirements import message_fields
from oicp_conformance.judge.verdicts import judge
from oicp_conformance.oicp import openapi
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import load
from tools import full_load

ROOT = Path(__file__).parent.parent
EXCHANGES = 100_000
EVSES = 100_000
MESSAGES = 20_000
ROUNDS, OF_FIELDS = 3, 12
LONGEST = 900.0
"""Seconds that one part may take."""


@dataclass(frozen=True)
class Line:
    """One figure, and what it should be."""

    what: str
    figure: str
    goal: str = ""
    reached: bool | None = None
    """Whether the goal is reached; None where there is none."""

    @property
    def row(self) -> str:
        """The line as a row of a Markdown table."""
        reached = {None: "", True: "yes", False: "**no**"}[self.reached]
        return f"| {self.what} | {self.figure} | {self.goal} | {reached} |"


# --- a run against its own exchanges, played back


def a_run(role: Role, folder: Path, options: Sequence[str] = ()) -> tuple[float, Path]:
    """Judge a reference target as a user does; gives the seconds of wall time, and the folder of the run.

    `options` are those of the reference target.
    """
    port = embedded.free_port()
    out = folder / "out"
    with embedded.reference(role, f"http://127.0.0.1:{port}", options=options) as target:
        file = folder / "profile.toml"
        file.write_text(embedded.profile(role, port, target), encoding="utf-8")
        command = [sys.executable, "-m", "oicp_conformance", "run", "--target", str(file), "--no-report-html"]
        began = time.monotonic()
        subprocess.run(  # noqa: S603 - our own command
            [*command, "--report-dir", str(out), "-qq"], check=True, stdout=subprocess.DEVNULL
        )
        return time.monotonic() - began, out


class _Sink(BaseHTTPRequestHandler):
    """Says yes to all that a target sends: one that cannot reach the hub would try again and again."""

    def do_POST(self) -> None:
        """Read a request, and acknowledge it."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b'{"Result": true, "StatusCode": {"Code": "000"}}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def _sink() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Sink) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def played_back(role: Role, exchanges: Sequence[Exchange]) -> float:
    """Send the calls of the hub to a reference target again; gives the seconds."""
    calls = [one for one in exchanges if not one.by_target and one.method == "POST"]
    with (
        _sink() as hub,
        embedded.reference(role, hub) as target,
        httpx.Client(base_url=target["base_url"], trust_env=False, timeout=30.0) as client,
    ):
        began = time.monotonic()
        for one in calls:
            client.post(one.path, content=one.request.body, headers={"Content-Type": "application/json"})
        return time.monotonic() - began


def waits(record: Record) -> float:
    """The seconds of a run that belong to nobody's computer.

    The hub holds a response back, it lets a response take effect before it goes on, or the suite listens for
    what must not come. Or the target pauses before it sends a request again that failed. What is waited for
    at the same time counts once.
    """
    exchanges = record.exchanges
    spans = [(one.started, one.started + one.seconds) for one in record.quiets]
    spans += [(one.started, one.finished) for one in exchanges if one.scripted == "late" and one.finished]
    last: dict[tuple[str | None, str, bytes], Exchange] = {}
    for one in exchanges:
        if one.by_target:
            key = one.test, one.path, one.request.body
            before, last[key] = last.get(key), one
            if before is not None and before.finished and answer_of(before) is not Answer.POSITIVE:
                spans.append((before.finished, one.started))
    spans += settled(record)
    seconds, until = 0.0, 0.0
    for began, ended in sorted(spans):
        seconds += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return seconds


def settled(record: Record) -> Iterator[tuple[float, float]]:
    """When the hub let a response take effect before its next request in that session.

    Of this time, only what comes after the last other response counts: before that, the suite has worked.
    """
    responses = [(one.number, one.finished) for one in record.exchanges if not one.by_target and one.finished]
    for session in record.sessions:
        for before, after in itertools.pairwise(session.exchanges):
            if after.by_target or not changes(before) or not before.finished:
                continue
            between = (moment for number, moment in responses if before.number < number < after.number)
            began = max((before.finished, *between))
            ended = min(after.started, before.finished + record.profile.stimuli.settle)
            if began < ended:
                yield began, ended


@dataclass(frozen=True)
class Round:
    """A run of a role, and right after it the playback of its calls; times in seconds."""

    record: Record
    seconds: float
    playback: float

    @property
    def waited(self) -> float:
        """What of the run the protocol needs."""
        return waits(self.record)

    @property
    def ratio(self) -> float:
        """The rest of the run against the playback."""
        return (self.seconds - self.waited) / self.playback


def a_round(role: Role) -> Round:
    """Judge a reference target, and play back what it was asked."""
    with TemporaryDirectory(prefix="benchmark-") as folder:
        seconds, out = a_run(role, Path(folder))
        exchanges, notes = read_lines(out / "journal.jsonl")
        profile = load(Path(folder, "profile.toml"), operations=BY_NAME)
    playback = statistics.median(played_back(role, exchanges) for _ in range(ROUNDS))
    return Round(Record(profile, exchanges, notes), seconds, playback)


def role_part(role: Role) -> list[Line]:
    """Runs of a role against the playback of their calls, and its fields against jsonschema-rs.

    Of some rounds, the one with the median ratio is told.
    """
    rounds = sorted((a_round(role) for _ in range(ROUNDS)), key=lambda one: one.ratio)
    one = rounds[ROUNDS // 2]
    exchanges = one.record.exchanges
    calls = sum(not exchange.by_target for exchange in exchanges)
    paused = sum(ended - began for began, ended in settled(one.record))
    times = fields(Record(one.record.profile, exchanges, ()))
    name = role.upper()
    return [
        Line(f"{name}: a run with all tests", f"{one.seconds:.1f} s, {len(exchanges)} exchanges"),
        Line(f"{name}: its {calls} calls played back with httpx", f"{one.playback:.2f} s"),
        Line(
            f"{name}: of the run, waits that the protocol needs",
            f"{one.waited:.1f} s, {paused:.1f} s of it until responses took effect",
        ),
        Line(f"{name}: (run - waits) / playback", f"{one.ratio:.1f}", "at most 12", one.ratio <= 12),
        Line(f"{name}: the same in each round", ", ".join(f"{each.ratio:.1f}" for each in rounds)),
        Line(
            f"{name}: field requirements of {times.messages} messages / jsonschema-rs",
            times.figure,
            "at most 1",
            times.ratio <= 1,
        ),
    ]


def both_part() -> list[Line]:
    """Both roles with all tests, as `demo` runs them."""
    with TemporaryDirectory(prefix="benchmark-") as folder:
        command = [sys.executable, "-m", "oicp_conformance", "demo", "--no-report-html"]
        began = time.monotonic()
        subprocess.run(  # noqa: S603 - our own command
            [*command, "--report-dir", folder, "-qq"], check=True, stdout=subprocess.DEVNULL
        )
        seconds = time.monotonic() - began
    return [Line("both roles with all tests, without report.html", f"{seconds:.1f} s", "15 s", seconds <= 15)]


def ocpp_part() -> list[Line]:
    """The CPO with all tests, driven over HTTP, and by virtual charging stations."""
    seconds = {}
    for driver, options in (("http", ()), ("1.6", ("--ocpp", "1.6")), ("2.0.1", ("--ocpp", "2.0.1"))):
        with TemporaryDirectory(prefix="benchmark-") as folder:
            seconds[driver], _ = a_run("cpo", Path(folder), options)
    plain = seconds.pop("http")
    return [
        Line(
            f"CPO: a run driven by OCPP {version} / by HTTP",
            f"{took / plain:.2f} ({took:.1f} s / {plain:.1f} s)",
            "at most 2",
            took <= 2 * plain,
        )
        for version, took in seconds.items()
    ]


@dataclass(frozen=True)
class FieldTimes:
    """The seconds that the fields of some messages take."""

    messages: int
    judged: float
    """By the suite."""
    chosen: float
    """By jsonschema-rs, which needs a schema for each message: with the time to choose it."""
    validated: float
    """By jsonschema-rs alone."""

    @property
    def ratio(self) -> float:
        """The suite against jsonschema-rs: both begin with an exchange."""
        return self.judged / self.chosen

    @property
    def figure(self) -> str:
        """The ratio, and what it is made of."""
        return (
            f"{self.ratio:.2f} ({self.judged:.3f} s / {self.chosen:.3f} s; "
            f"{self.validated:.3f} s without choosing the schema)"
        )


def fields(record: Record, count: int = MESSAGES) -> FieldTimes:
    """Judge the fields of many messages, and validate the same; the best of some rounds."""
    sent = [
        one
        for one in record.exchanges
        if one.operation and isinstance(one.sent.json, dict) and (one.by_target or one.status == 200)
    ]
    validators = {}
    for one in sent:
        operation, body = operation_of(one), one.sent.object
        table = operation.request_model(record.role, body) if one.by_target else None
        model = table[1] if table else operation.answer
        kind = operation.name, one.direction, body.get("Type")
        validators[kind] = jsonschema_rs.validator_for(openapi.schema(model))
    # The suite compiles its validators when the first message of a kind comes.
    _judge_fields(record, sent)
    rounds = []
    for _ in range(OF_FIELDS):
        again = (sent[at % len(sent)] for at in range(count))
        # Others, so that nothing is remembered of them; what they say is read already, for both.
        copies = [replace(one, number=number) for number, one in enumerate(again, 1)]
        rounds.append((_judge_fields(record, copies), *_validate(copies, validators)))
    return FieldTimes(count, *map(min, *rounds))


def _judge_fields(record: Record, exchanges: Sequence[Exchange]) -> float:
    copied = replace(record, exchanges=tuple(exchanges))
    began = time.perf_counter()
    for _ in message_fields.fields(copied):
        pass
    return time.perf_counter() - began


def _validate(exchanges: Sequence[Exchange], validators: Mapping[Any, Any]) -> tuple[float, float]:
    """Return the seconds with the choice of a validator, and without it."""
    began = time.perf_counter()
    for one in exchanges:
        body = one.request.object if one.by_target else one.answer.object
        for _ in validators[one.operation, one.direction, body.get("Type")].iter_errors(body):
            pass
    chosen = time.perf_counter() - began
    bodies = [one.sent.object for one in exchanges]
    pairs = [
        (validators[one.operation, one.direction, body.get("Type")], body)
        for one, body in zip(exchanges, bodies, strict=True)
    ]
    began = time.perf_counter()
    for validator, body in pairs:
        for _ in validator.iter_errors(body):
            pass
    return chosen, time.perf_counter() - began


# --- size


def copied(exchanges: Sequence[Exchange], count: int) -> Iterator[Exchange]:
    """Repeat a run until there are so many exchanges: each time with other SessionIDs, and later."""
    ids = {
        str(value).encode()
        for one in exchanges
        for part in (one.request, one.answer)
        if isinstance(value := part.get("SessionID"), str) and len(value) > 8
    }
    pattern = re.compile(b"|".join(map(re.escape, sorted(ids, key=len, reverse=True))))
    lasts = (exchanges[-1].finished or exchanges[-1].started) - exchanges[0].started + 1
    number = 0
    for turn in range(count // len(exchanges) + 1):
        names: dict[bytes, bytes] = {}

        def other(found: re.Match[bytes], names: dict[bytes, bytes] = names) -> bytes:
            return names.setdefault(found[0], str(uuid.uuid4()).encode())

        first, later = number, turn * lasts
        for one in exchanges:
            if number == count:
                return
            number += 1
            yield replace(
                one,
                number=number,
                started=one.started + later,
                finished=one.finished + later if one.finished else None,
                request=_renamed(one.request, pattern, other),
                answer=_renamed(one.answer, pattern, other),
                control=first + one.control if one.control else None,
                repeats=first + one.repeats if one.repeats else None,
                test=f"{one.test} {turn}",
            )


def _renamed(part: Part, pattern: re.Pattern[bytes], other: Callable[[re.Match[bytes]], bytes]) -> Part:
    return replace(part, body=pattern.sub(other, part.body))


def many_part(count: int) -> list[Line]:
    """So many exchanges in one run, judged at its end."""
    with TemporaryDirectory(prefix="benchmark-") as folder:
        _, out = a_run("cpo", Path(folder))
        exchanges, _ = read_lines(out / "journal.jsonl")
        profile = load(Path(folder, "profile.toml"), operations=BY_NAME)
    numbers = {one.number: at for at, one in enumerate(exchanges, 1)}
    exchanges = tuple(
        replace(
            one,
            control=numbers.get(one.control) if one.control else None,
            repeats=numbers.get(one.repeats) if one.repeats else None,
        )
        for one in exchanges
    )
    said = tuple(copied(exchanges, count))
    before = full_load.peak()
    began = time.monotonic()
    judge(Record(profile, said, ()), partial="a benchmark")
    seconds, most = time.monotonic() - began, full_load.peak()
    goal = 60 * count / EXCHANGES
    return [
        Line(
            f"{count} exchanges in one run judged",
            f"{seconds:.0f} s",
            f"{goal:g} s",
            seconds <= goal,
        ),
        Line(
            "memory for that", f"{most:.0f} MB, {before:.0f} MB of it before judging", "1000 MB", most <= 1000
        ),
    ]


def full_load_part() -> list[Line]:
    """A full load of EVSE records, taken, judged and served."""
    seconds = full_load.run(EVSES, 0)
    most = full_load.peak()
    return [
        Line(
            f"full load of {EVSES} EVSE records taken, judged, served",
            f"{seconds:.0f} s",
            "15 s",
            seconds <= 15,
        ),
        Line("memory for that", f"{most:.0f} MB", "1000 MB", most <= 1000),
    ]


def help_part() -> list[Line]:
    """The start of the command, and of Python alone."""

    def median(command: Sequence[str]) -> float:
        took = []
        for _ in range(7):
            began = time.monotonic()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
            took.append(time.monotonic() - began)
        return statistics.median(took)

    python = median([sys.executable, "-c", "pass"])
    seconds = median([sys.executable, "-m", "oicp_conformance", "--help"])
    return [
        Line("`oicp-conformance --help`", f"{seconds:.2f} s", "0.3 s", seconds <= 0.3),
        Line("`--help` / Python alone", f"{seconds / python:.1f}"),
    ]


PARTS: Mapping[str, Callable[[], list[Line]]] = {
    "help": help_part,
    "cpo": lambda: role_part("cpo"),
    "emp": lambda: role_part("emp"),
    "both": both_part,
    "ocpp": ocpp_part,
    "full-load": full_load_part,
    "10000-exchanges": lambda: many_part(EXCHANGES // 10),
    "100000-exchanges": lambda: many_part(EXCHANGES),
}


# --- all of it


def measured(part: str) -> list[Line]:
    """Run a part in a process of its own."""
    with TemporaryDirectory(prefix="benchmark-") as folder:
        file = Path(folder, "lines.json")
        command = [sys.executable, "-m", "tools.benchmark", "--part", part, "--lines", str(file)]
        try:
            done = subprocess.run(command, cwd=ROOT, check=False, timeout=LONGEST)  # noqa: S603 - our own
        except subprocess.TimeoutExpired:
            return [Line(part, f"not measured: more than {LONGEST:g} s", reached=False)]
        if done.returncode:
            return [Line(part, f"not measured: exit code {done.returncode}", reached=False)]
        return [Line(**one) for one in json.loads(file.read_text(encoding="utf-8"))]


def machine() -> str:
    """What this machine is."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists() and (found := re.search(r"^model name\s*: (.*)$", info.read_text(), re.MULTILINE)):
        name = found[1]
    return f"{os.cpu_count()} cores ({name}), {platform.system()}, Python {platform.python_version()}"


def page(lines: Sequence[Line], load: float) -> str:
    """The figures as a page of the documentation."""
    return "\n".join(
        [
            "# Speed",
            "",
            "`tox -e benchmark -- --out docs/speed.md` measures what the suite costs, and writes this page.",
            "A ratio compares two figures of one run of the benchmark, so it depends less on the machine.",
            "",
            f"Measured on {date.today().isoformat()} with `python -m tools.benchmark`, on {machine()}.",
            f"The load average was {load:.1f} at the start. Times are shorter on a machine that is quiet.",
            "",
            "| figure | measured | goal | reached |",
            "|---|---|---|---|",
            *(one.row for one in lines),
            "",
        ]
    )


def main() -> None:
    """Measure all parts, or some."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--part", choices=list(PARTS), help="measure only this, in this process")
    parser.add_argument("--lines", type=Path, help="write the figures of a part as JSON into this file")
    parser.add_argument("--out", type=Path, help="write a page with all figures into this file")
    given = parser.parse_args()
    if given.part:
        lines = PARTS[given.part]()
        if given.lines:
            given.lines.write_text(json.dumps([one.__dict__ for one in lines]), encoding="utf-8")
    else:
        load = os.getloadavg()[0]
        lines = [line for part in PARTS for line in measured(part)]
        if given.out:
            given.out.write_text(page(lines, load), encoding="utf-8")
    if not given.lines:
        sys.stdout.write("".join(f"{one.row}\n" for one in lines))


if __name__ == "__main__":
    main()
