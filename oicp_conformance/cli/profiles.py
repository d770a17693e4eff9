"""The command that writes a first profile."""

import dataclasses
import json
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oicp_conformance.cli.errors import Problem
from oicp_conformance.cli.profile_text import OPTIONAL, SCHEMA, SHIM, Answers, profile_text, shim_text
from oicp_conformance.cli.pytest_run import none_after

if TYPE_CHECKING:
    from oicp_conformance.cli.backend_openapi import Described
    from oicp_conformance.profile import Profile

_DEFAULTS = {
    "role": "cpo",
    "base_url": "http://127.0.0.1:9000",
    "listen": "127.0.0.1:8600",
    "operator_id": "DE*ABC",
    "evse_id": ("DE*ABC*E1*1", "DE*ABC*E2*1"),
    "provider_id": "DE-DCB",
    "mode": "online",
    "uid": "1234ABCD",
    "refused_uid": "DEADBEEF",
    "evco_id": "",
    "stimuli": "command",
    "stimuli_url": "http://127.0.0.1:9001/stimuli",
}
_QUESTIONS = {
    "role": "Role of the backend, cpo or emp",
    "base_url": "Its URL, to which /api/oicp/... is appended",
    "listen": "Where the hub listens, as the backend will call it",
    "operator_id": "OperatorID",
    "evse_id": "EVSEs on which the suite may start sessions, separated by spaces",
    "provider_id": "ProviderID",
    "mode": "Does the EMP authorize online or offline",
    "uid": "UID of an RFID card that it authorizes",
    "refused_uid": "UID of an RFID card that it rejects",
    "evco_id": "EvcoID of a customer who starts in the app (may be empty)",
    "stimuli": "How the suite makes it act: command, http, ocpp (a CPO), manual or none",
    "stimuli_url": "URL of the stimuli, or of the central system",
}
_CHOICES = {
    "role": ("cpo", "emp"),
    "mode": ("online", "offline"),
    "stimuli": ("command", "http", "ocpp", "manual", "none"),
}
_DISPENSABLE = ("listen", "refused_uid", "evco_id", "stimuli", "stimuli_url", "mode")
"""Questions whose default is harmless."""
_CENTRAL_SYSTEM = "ws://127.0.0.1:9100/ocpp"
"""The default of stimuli_url for the driver ocpp."""
_OTHER_SIDE = {"cpo": ("provider_id",), "emp": ("operator_id", "evse_id")}
"""By role, the ids of the side that the suite plays: any will do."""
_OF_EMP = ("mode", "uid", "refused_uid", "evco_id")


@click.command(short_help="Write a first profile, and a shim for its stimuli.")
@click.option("--role", type=click.Choice(_CHOICES["role"]), help="of the backend")
@click.option("--base-url", metavar="URL", help="its address; /api/oicp/... is appended")
@click.option("--listen", metavar="HOST:PORT", help="where the hub listens (127.0.0.1:8600)")
@click.option("--operator-id", metavar="ID", help="cpo: its OperatorID; emp: that of the hub")
@click.option("--evse-id", metavar="ID", multiple=True, help="an EVSE for sessions; repeatable")
@click.option("--provider-id", metavar="ID", help="emp: its ProviderID; cpo: that of the hub")
@click.option("--mode", type=click.Choice(_CHOICES["mode"]), help="emp: how it authorizes")
@click.option("--uid", metavar="UID", help="emp: an RFID card that it authorizes")
@click.option("--refused-uid", metavar="UID", help="emp: an RFID card that it rejects")
@click.option("--evco-id", metavar="ID", help="emp: a customer who starts in the app")
@click.option("--stimuli", type=click.Choice(_CHOICES["stimuli"]), help="the driver")
@click.option("--stimuli-url", metavar="URL", help="of the driver http, or of the central system")
@click.option("--out", metavar="FILE", default="profile.toml", help="the profile (profile.toml)")
@click.option("--openapi", metavar="FILE|URL", help="its OpenAPI document: address, paths, [supports]")
@click.option("--yes", is_flag=True, help="ask nothing: use defaults")
@click.option("--force", is_flag=True, help="overwrite existing files")
@click.pass_context
def init(ctx: click.Context, /, out: str, openapi: str | None, yes: bool, force: bool, **given: Any) -> None:
    """Write a first profile with comments, its JSON Schema, and a shim skeleton."""
    none_after(ctx)
    file = Path(out)
    described = _described(openapi, given) if openapi else None
    answers = _answers(given, asks=not yes and sys.stdin.isatty(), defaults=yes)
    if described:
        answers = _completed(answers, described)
    profile = _profile(answers, file)
    if not described:
        answers = dataclasses.replace(answers, supports=_probed(profile, answers))
    files = _files(answers, file)
    _settle(files, asks=sys.stdin.isatty() and not yes, force=force)
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


def _answers(given: Mapping[str, Any], *, asks: bool, defaults: bool) -> Answers:
    """What was given on the command line, completed by questions or defaults."""
    values = {name: value for name, value in given.items() if value not in (None, ())}
    missing = []
    for name, usual in _DEFAULTS.items():
        if name in values or not _applies(name, values):
            continue
        is_central = name == "stimuli_url" and values["stimuli"] == "ocpp"
        default = _CENTRAL_SYSTEM if is_central else usual
        if asks:
            values[name] = _ask(name, default)
        elif defaults or name in _DISPENSABLE or name in _OTHER_SIDE.get(values.get("role", ""), ()):
            values[name] = default
        else:
            missing.append(f"--{name.replace('_', '-')}")
    if missing:
        raise Problem(f"missing: {', '.join(missing)}; give them, or --yes for defaults")
    name = f"My {values['role'].upper()} backend"
    return Answers(name=name, evse_ids=tuple(values.pop("evse_id")), **values)


def _applies(name: str, values: Mapping[str, Any]) -> bool:
    """Whether a question makes sense after the answers before it."""
    if name in _OF_EMP:
        return values.get("role") == "emp"
    return name != "stimuli_url" or values.get("stimuli") in {"http", "ocpp"}


def _ask(name: str, default: Any) -> Any:
    if name == "evse_id":
        return tuple(click.prompt(_QUESTIONS[name], default=" ".join(default)).split())
    kind = click.Choice(_CHOICES[name]) if name in _CHOICES else str
    return click.prompt(_QUESTIONS[name], default=default, type=kind, show_choices=False)


def _profile(answers: Answers, file: Path) -> "Profile":
    """Make a profile of the answers; there is no file yet, so a problem names the key and not a line."""
    from oicp_conformance.profile import ProfileError, load

    with tempfile.TemporaryDirectory(prefix="oicp-init-") as folder:
        draft = Path(folder, file.name)
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
            f"{profile.target.shown_url} did not answer: all of [supports] is false; correct it by hand"
        )
        return {}
    click.echo(
        f"{profile.target.shown_url} answers; paths of OICP that it serves: {', '.join(found) or 'none'}"
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


def _settle(files: dict[Path, str], *, asks: bool, force: bool) -> None:
    """Leave out what is there already as it is; refuse to overwrite the rest, unless the user agrees."""
    for path, text in list(files.items()):
        if not path.exists():
            continue
        if path.is_file() and path.read_bytes() == text.encode():
            del files[path]
        elif not force and not (asks and click.confirm(f"{path} exists. Overwrite it?")):
            raise Problem(f"{path}: the file exists, and nothing was written; --force overwrites it")
