"""How a finding is repeated by hand: what came before it in its session, as commands of a shell."""

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Ocpp
from oicp_conformance.journal.times import clock
from oicp_conformance.judge.chain import chain, parameters, stimulus
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
_NO_BODY = " --data-raw ''"


def script(record: Record, number: int) -> str:
    """The chain as commands for a POSIX shell; what the target does by itself is a comment.

    A request of the hub is a curl command to the target. A request of the target is brought about by its
    stimulus, where one was given; the hub has to be there to answer it, which `replay` sees to.
    """
    led = chain(record, number)
    lines: list[str] = []
    since = led[0].started - _BEFORE if led else 0.0
    for one in led:
        lines += _at_the_station(record, led, since, one.started)
        lines += _lines(record, one)
        since = one.started
    if led and led[-1].by_target:
        lines += ["# the same message, as it was sent, to the hub of a run:", again(led[-1], record)]
    return "\n".join(lines)


def _at_the_station(record: Record, led: Sequence[Exchange], since: float, until: float) -> Iterator[str]:
    """What the virtual station and the central system said meanwhile about the EVSE of a chain."""
    evses = {plain_id(evse) for one in led if isinstance(evse := one.request.get("EvseID"), str)}
    for note in record.notes:
        if not isinstance(note, Ocpp) or not since < note.at <= until or note.kind == "result":
            continue
        if note.evse is not None and plain_id(note.evse) in evses:
            who = "the central system" if note.by == "central" else "the station"
            said = short(json.dumps(note.payload, ensure_ascii=False), _OCPP)
            yield f"# {clock(note.at)} UTC, OCPP, station {note.station}: {who} sends {note.action} {said}"


def _lines(record: Record, exchange: Exchange) -> Iterator[str]:
    if not exchange.by_target:
        yield f"# exchange {exchange.number}: the hub sends {wire.asked(exchange)}"
        yield again(exchange, record)
        return
    given = stimulus(record, exchange)
    stimuli = record.profile.stimuli
    if given is not None:
        asked = shlex.quote(
            json.dumps({"stimulus": given.operation, "parameters": parameters(given, exchange)})
        )
        if stimuli.driver == "http":
            yield f"# stimulus: the target is to send {given.operation}"
            url = shlex.quote(stimuli.shim)
            yield f"curl -i -X POST {url} -H 'Content-Type: application/json' -d {asked}"
        elif isinstance(stimuli, CommandStimuli):
            yield f"# stimulus: the target is to send {given.operation}"
            yield f"echo {asked} | {shlex.join(stimuli.command)}"
    said = f"the target sends {wire.asked(exchange)} to the hub, which answers {wire.answered(exchange)}"
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
