"""Compressed bytes: what is in them, as far as the suite looks."""

import gzip
import zlib
from dataclasses import dataclass

LONGEST = 8 * 1024 * 1024
"""Bytes that are inflated: what follows them is not written."""
READABLE = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
"""The codings of Content-Encoding that the suite can look into."""
_GZIP, _ZLIB, _RAW = 31, 15, -15
_MAGIC = b"\x1f\x8b\x08"
_PIECE = 4096


@dataclass(frozen=True)
class Compressed:
    """What compressed bytes hold."""

    inside: bytes
    rest: bytes
    """What follows them."""
    whole: bool
    """Whether `inside` is all of it: not where it is too long or broken."""
    format: int

    def again(self, inside: bytes, rest: bytes) -> bytes:
        """Compress something else in the same format."""
        if self.format == _GZIP:
            return gzip.compress(inside, mtime=0) + rest
        return zlib.compress(inside, wbits=self.format) + rest


def inflated(body: bytes, coding: str = "") -> Compressed | None:
    """Look into a body of gzip, zlib or, if `coding` says so, bare deflate; None where it is none of them."""
    if body.startswith(_MAGIC):
        return _inflated(body, _GZIP)
    if len(body) > 2 and body[0] & 0x8F == 0x08 and int.from_bytes(body[:2]) % 31 == 0:
        found = _inflated(body, _ZLIB)
        if found.inside and (found.whole or len(found.inside) >= LONGEST):
            return found
    if "deflate" in coding:
        found = _inflated(body, _RAW)
        if found.inside and not found.rest and (found.whole or len(found.inside) >= LONGEST):
            return found
    return None


def _inflated(body: bytes, form: int) -> Compressed:
    machine, inside, at = zlib.decompressobj(form), bytearray(), 0
    while at < len(body) and not machine.eof:
        piece = body[at : at + _PIECE]
        at += len(piece)
        try:
            inside += machine.decompress(piece, LONGEST + 1 - len(inside))
        except zlib.error:
            return Compressed(bytes(inside), b"", whole=False, format=form)
        if len(inside) > LONGEST:
            return Compressed(bytes(inside[:LONGEST]), b"", whole=False, format=form)
    return Compressed(bytes(inside), machine.unused_data + body[at:], whole=True, format=form)
