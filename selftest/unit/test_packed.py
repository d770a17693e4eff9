"""The report packed: all of its data and its program are in it, and nothing of them beside it."""

import base64

import pytest

from oicp_conformance.reporting.packed import PROGRAM, packed
from oicp_conformance.reporting.render_error import RenderError
from selftest.support import unpacked


def html(data: dict[str, bytes], program: bytes = b"run()") -> str:
    parts = ",".join(f'd("{name}","{base64.b64encode(part).decode()}")' for name, part in data.items())
    return (
        f'<body><script   src="data:text/javascript;base64,{base64.b64encode(program).decode()}"></script>\n'
        f"<script defer>\n  Promise.allSettled([{parts}])\n  .then(function(){{}})\n</script></body>"
    )


def test_everything_comes_back_as_it_was() -> None:
    data = {
        "widgets/tree.json": b"{}",
        "data/a.txt": "é\n</script>".encode(),
        "data/b.bin": b"\xff\0\n",
        "c/d": b"",
    }
    made = packed(html(data))
    assert unpacked(made) == {PROGRAM: b"run()", **data}
    assert list(unpacked(made)) == [PROGRAM, *data]
    assert made.count("<script") == made.count("</script>") == 2
    assert packed(html(data)) == made


def test_old_fonts_are_left_out() -> None:
    made = unpacked(
        packed(html({"a/b": b"1"}, b'"data:font/woff;base64,AAAA=" "data:font/woff2;base64,BBBB"'))
    )
    assert made[PROGRAM] == b'"data:font/woff," "data:font/woff2;base64,BBBB"'


@pytest.mark.parametrize("other", ["", "<script src='data:text/javascript;base64,AA=='></script>", "Promise"])
def test_other_html_is_refused(other: str) -> None:
    with pytest.raises(RenderError, match="no program or no data"):
        packed(other)
