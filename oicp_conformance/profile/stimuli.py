"""The table `[stimuli]`: what is the same for all drivers. A driver adds keys of its own in a subclass."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, PrivateAttr, ValidationInfo, ValidatorFunctionWrapHandler

from oicp_conformance.profile import drivers
from oicp_conformance.profile.drivers import DriverError
from oicp_conformance.profile.table import Table
from oicp_conformance.profile.values import Located, Pause, Seconds, expected, is_saved


def _registered(name: str, info: ValidationInfo) -> str:
    if not is_saved(info):
        try:
            settings_of(name)
        except DriverError as error:
            raise expected(str(error)) from None
    return name


class Stimuli(Table):
    """`[stimuli]`: how the suite makes the target send an operation."""

    driver: Annotated[str, AfterValidator(_registered)] = "none"
    """How the suite sends a stimulus: "http", "command", "manual", "none", or another installed driver."""
    wait: Seconds = 10.0
    """Seconds to wait for the call that a stimulus causes, and for the CDR of a session whose end the
    target acknowledged."""
    settle: Pause = 0.3
    """Seconds that the target gets to process a response of the hub before the suite continues."""

    _folder: Path = PrivateAttr(default_factory=Path.cwd)

    def model_post_init(self, context: Mapping[str, Any] | None, /) -> None:
        """Remember the folder, where the profile is a file."""
        context = context or {}
        if folder := context.get("folder"):
            self._folder = folder
        elif path := context.get("path"):
            self._folder = path.parent

    @property
    def folder(self) -> Path:
        """The folder of the profile in which the driver's keys stand; a command runs there."""
        return self._folder

    @property
    def passwords(self) -> Mapping[str, str]:
        """The passwords that the driver presents, by the key where each stands: they are secrets."""
        return {}

    @property
    def shim(self) -> str:
        """What the driver asks for stimuli, as the user knows it: a URL, a command. Empty without one."""
        return ""


def settings_of(name: str) -> type[Stimuli]:
    """The table of the driver `name`.

    Raises:
        DriverError: there is no such driver, or it has no table.
    """
    settings = getattr(drivers.find(name), "settings", None)
    if not (isinstance(settings, type) and issubclass(settings, Stimuli)):
        raise DriverError(f'a driver with a subclass of Stimuli as its "settings", which {name} lacks')
    return settings


def by_driver(value: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Stimuli:
    """Have a `[stimuli]` table checked by the model of its driver."""
    if not isinstance(value, Mapping):
        return _common(handler, value)
    try:
        settings = settings_of(value.get("driver", "none"))
    except (DriverError, TypeError):
        # The keys that are the same for all drivers can still be checked.
        return _common(handler, common(value))
    own = [one for key, one in value.items() if key not in Stimuli.model_fields]
    folder = next(_folders([*own, value.get("driver")]), None)
    return settings.model_validate(value, context={**(info.context or {}), "folder": folder})


def _common(handler: ValidatorFunctionWrapHandler, value: object) -> Stimuli:
    checked: Stimuli = handler(value)
    return checked


def common(table: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a `[stimuli]` table that are the same for all drivers."""
    return {key: value for key, value in table.items() if key in Stimuli.model_fields}


def _folders(value: object) -> Any:
    if isinstance(value, Located):
        yield value.folder
    elif isinstance(value, list | Mapping):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _folders(one)
