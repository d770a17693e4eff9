"""A run in one file, for who certifies: statement, page, journal, their digests, and a signature.

A bundle is a ZIP file. `bundle.json` lists each file with its SHA-256; `bundle.sig` is an Ed25519 signature
(RFC 8032) of the bytes of `bundle.json`, with the public key. The same run and key make the same bytes.
"""

import base64
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from oicp_conformance.journal.archive import JOURNAL, NOTES
from oicp_conformance.judge.statement import Statement
from oicp_conformance.run.statements import NAME, StatementError, read

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FILES = (NAME, "conformance.html", JOURNAL, NOTES, "run.json", "errata.md", "junit.xml")
"""What of a run is in a bundle, where the run left it."""
NEEDED = (NAME, JOURNAL)
INDEX, SIGNATURE = "bundle.json", "bundle.sig"
LONGEST = 512 * 2**20
"""Bytes that all files of a bundle have together at most: a verifier reads them into memory."""
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of each file in the ZIP: it would only differ from bundle to bundle."""


class BundleError(ValueError):
    """A bundle cannot be made or read; the text names the file and what is wrong."""


@dataclass(frozen=True)
class Verified:
    """What a verifier found."""

    statement: Statement | None
    """The statement, if it can be read."""
    problems: tuple[str, ...]
    """Why the bundle is not what was made; empty if it is."""
    signer: str | None
    """The fingerprint of the key that signed it, or None if nobody signed it."""
    is_trusted: bool
    """Whether the signer is the one that the verifier named."""


def make(folder: Path, file: Path, key: Path | None = None) -> str | None:
    """Write the bundle of a run, and return the fingerprint of the key that signed it, if one did.

    `folder` is that of the run, `key` a private Ed25519 key as PEM without a password.

    Raises:
        BundleError: the run left no statement or no journal, they do not belong together, a file of the run
            is not a regular file, or the key cannot be used.
        OSError: the file cannot be written.
    """
    signer = _private(key) if key else None
    contents = _contents(folder)
    index = {
        "format": 1,
        "protocol": "OICP 2.3",
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    }
    written = contents | {INDEX: (json.dumps(index, indent=2) + "\n").encode()}
    if signer is not None:
        signature = {
            "algorithm": "Ed25519",
            "public_key": _raw(signer.public_key()),
            "signature": base64.b64encode(signer.sign(written[INDEX])).decode(),
        }
        written[SIGNATURE] = (json.dumps(signature, indent=2) + "\n").encode()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in written.items():
            info = zipfile.ZipInfo(name, _MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            made.writestr(info, data)
    return fingerprint(signer.public_key()) if signer else None


def verify(file: Path, key: Path | None = None) -> Verified:
    """Check a bundle: that each file is as it was, and that it is signed, with `key` if one is given.

    `key` is a public Ed25519 key as PEM.

    Raises:
        BundleError: the file is not a bundle, or the key cannot be used.
    """
    expected = _public(key) if key else None
    contents = _read(file)
    problems = list(_differences(contents))
    statement, more = _stated(contents)
    problems += more
    signer = None
    if SIGNATURE in contents:
        found = _signer(contents[SIGNATURE], contents[INDEX])
        if found is None:
            problems.append(f"{SIGNATURE}: the signature does not match {INDEX}")
        else:
            signer = fingerprint(found)
    if expected is not None and signer != fingerprint(expected):
        found_key = f"signed with {signer}" if signer else "not signed"
        problems.append(f"{SIGNATURE}: {found_key}; expected the key {fingerprint(expected)}")
    return Verified(statement, tuple(problems), signer, expected is not None and not problems)


def fingerprint(key: "Ed25519PublicKey") -> str:
    """Return the SHA-256 of a public key's 32 bytes, in hexadecimal."""
    return hashlib.sha256(base64.b64decode(_raw(key))).hexdigest()


def _contents(folder: Path) -> dict[str, bytes]:
    there = [name for name in FILES if os.path.lexists(folder / name)]
    if odd := [name for name in there if not (folder / name).is_file()]:
        # To read a FIFO would wait for whoever writes into it.
        raise BundleError(f"{folder / odd[0]}: not a regular file")
    try:
        statement = read(folder / NAME)
        found = {name: (folder / name).read_bytes() for name in there}
    except StatementError as error:
        raise BundleError(str(error)) from None
    except OSError as error:
        raise BundleError(f"{error.filename}: {error.strerror}") from None
    for name in NEEDED:
        if name not in found:
            raise BundleError(f"{folder / name}: no such file; a bundle needs it")
    if problem := _other_journal(statement, found):
        raise BundleError(f"{folder}: {problem}")
    if sum(map(len, found.values())) > LONGEST:
        raise BundleError(f"{folder}: its files have more than {LONGEST} bytes together")
    return found


def _other_journal(statement: Statement, contents: Mapping[str, bytes]) -> str:
    """Why the journal is not the one that was judged; empty if it is."""
    digest = hashlib.sha256(contents[JOURNAL]).hexdigest()
    judged = statement.journal.sha256 if statement.journal else None
    return "" if digest == judged else f"{JOURNAL}: not the journal that the statement judges"


def _read(file: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(file) as bundle:
            listed = bundle.infolist()
            names = [one.filename for one in listed]
            if len(set(names)) != len(names) or sum(one.file_size for one in listed) > LONGEST:
                raise BundleError(f"{file}: not a bundle: a file is in it twice, or it is too long")
            contents = {one.filename: bundle.read(one) for one in listed}
    except OSError as error:
        raise BundleError(f"{file}: {error.strerror}") from None
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError) as error:
        raise BundleError(f"{file}: cannot be read: {error}") from None
    if INDEX not in contents:
        raise BundleError(f"{file}: not a bundle: it has no {INDEX}")
    return contents


def _differences(contents: Mapping[str, bytes]) -> list[str]:
    """What is missing, too much, or not as it was."""
    files = _object(contents[INDEX]).get("files")
    if not isinstance(files, dict):
        return [f"{INDEX}: lists no files"]
    there = contents.keys() - {INDEX, SIGNATURE}
    problems = [f"{name}: missing" for name in sorted(files.keys() - there)]
    problems += [f"{name}: not listed in {INDEX}" for name in sorted(there - files.keys())]
    for name in sorted(there & files.keys()):
        if hashlib.sha256(contents[name]).hexdigest() != files[name]:
            problems.append(f"{name}: changed since the bundle was made")
    return problems


def _stated(contents: Mapping[str, bytes]) -> tuple[Statement | None, list[str]]:
    if absent := [name for name in NEEDED if name not in contents]:
        return None, [f"{name}: a bundle needs it" for name in absent]
    try:
        statement = Statement.model_validate_json(contents[NAME])
    except ValidationError:
        return None, [f"{NAME}: not a statement"]
    problem = _other_journal(statement, contents)
    return statement, [problem] if problem else []


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


# Keys; `cryptography` comes with the extra `sign`.


def _raw(key: "Ed25519PublicKey") -> str:
    return base64.b64encode(key.public_bytes_raw()).decode()


def _private(file: Path) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    try:
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    except OSError as error:
        raise BundleError(f"{file}: {error.strerror}") from None
    except (ValueError, TypeError) as error:
        raise BundleError(f"{file}: not a private key as PEM without a password: {error}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BundleError(f"{file}: not an Ed25519 key; openssl genpkey -algorithm ed25519 makes one")
    return key


def _public(file: Path) -> "Ed25519PublicKey":
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        key = serialization.load_pem_public_key(file.read_bytes())
    except OSError as error:
        raise BundleError(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise BundleError(f"{file}: not a public key as PEM: {error}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise BundleError(f"{file}: not an Ed25519 key")
    return key


def _signer(signature: bytes, index: bytes) -> "Ed25519PublicKey | None":
    """The key that signed the index, or None if none did."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    given = _object(signature)
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(str(given.get("public_key"))))
        key.verify(base64.b64decode(str(given.get("signature"))), index)
    except (ValueError, InvalidSignature):
        return None
    return key
