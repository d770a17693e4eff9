"""The value of --target: a profile, or for `run` a pattern of several."""

import glob
from collections.abc import Sequence
from pathlib import Path

import click

from oicp_conformance.cli.errors import Problem

_PATTERN = "run --target 'profiles/*.toml'"


def is_several(target: str) -> bool:
    """Whether a value of --target is a pattern: it has wildcards in it, and no file is called that."""
    return glob.has_magic(target) and not Path(target).exists()


def one_target(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> str | None:
    """Return the only value of --target, or None; of two, one would be ignored."""
    del param
    if len(values) > 1:
        raise Problem(
            f"--target: given {len(values)} times; for several targets, quote a pattern: {_PATTERN}"
        )
    for value in values:
        if is_several(value) and ctx.info_name != "run":
            raise Problem(f"--target {value}: expected one profile; only `run` takes a pattern")
    return values[0] if values else None


def no_arguments(ctx: click.Context) -> None:
    """Refuse what stands beside the options, such as the files of a pattern that the shell has replaced."""
    if ctx.args:
        raise Problem(
            f"unexpected argument {ctx.args[0]}: expected `--target FILE`, or a pattern in quotes: {_PATTERN}"
        )
