"""Base64 in texts: what it reads as, in layers, compressed or not."""

import base64
import re
from collections.abc import Iterator

from oicp_conformance.redaction.compressed import inflated

RUN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,}")
"""What may be Base64, in either alphabet."""
_TO_PLAIN = str.maketrans("-_", "+/")
_NO_TEXT = 8
"""Bytes are not a text if more than one of so many characters cannot be decoded."""


def readings(text: str, depth: int = 3) -> Iterator[str]:
    """Return what stands in a text in Base64, and in that again."""
    for found in RUN.findall(text):
        yield from readings_of(found, depth)


def readings_of(run: str, depth: int = 3) -> Iterator[str]:
    """Return what a run of signs of Base64 reads as, and what stands in that again."""
    # In a path, a part of the run may be it.
    for piece in dict.fromkeys((run, *run.split("/"))):
        if (inside := _text(piece)) is not None:
            yield inside
            if depth > 1:
                yield from readings(inside, depth - 1)


def _text(run: str) -> str | None:
    whole = len(run) - (len(run) % 4 == 1)
    padded = run[:whole].translate(_TO_PLAIN) + "=" * (-whole % 4)
    raw = base64.b64decode(padded)
    if (compressed := inflated(raw)) is not None:
        raw = compressed.inside
    text = raw.decode("utf-8", "replace")
    return text if text and text.count("\ufffd") * _NO_TEXT <= len(text) else None
