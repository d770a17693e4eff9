"""What a command cannot do, as one line for each problem."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from oicp_conformance.hub.errors import HubError


class Problem(click.ClickException):
    """A problem with what the user gave, or with the suite; `exit_code` says which."""

    def __init__(self, message: str, exit_code: int = 4) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc] # click reads it from the instance


def of_hub(error: "HubError") -> Problem:
    """Say what is wrong: a wrong profile is bad usage, any other error of the hub is one of the suite."""
    from oicp_conformance.hub.errors import HubSettingsError
    from oicp_conformance.reporting.exit_codes import TROUBLE, USAGE

    return Problem(str(error), USAGE if isinstance(error, HubSettingsError) else TROUBLE)


class Checked(click.ParamType[str]):
    """A value that is checked here, and passed on as the text that it is."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what `read` cannot read."""
        try:
            self._read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return value
