"""The command that writes a first profile."""

import dataclasses
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oicp_conformance.cli.errors import Problem
from oicp_conformance.cli.profile_text import OPTIONAL, SCHEMA, SHIM, Answers, profile_text, shim_text
from oicp_conformance.cli.pytest_run import none_after
from oicp_conformance.cli.questions import DRIVERS, MODES, ROLES, answers_of

if TYPE_CHECKING:
    from oicp_conformance.cli.backend_openapi import Described
    from oicp_conformance.profile import Profile


@click.command(short_help="Write a first profile, and a shim for its stimuli.")
@click.option("--role", type=click.Choice(ROLES), help="of the backend")
@click.option("--base-url", metavar="URL", help="its address; /api/oicp/... is appended")
@click.option("--listen", metavar="HOST:PORT", help="where the hub listens (127.0.0.1:8600)")
@click.option("--operator-id", metavar="ID", help="cpo: its OperatorID; emp: that of the hub")
@click.option("--evse-id", metavar="ID", multiple=True, help="an EVSE for sessions; repeatable")
@click.option("--provider-id", metavar="ID", help="emp: its ProviderID; cpo: that of the hub")
@click.option("--mode", type=click.Choice(MODES), help="emp: how it authorizes")
@click.option("--uid", metavar="UID", help="emp: an RFID card that it authorizes")
@click.option("--refused-uid", metavar="UID", help="emp: an RFID card that it rejects")
@click.option("--evco-id", metavar="ID", help="emp: a customer who starts in the app")
@click.option("--stimuli", type=click.Choice(DRIVERS), metavar="DRIVER", help=", ".join(DRIVERS))
@click.option("--stimuli-url", metavar="URL", help="of the driver http, or of the central system")
@click.option("--station", metavar="ID", help="ocpp: the station's identity (CP-1)")
@click.option("--password-variable", metavar="NAME", help="ocpp: environment variable with its password")
@click.option("--out", metavar="FILE", default="profile.toml", help="the profile (profile.toml)")
@click.option("--openapi", metavar="FILE|URL", help="its OpenAPI document: address, paths")
@click.option("--yes", is_flag=True, help="ask nothing: use defaults")
@click.option("--force", is_flag=True, help="overwrite existing files")
@click.pass_context
def init(ctx: click.Context, /, out: str, openapi: str | None, yes: bool, force: bool, **given: Any) -> None:
    """Write a first profile with comments, its JSON Schema, and a shim skeleton."""
    none_after(ctx)
    file = Path(out)
    asks = not yes and sys.stdin.isatty()
    _can_be_written(file)
    if asks and not force:
        _agree(file)
    described = _described(openapi, given) if openapi else None
    answers = answers_of(given, _profile, asks=asks, defaults=yes)
    if described:
        answers = _completed(answers, described)
    profile = _profile(answers)
    if not described:
        answers = dataclasses.replace(answers, supports=_probed(profile, answers))
    files = _files(answers, file)
    _settle(files, file if asks else None, asks=asks, force=force)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
            click.echo(f"wrote {path}")
    except OSError as error:
        raise Problem(f"{error.filename}: {error.strerror}") from None
    click.echo(f"next: oicp-conformance check --target {file}")


def _described(where: str, given: dict[str, Any]) -> "Described":
    """What the backend's OpenAPI document says; it answers the questions that were not answered."""
    from oicp_conformance.cli.backend_openapi import DocumentError, described, fetched, parsed

    origin = where if "://" in where else None
    try:
        found = described(parsed(fetched(where)), given["role"], origin, given["base_url"])
    except DocumentError as error:
        raise Problem(f"--openapi: {where}: {error}") from None
    given["role"] = found.role
    given["base_url"] = found.base_url
    click.echo(f"operations in the document: {', '.join(found.operations)}")
    return found


def _completed(answers: Answers, described: "Described") -> Answers:
    """The answers with what the document says besides."""
    for note in described.notes:
        click.echo(f"note: {note}")
    base_url = answers.base_url.rstrip("/")
    return dataclasses.replace(
        answers,
        name=described.title or answers.name,
        base_url=base_url if base_url.endswith(described.prefix) else f"{base_url}{described.prefix}",
        version=described.version,
        paths=described.paths,
        notes=described.notes,
        supports={key: described.supports.get(key, False) for key in OPTIONAL[answers.role]},
    )


def _can_be_written(file: Path) -> None:
    """Refuse before the first question what would be in vain after the last."""
    folder = next(one for one in file.absolute().parents if one.exists())
    if file.is_dir():
        raise Problem(f"{file}: is a folder; --out names a file")
    if not folder.is_dir():
        raise Problem(f"{folder}: is not a folder")
    if not os.access(folder, os.W_OK):
        raise Problem(f"{folder}: no permission to write into this folder")


def _profile(answers: Answers) -> "Profile":
    """Make a profile of the answers. No file exists yet, so a problem names the key instead of a line.

    The password of a station is left out: its variable need not be set yet.
    """
    from oicp_conformance.profile import ProfileError, load

    name = answers.password_variable
    if name and not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name):
        raise Problem(f"--password-variable: found {name!r}, expected a name such as CP1_PASSWORD")
    answers = dataclasses.replace(answers, password_variable="")
    with tempfile.TemporaryDirectory(prefix="oicp-init-") as folder:
        draft = Path(folder, "profile.toml")
        draft.write_text(profile_text(answers), encoding="utf-8")
        try:
            return load(draft)
        except ProfileError as error:
            raise Problem(re.sub(rf"{re.escape(str(draft))}(:\d+)?: ", "", str(error))) from None


def _probed(profile: "Profile", answers: Answers) -> dict[str, bool]:
    """Which optional operations the backend seems to offer, as far as the hub would call it for them."""
    from oicp_conformance.hub.addresses import NoConsent
    from oicp_conformance.preflight import served

    try:
        found = served(profile)
    except NoConsent as error:
        click.echo(f"not called: {error}")
        found = None
    if found is None:
        click.echo(
            f"{profile.target.shown_url} did not respond: all of [supports] is false; correct it by hand"
        )
        return {}
    click.echo(
        f"{profile.target.shown_url} responds; OICP paths that it serves: {', '.join(found) or 'none'}"
    )
    if not found:
        click.echo("is there a path prefix? Add it to base_url, without /api/oicp; see [target.paths]")
    from oicp_conformance.oicp.operations import BY_NAME

    keys = {BY_NAME[name].supports for name in found}
    return {key: key in keys for key in OPTIONAL[answers.role]}


def _files(answers: Answers, file: Path) -> dict[Path, str]:
    """All that is to be written."""
    from oicp_conformance.profile import json_schema

    files = {
        file: profile_text(answers),
        file.with_name(SCHEMA): json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n",
    }
    if answers.stimuli == "command":
        files[file.with_name(SHIM)] = shim_text(answers)
    return files


def _settle(files: dict[Path, str], agreed: Path | None, *, asks: bool, force: bool) -> None:
    """Leave out what is there already as it is; refuse to overwrite the rest, unless the user agrees."""
    for path, text in list(files.items()):
        if path.is_file() and path.read_bytes() == text.encode():
            del files[path]
        elif path != agreed and not force:
            _agree(path, asks=asks)


def _agree(path: Path, *, asks: bool = True) -> None:
    """Go on if there is no such file, or if the user agrees that it is overwritten."""
    if path.exists() and not (asks and click.confirm(f"{path} exists. Overwrite it?")):
        raise Problem(f"{path}: the file exists, and nothing was written; --force overwrites it")
