"""Statements that were written by earlier runs: read, and found again."""

from pathlib import Path

from pydantic import ValidationError

from oicp_conformance.judge.statement import Statement
from oicp_conformance.oicp.types import Role

NAME = "conformance.json"


class StatementError(ValueError):
    """A statement that cannot be used; its text names the file and what is wrong."""


def read(path: Path) -> Statement:
    """Read the statement in the file `path`.

    Raises `StatementError` when the file cannot be read, or is no statement of this format.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise StatementError(f"{path}: no such file; expected a statement ({NAME})") from None
    except OSError as error:
        raise StatementError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        return Statement.model_validate_json(data)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        first = details[0]
        where = ".".join(str(part) for part in first["loc"])
        more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
        at = f"{where}: " if where else ""
        raise StatementError(f"{path}: {at}{first['msg']}{more}; expected a statement") from None


def whole(path: Path) -> Statement:
    """Read the statement in the file `path` as `read` does, and refuse that of a narrowed run."""
    statement = read(path)
    _is_whole(statement, path)
    return statement


def _is_whole(statement: Statement, path: Path) -> None:
    if statement.partial or statement.verdict == "partial":
        reason = statement.partial or "some tests were not run"
        raise StatementError(f"{path}: only a whole run can be compared; of this run, {reason}")


def baseline(path: Path, role: Role) -> Statement | None:
    """The statement to compare a run with: a file, or a folder in which runs leave theirs.

    In a folder it lies as `cpo/conformance.json` or `emp/conformance.json`, or as `conformance.json`. A
    folder that has none gives None: there was no run yet. Raises `StatementError` when it cannot be used.
    """
    file = path
    if path.is_dir():
        found = [one for one in (path / role / NAME, path / NAME) if one.exists()]
        if not found:
            return None
        file = found[0]
    statement = read(file)
    if statement.target.role != role:
        raise StatementError(
            f"{file}: target.role: found {statement.target.role!r}, but the target is of role {role}"
        )
    _is_whole(statement, file)
    if statement.verdict == "error":
        raise StatementError(
            f"{file}: verdict: found 'error': a run with an internal error does not judge the target"
        )
    return statement
