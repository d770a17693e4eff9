"""An exchange in words, and as Allure's viewer of HTTP takes it: pure functions."""

import contextlib
import json
from typing import Any

from oicp_conformance.journal.answers import code_of
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.json_text import visible
from oicp_conformance.judge.advice import hub_url
from oicp_conformance.profile import Profile

BODY = 4_000
"""Characters of a body that a report has; all of it is in the journal."""
OFFENDING = 20_000
"""The same where something was found in the exchange."""
JOURNAL = "journal.jsonl"
HTTP = "application/vnd.allure.http+json"
"""The type of an attachment for which Allure has a viewer of HTTP."""
_HEADER = 500


def base_url(exchange: Exchange, profile: Profile) -> str:
    """Where the request was sent to: scheme, host and port, with the path that stands before OICP's."""
    return hub_url(profile) if exchange.by_target else profile.target.base_url


def shown(value: object) -> str:
    """A JSON value that should be text, or of one word."""
    if isinstance(value, dict | list):
        # It can be nested so deeply that it cannot be written again.
        return "{…}" if isinstance(value, dict) else "[…]"
    return value if isinstance(value, str) else json.dumps(value)


def asked(exchange: Exchange) -> str:
    """The request: its operation, and its type where there are several; of a stranger, its address."""
    kinds = [exchange.request.get(name) for name in ("Type", "ActionType")]
    name = exchange.operation or f"{exchange.method} {exchange.path[:200]}"
    if exchange.stranger:
        name = f"stranger {exchange.peer or ''}".rstrip() + f": {name}"
    return visible(" · ".join([name, *(shown(kind) for kind in kinds if kind is not None)]))


def answered(exchange: Exchange) -> str:
    """What came back, or the trouble that there was instead."""
    if exchange.status is None:
        detail = f": {exchange.detail}" if exchange.detail else ""
        return visible(f"{exchange.trouble or 'no response yet'}{detail}")
    answer = exchange.answer
    said = [f"HTTP {exchange.status}"]
    words = ("Result", "AuthorizationStatus")
    said += [f"{name} {shown(answer.object[name])}" for name in words if name in answer.object]
    code = code_of(exchange)
    if code is not None:
        said.append(f"Code {code}")
    if not answer.body:
        said.append("no body")
    elif answer.problem:
        said.append(f"not JSON: {answer.problem}")
    return visible(" · ".join(said))


def tries(exchange: Exchange) -> str:
    """What the hub wants to know with a request."""
    if exchange.control is not None:
        return f"control of {exchange.control}"
    refused = ", should be rejected" if exchange.expects == "refuse" else ""
    return f"tries {exchange.purpose}{refused}" if exchange.purpose else ""


def line(exchange: Exchange) -> str:
    """The whole exchange in one line."""
    way = "←" if exchange.by_target else "→"
    took = f" · {exchange.seconds:.1f} s" if exchange.seconds >= 1 else ""
    words = f"{exchange.number} {way} {asked(exchange)[:120]}: {answered(exchange)[:160]}{took}"
    return " ".join(words.split())


def http(exchange: Exchange, profile: Profile, longest: int = BODY) -> dict[str, Any]:
    """The exchange as Allure's viewer takes it, with bodies of at most so many characters."""
    made: dict[str, Any] = {
        "start": int(exchange.started * 1000),
        "stop": int((exchange.finished or exchange.started) * 1000),
        "request": {
            "method": exchange.method,
            # As it was sent: a path may be no part of any URL.
            "url": f"{base_url(exchange, profile)}{exchange.path}"[:2_000],
            **_half(exchange.request, exchange.number, longest),
        },
    }
    if exchange.status is not None:
        made["response"] = {
            "status": exchange.status,
            "statusText": "",
            **_half(exchange.answer, exchange.number, longest),
        }
    else:
        made["error"] = exchange.detail or exchange.trouble
    return made


def unshown(exchange: Exchange, note: str) -> dict[str, Any]:
    """In the form of `http`, an exchange that cannot be shown; `note` says why."""
    started = int(exchange.started * 1000)
    request = {"method": "", "url": "", "headers": []}
    return {"start": started, "stop": started, "request": request, "error": note}


def _half(part: Part, number: int, longest: int) -> dict[str, Any]:
    half: dict[str, Any] = {
        "headers": [{"name": name, "value": value[:_HEADER]} for name, value in part.headers]
    }
    if part.body:
        text, is_whole = body(part, number, longest)
        content_type = part.header("Content-Type") or "text/plain"
        # What is cut is no JSON any more: the viewer must not read it as such.
        half["body"] = {"contentType": content_type if is_whole else "text/plain", "value": text}
    return half


def body(part: Part, number: int, longest: int = BODY) -> tuple[str, bool]:
    """A body for people, and whether it is all of it; where it is not, it says where the rest is."""
    size = len(part.body)
    text = part.body[: 4 * longest].decode("utf-8", "replace")
    if part.problem is None and size <= longest:
        with contextlib.suppress(RecursionError):  # it can be read, but is nested too deeply to be written
            text = json.dumps(part.json, indent=2, ensure_ascii=False)
    # Indented, a body can be longer than it was: that alone is no reason to cut it.
    if size <= longest:
        return text, True
    rest = f"… cut: all {size} bytes are in {JOURNAL}, in the exchange with the number {number}"
    return f"{text[:longest]}\n{rest}", False
