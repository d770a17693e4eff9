"""The chain of a finding as a file for Hurl (https://hurl.dev), which fails while the finding is still so."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Wait
from oicp_conformance.judge.chain import Given, chain, stimuli
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.reporting import wire
from oicp_conformance.reporting.commands import (
    CONTROL,
    answered_as_then,
    awaited,
    is_for_send,
    missed_stimulus,
    missing,
    sent_by_hub,
)
from oicp_conformance.reporting.curl import said_by_itself

_PLAIN = re.compile(r"[\w .,:;/@*+~-]{0,300}", re.ASCII)
"""A text that means nothing else in Hurl, and in a JSONPath."""
_SAFE = re.compile(r"[\w.,;/@*+~=()<>!?&%$'\"-]", re.ASCII)
_IN_PATH = "%/?&=:@!$'()*+,;~"
"""What stays as it is in the path and the query of a URL."""
POSITIVE = r'"(Result"\s*:\s*"?true|AuthorizationStatus"\s*:\s*"Authorized")'
"""What stands in a response that accepts a request, as a regular expression of Hurl."""
_SERVER_ERROR = 500


def written(record: Record, finding: Outcome, title: str) -> str:
    """Write the file.

    Where the hub judges, the last entry asks it for the finding. Where all requests go to the target without
    a hub, the last response must not be as it was in the run.
    """
    led = chain(record, finding.exchange) if finding.exchange is not None else []
    missed = missing(record, led, finding.requirement)
    by_hub = bool(missed) or any(one.by_target for one in led)
    lines = [f"# {title}", *(f"# {one}" for one in _USE[by_hub]), ""]
    if by_hub:
        lines += [*_control("POST", "/reset", {}), ""]
    sent = 0
    for one, given in zip(led, stimuli(record, led), strict=True):
        if script := answered_as_then(one):
            lines += [
                "# the hub must respond to the next request as in the run",
                *_control("POST", "/scripts", script),
            ]
            lines.append("")
        lines += _stimulated(record, given)
        through_hub = by_hub and is_for_send(one)
        if through_hub:
            lines.append(f"# exchange {one.number}: the hub sends {_on_one_line(wire.asked(one))}")
            lines += [*_control("POST", "/send", sent_by_hub(one)), ""]
        else:
            lines += [*_entry(record, one), ""]
        if one.by_target:
            # What it was asked for has to come; what it sent by itself need not come from a repaired target.
            is_due = any(isinstance(each.note, Wait) for each in given)
            lines += [*_control("GET", awaited(one.operation, sent), status="200" if is_due else "*"), ""]
        sent += one.by_target or through_hub
    for wait in missed:
        lines += _stimulated(record, missed_stimulus(wait))
        lines += [f"# fails while the target does not send {wait.operation}"]
        lines += [*_control("GET", awaited(wait.operation, sent), status="200"), ""]
    if by_hub:
        lines += ["# fails while the finding still occurs", *_control("GET", "/findings?seconds=30")]
        lines += ["[Asserts]", *_not_found(finding), ""]
    elif led:
        lines = [*lines[:-1], "[Asserts]", *_not_as_then(led[-1], finding), ""]
    return "\n".join(lines)


def _stimulated(record: Record, given: Iterable[Given]) -> Iterator[str]:
    """The stimuli, which Hurl can give where the shim speaks HTTP."""
    for one in given if record.profile.stimuli.driver == "http" else ():
        yield from _asked(record, one)
        yield ""


_USE: Mapping[bool, tuple[str, ...]] = {
    True: (
        "First start `oicp-conformance hub --target PROFILE`: the hub responds to the target, and judges.",
        "Then: hurl --test FILE; an assert fails while the finding still occurs.",
    ),
    False: (
        "hurl --test FILE: an assert fails while the response is as in the run.",
        "Only `oicp-conformance replay` judges the response by all rules.",
    ),
}
"""What is said first, where a hub is needed and where not."""


def _not_found(finding: Outcome) -> Iterator[str]:
    """The assert that the hub no longer has a finding."""
    same = f"@.requirement == '{finding.requirement}' && @.operation == '{finding.operation}'"
    yield f'jsonpath "$.findings[?{same}]" not exists'


def _not_as_then(exchange: Exchange, finding: Outcome) -> Iterator[str]:
    """The asserts that the response of the target is not the one in which a finding was made."""
    status, part = exchange.status, exchange.answer
    if status is None:
        # Where no response comes again, Hurl says so itself.
        yield f"status < {_SERVER_ERROR}"
    elif status >= _SERVER_ERROR:
        yield f"status < {_SERVER_ERROR}"
    elif part.cut:
        yield f"bytes count <= {len(part.body)}"
    elif part.problem is not None:
        yield 'jsonpath "$" exists'
    elif finding.pointer is not None and (path := _path(part.json, finding.pointer)):
        yield path
    elif exchange.expects == "refuse" and answer_of(exchange) is Answer.POSITIVE:
        yield f"body not matches /{POSITIVE}/"
    elif exchange.expects == "accept" and answer_of(exchange) is Answer.NEGATIVE:
        yield f"body matches /{POSITIVE}/"
    else:
        yield f"# expected: {_on_one_line(finding.expected or 'another response')}"


def _path(message: Any, pointer: str) -> str:
    """The assert that at a pointer there is another value, or one at all; empty where none can be written."""
    names = [one.replace("~1", "/").replace("~0", "~") for one in pointer.split("/")[1:]]
    if not names or not all(map(_PLAIN.fullmatch, names)):
        return ""
    parent, last = "$", names[-1]
    for name in names[:-1]:
        parent += f"[{name}]" if isinstance(message, list) else f"['{name}']"
        try:
            message = message[int(name)] if isinstance(message, list) else message[name]
        except (KeyError, IndexError, ValueError, TypeError):
            return ""
    if isinstance(message, dict) and last not in message:
        return f"jsonpath \"{parent}['{last}']\" exists"
    value = message.get(last) if isinstance(message, dict) else None
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        literal = f"'{value}'"
    elif isinstance(message, dict) and (value is None or isinstance(value, bool | int)):
        literal = json.dumps(value)
    else:
        return ""
    # A filter, because a place that is gone has no value that could be compared.
    return f'jsonpath "{parent}[?@ == {literal}]" not exists'


def _escaped(text: str) -> str:
    """A name or a value of a header, without what Hurl reads as a comment, a template or an end."""
    return "".join(one if _SAFE.fullmatch(one) else f"\\u{{{ord(one):x}}}" for one in text)


def _on_one_line(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)


def _entry(record: Record, exchange: Exchange) -> Iterator[str]:
    if not exchange.by_target:
        yield f"# exchange {exchange.number}: the hub sends {_on_one_line(wire.asked(exchange))}"
        yield f"{exchange.method} {record.profile.target.base_url}{quote(exchange.path, safe=_IN_PATH)}"
        yield from (
            f"{_escaped(name)}: {_escaped(value)}"
            for name, value in exchange.request.headers
            if not said_by_itself(name)
        )
        yield from _body(exchange.request.body)
        yield "HTTP *"
        return
    yield f"# exchange {exchange.number}: the target sends {_on_one_line(wire.asked(exchange))} to the hub"


def _control(
    method: str, path: str, body: Mapping[str, Any] | None = None, *, status: str = "*"
) -> Iterator[str]:
    """An entry for the control interface of `oicp-conformance hub`."""
    yield f"{method} http://{CONTROL}{path}"
    if body is not None:
        yield "Content-Type: application/json"
        yield from _body(json.dumps(body).encode())
    yield f"HTTP {status}"


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
