"""Seals what could tell about somebody, and opens it only for a Grant.

A sealed field is bound to its table, column, subject and row: copied anywhere else it does not open. Format:
0xE1, key generation (2 bytes), nonce (12), ciphertext and tag (AES-256-GCM).
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache

from cryptography.exceptions import InvalidTag

from flows.errors import HandrailError
from flows.grant import FieldClass, Grant
from flows.phi import Phi
from storage.keyfile import MasterKey
from storage.keyring import NONCE, KeyCache, Keyring, KeyStore, NoKey
from storage.schema import MAGIC, SHORTEST

HEAD = 3
BODY = HEAD + NONCE


class NotGranted(HandrailError):
    """This Grant does not open {0} of that participant now."""


class Unreadable(HandrailError):
    """{0}.{1} of row {2} did not open: it was changed, moved from another row, or sealed with another key."""


def blind_mark(index_key: bytes, domain: str, value: str) -> bytes:
    """As `Vault.blind`, for who has the key and no unit of work."""
    if "|" in domain:
        raise ValueError("a domain has no bar in it")
    return hmac.digest(index_key, f"{domain}|{value}".encode(), "sha256")[:16]


class Vault:
    """The vault of one transaction. Tell it how the transaction ended: `committed()` or `rolled_back()`.

    Make one for each transaction, all with the same `cache`. Call `committed()` only after the outermost COMMIT.
    """

    def __init__(self, master: MasterKey, keys: KeyStore, cache: KeyCache | None = None) -> None:
        self._index_key = master.index_key
        self._cache = KeyCache() if cache is None else cache
        self._ring = Keyring(master, keys, self._cache)

    def seal(self, subject: str, table: str, column: str, row_id: str, value: bytes | str | Phi[str]) -> bytes:
        """What may be written into exactly this column of exactly this row."""
        if isinstance(value, Phi):
            value = value.reveal()
        keys = self._ring.made(subject)
        nonce = os.urandom(NONCE)
        plain = value.encode() if isinstance(value, str) else value
        bound = _bound(keys.header, table, column, _framed(subject), row_id)
        return keys.header + nonce + keys.seal.encrypt(nonce, plain, bound)

    def seal_row(
        self, subject: str, table: str, row_id: str, values: Mapping[str, bytes | str | Phi[str] | None]
    ) -> dict[str, bytes | None]:
        """All sealed columns of one row, by name. None stays None."""
        return {
            column: None if value is None else self.seal(subject, table, column, row_id, value)
            for column, value in values.items()
        }

    def open(  # noqa: PLR0913, PLR0917 - the place a field is bound to, and the leave to read it
        self,
        grant: Grant,
        subject: str,
        table: str,
        column: str,
        row_id: str,
        sealed: bytes,
        field_class: FieldClass,
        now: datetime,
    ) -> Phi[str]:
        """The words again. Raises NotGranted without leave, Unreadable if they are not what was sealed here."""
        _refuse_without(grant, subject, field_class, now)
        return Phi(self._opened(subject, table, column, row_id, sealed).decode())

    def open_bytes(  # noqa: PLR0913, PLR0917
        self,
        grant: Grant,
        subject: str,
        table: str,
        column: str,
        row_id: str,
        sealed: bytes,
        field_class: FieldClass,
        now: datetime,
    ) -> Phi[bytes]:
        """The same for what is not text, such as the keys of a channel."""
        _refuse_without(grant, subject, field_class, now)
        return Phi(self._opened(subject, table, column, row_id, sealed))

    def open_all(
        self,
        grant: Grant,
        subject: str,
        table: str,
        column: str,
        rows: Iterable[tuple[str, bytes]],
        field_class: FieldClass,
        now: datetime,
    ) -> list[Phi[str]]:
        """One column of many rows (row id, sealed) of one subject: a page of messages."""
        _refuse_without(grant, subject, field_class, now)
        return [Phi(self._opened(subject, table, column, row_id, sealed).decode()) for row_id, sealed in rows]

    def holds(self, subject: str, table: str, column: str, row_id: str, sealed: bytes, value: bytes) -> bool:
        """Is this what was sealed here? Tells no more than yes or no, so it needs no Grant."""
        try:
            return hmac.compare_digest(self._opened(subject, table, column, row_id, sealed), value)
        except Unreadable:
            return False

    def blind(self, domain: str, value: str) -> bytes:
        """What to look a secret value up by: the same for the same value, and telling nothing without the key."""
        return blind_mark(self._index_key, domain, value)

    def committed(self) -> None:
        """The outermost transaction was committed."""
        self._ring.committed()

    def rolled_back(self) -> None:
        """The transaction, or a savepoint in it, was rolled back."""
        self._ring.rolled_back()

    def forget(self, subject: str) -> None:
        """Their data key was deleted. Call it after that COMMIT: nothing of theirs opens here from then on."""
        self._cache.forget(subject)
        self._ring.rolled_back()

    def _opened(self, subject: str, table: str, column: str, row_id: str, sealed: bytes) -> bytes:
        if len(sealed) < SHORTEST or sealed[0] != MAGIC:
            raise Unreadable(table, column, row_id)
        header = sealed[:HEAD]
        keys = self._ring.known(subject)
        cipher = keys.all.get(int.from_bytes(sealed[1:HEAD], "big")) if keys else None
        if cipher is None:
            raise NoKey(subject, int.from_bytes(sealed[1:HEAD], "big"))
        try:
            bound = _bound(header, table, column, _framed(subject), row_id)
            return cipher.decrypt(sealed[HEAD:BODY], sealed[BODY:], bound)
        except InvalidTag:
            raise Unreadable(table, column, row_id) from None


def _refuse_without(grant: Grant, subject: str, field_class: FieldClass, now: datetime) -> None:
    if not grant.covers(subject, field_class, now):
        raise NotGranted(field_class)


def _bound(header: bytes, table: str, column: str, subject: bytes, row_id: str) -> bytes:
    """Where a field belongs, each part with its length, so that no two places are written alike."""
    return b"".join((header, _place(table, column), subject, _framed(row_id)))


@cache
def _place(table: str, column: str) -> bytes:
    return _framed(table) + _framed(column)


def _framed(part: str) -> bytes:
    written = part.encode()
    return len(written).to_bytes(4, "big") + written
