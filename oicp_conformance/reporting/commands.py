"""How a finding is repeated by hand: what came before it in its session, as commands of a shell."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.json_text import visible
from oicp_conformance.journal.notes import Ocpp, Wait
from oicp_conformance.journal.times import clock
from oicp_conformance.judge.advice import hub_url
from oicp_conformance.judge.chain import AUTHORIZED, Given, are_at_once, chain, in_vain, stimuli
from oicp_conformance.judge.outcome import Record
from oicp_conformance.oicp.types import plain_id
from oicp_conformance.reporting import wire
from oicp_conformance.reporting.curl import curl
from oicp_conformance.reporting.texts import short
from oicp_conformance.stimuli.command import CommandStimuli

_BY_HAND = 8_000
"""Bytes of a body up to which it stands in a command."""
_OCPP = 200
"""Characters of an OCPP message that are shown."""
_BEFORE = 1.0
"""Seconds before the first exchange from which on OCPP messages are shown: a card is presented first."""
CONTROL = "127.0.0.1:8700"
"""Where the control interface of `oicp-conformance hub` listens, if nothing else is said."""
_HUB = (
    "# A hub must run at {}: start `oicp-conformance hub --target PROFILE` first,",
    "# or use `oicp-conformance replay`. The commands to port 8700 make that hub respond as in the run.",
)
_PATIENCE = 10
"""Seconds in which the hub waits for a request of the target."""
_NO_BODY = " --data-raw ''"


def script(record: Record, number: int, requirement: str | None = None) -> str:
    """The chain as commands for a POSIX shell; what the target does by itself is a comment.

    `requirement` is the one that was found broken: where that is since something did not come, the last
    command waits for it.

    A request of the hub is a curl command to the target. A request of the target is brought about by its
    stimulus, where one was given; the hub has to be there to answer it, which `replay` sees to.
    """
    led = chain(record, number)
    missed = missing(record, led, requirement)
    needs_hub = bool(missed) or any(one.by_target for one in led)
    lines = [one.format(hub_url(record.profile)) for one in _HUB] if needs_hub else []
    lines += [_control("POST", "/reset", {})] if needs_hub else []
    sent = 0
    since = led[0].started - _BEFORE if led else 0.0
    beside = [one for one in led[:-1] if are_at_once(one, led[-1])]
    for one, given in zip(led, stimuli(record, led), strict=True):
        lines += _at_the_station(record, led, since, one.started)
        if made := answered_as_then(one):
            lines.append(_control("POST", "/scripts", made))
        lines += [line for each in given for line in _asked(record, each)]
        through_hub = needs_hub and is_for_send(one)
        lines += _lines(record, one, waits=one not in beside, through_hub=through_hub)
        if one.by_target:
            lines.append(_control("GET", awaited(one.operation, sent)))
        sent += one.by_target or through_hub
        since = one.started
    if beside:
        lines.append("wait  # for the responses: the hub sent these requests at the same time")
    for each in missed:
        lines += [line for one in missed_stimulus(each) for line in _asked(record, one)]
        lines.append(f"# the target did not send {each.operation} in the run:")
        lines.append(_control("GET", awaited(each.operation, sent)))
    if led and led[-1].by_target:
        lines += ["# what the hub finds now:", _control("GET", "/findings")]
        # The target wrote it, also its line breaks.
        same = again(led[-1], record).replace("\n", "\n# ")
        lines += ["# or send the same message as the target did:", f"# {same}"]
    return "\n".join(lines)


def _control(method: str, path: str, body: Mapping[str, Any] | None = None) -> str:
    """The command for the control interface of the hub."""
    words = ["curl", "-s", "-w", "\\n", "-X", method, f"http://{CONTROL}{path}"]
    if body is not None:
        text = visible(json.dumps(body, ensure_ascii=False))
        words += ["-H", "Content-Type: application/json", "-d", text]
    return shlex.join(words)


def awaited(operation: str | None, sent: int) -> str:
    """The path of the control interface that waits for a request of the target; `sent` came before it.

    One to a path that OICP does not have is of no operation: the next request may be it.
    """
    which = f"operation={operation}&" if operation else ""
    return f"/wait?{which}since={sent}&seconds={_PATIENCE}"


def missing(record: Record, led: Sequence[Exchange], requirement: str | None) -> list[Wait]:
    """What did not come after a chain, where a requirement is broken for that."""
    if not led:
        return []
    waits = in_vain(record, led[-1].test, led[-1].number)
    return [one for one in waits if one.requirement == requirement]


def missed_stimulus(wait: Wait) -> list[Given]:
    """The stimulus that was carried out, and for which nothing came."""
    asked = wait.stimulus == "done"
    return [Given(wait.operation, dict(wait.parameters or {}), wait)] if asked else []


def answered_as_then(exchange: Exchange) -> dict[str, Any] | None:
    """The script with which the hub answers a request of the target as it did in the run.

    None where it answers so by itself. A session keeps its SessionID, which the later commands name.
    """
    if not exchange.by_target or not (exchange.scripted or exchange.operation in AUTHORIZED):
        return None
    script: dict[str, Any] = {"operation": exchange.operation}
    if exchange.status is None:
        return script | {"answer": "hang-up"}
    if isinstance(said := exchange.answer.json, dict) and exchange.status == HTTPStatus.OK:
        return script | {"answer": "fields", "fields": said}
    if exchange.status == HTTPStatus.OK:
        return script | {"answer": "no-json"}
    return script | {"answer": "http", "status": exchange.status}


def _at_the_station(record: Record, led: Sequence[Exchange], since: float, until: float) -> Iterator[str]:
    """What the virtual station and the central system said meanwhile about the EVSE of a chain."""
    evses = {plain_id(evse) for one in led if isinstance(evse := one.request.get("EvseID"), str)}
    for note in record.notes:
        if not isinstance(note, Ocpp) or not since < note.at <= until or note.kind == "result":
            continue
        if note.evse is not None and plain_id(note.evse) in evses:
            who = "the central system" if note.by == "central" else "the station"
            said = short(json.dumps(note.payload, ensure_ascii=False), _OCPP)
            what = f"OCPP, station {note.station}: {who} sends {note.action} {said}"
            yield f"# {clock(note.at)} UTC, {visible(what)}"


def _asked(record: Record, given: Given) -> Iterator[str]:
    """The command that gives a stimulus, where the profile's driver has one."""
    driver = record.profile.stimuli
    asked = shlex.quote(json.dumps({"stimulus": given.stimulus, "parameters": given.parameters}))
    if driver.driver == "http":
        command = f"curl -i -X POST {shlex.quote(driver.shim)} -H 'Content-Type: application/json' -d {asked}"
    elif isinstance(driver, CommandStimuli):
        command = f"echo {asked} | {shlex.join(driver.command)}"
    else:
        return
    yield f"# stimulus: {given.meaning}"
    yield command


def is_for_send(exchange: Exchange) -> bool:
    """Whether the hub on a desk can send a request again, so that it knows the session."""
    body = exchange.request.body
    return (
        not exchange.by_target
        and exchange.operation is not None
        and 0 < len(body) <= _BY_HAND
        and b"\0" not in body
        and _is_text(body)
    )


def sent_by_hub(exchange: Exchange) -> dict[str, Any]:
    """What the control interface needs to send a request again, as it was."""
    return {"operation": exchange.operation, "raw": exchange.request.body.decode()}


def _lines(record: Record, exchange: Exchange, *, waits: bool, through_hub: bool) -> Iterator[str]:
    """An exchange; `waits` says whether the next one is sent only after its response."""
    if not exchange.by_target:
        yield f"# exchange {exchange.number}: the hub sends {wire.asked(exchange)}"
        command = _control("POST", "/send", sent_by_hub(exchange)) if through_hub else again(exchange, record)
        yield f"{command}{'' if waits else ' &'}"
        return
    said = f"the target sends {wire.asked(exchange)} to the hub; the response is {wire.answered(exchange)}"
    yield f"# exchange {exchange.number}: {said}"


def again(exchange: Exchange, record: Record) -> str:
    """The command that sends the request of an exchange again; a long body comes out of the journal."""
    url = wire.base_url(exchange, record.profile)
    body = exchange.request.body
    if len(body) <= _BY_HAND:
        return curl(exchange, url)
    empty = curl(replace(exchange, request=replace(exchange.request, body=b"")), url)
    field, decoded = ("body", "") if _is_text(body) else ("base64", " | base64 -d")
    picked = f"jq -j 'select(.number == {exchange.number}) | .request.{field}' {wire.JOURNAL}"
    return f"{picked}{decoded} | {empty.removesuffix(_NO_BODY)} --data-binary @-"


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
