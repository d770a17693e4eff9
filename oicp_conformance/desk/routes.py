"""The control interface: each thing that can be asked for, once, and its description made of that."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from oicp_conformance import __version__
from oicp_conformance.desk import acts, asked, shown
from oicp_conformance.desk.acts import Impossible
from oicp_conformance.desk.desk import Desk
from oicp_conformance.desk.side import Side
from oicp_conformance.hub.errors import HubError
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.oicp.types import Role
from oicp_conformance.reporting.diagram import diagram

Does = Callable[[Desk, Any, Mapping[str, str]], Any]
"""Answers a request: what was asked for as the model that it takes, and the names in the path."""


@dataclass(frozen=True)
class Route:
    """One thing that can be asked for."""

    method: str
    path: str
    summary: str
    does: Does
    takes: type[BaseModel]
    gives: str = "application/json"

    @property
    def names(self) -> list[str]:
        """The variable parts of the path."""
        return [one[1:-1] for one in self.path.split("/") if one.startswith("{")]

    def match(self, path: str) -> dict[str, str] | None:
        """Return the variable parts of a path, or None where it is another one."""
        own, given = self.path.split("/"), path.split("/")
        if len(own) != len(given):
            return None
        pairs = list(zip(own, given, strict=True))
        if any(one != part for one, part in pairs if not one.startswith("{")):
            return None
        return {one[1:-1]: part for one, part in pairs if one.startswith("{")}


# --- what can be read


def _sides(desk: Desk, role: Role | None) -> list[Side]:
    return [desk.side(role)] if role else list(desk.sides.values())


def _status(desk: Desk, _: Any, __: Mapping[str, str]) -> Any:
    targets = [
        {
            "role": role,
            "name": side.run.hub.profile.target.name,
            "base_url": side.run.hub.profile.target.shown_url,
            "hub_url": side.run.hub.url,
            "exchanges": len(side.exchanges),
            "trouble": side.trouble,
            "limits": list(side.run.hub.budget.notes),
        }
        for role, side in desk.sides.items()
    ]
    return {"suite": __version__, "targets": targets, "event": desk.feed.last}


def _exchanges(desk: Desk, which: asked.Which, _: Mapping[str, str]) -> Any:
    event = desk.feed.last
    chosen: list[tuple[Side, Exchange]] = []
    for side in _sides(desk, which.role):
        chosen += [(side, one) for one in side.exchanges if _is_wanted(side, one, which)]
    chosen.sort(key=lambda pair: pair[1].started)
    rows = [side.summary(one) for side, one in chosen[-which.limit :]]
    return {"event": event, "total": len(chosen), "exchanges": rows}


def _is_wanted(side: Side, one: Exchange, which: asked.Which) -> bool:
    ids = {str(part.get("SessionID")).lower() for part in (one.request, one.answer)}
    return (
        one.number > which.since
        and which.operation in {None, one.operation}
        and which.direction in {None, one.direction}
        and (which.session is None or which.session.lower() in ids)
        and which.verdict in {None, side.verdict(one.number)}
    )


def whole(side: Side, one: Exchange) -> dict[str, Any]:
    """An exchange with its bodies and its findings."""
    found = side.found_in(one.number)
    return {
        **side.summary(one),
        "request": shown.part(one.request),
        "answer": shown.part(one.answer),
        "findings": shown.findings(found, one, side.run.hub.profile),
    }


def _exchange(desk: Desk, query: asked.Query, names: Mapping[str, str]) -> Any:
    side, number = desk.side(query.role), names["number"]
    one = side.exchange(int(number)) if number.isdecimal() else None
    if one is None:
        raise Impossible(f"there is no exchange {number}", HTTPStatus.NOT_FOUND)
    return whole(side, one)


def _sent(desk: Desk, which: asked.SentBy, _: Mapping[str, str]) -> Any:
    return [
        {
            "role": side.role,
            "number": one.number,
            "operation": one.operation,
            "path": one.path,
            "headers": [list(pair) for pair in one.request.headers],
            "body": one.request.json,
        }
        for side in _sides(desk, which.role)
        for one in side.exchanges
        if one.by_target
        and not one.stranger
        and one.number > which.since
        and which.operation in {None, one.operation}
    ]


def _wait(desk: Desk, which: asked.Awaited, _: Mapping[str, str]) -> Any:
    side = desk.side(which.role)
    came = side.run.hub.journal.wait(
        lambda one: one.by_target and not one.stranger and which.operation in {None, one.operation},
        which.seconds,
        since=which.since,
    )
    if came is None:
        what = which.operation or "a request of the target"
        raise Impossible(f"{what} was not received within {which.seconds:g} s", HTTPStatus.NOT_FOUND)
    return whole(side, came)


def _sessions(desk: Desk, query: asked.Query, _: Mapping[str, str]) -> Any:
    return [shown.session(one, side.role) for side in _sides(desk, query.role) for one in side.sessions]


def _diagram(desk: Desk, query: asked.Drawn, names: Mapping[str, str]) -> Any:
    for side in _sides(desk, query.role):
        if (one := side.run.hub.sessions.get(names["SessionID"])) is not None:
            # The session has them as they were when the hub decided.
            said = [known for each in one.exchanges if (known := side.exchange(each.number))]
            found = [outcome for each in said for outcome in side.found_in(each.number)]
            return diagram(said, found, target_name=side.run.hub.profile.target.name)
    raise Impossible(f"the hub knows no session {names['SessionID']}", HTTPStatus.NOT_FOUND)


def _findings(desk: Desk, query: asked.Judged, _: Mapping[str, str]) -> Any:
    sides = _sides(desk, query.role)
    complete = not [side for side in sides if not side.settle(query.seconds)]
    rows = [
        {"role": side.role, **row}
        for side in sides
        for row in shown.texts(side.findings)
        if query.verdict in {None, row["verdict"]}
    ]
    return {"complete": complete, "findings": rows}


def _known(desk: Desk, query: asked.Query, _: Mapping[str, str]) -> Any:
    return [shown.knowledge(side.run.hub.hubject, side.role) for side in _sides(desk, query.role)]


def _records(desk: Desk, query: asked.Query, _: Mapping[str, str]) -> Any:
    received = [
        {"role": side.role, "exchange": one.number, "record": one.request.json}
        for side in _sides(desk, query.role)
        for one in side.exchanges
        if one.operation == "eRoamingChargeDetailRecord"
        and one.by_target
        and answer_of(one) is Answer.POSITIVE
    ]
    kept = [
        {"role": side.role, "forwarded": one.forwarded, "record": one.record}
        for side in _sides(desk, query.role)
        for one in side.run.hub.hubject.store.records
    ]
    return [*received, *kept]


def _scripts(desk: Desk, query: asked.Query, _: Mapping[str, str]) -> Any:
    return [{"role": one.role, "waiting": one.run.hub.scripted} for one in _sides(desk, query.role)]


# --- what can be done


def _unscript(desk: Desk, query: asked.Query, _: Mapping[str, str]) -> Any:
    for side in _sides(desk, query.role):
        side.run.hub.unscript()
    return {}


def _reset(desk: Desk, _: Any, __: Mapping[str, str]) -> Any:
    desk.reset()
    return {}


def _clock(desk: Desk, wanted: asked.Clock, _: Mapping[str, str]) -> Any:
    sides = _sides(desk, wanted.role)
    for side in sides:
        side.run.hub.hubject.store.let_time_pass(wanted.advance)
    return {"now": sides[0].run.hub.hubject.store.now.isoformat()}


def _aim(desk: Desk, wanted: asked.Aim, _: Mapping[str, str]) -> Any:
    side = desk.side(wanted.role)
    try:
        side.run.hub.aim(wanted.base_url)
    except HubError as error:
        raise Impossible(str(error), HTTPStatus.FORBIDDEN) from None
    return {"role": side.role, "base_url": side.run.hub.profile.target.shown_url}


def _send(desk: Desk, wanted: asked.Sent, _: Mapping[str, str]) -> Any:
    side = desk.side(wanted.role)
    raw = wanted.raw.encode() if wanted.raw is not None else None
    return whole(side, acts.send(side, wanted.operation, wanted.body, raw))


def _act(role: Role | None, act: Callable[[Side, Any], Any]) -> Does:
    def does(desk: Desk, wanted: Any, _: Mapping[str, str]) -> Any:
        side = desk.side(role or wanted.role)
        done = act(side, wanted)
        return whole(side, done) if isinstance(done, Exchange) else done

    return does


def _post(path: str, summary: str, role: Role | None, act: Callable[[Side, Any], Any], takes: Any) -> Route:
    return Route("POST", path, summary, _act(role, act), takes)


ROUTES: Sequence[Route] = (
    Route("GET", "/status", "The hub, its targets, and where they reach it", _status, asked.Query),
    Route("GET", "/exchanges", "The exchanges, the newest last", _exchanges, asked.Which),
    Route("GET", "/exchanges/{number}", "One exchange with bodies and findings", _exchange, asked.Query),
    Route("GET", "/sent", "The requests that the target sent, unchanged", _sent, asked.SentBy),
    Route(
        "GET", "/wait", "Wait for a request of the target; 404 if it is not received", _wait, asked.Awaited
    ),
    Route("GET", "/sessions", "The sessions", _sessions, asked.Query),
    Route(
        "GET",
        "/sessions/{SessionID}/diagram",
        "A session as a sequence diagram",
        _diagram,
        asked.Drawn,
        "image/svg+xml",
    ),
    Route("GET", "/findings", "All findings; waits until all is judged", _findings, asked.Judged),
    Route("GET", "/known", "EVSEs, status, prices, customers and uploaded data", _known, asked.Query),
    Route("GET", "/cdrs", "The charge detail records that were accepted or are kept", _records, asked.Query),
    _post("/remote-start", "To a CPO: eRoamingAuthorizeRemoteStart", "cpo", acts.remote_start, asked.OnEvse),
    _post("/remote-stop", "To a CPO: eRoamingAuthorizeRemoteStop", "cpo", acts.remote_stop, asked.InSession),
    _post(
        "/reservation-start",
        "To a CPO: eRoamingAuthorizeRemoteReservationStart",
        "cpo",
        acts.reserve,
        asked.Reserved,
    ),
    _post(
        "/reservation-stop",
        "To a CPO: eRoamingAuthorizeRemoteReservationStop",
        "cpo",
        acts.release,
        asked.InSession,
    ),
    _post("/customers", "For a CPO: authorize an Identification", "cpo", acts.add_customer, asked.Customer),
    _post("/authorize-start", "To an EMP: eRoamingAuthorizeStart", "emp", acts.authorize, asked.Authorized),
    _post("/authorize-stop", "To an EMP: eRoamingAuthorizeStop", "emp", acts.authorize_stop, asked.Stopped),
    _post("/notification", "To an EMP: eRoamingChargingNotifications", "emp", acts.notify, asked.Notified),
    _post("/cdr", "To an EMP: eRoamingChargeDetailRecord", "emp", acts.settle, asked.InSession),
    _post("/evses", "For an EMP's pulls: publish EVSE data", "emp", acts.publish, asked.Published),
    _post("/evse-status", "For an EMP's pulls: publish a status", "emp", acts.publish_status, asked.Status),
    _post("/kept-cdrs", "For an EMP's pulls: keep CDRs", "emp", acts.keep_records, asked.KeptRecords),
    Route("POST", "/send", "Any request to the target, valid or not", _send, asked.Sent),
    _post(
        "/stimulus", "Carry out a stimulus with the profile's driver", None, acts.stimulate, asked.Stimulus
    ),
    _post("/scripts", "Respond to the next requests in another way", None, acts.answer, asked.Scripted),
    Route("GET", "/scripts", "The scripts that wait for a request", _scripts, asked.Query),
    Route("DELETE", "/scripts", "Delete all scripts: respond as Hubject does", _unscript, asked.Query),
    Route("POST", "/clock", "Set the hub's clock ahead", _clock, asked.Clock),
    Route("POST", "/target", "Call the target at another base URL", _aim, asked.Aim),
    Route("POST", "/reset", "Delete all exchanges, stored data and scripts", _reset, asked.Nothing),
)
"""All but the page, this list as OpenAPI, and the events, which have no end."""

EVENTS = Route(
    "GET",
    "/events",
    "What happens, as server-sent events: exchange, judged, reset; behind: load everything again",
    lambda *_: None,
    asked.Followed,
    "text/event-stream",
)
_ERROR = {
    "description": "it was not done: `error` has the reason",
    "content": {
        "application/json": {
            "schema": {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
        }
    },
}


def find(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """Return what a request asks for, and the names in its path.

    Raises:
        Impossible: there is no such path, or not with this method.
    """
    matching = [(one, names) for one in ROUTES if (names := one.match(path)) is not None]
    for one, names in matching:
        if one.method == method:
            return one, names
    if matching:
        methods = ", ".join(one.method for one, _ in matching)
        raise Impossible(f"{path} takes {methods}", HTTPStatus.METHOD_NOT_ALLOWED)
    raise Impossible(f"no such path: {path}; /openapi.json lists all paths", HTTPStatus.NOT_FOUND)


def openapi() -> dict[str, Any]:
    """The control interface as an OpenAPI document."""
    routes = [*ROUTES, EVENTS]
    models = list(dict.fromkeys(one.takes for one in routes))
    schemas, definitions = models_json_schema(
        [(one, "validation") for one in models], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for one in routes:
        own: dict[str, Any] = {
            "summary": one.summary,
            "operationId": one.method.lower()
            + one.path.translate({ord("/"): "-", ord("{"): "", ord("}"): ""}),
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in one.names
            ],
            "responses": {
                "200": {
                    "description": "it was done",
                    "content": {
                        one.gives: {"schema": {} if one.gives.endswith("json") else {"type": "string"}}
                    },
                },
                "4XX": _ERROR,
                "502": _ERROR,
            },
        }
        if one.method == "POST":
            own["requestBody"] = {
                "content": {"application/json": {"schema": schemas[one.takes, "validation"]}}
            }
        else:
            fields = one.takes.model_json_schema()["properties"]
            own["parameters"] += [
                {"name": name, "in": "query", "required": False, "schema": schema}
                for name, schema in fields.items()
            ]
        paths.setdefault(one.path, {})[one.method.lower()] = own
    return {
        "openapi": "3.1.0",
        "info": {"title": "oicp-conformance hub: the control interface", "version": __version__},
        "paths": paths,
        "components": {"schemas": definitions.get("$defs", {})},
    }
