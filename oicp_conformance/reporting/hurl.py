"""The chain of a finding as a file for Hurl (https://hurl.dev)."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.chain import Given, chain, stimuli
from oicp_conformance.judge.outcome import Record
from oicp_conformance.reporting import wire
from oicp_conformance.reporting.commands import CONTROL, answered_as_then, awaited, is_for_send, sent_by_hub
from oicp_conformance.reporting.curl import said_by_itself


def written(record: Record, number: int | None, title: str) -> str:
    """The file; `number` is the exchange in which the finding was made, if it was one."""
    lines = [f"# {title}", ""]
    led = chain(record, number) if number is not None else []
    if any(one.by_target for one in led):
        lines += [*_control("POST", "/reset", {}), ""]
    sent = 0
    for one, given in zip(led, stimuli(record, led), strict=True):
        if script := answered_as_then(one):
            lines += [
                "# the hub is to answer the next request as in the run",
                *_control("POST", "/scripts", script),
            ]
            lines.append("")
        for each in given if record.profile.stimuli.driver == "http" else ():
            lines += [*_asked(record, each), ""]
        through_hub = any(each.by_target for each in led) and is_for_send(one)
        if through_hub:
            lines.append(f"# exchange {one.number}: the hub sends {wire.asked(one)}")
            lines += [*_control("POST", "/send", sent_by_hub(one)), ""]
        else:
            lines += [*_entry(record, one), ""]
        if one.by_target and one.operation:
            lines += [*_control("GET", awaited(one, sent)), ""]
        sent += one.by_target or through_hub
    return "\n".join(lines)


def _entry(record: Record, exchange: Exchange) -> Iterator[str]:
    if not exchange.by_target:
        yield f"# exchange {exchange.number}: the hub sends {wire.asked(exchange)}"
        yield f"{exchange.method} {record.profile.target.base_url}{exchange.path}"
        yield from (
            f"{name}: {value}" for name, value in exchange.request.headers if not said_by_itself(name)
        )
        yield from _body(exchange.request.body)
        yield "HTTP *"
        return
    yield f"# exchange {exchange.number}: the target sends {wire.asked(exchange)} to the hub"


def _control(method: str, path: str, body: Mapping[str, Any] | None = None) -> Iterator[str]:
    """An entry for the control interface of `oicp-conformance hub`."""
    yield f"{method} http://{CONTROL}{path}"
    if body is not None:
        yield "Content-Type: application/json"
        yield from _body(json.dumps(body).encode())
    yield "HTTP *"


def _asked(record: Record, given: Given) -> Iterator[str]:
    words = {"stimulus": given.stimulus, "parameters": given.parameters}
    yield f"# stimulus: {given.meaning}"
    yield f"POST {record.profile.stimuli.shim}"
    yield "Content-Type: application/json"
    yield from _body(json.dumps(words).encode())
    yield "HTTP *"


def _body(body: bytes) -> Iterator[str]:
    """A body as it is; what Hurl would read as its own goes in Base64."""
    if not body:
        return
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if any(one in text for one in ("```", "{{", "\\", "\0", "\r", "\n")) or not text.isprintable():
        yield f"base64,{base64.b64encode(body).decode()};"
    else:
        yield f"`{text}`" if "`" not in text else f"base64,{base64.b64encode(body).decode()};"
