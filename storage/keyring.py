"""One data key per participant, wrapped by the master key; and a memory of the unwrapped ones that survives rollbacks.

A key is remembered for everybody only after the transaction that made or read it was committed. Before that, it
belongs to that transaction alone: were it rolled back, whatever another one sealed with the key would be lost.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from flows.errors import HandrailError
from storage.keyfile import MasterKey
from storage.schema import MAGIC

NONCE = 12


class WrongKey(HandrailError):
    """This is not the key that the database was sealed with. Nothing was changed. Put the right key file in place."""


class NoKey(HandrailError):
    """There is no data key for {0}, generation {1}: it was never made, or it was deleted to erase them."""


class KeyStore(Protocol):
    """Where wrapped keys are kept: rows of the transaction in hand."""

    def load(self, subject: str) -> list[tuple[int, str, bytes]]:
        """All (generation, kek_id, wrapped) of a subject."""

    def save(self, subject: str, generation: int, kek_id: str, wrapped: bytes) -> None:
        """Keep one more. A generation that exists must be refused."""


@dataclass(frozen=True, slots=True)
class DataKeys:
    """A subject's unwrapped keys. New fields are sealed with the newest; old ones open with the one they name."""

    newest: int
    header: bytes
    seal: AESGCM
    all: Mapping[int, AESGCM]


class KeyCache:
    """The unwrapped keys of the subjects used last, for the whole process. Safe to share between threads."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._keys: OrderedDict[str, DataKeys] = OrderedDict()
        self._lock = Lock()
        self.forgotten = 0

    def get(self, subject: str) -> DataKeys | None:
        """The subject's keys, if they are remembered."""
        with self._lock:
            keys = self._keys.get(subject)
            if keys is not None:
                self._keys.move_to_end(subject)
            return keys

    def put(self, fresh: Mapping[str, DataKeys], forgotten: int) -> None:
        """Remember committed keys, unless somebody was forgotten since `forgotten` was read: it may be one of these."""
        with self._lock:
            if forgotten == self.forgotten:
                self._keys.update(fresh)
            while len(self._keys) > self._capacity:
                self._keys.popitem(last=False)

    def forget(self, subject: str) -> None:
        """Their key was deleted or renewed."""
        with self._lock:
            self.forgotten += 1
            self._keys.pop(subject, None)

    def __len__(self) -> int:
        return len(self._keys)


class Keyring:
    """The data keys of one transaction: from the cache, from the store, or new."""

    def __init__(self, master: MasterKey, keys: KeyStore, cache: KeyCache) -> None:
        self._master = master
        self._store = keys
        self._cache = cache
        self._own: dict[str, DataKeys] = {}
        self._seen: dict[str, DataKeys] = {}  # from the cache, which is asked only once for each subject
        self._forgotten = cache.forgotten

    def known(self, subject: str) -> DataKeys | None:
        """The subject's keys, or None if they have none."""
        return self._own.get(subject) or self._seen.get(subject) or self._look(subject) or self._load(subject)

    def made(self, subject: str) -> DataKeys:
        """The subject's keys; a first one is made if they have none."""
        return self.known(subject) or self._make(subject)

    def committed(self) -> None:
        """The database keeps what this transaction did, so everybody may use its keys."""
        if self._own:
            self._cache.put(self._own, self._forgotten)
        self.rolled_back()

    def rolled_back(self) -> None:
        """Forget every key made or read in this transaction (or since any savepoint in it)."""
        self._own, self._seen = {}, {}
        self._forgotten = self._cache.forgotten

    def _look(self, subject: str) -> DataKeys | None:
        found = self._cache.get(subject)
        if found is not None:
            self._seen[subject] = found
        return found

    def _load(self, subject: str) -> DataKeys | None:
        rows = self._store.load(subject)
        if not rows:
            return None
        return self._keep(subject, {row[0]: AESGCM(unwrap(self._master, subject, *row)) for row in rows})

    def _make(self, subject: str) -> DataKeys:
        secret = os.urandom(32)
        self._store.save(subject, 1, self._master.id, wrap(self._master, subject, 1, secret))
        return self._keep(subject, {1: AESGCM(secret)})

    def _keep(self, subject: str, ciphers: dict[int, AESGCM]) -> DataKeys:
        newest = max(ciphers)
        keys = DataKeys(newest, bytes([MAGIC]) + newest.to_bytes(2, "big"), ciphers[newest], ciphers)
        self._own[subject] = keys
        return keys


def wrap(master: MasterKey, subject: str, generation: int, secret: bytes) -> bytes:
    """A data key, sealed with the master key for one subject and generation."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(master.wrap_key).encrypt(nonce, secret, _bound(master.id, subject, generation))


def unwrap(master: MasterKey, subject: str, generation: int, kek_id: str, wrapped: bytes) -> bytes:
    """The data key again. Raises WrongKey for another master key, and for a row that was changed or moved."""
    try:
        if kek_id == master.id:
            nonce, sealed = wrapped[:NONCE], wrapped[NONCE:]
            return AESGCM(master.wrap_key).decrypt(nonce, sealed, _bound(kek_id, subject, generation))
    except (InvalidTag, ValueError):
        pass
    raise WrongKey()


def _bound(kek_id: str, subject: str, generation: int) -> bytes:
    return f"subject_key|{kek_id}|{generation}|{subject}".encode()
