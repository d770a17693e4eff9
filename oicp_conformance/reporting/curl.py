"""An exchange as a command that sends its request again."""

import shlex

from oicp_conformance.journal.exchange import Exchange

_BY_ITSELF = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}
)
"""Headers that curl sends by itself, or that say nothing."""


def said_by_itself(header: str) -> bool:
    """Whether a client sends a header by itself, or it says nothing."""
    return header.lower() in _BY_ITSELF


def curl(exchange: Exchange, base_url: str) -> str:
    """The curl command for a POSIX shell that sends the request of an exchange again.

    `base_url` is where it was sent to: scheme, host and port, with the path that stands before OICP's.
    """
    body = exchange.request.body
    words = ["curl", "-i", "-X", exchange.method or "POST", f"{base_url.rstrip('/')}{exchange.path}"]
    for name, value in exchange.request.headers:
        if not said_by_itself(name):
            words += ["-H", f"{name}: {value}"]
    command = " ".join(_word(one) for one in words)
    text = body.decode("utf-8", "surrogateescape")
    if all(map(_is_plain, text)):
        return f"{command} --data-raw {shlex.quote(text)}"
    return f"{_printed(text)} | {command} --data-binary @-"


def _is_plain(character: str) -> bool:
    """Whether a character does in a terminal what it does in a file: no other may be pasted into one."""
    return character.isprintable() or character in "\n\t"


def _word(text: str) -> str:
    """An argument of a command."""
    return shlex.quote(text) if all(map(_is_plain, text)) else f'"$({_printed(text)})"'


def _printed(text: str) -> str:
    """The command that writes a text; what is not plain is in octal, byte by byte."""
    made = "".join(
        one
        if _is_plain(one) and one != "\\"
        else "".join(f"\\0{byte:03o}" for byte in one.encode("utf-8", "surrogateescape"))
        for one in text
    )
    return f"printf %b {shlex.quote(made)}"
