"""The profile: what a user tells the suite about the target, read from a TOML file.

Whoever reads a `Profile` can rely on it: what the role needs is there, ids are well-formed, files
exist, and relative paths have been resolved against the profile's folder.
"""

import os
import re
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from oicp_conformance.oicp.messages import IdentificationType
from oicp_conformance.oicp.types import EVSE_ID, OPERATOR_ID, PROVIDER_ID, Role
from oicp_conformance.profile.toml import TomlError, hint, read, shown, unknown

SHORTEST_SECRET = 6
"""Characters of the shortest secret that can be looked for."""
NotificationType = Literal["Start", "Progress", "End", "Error"]

# What each kind of Identification cannot do without.
IDENTIFICATIONS: Mapping[str, tuple[str, ...]] = {
    kind: tuple(
        name
        for structure in get_args(field.annotation)[:1]
        for name, member in structure.model_fields.items()
        if member.is_required()
    )
    for kind, field in IdentificationType.model_fields.items()
}

_Location = tuple[str | int, ...]


class ProfileError(ValueError):
    """A profile that cannot be used; its text has one line for each problem."""


def load(path: Path, operations: Collection[str] | None = None) -> "Profile":
    """Read the profile in the file `path`.

    With `operations`, the names of all OICP operations, the keys of `[target.paths]` must be among them.

    Raises `ProfileError`, which names the file, each offending key, what was found and what is
    expected, when the file cannot be read, is no TOML, or is no valid profile.
    """
    try:
        raw = read(path, "a profile")
    except TomlError as error:
        raise ProfileError(str(error)) from None
    return _checked(raw, path, operations=operations)


def restore(raw: Mapping[str, Any], path: Path, name: str | None = None) -> "Profile":
    """The profile that a run has saved in the file `path`; the files that it names need not be there.

    `name` is that of the file that it was read from at the time.

    Raises `ProfileError` as `load` does.
    """
    profile = _checked(raw, path, saved=True)
    if name:
        profile._path = path.with_name(name)  # noqa: SLF001 - as the validator does
    return profile


def as_saved(profile: "Profile") -> dict[str, Any]:
    """A profile with all that it leaves to the suite, as JSON; `restore` reads it."""
    raw = profile.model_dump(mode="json", exclude_none=True)
    raw["partner"] = {
        key: value
        for key, value in raw["partner"].items()
        if _ONLY_FOR.get(key, profile.target.role) == profile.target.role
    }
    return raw


def _checked(
    raw: Mapping[str, Any], path: Path, *, operations: Collection[str] | None = None, saved: bool = False
) -> "Profile":
    problems = list(_unknown_operations(raw, operations)) if operations is not None else []
    try:
        profile = Profile.model_validate(raw, context={"path": path.absolute(), "saved": saved})
    except ValidationError as error:
        problems += [
            (details["loc"], _explain(details))
            for details in error.errors()
            if details["type"] != _ACROSS_KEYS
        ]
        problems += _across_keys(raw)
    if problems:
        lines = "\n".join(f"{path}: {_key(location)}: {text}" for location, text in problems)
        raise ProfileError(_without_secrets(lines, raw))
    return profile


def _without_secrets(text: str, raw: Mapping[str, Any]) -> str:
    """What is wrong with a profile, without the secrets in it."""
    from oicp_conformance.redaction import Redactor  # noqa: PLC0415 - it knows profiles

    listed = _table(raw, "secrets").get("values")
    named = {one: one for one in (listed if isinstance(listed, list) else [listed]) if isinstance(one, str)}
    return Redactor(named).text(text)


# --- values -------------------------------------------------------------------------------------------


def _expected(what: str) -> PydanticCustomError:
    return PydanticCustomError("expected", "{expected}", {"expected": what})


def _id(pattern: str, what: str) -> AfterValidator:
    # Not case-sensitive: a target whose ids are in lower case is judged for that, not locked out.
    regex = re.compile(pattern, re.IGNORECASE)

    def check(value: str) -> str:
        if not regex.fullmatch(value):
            raise _expected(what)
        return value

    return AfterValidator(check)


_AN_OPERATOR_ID = 'an OperatorID such as "DE*ABC"'
_A_PROVIDER_ID = 'a ProviderID such as "DE-DCB"'
_AN_EVSE_ID = 'an EvseID such as "DE*ABC*E1*1"'

_OperatorID = Annotated[str, _id(OPERATOR_ID, _AN_OPERATOR_ID)]
_ProviderID = Annotated[str, _id(PROVIDER_ID, _A_PROVIDER_ID)]
_EvseID = Annotated[str, _id(EVSE_ID, _AN_EVSE_ID)]


def _is_http_url(value: str) -> bool:
    # urlsplit drops line breaks and tabs silently.
    if re.search(r"[\s\x00-\x1f]", value):
        return False
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0


def _url(value: str) -> str:
    if not _is_http_url(value):
        raise _expected('a URL such as "http://127.0.0.1:9001/stimuli"')
    return value


_A_BASE_URL = 'a URL such as "http://127.0.0.1:9000", without a query'


def _base_url(value: str) -> str:
    if not _is_http_url(value) or "?" in value or "#" in value:
        raise _expected(_A_BASE_URL)
    return value.rstrip("/")


def _path_of_url(value: str) -> str:
    if not value.startswith("/"):
        raise _expected('a path that starts with "/"')
    try:
        value.format(providerID="", operatorID="")
    except (LookupError, ValueError, AttributeError):
        raise _expected("a path with no braces but {providerID} and {operatorID}") from None
    return value


def _listen(value: str) -> str:
    host, colon, port = value.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    bare_host = host[1:-1] if bracketed else host
    fine = bare_host and colon and re.fullmatch(r"[0-9]{1,5}", port) and int(port) <= 65535
    if not fine or re.search(r"[\s/\[\]]", bare_host) or (":" in bare_host) != bracketed:
        raise _expected('"host:port" such as "127.0.0.1:8600"')
    return value


def _folder(info: ValidationInfo) -> Path:
    context: Mapping[str, Any] = info.context or {}
    return context["path"].parent if "path" in context else Path.cwd()


def _existing_file(value: object, info: ValidationInfo) -> Path:
    if not isinstance(value, str | Path) or value == "":
        raise _expected("the name of a file")
    file = _folder(info) / value
    if info.context and info.context.get("saved"):
        return file
    if not file.is_file():
        raise _expected(f"a file, but {file} is {'a folder' if file.is_dir() else 'not there'}")
    if not os.access(file, os.R_OK):
        raise _expected(f"a file that may be read, but {file} may not")
    return file


_A_COMMAND = 'a command such as ["./stimulate.sh"] or "./stimulate.sh"'


def _words(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str):
        try:
            value = shlex.split(value)
        except ValueError as error:
            raise _expected(f"{_A_COMMAND} ({error})") from None
    if not isinstance(value, list) or not value or value[0] == "":
        raise _expected(_A_COMMAND)
    program = value[0]
    if isinstance(program, str) and "/" in program:
        return [str(_folder(info) / program), *value[1:]]
    return value


def _notifications(value: object) -> object:
    if isinstance(value, bool):
        return list(get_args(NotificationType)) if value else []
    return value


def _unique(value: list[NotificationType]) -> list[NotificationType]:
    if len(set(value)) != len(value):
        raise _expected("each type at most once")
    return value


def _identification(value: dict[str, dict[str, JsonValue]]) -> dict[str, dict[str, JsonValue]]:
    if len(value) != 1 or not value.keys() <= IDENTIFICATIONS.keys():
        hints = [hint(key, IDENTIFICATIONS) for key in value if key not in IDENTIFICATIONS]
        raise _expected("; ".join([f"exactly one of {', '.join(IDENTIFICATIONS)}", *filter(None, hints)]))
    for kind, fields in value.items():
        for name in IDENTIFICATIONS[kind]:
            if not (isinstance(fields.get(name), str) and fields[name]):
                raise _expected(f"{kind} to have a string {name}")
    return value


_NonEmpty = Annotated[str, Field(min_length=1)]
_Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_File = Annotated[Path, BeforeValidator(_existing_file)]
_Identification = Annotated[dict[str, dict[str, JsonValue]], AfterValidator(_identification)]


# --- tables -------------------------------------------------------------------------------------------


class _Table(BaseModel):
    """What all tables of the profile have in common: unknown keys and lax types are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class TargetTls(_Table):
    """`[target.tls]`: how the hub trusts the target, and what it shows it."""

    ca: _File | None = None
    certificate: _File | None = None
    key: _File | None = None


class Target(_Table):
    """`[target]`: the system under test, and how the hub reaches it."""

    name: _NonEmpty = Field(description="a string")
    version: str | None = None
    role: Role = Field(description='"cpo" or "emp"')
    base_url: Annotated[str, AfterValidator(_base_url)] = Field(description=_A_BASE_URL)
    timeout: _Seconds = 60.0
    paths: dict[str, Annotated[str, AfterValidator(_path_of_url)]] = {}
    tls: TargetTls | None = None


class Partner(_Table):
    """`[partner]`: who the target is. Only the keys of its role have a meaning."""

    operator_id: _OperatorID | None = None
    evse_ids: list[_EvseID] = []
    provider_id: _ProviderID | None = None
    mode: Literal["online", "offline"] = "online"
    accepts: list[_Identification] = []
    refuses: list[_Identification] = []


class Counterpart(_Table):
    """`[counterpart]`: as whom the hub speaks to the target."""

    provider_id: _ProviderID = "DE-DCB"
    operator_id: _OperatorID = "DE*ABC"
    evse_ids: Annotated[list[_EvseID], Field(min_length=1)] = ["DE*ABC*E1*1"]


class HubTls(_Table):
    """`[hub.tls]`: what the hub shows the target; with `client_ca` it asks for a certificate, too."""

    certificate: _File = Field(description="a file")
    key: _File = Field(description="a file")
    client_ca: _File | None = None


class Hub(_Table):
    """`[hub]`: where the hub listens."""

    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8600"
    tls: HubTls | None = None

    @property
    def host(self) -> str:
        """The host of `listen`; an IPv6 address without its brackets."""
        return self.listen.rpartition(":")[0].removeprefix("[").removesuffix("]")

    @property
    def port(self) -> int:
        """The port of `listen`; 0 lets the system choose one."""
        return int(self.listen.rpartition(":")[2])


class Supports(_Table):
    """`[supports]`: the optional operations that the target offers."""

    eRoamingAuthorizeStop: bool = False
    eRoamingChargingNotifications: Annotated[
        list[NotificationType], BeforeValidator(_notifications), AfterValidator(_unique)
    ] = []
    eRoamingReservation: bool = False
    eRoamingDynamicPricing: bool = False
    eRoamingPushAuthenticationData: bool = False
    eRoamingGetChargeDetailRecords: bool = False


class Stimuli(_Table):
    """`[stimuli]`: how the target is brought to send an operation by itself."""

    driver: Literal["http", "command", "manual", "none"] = "none"
    url: Annotated[str, AfterValidator(_url)] | None = None
    command: Annotated[list[str], BeforeValidator(_words)] | None = None
    wait: _Seconds = 10.0

    _folder: Path = PrivateAttr(default_factory=Path.cwd)

    def model_post_init(self, context: Mapping[str, Any] | None, /) -> None:
        """Remember the profile's folder."""
        if context:
            self._folder = context["path"].parent

    @property
    def folder(self) -> Path:
        """Where the command runs: the profile's folder, since its arguments may be relative paths, too."""
        return self._folder


def _can_be_found(value: str) -> str:
    if len(value) < SHORTEST_SECRET:
        raise _expected(
            f"at least {SHORTEST_SECRET} characters: shorter ones stand in too much that is no secret"
        )
    return value


def _is_set_to_a_secret(name: str) -> str:
    if 0 < len(os.environ.get(name, "")) < SHORTEST_SECRET:
        raise _expected(f"a variable with a value of at least {SHORTEST_SECRET} characters")
    return name


class Secrets(_Table):
    """`[secrets]`: what is redacted in all that a run writes, besides PINs, credentials and private keys."""

    values: list[Annotated[str, AfterValidator(_can_be_found)]] = []
    environment: list[Annotated[_NonEmpty, AfterValidator(_is_set_to_a_secret)]] = []
    headers: list[_NonEmpty] = []
    fields: list[_NonEmpty] = []
    personal: bool = False


class Profile(_Table):
    """All that a run needs to know about one target."""

    target: Target = Field(description="a table")
    partner: Partner = Partner()
    counterpart: Counterpart = Counterpart()
    hub: Hub = Hub()
    supports: Supports = Supports()
    stimuli: Stimuli = Stimuli()
    secrets: Secrets = Secrets()

    _path: Path | None = PrivateAttr(default=None)

    def model_post_init(self, context: Mapping[str, Any] | None, /) -> None:
        """Remember the source file."""
        if context:
            self._path = context["path"]

    @property
    def path(self) -> Path | None:
        """The file that the profile was read from; None for one that was made in memory."""
        return self._path

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        problems = list(_across_keys(self.model_dump(exclude_unset=True)))
        if problems:
            text = "\n".join(f"{_key(location)}: {problem}" for location, problem in problems)
            raise PydanticCustomError(_ACROSS_KEYS, "{text}", {"text": text})
        return self


# --- rules across keys --------------------------------------------------------------------------------
#
# They look at the raw tables, and leave alone what has the wrong type: so a profile with a typing error
# in one table is still told all that is wrong with the others.

_ACROSS_KEYS: Literal["across_keys"] = "across_keys"
_Problem = tuple[_Location, str]

_NEEDS: Mapping[Role, Mapping[str, str]] = {
    "cpo": {"operator_id": _AN_OPERATOR_ID, "evse_ids": f"a list with {_AN_EVSE_ID}"},
    "emp": {"provider_id": _A_PROVIDER_ID},
}
_ONLY_FOR: Mapping[str, Role] = {
    "operator_id": "cpo",
    "evse_ids": "cpo",
    "provider_id": "emp",
    "mode": "emp",
    "accepts": "emp",
    "refuses": "emp",
}
_SUPPORTS_ONLY_FOR: Mapping[str, Role] = {
    "eRoamingPushAuthenticationData": "emp",
    "eRoamingGetChargeDetailRecords": "emp",
}


def _across_keys(raw: Mapping[str, Any]) -> Iterator[_Problem]:
    for role in get_args(Role):
        if role == _table(raw, "target").get("role"):
            yield from _role_problems(role, _table(raw, "partner"), _table(raw, "supports"))
    tls = _table(raw, "target", "tls")
    for key, other in (("certificate", "key"), ("key", "certificate")):
        if other in tls and key not in tls:
            yield ("target", "tls", key), f"missing, expected a file (there is a {other})"
    yield from _stimuli_problems(_table(raw, "stimuli"))


def _role_problems(role: Role, partner: Mapping[str, Any], supports: Mapping[str, Any]) -> Iterator[_Problem]:
    for key, what in _NEEDS[role].items():
        if key not in partner:
            yield ("partner", key), f"missing, expected {what} (role {role} needs it)"
        elif partner[key] == []:
            yield ("partner", key), f"found [], expected {what} (role {role} needs it)"
    if role == "emp" and partner.get("mode", "online") == "online" and not partner.get("accepts"):
        found = "found []" if "accepts" in partner else "missing"
        needed = "role emp needs it when its mode is online"
        yield ("partner", "accepts"), f"{found}, expected at least one Identification ({needed})"
    for key, only in _ONLY_FOR.items():
        if key in partner and role != only:
            yield ("partner", key), f"found {shown(partner[key])}, but it is only for role {only}"
    for key, only in _SUPPORTS_ONLY_FOR.items():
        if supports.get(key) is True and role != only:
            yield ("supports", key), f"found true, but it is only for role {only}"


def _stimuli_problems(stimuli: Mapping[str, Any]) -> Iterator[_Problem]:
    driver = stimuli.get("driver", "none")
    if driver not in ("http", "command", "manual", "none"):
        return
    for key, only, what in (
        ("url", "http", 'a URL such as "http://127.0.0.1:9001/stimuli"'),
        ("command", "command", _A_COMMAND),
    ):
        if key not in stimuli and driver == only:
            yield ("stimuli", key), f"missing, expected {what} (driver {only} needs it)"
        if key in stimuli and driver != only:
            found = shown(stimuli[key])
            yield ("stimuli", key), f"found {found}, but it is only for driver {only} (this is {driver})"


def _unknown_operations(raw: Mapping[str, Any], operations: Collection[str]) -> Iterator[_Problem]:
    for name in _table(raw, "target", "paths"):
        if name not in operations:
            yield ("target", "paths", name), unknown(name, operations, "operation")


def _table(raw: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    table: object = raw
    for name in names:
        table = table.get(name) if isinstance(table, Mapping) else None
    return table if isinstance(table, Mapping) else {}


# --- words for what is wrong --------------------------------------------------------------------------

_TABLES: Mapping[_Location, type[_Table]] = {
    (): Profile,
    ("target",): Target,
    ("target", "tls"): TargetTls,
    ("partner",): Partner,
    ("counterpart",): Counterpart,
    ("hub",): Hub,
    ("hub", "tls"): HubTls,
    ("supports",): Supports,
    ("stimuli",): Stimuli,
    ("secrets",): Secrets,
}

_EXPECTED: Mapping[str, str] = {
    "string_type": "a string",
    "string_too_short": "a string that is not empty",
    "bool_type": "true or false",
    "float_type": "a number",
    "finite_number": "a finite number",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "too_short": "a list with at least one entry",
    "invalid-json-value": "a value that JSON knows (a date goes into a string)",
}

_EXPECTED_WITH: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "expected": lambda context: str(context["expected"]),
    "greater_than": lambda context: f"a number greater than {context['gt']:g}",
    "literal_error": lambda context: str(context["expected"]).replace("'", '"'),
}


def _explain(error: ErrorDetails) -> str:
    location, kind = error["loc"], error["type"]
    if kind in {"missing", "extra_forbidden"}:
        name, known = str(location[-1]), _TABLES[location[:-1]].model_fields
        if kind == "missing":
            return f"missing, expected {known[name].description}"
        return unknown(name, known, "table" if isinstance(error["input"], dict) else "key")
    if location == ("supports", "eRoamingChargingNotifications") and kind == "list_type":
        expected = f"true, false or a list of {', '.join(get_args(NotificationType))}"
    elif kind in _EXPECTED_WITH:
        expected = _EXPECTED_WITH[kind](error.get("ctx", {}))
    else:
        expected = _EXPECTED.get(kind) or error["msg"]
    found = "something else" if location[:2] == ("secrets", "values") else shown(error["input"])
    return f"found {found}, expected {expected}"


def _key(location: _Location) -> str:
    """`location` as a user finds it in the file: `[partner] evse_ids[1]`."""
    named = [part if _is_bare(part) else shown(part) for part in location]
    depth = 0
    if location and (location[:1] in _TABLES or len(location) > 1):
        depth = 2 if location[:2] in _TABLES or location[:2] == ("target", "paths") else 1
    table, rest = named[:depth], named[depth:]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest).lstrip(".")
    return " ".join(filter(None, [f"[{'.'.join(map(str, table))}]" if table else "", key]))


def _is_bare(part: str | int) -> bool:
    return isinstance(part, int) or bool(re.fullmatch(r"[A-Za-z0-9_-]+", part))
