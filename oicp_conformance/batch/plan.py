"""Which targets a pattern names, where each writes its reports, and which of them must wait for another."""

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.profile import Profile, ProfileError, load


class PlanError(ValueError):
    """Targets that cannot be judged side by side; its text has one line for each problem."""


@dataclass(frozen=True)
class One:
    """One target of several."""

    name: str
    """Its profile's path without what all paths have in common; its reports lie in a folder of that name."""
    file: Path
    profile: Profile


def planned(pattern: str, settings: Sequence[str] = ()) -> list[One]:
    """Read all profiles that a pattern (`*`, `?`, `[...]`, `**`) matches; `settings` change each of them.

    Raises:
        PlanError: the pattern matches no file, or a profile cannot be used in a run beside others.
    """
    # Not of pathlib: a pattern may begin at the root, or have wildcards in its folders.
    found = map(Path, sorted(glob.glob(pattern, recursive=True)))  # noqa: PTH207
    files = [one for one in found if one.is_file()]
    if Path(pattern).is_dir():
        raise PlanError(
            f"--target {pattern}: found a folder, expected a pattern such as '{Path(pattern)}/*.toml'"
        )
    if not files:
        raise PlanError(f"--target {pattern}: no file matches this pattern (current folder: {Path.cwd()})")
    common = Path(os.path.commonpath([one.absolute().parent for one in files]))
    made, problems = [], []
    for file in files:
        try:
            profile = load(file, operations=BY_NAME, overrides=settings)
        except ProfileError as error:
            problems += str(error).splitlines()
            continue
        if profile.stimuli.driver == "manual":
            problems.append(
                f'{file}: [stimuli] driver: found "manual"; a person can serve only one run at a time, '
                "so run this target alone"
            )
        made.append(One(file.absolute().relative_to(common).with_suffix("").as_posix(), file, profile))
    names = [one.name for one in made]
    problems += [
        f"{one.file}: another matching file is called {one.name}, too; rename one of them"
        for one in made
        if names.count(one.name) > 1
    ]
    if problems:
        raise PlanError("\n".join(problems))
    return made


def queues(targets: Sequence[One], *, on_one_machine: bool = True) -> list[list[One]]:
    """Put targets that share something into one queue, to be judged one after another.

    They share the backend under test: what one run does there would be charged to the other. On one machine
    they may also share the port on which the hub listens.
    """
    made: list[list[One]] = []
    for one in targets:
        with_it = [
            queue
            for queue in made
            if any(shared(one, other, on_one_machine=on_one_machine) for other in queue)
        ]
        made = [queue for queue in made if queue not in with_it]
        made.append([*(other for queue in with_it for other in queue), one])
    return sorted(([one for one in targets if one in queue] for queue in made), key=lambda it: it[0].name)


def shared(one: One, other: One, *, on_one_machine: bool = True) -> str:
    """What two targets share, in words; empty for nothing."""
    port = one.profile.hub.port
    if on_one_machine and port and port == other.profile.hub.port:
        return f"the port of [hub] listen ({port})"
    if _backend(one) == _backend(other):
        return f"the backend ({one.profile.target.base_url})"
    return ""


def waiting(queue: Sequence[One], *, on_one_machine: bool = True) -> Iterator[str]:
    """Tell for a queue of several which targets are judged one after another, and why."""
    for number, one in enumerate(queue[1:], 1):
        other, why = next(
            (other, why)
            for other in queue[:number][::-1]
            if (why := shared(one, other, on_one_machine=on_one_machine))
        )
        yield f"{one.name} waits for {other.name}: both have {why}"


def _backend(one: One) -> tuple[str | None, int | None]:
    parts = urlsplit(one.profile.target.base_url)
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
