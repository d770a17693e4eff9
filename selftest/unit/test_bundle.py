"""A bundle: what was changed is found, and who signed it."""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oicp_conformance.cli import main
from oicp_conformance.reporting.bundle import FILES, INDEX, SIGNATURE, BundleError, fingerprint, make, verify
from selftest.unit.test_badge import statement

Change = Callable[[dict[str, bytes]], object]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run with an empty journal."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "journal.jsonl").write_bytes(b"")
    judged = statement("cpo", "fail").model_dump(mode="json", by_alias=True)
    judged["journal"] = {"exchanges": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    (folder / "conformance.json").write_text(json.dumps(judged), encoding="utf-8")
    (folder / "conformance.html").write_text("<p>", encoding="utf-8")
    return folder


@pytest.fixture
def key(tmp_path: Path) -> Ed25519PrivateKey:
    return written(tmp_path, "my")


def written(folder: Path, name: str) -> Ed25519PrivateKey:
    """Make a key, and write both halves."""
    made = Ed25519PrivateKey.generate()
    secret = made.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
    public = made.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
    (folder / f"{name}.key").write_bytes(secret)
    (folder / f"{name}.pub").write_bytes(public)
    return made


def contents(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def rewritten(file: Path, data: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w") as bundle:
        for name, one in data.items():
            bundle.writestr(name, one)
    return file


def test_unsigned(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.zip"
    assert make(run, file) is None
    assert set(contents(file)) == {"conformance.json", "conformance.html", "journal.jsonl", INDEX}
    found = verify(file)
    assert (found.problems, found.signer, found.is_trusted) == ((), None, False)
    assert found.statement is not None
    assert found.statement.verdict == "fail"
    again = tmp_path / "two.zip"
    make(run, again)
    assert again.read_bytes() == file.read_bytes()


def test_signed(run: Path, tmp_path: Path, key: Ed25519PrivateKey) -> None:
    file = tmp_path / "one.zip"
    mine = fingerprint(key.public_key())
    assert make(run, file, tmp_path / "my.key") == mine
    known, anybody = verify(file, tmp_path / "my.pub"), verify(file)
    assert (known.problems, known.signer, known.is_trusted) == ((), mine, True)
    assert (anybody.problems, anybody.signer, anybody.is_trusted) == ((), mine, False)
    written(tmp_path, "other")
    other = verify(file, tmp_path / "other.pub")
    assert not other.is_trusted
    assert f"signed with {mine}; expected the key" in other.problems[0]


def test_unsigned_where_a_key_is_expected(run: Path, tmp_path: Path, key: Ed25519PrivateKey) -> None:
    file = tmp_path / "one.zip"
    make(run, file)
    assert verify(file, tmp_path / "my.pub").problems == (
        f"{SIGNATURE}: not signed; expected the key {fingerprint(key.public_key())}",
    )


def _better(data: dict[str, bytes]) -> None:
    data["conformance.json"] = data["conformance.json"].replace(b'"fail"', b'"pass"', 1)


def _better_and_listed(data: dict[str, bytes]) -> None:
    _better(data)
    index = json.loads(data[INDEX])
    index["files"]["conformance.json"] = hashlib.sha256(data["conformance.json"]).hexdigest()
    data[INDEX] = json.dumps(index).encode()


def _other_journal(data: dict[str, bytes]) -> None:
    data["journal.jsonl"] = b"{}\n"


CHANGES: dict[str, tuple[Change, list[str]]] = {
    "a statement": (_better, ["conformance.json: changed since the bundle was made"]),
    "a statement and the index": (
        _better_and_listed,
        [f"{SIGNATURE}: the signature does not match {INDEX}"],
    ),
    "a journal": (
        _other_journal,
        [
            "journal.jsonl: changed since the bundle was made",
            "journal.jsonl: not the journal that the statement judges",
        ],
    ),
    "one more": (lambda data: data.update(more=b""), ["more: not listed in bundle.json"]),
    "one less": (lambda data: data.pop("conformance.html"), ["conformance.html: missing"]),
    "no statement": (
        lambda data: data.pop("conformance.json"),
        ["conformance.json: missing", "conformance.json: a bundle needs it"],
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_changed(run: Path, tmp_path: Path, key: Ed25519PrivateKey, what: str) -> None:
    del key  # its file is used
    change, problems = CHANGES[what]
    file = tmp_path / "one.zip"
    make(run, file, tmp_path / "my.key")
    data = contents(file)
    change(data)
    assert list(verify(rewritten(file, data)).problems) == problems


def test_journal_of_another_run(run: Path, tmp_path: Path) -> None:
    (run / "journal.jsonl").write_bytes(b"{}\n")
    with pytest.raises(BundleError, match="not the journal that the statement judges"):
        make(run, tmp_path / "one.zip")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("odd", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("nowhere")])
def test_file_that_is_not_a_regular_one(
    run: Path, tmp_path: Path, name: str, odd: Callable[[Path], None]
) -> None:
    (run / name).unlink(missing_ok=True)
    odd(run / name)
    with closed_soon(run / name), pytest.raises(BundleError, match=f"{name}: not a regular file"):
        make(run, tmp_path / "one.zip")


@contextmanager
def closed_soon(file: Path) -> Iterator[None]:
    """Have a file opened and closed after some seconds, so that who waits for a FIFO reads its end."""
    writer = Timer(5, lambda: file.is_fifo() and file.write_bytes(b""))
    writer.daemon = True
    writer.start()
    try:
        yield
    finally:
        writer.cancel()


def test_key_of_another_kind(run: Path, tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    file = tmp_path / "ec.key"
    file.write_bytes(other.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption()))
    with pytest.raises(BundleError, match="not an Ed25519 key"):
        make(run, tmp_path / "one.zip", file)


def test_bundle_whose_bytes_are_spoilt(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.zip"
    make(run, file)
    whole = file.read_bytes()
    with zipfile.ZipFile(file) as bundle:
        (page,) = [one for one in bundle.infolist() if one.filename == "conformance.json"]
    inside = page.header_offset + 30 + len(page.filename) + 40
    file.write_bytes(whole[:inside] + b"\xff" * 8 + whole[inside + 8 :])
    with pytest.raises(BundleError, match="cannot be read"):
        verify(file)


def test_bundle_whose_index_is_nested_too_deeply(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.zip"
    make(run, file)
    found = verify(rewritten(file, {**contents(file), INDEX: b"[" * 100_000}))
    assert f"{INDEX}: lists no files" in found.problems


def test_what_is_not_a_bundle(tmp_path: Path) -> None:
    file = tmp_path / "one.zip"
    file.write_bytes(b"PK")
    with pytest.raises(BundleError, match="cannot be read"):
        verify(file)
    with pytest.raises(BundleError, match="it has no bundle"):
        verify(rewritten(file, {"a": b""}))


def test_commands(
    run: Path, tmp_path: Path, key: Ed25519PrivateKey, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = fingerprint(key.public_key())
    assert main(["bundle", str(run), "--key", str(tmp_path / "my.key")]) == 0
    file = tmp_path / "run.oicp.zip"
    assert capsys.readouterr().out == f"{file}\nsigned with the key {mine}\n"
    assert main(["verify", str(file), "--key", str(tmp_path / "my.pub")]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"A target (CPO): fail\nsigned with the expected key {mine}\n")
    data = contents(file)
    _better(data)
    rewritten(file, data)
    assert main(["verify", str(file)]) == 1
    assert "problem  conformance.json: changed" in capsys.readouterr().out
    assert main(["verify", str(tmp_path / "none")]) == 4
