"""The command that puts a load on a target."""

import uuid
from pathlib import Path
from typing import Any

import click

from oicp_conformance import options as table
from oicp_conformance.cli.errors import Problem, of_hub
from oicp_conformance.cli.pytest_run import after, folder_of_now, offers

_TROUBLE = 3


@click.command(short_help="Put a load on a backend, and judge a sample.")
@offers(table.TARGET, table.SET, table.SEED_OPTION, table.REPORT_DIR)
@click.option(
    "--rate",
    metavar="N",
    type=click.IntRange(1, 1000),
    help="calls per second (default: rises until responses take over 10 s)",
)
@click.option(
    "--duration", metavar="SECONDS", type=click.FloatRange(1, 3600), default=60.0, help="default: 60"
)
@click.option(
    "--sample",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    default=5.0,
    help="part of the sessions that is judged (default: 5)",
)
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1, 64),
    default=1,
    help="processes of Locust on this machine (default: 1)",
)
@click.pass_context
def load(
    ctx: click.Context, /, rate: int | None, duration: float, sample: float, workers: int, **values: Any
) -> int:
    """Call a backend as Hubject does, many times per second, and judge a sample.

    It needs the extra `load`, which installs Locust. Arguments after -- go to Locust, such as --master
    --expect-workers 2, or --worker --master-host HOST on other machines.
    """
    if values["target"] is None:
        raise Problem("--target: missing; a load needs the profile of the backend")
    others = [one for some in after(ctx) for one in some]
    from importlib.util import find_spec

    if find_spec("locust") is None:
        raise Problem("the extra `load` is not installed: pip install 'oicp-conformance[load]'")
    from oicp_conformance.load.plan import Plan

    profile = _profile(values["target"], values["set"])
    folder = Path(values["report_dir"] or folder_of_now())
    number = _seed(values["seed"])
    plan = Plan(
        profile=values["target"],
        settings=tuple(values["set"]),
        rate=rate,
        duration=duration,
        share=sample / 100,
        seed=number,
        # Those of other machines have to be known, too.
        mark=uuid.uuid5(uuid.NAMESPACE_URL, f"{profile.target.base_url} {number}").hex[:8],
        workers=workers,
        result=str(folder.absolute() / "load.json"),
    )
    return _carried_out(plan, profile, others)


def _carried_out(plan: Any, profile: Any, others: list[str]) -> int:
    from oicp_conformance.hub.errors import HubError
    from oicp_conformance.hub.hub import TargetDown
    from oicp_conformance.load.loading import LoadError, carry_out, loaded
    from oicp_conformance.load.page import PAGE
    from oicp_conformance.reporting.broken import broken
    from oicp_conformance.reporting.exit_codes import EXIT, FAILED, OK

    try:
        plan.folder.mkdir(parents=True, exist_ok=True)
        Path(plan.result).unlink(missing_ok=True)
        if "--worker" in others:
            carry_out(plan, others)
            return OK
        done = loaded(plan, profile, others, click.echo)
    except HubError as error:
        raise of_hub(error) from None
    except TargetDown as error:
        raise Problem(str(error), FAILED) from None
    except LoadError as error:
        raise Problem(str(error), _TROUBLE) from None
    except OSError as error:
        raise Problem(f"{error.filename}: {error.strerror}", _TROUBLE) from None
    for one in done.result["operations"]:
        name, took = one["name"].replace("Aggregated", "all"), one["seconds"]
        click.echo(
            f"{name:<32} {one['calls']:>7} calls {one['failed']:>6} failed   "
            f"p50 {took['p50']:.3f} s   p95 {took['p95']:.3f} s   max {took['max']:.3f} s"
        )
    for finding in broken(done.statement):
        click.echo(f"{finding.title}")
    click.echo(f"{profile.target.name}: {done.statement.headline}")
    click.echo(f"report: {done.folder / PAGE}")
    return EXIT[done.statement.verdict]


def _seed(text: str | None) -> int:
    import random

    drawn = random.randrange(1, 10**6)  # noqa: S311 - no secret
    return drawn if text == table.RANDOM else int(text or table.SEED)


def _profile(target: str, settings: tuple[str, ...]) -> Any:
    from oicp_conformance.load.consent import objection
    from oicp_conformance.oicp.operations import BY_NAME
    from oicp_conformance.profile import ProfileError, load

    try:
        profile = load(Path(target), operations=BY_NAME, overrides=settings)
    except ProfileError as error:
        raise Problem(str(error)) from None
    if reason := objection(profile.target):
        raise Problem(reason)
    if profile.target.role == "emp" and profile.partner.mode == "offline":
        raise Problem(
            "[partner] mode: Hubject sends no authorizations to an offline EMP; a load needs an online EMP"
        )
    return profile
