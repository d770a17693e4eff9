"""What a target writes is no command: not in a shell into which a reader pastes, nor for a CI server."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.json_text import visible
from oicp_conformance.judge.outcome import broken
from oicp_conformance.reporting import curl, excerpt
from oicp_conformance.reporting.commands import script
from oicp_conformance.reporting.page import markdown_block
from selftest.unit.journals import a_cpo
from selftest.unit.wording import part

HOSTILE = "x\ntouch pwned\r\n::error::y\x1b[31m\x9b31m\u202e##vso[task.complete]'\"\\%n $(touch pwned) `id` -"
STUB = 'curl() { for one in "$@"; do printf "%s\\0" "$one"; done >> said; cat >> body; }; '


def hostile(method: str = "POST", body: bytes | None = None) -> Exchange:
    cpo = a_cpo()
    cpo.cdr(cpo.remote_start())
    request = part({"ActionType": HOSTILE, "Type": HOSTILE}) if body is None else Part(body=body)
    return replace(cpo.exchanges[-1], method=method, request=request)


def test_comments_of_commands_are_one_line_each(tmp_path: Path) -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    cpo.cdr(session)
    cpo.exchanges[-1] = replace(cpo.exchanges[-1], request=part({"SessionID": session.id, "Type": HOSTILE}))
    said = script(cpo.record, cpo.exchanges[-1].number)
    assert all(line.startswith(("#", "curl ")) for line in said.splitlines())
    assert all(one.isprintable() or one == "\n" for one in said)
    subprocess.run(["sh", "-c", STUB + said], cwd=tmp_path, check=True, timeout=30)  # noqa: S603, S607 - ours
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("body", [HOSTILE.encode(), b"\x00\xff-%b\\n", b'{"a": "plain",\n "b": 1}', b""])
def test_a_command_sends_the_bytes_of_the_request(shell: str, body: bytes, tmp_path: Path) -> None:
    sent = replace(hostile(body=body), path="/a\x1b[31m'")
    command = curl.curl(sent, "http://127.0.0.1:9")
    assert all(one.isprintable() or one in "\n\t" for one in command)
    stub = STUB.replace("cat >> body", "case $* in *@-) cat > body;; esac")
    subprocess.run([shell, "-c", stub + command], cwd=tmp_path, check=True, timeout=30)  # noqa: S603 - ours
    words = (tmp_path / "said").read_bytes().split(b"\0")[:-1]
    assert words[3] == b"http://127.0.0.1:9/a\x1b[31m'"
    given = (tmp_path / "body").read_bytes() if words[-1] == b"@-" else words[-1]
    assert given == body
    assert not (tmp_path / "pwned").exists()


def test_findings_are_one_line_without_what_cannot_be_seen() -> None:
    made = broken("http.json", hostile(), f"not {HOSTILE}", expected=HOSTILE, found=HOSTILE)
    for text in (
        made.message,
        made.expected,
        made.found,
        broken("http.json", hostile(), "", found=[HOSTILE]).found,
    ):
        assert text.isprintable()
    assert json.loads(visible(json.dumps(HOSTILE, ensure_ascii=False))) == HOSTILE


def test_carets_stand_under_what_is_marked() -> None:
    shown = excerpt.marked({"\x9b": "\u202eabc"}, "/\x9b", "found \u202e")
    line, caret = shown.split("\n")[1:3]
    assert shown.replace("\n", "").isprintable()
    assert line[caret.index("^") : caret.rindex("^") + 1] == '"\\u202eabc"'


def test_a_block_of_markdown_has_no_command() -> None:
    made = str(markdown_block("::error::x\n  ##vso[task.complete]\n##[error]x"))
    assert "##vso[" not in made
    assert "##[" not in made
    assert not any(line.lstrip().startswith("::") for line in made.splitlines())
