"""Whether the target serves the operations' paths: with a wrong prefix, nothing of a backend seems to work.

A path is looked at with OPTIONS, then GET, then a POST without a body: the first answer other than 404 shows
that it is served. None of them asks for anything.
"""

import contextlib
from collections.abc import Iterator, Mapping

from oicp_conformance.hub.client import Client, Reply
from oicp_conformance.hub.errors import HubError
from oicp_conformance.judge.outcome import declared, party_of
from oicp_conformance.oicp.operations import BY_NAME, Operation, of_party
from oicp_conformance.preflight.places import where
from oicp_conformance.preflight.result import Result, State
from oicp_conformance.preflight.target import client_of
from oicp_conformance.profile import Profile

_METHODS = ("OPTIONS", "GET", "POST")
_PREFIX = (
    "is there a path prefix? Add it to base_url, without /api/oicp; if only some paths differ, list them in"
    " [target.paths]"
)
_OICP = {"StatusCode", "Result", "Code"}
"""Fields of which an answer of OICP has one, also with HTTP 404."""


def check(profile: Profile) -> Iterator[Result]:
    """Check the path of each operation that the hub sends to the target."""
    with contextlib.closing(client_of(profile.target)) as client:
        found = {one.name: _status(client, _path(profile, one)) for one in called(profile)}
    missing = [name for name, reply in found.items() if _is_missing(reply)]
    base = where(profile, "target", "base_url")
    if missing and len(missing) == len(found):
        first = _path(profile, BY_NAME[missing[0]])
        paths = f"{first}{' and all others' if len(missing) > 1 else ''}"
        yield Result(State.PROBLEM, "paths", f"HTTP 404 for {paths}", base, _PREFIX)
        return
    for name in missing:
        key = where(profile, "target", "paths", name)
        text = f"HTTP 404 for {name}: {_path(profile, BY_NAME[name])}"
        yield Result(State.PROBLEM, "paths", text, key, "name its path in [target.paths], if it has another")
    yield from _odd(base, {name: reply for name, reply in found.items() if name not in missing})


def _odd(base: str, found: Mapping[str, Reply]) -> Iterator[Result]:
    """What is there, but will hardly take a request; and how many are well."""
    states = [reply.status for reply in found.values()]
    if refusing := {one for one in states if one in {401, 403, 407}}:
        text = f"the target responds with HTTP {min(refusing)}: it requires a login"
        advice = "OICP has no login except certificates: see [target.tls] certificate"
        yield Result(State.WARNING, "paths", text, base, advice)
    if moved := {one for one in states if one is not None and 300 <= one < 400}:
        text = f"the target redirects (HTTP {min(moved)}), and the hub does not follow"
        yield Result(State.WARNING, "paths", text, base, "enter the address that it redirects to in base_url")
    if silent := [name for name, reply in found.items() if reply.status is None]:
        text = f"no response for {silent[0]}: {found[silent[0]].detail or found[silent[0]].trouble}"
        yield Result(State.WARNING, "paths", text, base)
    served = len(found) - len(silent)
    if served and not (refusing or moved):
        yield Result(State.OK, "paths", f"the paths of {served} operations are served")


def objection(profile: Profile) -> str | None:
    """Return why a run against a target makes no sense: it serves no path of OICP; None where one is served.

    It asks no further than the first path that is served.
    """
    operations = called(profile)
    try:
        with contextlib.closing(client_of(profile.target)) as client:
            if not all(_is_missing(_status(client, _path(profile, one))) for one in operations):
                return None
    except HubError:
        return None  # the run itself says so
    return f"the target responds with HTTP 404 on all paths of OICP: {_PREFIX}" if operations else None


def served(profile: Profile) -> list[str] | None:
    """Return the operations whose paths the target serves, whether or not the profile declares them.

    None where the target does not answer.
    """
    party = party_of(profile)
    with contextlib.closing(client_of(profile.target)) as client:
        if client.reach() or client.probe("OPTIONS", "/").status is None:
            return None
        asked = [one for one in of_party(party) if one.parts[party].direction == "hub-to-target"]
        replies = {one.name: _status(client, _path(profile, one)) for one in asked}
    return [name for name, one in replies.items() if one.status is not None and not _is_missing(one)]


def called(profile: Profile) -> list[Operation]:
    """Return the operations that the hub sends to the target, if the profile declares them."""
    party = party_of(profile)
    return [
        one
        for one in of_party(party)
        if one.parts[party].direction == "hub-to-target" and declared(profile, one)
    ]


def _path(profile: Profile, operation: Operation) -> str:
    ids = {"providerID": profile.counterpart.provider_id, "operatorID": profile.counterpart.operator_id}
    return operation.path_for(ids, profile.target.paths.get(operation.name))


def _status(client: Client, path: str) -> Reply:
    reply = Reply()
    for method in _METHODS:
        reply = client.probe(method, path)
        if not _is_missing(reply):
            break
    return reply


def _is_missing(reply: Reply) -> bool:
    """Whether nothing is served at a path; a backend may also refuse with HTTP 404 in OICP's own words."""
    return reply.status == 404 and not _OICP & reply.answer.object.keys()
