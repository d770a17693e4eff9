"""The types of single values of a profile: how each is checked, and what an error says was expected."""

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from oicp_conformance.oicp.types import EVSE_ID, OPERATOR_ID, PROVIDER_ID

SHORTEST_SECRET = 6
"""Characters of the shortest secret that can be looked for."""


class Located(str):
    """A string of a profile, with the folder that a relative path in it starts from.

    Pydantic turns it into a plain string; only what is called before pydantic's own check sees the folder.
    """

    folder: Path

    def __new__(cls, text: str, folder: Path) -> "Located":
        """Make one."""
        made = super().__new__(cls, text)
        made.folder = folder
        return made


def expected(what: str) -> PydanticCustomError:
    """The error of a value that is not `what`."""
    return PydanticCustomError("expected", "{expected}", {"expected": what})


def absent(what: str) -> PydanticCustomError:
    """The error of `what` that is missing."""
    return PydanticCustomError("absent", "{expected}", {"expected": what})


@dataclass(frozen=True)
class Expected:
    """What an error says is expected at a mandatory key that is missing; `Form` has it already."""

    expected: str


def is_saved(info: ValidationInfo) -> bool:
    """Whether the profile comes from a saved run: it was checked when the run began.

    Secrets in it were replaced since then, so that its values need not have their form any more.
    """
    return bool(info.context and info.context.get("saved"))


def folder_of(value: object, info: ValidationInfo) -> Path:
    """The folder that a relative path starts from: that of the file in which it stands."""
    if isinstance(value, Located):
        return value.folder
    context: Mapping[str, Any] = info.context or {}
    return context["path"].parent if "path" in context else Path.cwd()


class Form:
    """A string of one form.

    `check` returns the string as it is kept, or None for one that does not have the form; an error then
    says what was `expected`. `schema` is what the JSON Schema says besides that it is a string.
    """

    def __init__(self, what: str, check: Callable[[str], str | None], **schema: Any) -> None:
        self.expected = what
        self._check = check
        self._schema = schema

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Have pydantic check a string first for its type, then for its form."""
        return core_schema.with_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the form to editors."""
        return handler(schema) | self._schema

    def _checked(self, value: str, info: ValidationInfo) -> str:
        if is_saved(info):
            return value
        kept = self._check(value)
        if kept is None:
            raise expected(self.expected)
        return kept


def any_case(pattern: str) -> str:
    """A regular expression for the same texts in either letter case: JSON Schema knows no flag for that.

    It understands what the patterns of OICP have: literal letters, classes with ranges, escaped signs.
    """

    def in_class(found: re.Match[str]) -> str:
        both = found[1]
        for part in re.findall(r"[A-Za-z]-[A-Za-z]|[A-Za-z](?!-)", re.sub(r"\\.", "", found[1])):
            if part.swapcase() not in both:
                both += part.swapcase()
        return f"[{both}]"

    pieces = re.split(r"(\\.|\[[^\]]*\])", pattern)
    for at, piece in enumerate(pieces):
        if piece.startswith("["):
            pieces[at] = re.sub(r"^\[(.*)\]$", in_class, piece)
        elif not piece.startswith("\\"):
            pieces[at] = re.sub("[A-Za-z]", lambda one: f"[{one[0].upper()}{one[0].lower()}]", piece)
    return "".join(pieces)


def _id(pattern: str, what: str, example: str) -> Form:
    # Not case-sensitive: a target whose ids are in lower case is judged for that, not locked out.
    regex = re.compile(pattern, re.IGNORECASE)
    return Form(
        f'{what} such as "{example}"',
        lambda value: value if regex.fullmatch(value) else None,
        pattern=any_case(pattern),
        examples=[example],
    )


def _is_http_url(value: str) -> bool:
    # urlsplit drops line breaks and tabs silently.
    if re.search(r"[\s\x00-\x1f]", value):
        return False
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0 and _can_be_called(value)


def _can_be_called(url: str) -> bool:
    """Whether httpx can call a URL: it knows which names a host can have."""
    import httpx  # noqa: PLC0415 - it takes long

    try:
        httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return True


def _base_url(value: str) -> str | None:
    return value.rstrip("/") if _is_http_url(value) and "?" not in value and "#" not in value else None


def _path_of_url(value: str) -> str | None:
    if not value.startswith("/"):
        return None
    try:
        value.format(providerID="", operatorID="")
    except (LookupError, ValueError, AttributeError):
        raise expected("a path with no braces but {providerID} and {operatorID}") from None
    return value


def _listen(value: str) -> str | None:
    host, colon, port = value.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    bare_host = host[1:-1] if bracketed else host
    fine = bare_host and colon and re.fullmatch(r"[0-9]{1,5}", port) and int(port) <= 65535
    if not fine or re.search(r"[\s/\[\]]", bare_host) or (":" in bare_host) != bracketed:
        return None
    return value


def _peer(value: str) -> str | None:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        is_name = re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?", value)
        return value if is_name and not re.fullmatch(r"[0-9.]+", value) else None
    return value


def _existing_file(value: object, info: ValidationInfo) -> Path:
    if not isinstance(value, str | Path) or value == "":
        raise expected("the name of a file")
    file = folder_of(value, info) / value
    if is_saved(info):
        return file
    if not file.is_file():
        raise expected(f"a file, but {file} {'is a folder' if file.is_dir() else 'does not exist'}")
    if not os.access(file, os.R_OK):
        raise expected(f"a readable file, but {file} cannot be read")
    return file


def _long_enough(value: str) -> str | None:
    return value if len(value) >= SHORTEST_SECRET else None


def _set_to_a_secret(name: str) -> str | None:
    return None if 0 < len(os.environ.get(name, "")) < SHORTEST_SECRET else name


OPERATOR_FORM = _id(OPERATOR_ID, "an OperatorID", "DE*ABC")
PROVIDER_FORM = _id(PROVIDER_ID, "a ProviderID", "DE-DCB")
EVSE_FORM = _id(EVSE_ID, "an EvseID", "DE*ABC*E1*1")

OperatorID = Annotated[str, OPERATOR_FORM]
ProviderID = Annotated[str, PROVIDER_FORM]
EvseID = Annotated[str, EVSE_FORM]
ProductID = Annotated[str, Field(min_length=1, max_length=50, examples=["AC1"])]
NonEmpty = Annotated[str, Field(min_length=1)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Pause = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Url = Annotated[
    str,
    Form(
        'a URL such as "http://127.0.0.1:9001/stimuli"',
        lambda value: value if _is_http_url(value) else None,
        pattern="^https?://",
        examples=["http://127.0.0.1:9001/stimuli"],
    ),
]
BaseUrl = Annotated[
    str,
    Form(
        'a URL such as "http://127.0.0.1:9000", without a query',
        _base_url,
        pattern="^https?://[^?#]+$",
        examples=["http://127.0.0.1:9000"],
    ),
]
UrlPath = Annotated[
    str,
    Form('a path that starts with "/"', _path_of_url, pattern="^/", examples=["/custom/{providerID}/start"]),
]
Listen = Annotated[
    str,
    Form(
        '"host:port" such as "127.0.0.1:8600"', _listen, pattern=":[0-9]{1,5}$", examples=["127.0.0.1:8600"]
    ),
]
Peer = Annotated[
    str,
    Form(
        'an address, a network or a host name such as "10.0.0.0/8"',
        _peer,
        pattern="^[A-Za-z0-9_.:/-]+$",
        examples=["10.0.0.0/8", "backend.local"],
    ),
]
File = Annotated[Path, BeforeValidator(_existing_file), WithJsonSchema({"type": "string"})]
SecretValue = Annotated[
    str,
    Form(
        f"at least {SHORTEST_SECRET} characters: shorter ones also occur in text that is not secret",
        _long_enough,
        minLength=SHORTEST_SECRET,
    ),
]
SecretVariable = Annotated[
    NonEmpty,
    Form(
        f"a variable with a value of at least {SHORTEST_SECRET} characters",
        _set_to_a_secret,
        examples=["ACME_TOKEN"],
    ),
]
