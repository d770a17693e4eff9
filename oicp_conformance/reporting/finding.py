"""A saved run looked at again: an exchange with its marks, a finding with what led to it."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from oicp_conformance.journal.archive import ArchiveError
from oicp_conformance.journal.exchange import Part
from oicp_conformance.judge.advice import hub_url
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.statement import Statement
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.profile import Profile, ProfileError, load
from oicp_conformance.reporting import excerpt, hurl, wire
from oicp_conformance.reporting.account import word
from oicp_conformance.reporting.broken import Broken, broken, outcome
from oicp_conformance.run import archive
from oicp_conformance.run import replay as player
from oicp_conformance.run.replay import Replayed
from oicp_conformance.run.statements import NAME, StatementError, read
from oicp_conformance.stimuli import StimulusError, driver_for


class RunError(ValueError):
    """A run, or what is asked of it, that cannot be used; the text says why."""


@dataclass(frozen=True)
class Saved:
    """A run in its folder."""

    folder: Path
    statement: Statement
    record: Record
    seed: int


def saved(run: Path) -> Saved:
    """Read the run in a folder.

    Raises:
        RunError: there is none, or it cannot be read.
    """
    folder = _folder(run)
    try:
        statement = read(folder / NAME)
        record, frame = archive.read(folder / wire.JOURNAL)
    except (StatementError, ArchiveError) as error:
        raise RunError(str(error)) from None
    return Saved(folder, statement, record, frame.seed)


def _folder(run: Path) -> Path:
    return run.parent if run.is_file() else run


def chosen(of: Saved, finding: str) -> tuple[Broken, Outcome]:
    """A finding of a run, and the broken requirement that it belongs to.

    `finding` is the number of the requirement in the list of broken requirements, or its id; with
    `@EXCHANGE` after it, the finding in that exchange instead of the first.

    Raises:
        RunError: there is no such finding.
    """
    listed = broken(of.statement)
    which, _, at = finding.partition("@")
    one = next((one for one in listed if which in {str(one.number), one.id}), None)
    if one is None or one.first is None:
        there = (
            f"expected 1 to {len(listed)}, or a requirement" if listed else "nothing was broken in this run"
        )
        raise RunError(f"{finding}: no such finding; {there}")
    found = one.first
    if at:
        in_it = [each for each in one.findings if str(each.it.exchange) == at]
        if not in_it:
            raise RunError(f"{finding}: {one.id} has no finding in exchange {at}")
        found = in_it[0]
    return one, outcome(one.id, found)


def show(run: Path, number: int) -> str:
    """An exchange of a run in plain text: both messages whole, each finding with its part marked.

    Raises:
        RunError: the run cannot be read, or has no such exchange.
    """
    folder = _folder(run)
    try:
        statement = read(folder / NAME)
        exchange, last, profile = archive.read_one(folder / wire.JOURNAL, number)
    except (StatementError, ArchiveError) as error:
        raise RunError(str(error)) from None
    if exchange is None:
        raise RunError(f"exchange {number}: no such exchange; the run has {last}")
    url = f"{wire.base_url(exchange, profile)}{exchange.path}"
    lines = [wire.line(exchange), f"test: {exchange.test or '-'}"]
    if tried := wire.tries(exchange):
        lines.append(f"hub:  {tried}")
    lines += ["", f"{exchange.method} {url}", *_part(exchange.request, number)]
    lines += ["", wire.answered(exchange), *_part(exchange.answer, number)]
    for one in broken(statement):
        for found in one.findings:
            if found.it.exchange == number:
                lines += ["", *_found(outcome(one.id, found), exchange.sent)]
    return "\n".join(map(_printable, lines)) + "\n"


def _part(part: Part, number: int) -> list[str]:
    headers = [f"{name}: {value}" for name, value in part.headers]
    text, _ = wire.body(part, number, len(part.body) + 1)
    return [*headers, "", *text.split("\n")] if part.body else headers


def _found(one: Outcome, part: Part) -> list[str]:
    lines = [f"{word(one)} {one.requirement}: {one.message}"]
    lines += [f"  expected: {one.expected}"] if one.expected else []
    lines += [f"  found:    {one.found}"] if one.found else []
    if part.body and part.problem is not None:
        marked = excerpt.broken(part.body.decode("utf-8", "replace"), part.problem)
    elif part.body and one.pointer is not None:
        marked = excerpt.marked(part.json, one.pointer)
    else:
        return lines
    return [*lines, *(f"  {line}" for line in marked.split("\n"))]


def _printable(line: str) -> str:
    """A line without control characters: a target must not move the cursor of who reads it."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in line)


def replay(run: Path, finding: str, target: Path | None = None) -> Replayed:
    """Play what led to a finding of a run again; `target` is a profile in place of the saved one.

    The saved profile has no secrets in it: where the target or the stimuli need some, give the profile.

    Raises:
        RunError: the run or the profile cannot be used, or there is no such finding.
        HubError: the hub cannot listen.
        TargetDown: the target cannot be reached, or does not answer.
    """
    of = saved(run)
    _, found = chosen(of, finding)
    record = of.record
    if found.exchange and all(one.number != found.exchange for one in record.exchanges):
        raise RunError(f"{finding}: exchange {found.exchange} is not in {of.folder / wire.JOURNAL}")
    try:
        if target is not None:
            record = Record(
                _of_role(load(target, operations=BY_NAME), record), record.exchanges, record.notes
            )
        driver = driver_for(record.profile.stimuli, interactive=False, out=sys.stdout)
    except (ProfileError, StimulusError) as error:
        raise RunError(str(error)) from None
    return player.replay(record, found, driver, seed=of.seed)


def _of_role(profile: Profile, record: Record) -> Profile:
    if profile.target.role != record.role:
        raise RunError(
            f"{profile.path}: this is the profile of a target of role {profile.target.role}, and the run is "
            f"one of role {record.role}"
        )
    return profile


def in_words(replayed: Replayed, finding: str) -> str:
    """What became of a finding, as lines for people."""
    lines = [f"{finding}: {replayed.state}: {replayed.reason}"]
    lines += [f"  {wire.line(one)}" for one in replayed.record.exchanges]
    return "\n".join(map(_printable, lines)) + "\n"


def as_hurl(run: Path, finding: str) -> str:
    """The chain of a finding as a file for Hurl.

    Raises:
        RunError: the run cannot be read, or there is no such finding.
    """
    of = saved(run)
    one, found = chosen(of, finding)
    title = f"{one.title} (hub: {hub_url(of.record.profile)})"
    return hurl.written(of.record, found, re.sub(r"\s+", " ", title))
