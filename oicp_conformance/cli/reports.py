"""The commands that work on what runs left: compare, report, show, replay."""

from collections.abc import Iterator
from pathlib import Path

import click

from oicp_conformance.cli.errors import Problem, of_hub
from oicp_conformance.cli.pytest_run import none_after

_FAILED, _TROUBLE = 1, 3


@click.command(short_help="List what is newly broken between two runs.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--html", metavar="FILE", type=click.Path(path_type=Path), help="also write the comparison as a page"
)
@click.pass_context
def compare(ctx: click.Context, /, old: Path, new: Path, html: Path | None) -> int:
    """List what is newly broken, newly fixed and newly inconclusive between two statements.

    OLD and NEW are statements (conformance.json) or folders of runs. Exit code 0: nothing is newly broken;
    1: a requirement is newly broken, or the whole run is worse; 4: the two cannot be compared.
    """
    none_after(ctx)
    from oicp_conformance.reporting import runs
    from oicp_conformance.reporting.compare import compared, page
    from oicp_conformance.run.statements import StatementError

    try:
        changes = compared(old, new)
    except StatementError as error:
        raise Problem(str(error)) from None
    for _, line in runs.changed(changes):
        click.echo(line)
    click.echo(runs.counted(changes))
    if html is not None:
        _written("--html", html, page(old, new))
    return int(changes.is_worse)


@click.command(short_help="Render report.html and the pages of a run again.")
@click.argument("run", type=click.Path(path_type=Path), required=False)
@click.option(
    "--out", metavar="DIR", type=click.Path(path_type=Path), help="write here (default: beside RUN's files)"
)
@click.option(
    "--history",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="keep results here, and show their trend",
)
@click.option("--prepare", is_flag=True, help="download Allure into the cache, and render nothing")
@click.option("--cache", metavar="DIR", type=click.Path(path_type=Path), help="where Allure is kept")
@click.option(
    "--badge",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="write the verdict for a badge of shields.io, and render nothing",
)
@click.pass_context
def report(
    ctx: click.Context,
    run: Path | None,
    out: Path | None,
    history: Path | None,
    prepare: bool,
    cache: Path | None,
    badge: Path | None,
) -> None:
    """Render report.html, conformance.html and conformance.md of a run again.

    RUN is the folder of a run, or a statement (conformance.json): then only the pages are rendered.

    Allure renders report.html; the suite downloads it once. For a machine without a network, run
    `oicp-conformance report --prepare --cache DIR` on another machine, copy DIR, and set --cache or the
    variable OICP_CONFORMANCE_CACHE to its path.
    """
    none_after(ctx)
    from oicp_conformance.reporting.install import allure
    from oicp_conformance.reporting.render_error import RenderError

    cache = cache.absolute() if cache else None
    if badge is not None:
        _badge(run, badge)
        return
    try:
        if prepare:
            click.echo(f"Allure is kept in {allure(cache).parents[3]}")
        if run is not None:
            for file in _made(run, out, history, cache):
                click.echo(str(file))
        elif not prepare:
            raise Problem("RUN: missing; expected the folder of a run, or --prepare")
    except RenderError as error:
        if error.detail:
            click.echo(error.detail, err=True)
        advice = f"; to do: {error.advice}" if error.advice else ""
        raise Problem(f"report.html was not rendered: {error}{advice}", _TROUBLE) from None


@click.command(short_help="Print an exchange of a run, and mark what is broken.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("number", metavar="N", type=int)
@click.pass_context
def show(ctx: click.Context, /, run: Path, number: int) -> None:
    """Print exchange N of a run: both messages, and each finding with its part marked.

    RUN is the folder of a run.
    """
    none_after(ctx)
    from oicp_conformance.reporting import finding

    try:
        click.echo(finding.show(run, number), nl=False)
    except finding.RunError as error:
        raise Problem(str(error)) from None


@click.command(short_help="Repeat a finding: does it still occur?")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("which", metavar="FINDING")
@click.option(
    "--target",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="the profile, in place of the saved one, which has no secrets",
)
@click.option(
    "--hurl",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="write the finding for Hurl, and send nothing",
)
@click.pass_context
def replay(ctx: click.Context, /, run: Path, which: str, target: Path | None, hurl: Path | None) -> int:
    """Repeat the steps that led to a finding, and report whether it still occurs.

    RUN is the folder of a run. FINDING is the number or the id of a broken requirement, as each report lists
    them. FINDING@N is its finding in exchange N.

    Exit code 0: it no longer occurs; 1: it still occurs, or could not be observed; 3: the hub cannot listen;
    4: bad usage.
    """
    none_after(ctx)
    from oicp_conformance.hub.errors import HubError
    from oicp_conformance.hub.hub import TargetDown
    from oicp_conformance.reporting import finding

    try:
        if hurl is not None:
            _written("--hurl", hurl, finding.as_hurl(run, which))
            return 0
        replayed = finding.replay(run, which, target)
    except finding.RunError as error:
        raise Problem(str(error)) from None
    except HubError as error:
        raise of_hub(error) from None
    except TargetDown as error:
        raise Problem(f"{which}: not observed: {error}", _FAILED) from None
    click.echo(finding.in_words(replayed, which), nl=False)
    return 0 if replayed.state == "gone" else _FAILED


def _badge(run: Path | None, file: Path) -> None:
    from oicp_conformance.reporting import badge
    from oicp_conformance.run.statements import StatementError, read

    if run is None:
        raise Problem("RUN: missing; expected the folder of a run, or a statement")
    try:
        made = badge.of([read(one) for one in _statements(run)])
    except StatementError as error:
        raise Problem(str(error)) from None
    _written("--badge", file, made)


def _written(option: str, file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Problem(f"{option} {file}: {error.strerror}") from None
    click.echo(str(file))


def _made(run: Path, out: Path | None, history: Path | None, cache: Path | None) -> Iterator[Path]:
    """Make what can be made of a run, and yield the files."""
    from oicp_conformance.reporting import overview, page
    from oicp_conformance.reporting.render import render
    from oicp_conformance.run.statements import StatementError, read

    statements = _statements(run)
    titles = []
    try:
        for file in statements:
            titles.append(overview.title(read(file)))
            own = out / file.parent.relative_to(run) if out and run.is_dir() else out
            yield from page.write(file, own)
    except StatementError as error:
        raise Problem(str(error)) from None
    except OSError as error:
        raise Problem(f"{error.filename}: {error.strerror}") from None
    results = [file.parent / "allure-results" for file in statements]
    results = [one for one in results if one.is_dir()]
    if run.is_dir() and results:
        yield render(
            results, (out or run) / "report.html", title="; ".join(titles), history=history, cache=cache
        )


def _statements(run: Path) -> list[Path]:
    """The statements of a run, which is a folder, or the statement itself."""
    from oicp_conformance.run.statements import NAME

    folders = [run, run / "cpo", run / "emp"] if run.is_dir() else []
    statements = [one / NAME for one in folders if (one / NAME).exists()] or ([] if folders else [run])
    if not statements:
        raise Problem(f"{run}: no run left a statement ({NAME}) here")
    return statements
