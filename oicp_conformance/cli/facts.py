"""The commands that print what the suite knows: requirements, schemas, its version."""

import json
from pathlib import Path
from typing import Literal

import click

from oicp_conformance import __version__
from oicp_conformance.cli.errors import Problem
from oicp_conformance.cli.pytest_run import none_after


@click.command(short_help="List every requirement with its clause.")
@click.option("--markdown", is_flag=True, help="as the page REQUIREMENTS.md")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="write to this file")
@click.pass_context
def requirements(ctx: click.Context, /, markdown: bool, out: Path | None) -> None:
    """List every requirement: role, id, operations, level, clause, sentence, and how it is judged.

    Each line is one requirement, with tabs between the columns.
    """
    none_after(ctx)
    from oicp_conformance.reporting.requirements_page import listing, table

    _write(table() if markdown else "".join(f"{line}\n" for line in listing()), out)


@click.command(short_help="Print the JSON Schema of profiles.")
@click.option("--statement", is_flag=True, help="the schema of statements (conformance.json) instead")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="write to this file")
@click.pass_context
def schema(ctx: click.Context, /, statement: bool, out: Path | None) -> None:
    """Print the JSON Schema of profiles, with which editors complete and check them.

    A profile names it in its first line: #:schema ./profile.schema.json
    """
    none_after(ctx)
    if statement:
        from oicp_conformance.judge.statement import schema as made

        _write(made(), out)
    else:
        from oicp_conformance.profile import drivers, json_schema

        _write(json.dumps(json_schema(drivers.names()), indent=2, ensure_ascii=False) + "\n", out)


@click.command(short_help="Print the contract: OpenAPI, JSON Schema, Postman.")
@click.option("--role", type=click.Choice(["cpo", "emp"]), required=True, help="of the target")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["openapi", "json-schema", "postman"]),
    default="openapi",
    help="default: openapi",
)
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="write to this file")
@click.pass_context
def contract(ctx: click.Context, /, role: Literal["cpo", "emp"], kind: str, out: Path | None) -> None:
    """Print the operations and messages of OICP 2.3 between Hubject and a target of this role.

    openapi is an OpenAPI 3.1 document, json-schema has a definition for each message, and postman is a
    collection that Postman and Bruno import.
    """
    none_after(ctx)
    from oicp_conformance.oicp.openapi import DIALECT, document
    from oicp_conformance.oicp.postman import collection

    made = collection(role) if kind == "postman" else document(role)
    if kind == "json-schema":
        text = json.dumps(made["components"]["schemas"]).replace("#/components/schemas/", "#/$defs/")
        made = {"$schema": DIALECT, "title": made["info"]["title"], "$defs": json.loads(text)}
    _write(json.dumps(made, indent=2, ensure_ascii=False) + "\n", out)


@click.command(short_help="Print a script that completes commands in a shell.", hidden=True)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, /, shell: str) -> None:
    """Print the script with which SHELL completes this command.

    \b
    bash:  oicp-conformance completion bash >> ~/.bashrc
    zsh:   oicp-conformance completion zsh >> ~/.zshrc
    fish:  save it in ~/.config/fish/completions/oicp-conformance.fish
    """
    none_after(ctx)
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    root = ctx.find_root()
    name = "oicp-conformance"
    click.echo(made(root.command, {}, name, "_OICP_CONFORMANCE_COMPLETE").source())


@click.command(short_help="Print the version of the suite.")
@click.pass_context
def version(ctx: click.Context, /) -> None:
    """Print the version of the suite."""
    none_after(ctx)
    click.echo(f"oicp-conformance {__version__}")


def _write(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Problem(f"--out {out}: {error.strerror}") from None
    click.echo(str(out))
