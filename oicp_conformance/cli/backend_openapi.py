"""What a backend's own OpenAPI document says of a profile: `init --openapi`.

A backend describes the paths on which Hubject calls it. What it sends to Hubject is in no such document.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from oicp_conformance.hub.addresses import is_loopback
from oicp_conformance.oicp.operations import OPERATIONS, Operation, Party

LONGEST = 20_000_000
"""Bytes of a document that are read."""
_PATIENCE = 10.0
"""Seconds to wait for a document at a URL."""
_PARTIES: Mapping[str, Party] = {"cpo": "cpo", "emp": "emp-online"}
_MOST_NOTES = 12


class DocumentError(Exception):
    """A document from which no profile can be made; the text is one line that says why."""


@dataclass(frozen=True)
class Described:
    """What a document says of a profile."""

    role: str
    title: str
    version: str
    base_url: str | None
    """The URL of the backend; None where the document has no host."""
    prefix: str
    """What the paths of all operations have before "/api/oicp": it belongs to the profile's base_url."""
    operations: tuple[str, ...]
    """The operations that the backend receives."""
    paths: Mapping[str, str]
    """The paths of operations that do not have their standard path behind `base_url` and `prefix`."""
    supports: Mapping[str, bool]
    """What of `[supports]` the paths tell: the optional operations that the backend receives."""
    notes: tuple[str, ...] = field(default=())
    """What the user must configure or decide; sentences for comments in the profile."""


@dataclass(frozen=True)
class _Found:
    """A path of the document that is an operation's."""

    operation: Operation
    path: str
    prefix: str | None
    """What is before the standard path; None where the path is another one."""
    demands: tuple[str, ...]
    """The names of the security schemes, one of which a request needs."""


def fetched(where: str) -> str:
    """Return the text of a file, or of a URL on this machine.

    Raises:
        DocumentError: it cannot be read, is too long, or is on another machine.
    """
    if re.match(r"https?://", where):
        return _decoded(_downloaded(where))
    try:
        with Path(where).open("rb") as file:
            return _decoded(file.read(LONGEST + 1))
    except OSError as error:
        raise DocumentError(error.strerror or str(error)) from None


def _downloaded(url: str) -> bytes:
    import httpx

    from oicp_conformance.deadline import Deadline

    if not is_loopback(_host(url)):
        raise DocumentError("is not on this machine; save the document, and name the file")
    body = b""
    deadline = Deadline(_PATIENCE)
    try:
        with (
            deadline,
            httpx.Client(timeout=_PATIENCE, trust_env=False) as client,
            client.stream("GET", url, extensions={"trace": deadline.trace}) as answer,
        ):
            if answer.status_code != 200:
                raise DocumentError(f"HTTP {answer.status_code} instead of a document")
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > LONGEST:
                    break
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        if deadline.passed or isinstance(error, httpx.TimeoutException):
            raise DocumentError(f"no complete response within {_PATIENCE:g} s") from None
        raise DocumentError(str(error) or type(error).__name__) from None
    return body


def _decoded(content: bytes) -> str:
    if len(content) > LONGEST:
        raise DocumentError(f"is longer than {LONGEST // 1_000_000} MB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DocumentError("is not UTF-8") from None


def parsed(text: str) -> Mapping[str, Any]:
    """Return the OpenAPI 3 document that a text in JSON or YAML is.

    Raises:
        DocumentError: it is not such a document.
    """
    try:
        document = json.loads(text)
    except RecursionError:
        raise DocumentError("is nested too deeply") from None
    except ValueError as error:
        if text.lstrip()[:1] == "{":
            raise DocumentError(f"is not JSON: {error}") from None
        document = _from_yaml(text)
    if not isinstance(document, dict):
        raise DocumentError("is not an OpenAPI document: it is not an object")
    if "swagger" in document:
        raise DocumentError(f"is Swagger {_line(document['swagger'])}; convert it to OpenAPI 3 first")
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3."):
        raise DocumentError('is not an OpenAPI 3 document: "openapi" is missing or not 3.x')
    if not isinstance(document.get("paths"), dict):
        raise DocumentError('has no paths: "paths" is missing or not an object')
    return document


def _from_yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except RecursionError:
        raise DocumentError("is nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentError(f"is neither JSON nor YAML: {_line(error)}") from None


def described(
    document: Mapping[str, Any],
    role: str | None = None,
    origin: str | None = None,
    base_url: str | None = None,
) -> Described:
    """Return what a document says of a profile for `role`, or for the role whose paths it has.

    `origin` is the URL that the document has been read from, to which its own URLs may be relative.
    `base_url` is the user's own, which replaces those of the document.

    Raises:
        DocumentError: it has no path on which Hubject calls a backend of that role, those of both roles,
            or a reference that leads nowhere.
    """
    found = list(_operations(document))
    of = {one: _part(found, party) for one, party in _PARTIES.items()}
    if role is None:
        if of["cpo"] and of["emp"]:
            raise DocumentError(
                f"has paths of both roles: {_line(of['cpo'][0].path)} of a CPO, {_line(of['emp'][0].path)} "
                "of an EMP; add --role"
            )
        role = "cpo" if of["cpo"] else "emp"
    mine = of[role]
    if not mine:
        asked = ", ".join(one.end for one in _received(_PARTIES[role]))
        whose = f"of a {role.upper()}" if any(of.values()) else "of OICP"
        raise DocumentError(
            f"has no path {whose} on which Hubject calls: no POST on a path that ends in {asked}"
        )
    first: dict[str, _Found] = {}
    for one in mine:
        first.setdefault(one.operation.name, one)
    prefixes = {one.prefix for one in first.values() if one.prefix is not None}
    prefix = prefixes.pop() if len(prefixes) == 1 else ""
    paths, notes = _own_paths(first, prefix)
    server, base, about = (base_url, "", []) if base_url else _server(document, origin)
    info = _object(document.get("info"))
    supports = {
        one.supports: all(
            each.name in first for each in _received(_PARTIES[role]) if each.supports == one.supports
        )
        for one in _received(_PARTIES[role])
        if one.supports
    }
    notes += [
        *about,
        *_missing(first, _PARTIES[role]),
        *_twice(mine),
        *_security(document, first),
        "The document does not list what the backend sends. Set the other keys of [supports] by hand.",
    ]
    return Described(
        role,
        _line(info.get("title", "")),
        _line(info.get("version", "")),
        server,
        f"{base}{prefix}",
        tuple(first),
        paths,
        supports,
        tuple(notes[:_MOST_NOTES]),
    )


def _operations(document: Mapping[str, Any]) -> Iterator[_Found]:
    """The paths of the document that are operations of OICP, in its order, standard ones first."""
    found = []
    for path, item in document["paths"].items():
        if not isinstance(path, str) or not path.startswith("/"):
            continue
        post = _object(_resolved(document, item, path)).get("post")
        if not isinstance(post, dict):
            continue
        for operation in OPERATIONS:
            if not any(part.direction == "hub-to-target" for part in operation.parts.values()):
                continue
            standard = re.search(f"{operation.pattern.pattern}$", path)
            name = str(post.get("operationId", "")).lower()
            if standard or path.endswith(operation.end) or name == operation.name.lower():
                demands = tuple(dict.fromkeys(_demands(document, post)))
                found.append(_Found(operation, path, path[: standard.start()] if standard else None, demands))
                break
    yield from sorted(found, key=lambda one: one.prefix is None)


def _resolved(document: Mapping[str, Any], value: Any, where: str) -> Any:
    """What a reference in a document leads to."""
    for _ in range(10):
        if not isinstance(value, dict) or "$ref" not in value:
            return value
        reference = value["$ref"]
        value = document if isinstance(reference, str) and reference.startswith("#/") else None
        for step in str(reference).split("/")[1:] if value is not None else ():
            value = _object(value).get(step.replace("~1", "/").replace("~0", "~"))
        if value is None:
            raise DocumentError(f"{where}: its $ref {_line(reference)} leads nowhere in the document")
    raise DocumentError(f"{where}: its $ref leads in a circle")


def _received(party: Party) -> list[Operation]:
    """The operations that a party receives."""
    return [one for one in OPERATIONS if party in one.parts and one.parts[party].direction == "hub-to-target"]


def _part(found: list[_Found], party: Party) -> list[_Found]:
    """The paths that a party serves."""
    return [one for one in found if one.operation in _received(party)]


def _own_paths(first: Mapping[str, _Found], prefix: str) -> tuple[dict[str, str], list[str]]:
    """The paths for `[target.paths]`, and those that cannot be written there."""
    paths, notes = {}, []
    for name, one in first.items():
        if one.prefix == prefix:
            continue
        named = _with_names_of_oicp(one)
        behind = named.removeprefix(prefix)
        if re.sub(r"\{(providerID|operatorID)\}", "", behind).count("{"):
            notes.append(f"{name}: {_line(one.path)} has an unknown parameter. Write [target.paths] by hand.")
        elif named.startswith(prefix) and behind.startswith("/"):
            paths[name] = behind
        else:
            where = f"{name}: {_line(one.path)} is not below {_line(prefix)}."
            notes.append(f"{where} Shorten base_url, and write [target.paths].")
    if "{" in prefix:
        notes.append(f"All paths begin with {_line(prefix)}. Replace the parameters in base_url.")
    return paths, notes


def _with_names_of_oicp(one: _Found) -> str:
    """A path with OICP's names for its parameters, as far as they are known."""
    names = re.findall(r"\{(\w+)\}", one.operation.path)
    alone = one.path.count("{") == 1

    def renamed(parameter: re.Match[str]) -> str:
        plain = re.sub(r"[^a-z]", "", parameter[1].lower())
        known = next((name for name in names if alone or plain == name.lower()), None)
        return f"{{{known}}}" if known else parameter[0]

    return re.sub(r"\{([^{}]*)\}", renamed, one.path)


def _server(document: Mapping[str, Any], origin: str | None) -> tuple[str | None, str, list[str]]:
    """The URL of the backend: that of this machine, or else the first; a path without host; and notes."""
    urls = [_filled(one) for one in _list(document.get("servers")) if isinstance(one, dict)] or ["/"]
    whole = [urljoin(origin, one) if origin and one.startswith("/") else one for one in urls]
    usable = [one.rstrip("/") for one in whole if re.fullmatch(r"https?://[^?#\s{}]+", one) and _host(one)]
    if not usable:
        path = urls[0].rstrip("/") if re.fullmatch(r"/[^?#\s{}]*", urls[0]) else ""
        return None, path, ["The document names no host. Check base_url."]
    chosen = next((one for one in usable if is_loopback(_host(one))), usable[0])
    others = [_line(one) for one in usable if one != chosen]
    notes = [f"The document also has these servers: {', '.join(others[:3])}."] if others else []
    if chosen.startswith("https:"):
        notes.append("base_url is https. Configure [target.tls] ca if the system does not know its CA.")
    return chosen, "", notes


def _host(url: str) -> str:
    """The host of a URL; empty where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _filled(server: Mapping[str, Any]) -> str:
    """The URL of a server with the defaults of its variables."""
    defaults = {
        name: _object(one).get("default", "") for name, one in _object(server.get("variables")).items()
    }
    return re.sub(
        r"\{([^{}]*)\}", lambda found: str(defaults.get(found[1], found[0])), str(server.get("url", ""))
    )


def _missing(first: Mapping[str, _Found], party: Party) -> Iterator[str]:
    for one in _received(party):
        if one.name not in first and one.parts[party].obligation == "mandatory":
            yield f"The document has no path for {one.name}, which is mandatory. Name it in [target.paths]."


def _twice(found: list[_Found]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for one in found:
        if one.operation.name in seen:
            taken, other = _line(seen[one.operation.name]), _line(one.path)
            yield f"{one.operation.name} has two paths: the profile has {taken}, not {other}."
        seen.setdefault(one.operation.name, one.path)


def _demands(document: Mapping[str, Any], post: Mapping[str, Any]) -> Iterator[str]:
    """The security schemes that a request must satisfy; none where it may come without."""
    ways = _list(post.get("security", document.get("security")))
    if all(ways):
        yield from (str(name) for one in ways if isinstance(one, dict) for name in one)


def _security(document: Mapping[str, Any], first: Mapping[str, _Found]) -> Iterator[str]:
    """What a demand for a login means: OICP knows only certificates."""
    schemes = _object(_object(document.get("components")).get("securitySchemes"))
    for name in dict.fromkeys(name for one in first.values() for name in one.demands):
        scheme = _object(_resolved(document, schemes.get(name), f"the security scheme {_line(name)}"))
        kind = _line(scheme.get("type", "unknown"))
        if kind == "mutualTLS":
            text = "The backend asks for a certificate"
            yield f"{text} ({_line(name)}). Configure certificate and key in [target.tls]."
        else:
            text = f"The document requires {_line(name)} ({kind}) for paths of OICP"
            yield f"{text}. Hubject sends only a certificate, so switch this off for them."


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _line(text: object) -> str:
    """A text of the document as a part of one line: short, and without control characters."""
    shown = "".join(one if one.isprintable() else " " for one in str(text)[:500])
    return " ".join(shown.split())[:120]
