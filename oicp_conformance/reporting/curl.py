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
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    # No argument of a command can hold a NUL, nor what is no text.
    if "\0" in text:
        octal = "".join(f"\\{byte:03o}" for byte in body)
        return f"printf '{octal}' | {shlex.join([*words, '--data-binary', '@-'])}"
    return shlex.join([*words, "--data-raw", text])
