"""The commands that put a run into one file, and check such a file."""

from pathlib import Path

import click

from oicp_conformance.cli.errors import Problem
from oicp_conformance.cli.pytest_run import none_after

_FAILED = 1
_NO_KEYS = "signatures need the extra `sign`: pip install 'oicp-conformance[sign]'"


@click.command(short_help="Put a run into one file, signed with your key.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), help="the bundle (default: RUN.oicp.zip)"
)
@click.option(
    "--key",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="sign the bundle: a private Ed25519 key as PEM",
)
@click.pass_context
def bundle(ctx: click.Context, /, run: Path, out: Path | None, key: Path | None) -> None:
    """Put the statement, the page and the journal of a run into one file, with their digests.

    RUN is the folder of a run. Attach the bundle to a certification request; `verify` checks it. To create a
    key: openssl genpkey -algorithm ed25519 -out my.key
    """
    none_after(ctx)
    from oicp_conformance.reporting import bundle as made

    file = out or run.absolute().with_name(f"{run.absolute().name}.oicp.zip")
    try:
        signer = made.make(run, file, key)
    except made.BundleError as error:
        raise Problem(str(error)) from None
    except OSError as error:
        raise Problem(f"{error.filename}: {error.strerror}") from None
    except ModuleNotFoundError as error:
        raise _lacking(error) from None
    click.echo(str(file))
    click.echo(f"signed with the key {signer}" if signer else "not signed; --key FILE signs the bundle")


@click.command(short_help="Check a bundle: its digests and its signature.")
@click.argument("file", metavar="BUNDLE", type=click.Path(path_type=Path))
@click.option("--key", metavar="FILE", type=click.Path(path_type=Path), help="the public key of the signer")
@click.pass_context
def verify(ctx: click.Context, /, file: Path, key: Path | None) -> int:
    """Check that nothing in a bundle was changed, and who signed it.

    Exit code 0: unchanged; 1: changed, or not signed with --key; 4: not readable. To get the public key of a
    private one: openssl pkey -in my.key -pubout
    """
    none_after(ctx)
    from oicp_conformance.reporting import bundle as made

    try:
        found = made.verify(file, key)
    except made.BundleError as error:
        raise Problem(str(error)) from None
    except ModuleNotFoundError as error:
        raise _lacking(error) from None
    for problem in found.problems:
        click.secho(f"problem  {problem}", fg="red")
    if found.statement is not None:
        target = found.statement.target
        version = f" {target.version}" if target.version else ""
        click.echo(f"{target.name}{version} ({target.role.upper()}): {found.statement.headline}")
    if found.signer is None:
        click.echo("not signed: the bundle does not prove who made it")
    elif found.is_trusted:
        click.echo(f"signed with the expected key {found.signer}")
    else:
        hint = "" if key else "; --key FILE checks whose it is"
        click.echo(f"signed with the key {found.signer}{hint}")
    if found.problems:
        return _FAILED
    click.echo("no file has changed since the bundle was made")
    return 0


def _lacking(error: ModuleNotFoundError) -> Exception:
    return Problem(_NO_KEYS) if (error.name or "").startswith("cryptography") else error
