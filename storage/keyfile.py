"""The master key and the file it lives in.

Whoever has the key file and the database can read everything; whoever has only one of them can read nothing. So the
file has a directory of its own, closed to everybody else, and never lies where the data lie.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import stat
from pathlib import Path
from typing import NoReturn

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from flows.errors import HandrailError

HEADER = "handrail-key:1:"
SIZE = 32
CREDENTIAL = "handrail.key"
OTHERS = 0o077
LONGEST = 4096


class KeyMissing(HandrailError):
    """There is no key file at {0}. With a database: put your copy of the key back there. New: handrail init."""


class KeyExists(HandrailError):
    """There is a key file at {0} already, and it was left alone. Without it everything sealed with it is lost."""


class KeyOpenToOthers(HandrailError):
    """{0} is open to other accounts (mode {1}). Nothing was read. Close it, then start again: chmod {2} {0}"""


class KeyBesideData(HandrailError):
    """The key file {0} lies where the data lie ({1}), so one stolen copy would hold both. Move it out of there."""


class KeyUnreadable(HandrailError):
    """The key file {0} could not be read: {1}. It must be a plain file that belongs to the account Handrail runs as."""


class KeyMalformed(HandrailError):
    """The key file {0} is damaged or cut short: {1}. Nothing was read. Put your copy of the key back there."""


class MasterKey:
    """32 secret bytes from which every other key is derived. Printing it tells nothing."""

    __slots__ = ("audit_key", "id", "index_key", "letterbox_key", "link_key", "wrap_key")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SIZE:
            raise ValueError("a master key has 32 bytes")
        self.id = _derive(secret, "id")[:8].hex()
        self.wrap_key = _derive(secret, "wrap")
        self.index_key = _derive(secret, "index")
        self.audit_key = _derive(secret, "audit")
        self.letterbox_key = _derive(secret, "letterbox")
        self.link_key = _derive(secret, "link")

    def __repr__(self) -> str:
        return "<master key>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a master key is not copied or pickled")


def _derive(secret: bytes, label: str) -> bytes:
    return HKDF(SHA256(), length=SIZE, salt=None, info=f"handrail/1/{label}".encode()).derive(secret)


def make_key_file(path: Path, data_dir: Path | None = None) -> MasterKey:
    """A new key in a new file (0600) in a directory closed to others (0700). Never writes over an old one."""
    path = path.resolve()
    _refuse_beside(path, data_dir)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_open(path.parent, path.parent.stat().st_mode, "700")
    secret = secrets.token_bytes(SIZE)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyExists(path) from None
    with os.fdopen(file, "w", encoding="ascii") as out:
        out.write(_written(secret))
        out.flush()
        os.fsync(out.fileno())
    _sync_directory(path.parent)
    return MasterKey(secret)


def read_key(path: Path, credentials_dir: Path | None = None, data_dir: Path | None = None) -> MasterKey:
    """The key that systemd (or a container) handed over, if it did; else the one at `path`, if it lies safely."""
    given = credentials_dir / CREDENTIAL if credentials_dir is not None else None
    if given is not None and given.is_file():
        return _key(given, _read(given, closed=False))  # its modes are systemd's business, and it gets them right
    path = path.resolve()
    _refuse_beside(path, data_dir)
    return _key(path, _read(path, closed=True))


def _read(path: Path, *, closed: bool) -> str:
    """What is in the file. Its mode is asked of the opened file, so that it cannot be swapped in between."""
    try:
        if not path.is_file():
            raise KeyMissing(path)
        with path.open("rb") as file:
            if closed:
                _refuse_open(path.parent, path.parent.stat().st_mode, "700")
                _refuse_open(path, os.fstat(file.fileno()).st_mode, "600")
            return file.read(LONGEST).decode("ascii", "replace").strip()
    except OSError as error:
        raise KeyUnreadable(path, error.strerror) from None


def _key(path: Path, text: str) -> MasterKey:
    if not text.startswith(HEADER):
        raise KeyMalformed(path, f'it does not start with "{HEADER}"')
    written, _, checksum = text.removeprefix(HEADER).partition(":")
    try:
        secret = base64.b64decode(written, validate=True)
    except ValueError:
        raise KeyMalformed(path, "the key in it is not base64") from None
    if len(secret) != SIZE or checksum != _checksum(secret):
        raise KeyMalformed(path, "its checksum does not fit")
    return MasterKey(secret)


def _written(secret: bytes) -> str:
    return f"{HEADER}{base64.b64encode(secret).decode()}:{_checksum(secret)}\n"


def _checksum(secret: bytes) -> str:
    return hashlib.sha256(HEADER.encode() + secret).hexdigest()[:8]


def _refuse_open(path: Path, mode: int, wanted: str) -> None:
    if mode & OTHERS:
        raise KeyOpenToOthers(path, f"{stat.S_IMODE(mode):o}", wanted)


def _refuse_beside(path: Path, data_dir: Path | None) -> None:
    if data_dir is not None and path.is_relative_to(data_dir.resolve()):
        raise KeyBesideData(path, data_dir.resolve())


def _sync_directory(directory: Path) -> None:
    file = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
