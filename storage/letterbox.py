"""The letterbox of a Matrix account: keys and ratchets, what arrived, and how far we have read, in one file.

One file, because they must become true together: a ratchet that moved on without the key that came with it, or a
position without the message before it, loses words for good. matrix-nio keeps its keys here (sealed with the passphrase
that it is given); what arrived lies beside them, sealed with a key of our own. From here it goes into the main inbox.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nio.crypto import OlmDevice
from nio.store import SqliteStore
from peewee import SqliteDatabase

from flows.errors import HandrailError
from storage.keyring import NONCE

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 10_000}
TABLES = (
    # state: new (to be handed on), locked (no key yet), done
    "CREATE TABLE IF NOT EXISTS letter (seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE,"
    " room_id TEXT NOT NULL, session_id TEXT NOT NULL, state TEXT NOT NULL, sent_at INTEGER NOT NULL,"
    " came_at INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS ix_letter_open ON letter (sent_at, seq) WHERE state = 'new'",
    "CREATE INDEX IF NOT EXISTS ix_letter_locked ON letter (session_id) WHERE state IN ('locked', 'told')",
    "CREATE TABLE IF NOT EXISTS poison (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, why TEXT NOT NULL,"
    " body BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS gap (room_id TEXT PRIMARY KEY, from_token TEXT NOT NULL, to_token TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS sent (seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE,"
    " key TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, body BLOB NOT NULL)",
)

#: So many letters of one room are handed out at once.
A_ROOM_AT_ONCE = 200
#: So many of our own messages can still be told to have been read.
REMEMBERED = 10_000


class LetterboxInUse(HandrailError):
    """Another process ({0}) reads the letterbox. Stop it first: two of them would spoil each other's keys."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One event as it arrived, with what was in it once it could be read. `locked` has no key yet."""

    event_id: str
    room_id: str
    session_id: str
    state: str
    came_at: int  # microseconds since 1970, by our own clock
    event: Mapping[str, Any]


class Letterbox(SqliteStore):
    """A store for `AsyncClientConfig(store=...)`; make one with `letterbox_for`. Not for two processes at once."""

    seal_key: bytes = b""

    def __post_init__(self) -> None:
        self._lock = _locked(Path(self.store_path))
        self._seal = AESGCM(self.seal_key)
        super().__post_init__()
        for table in TABLES:
            self.database.execute_sql(table)

    def _create_database(self) -> SqliteDatabase:
        return SqliteDatabase(self.database_path, pragmas=PRAGMAS)

    def close(self) -> None:
        """Give the file up."""
        self.database.close()
        os.close(self._lock)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Everything inside becomes true together, or not at all."""
        with self.database.atomic("IMMEDIATE"):
            yield

    # -- letters -------------------------------------------------------------------------------------------------

    def put(self, event: Mapping[str, Any], room_id: str, session_id: str, state: str, came_at: int) -> bool:
        """Keep an event, once. False where it was there already."""
        event_id, sent_at = str(event["event_id"]), event.get("origin_server_ts")
        sent_at = sent_at if isinstance(sent_at, int) else 0  # another server's word, whatever it may be
        values = (event_id, room_id, session_id, state, sent_at, came_at, self._sealed("letter", event_id, event))
        sql = (
            "INSERT OR IGNORE INTO letter (event_id, room_id, session_id, state, sent_at, came_at, body)"
            " VALUES (?,?,?,?,?,?,?)"
        )
        return bool(self.database.execute_sql(sql, values).rowcount == 1)

    def unlock(self, event_id: str, event: Mapping[str, Any]) -> None:
        """What could not be read is read now."""
        values = (self._sealed("letter", event_id, event), event_id)
        self.database.execute_sql("UPDATE letter SET state = 'new', body = ? WHERE event_id = ?", values)

    def done(self, event_id: str) -> None:
        """It was handed on. Its words are not needed here any more."""
        values = (self._sealed("letter", event_id, {}), event_id)
        self.database.execute_sql("UPDATE letter SET state = 'done', body = ? WHERE event_id = ?", values)

    def waiting(self, limit: int = 1000, gaps_since: int = 0) -> list[Letter]:
        """What is to be handed on, in the order in which it was written; of a room with a gap, nothing until that is
        filled, but for what came before `gaps_since`: a homeserver that never fills it must not make anybody unheard.
        Of each room only so much: nobody waits for the thousands that somebody else wrote."""
        sql = "WHERE seq IN (SELECT seq FROM (SELECT seq, row_number() OVER (PARTITION BY"
        sql += " CASE room_id WHEN '' THEN event_id ELSE room_id END ORDER BY sent_at, seq) AS place FROM letter"
        sql += " WHERE state = 'new' AND (room_id NOT IN (SELECT room_id FROM gap) OR came_at < ?)) WHERE place <= ?)"
        return self._letters(f"{sql} ORDER BY sent_at, seq LIMIT ?", gaps_since, A_ROOM_AT_ONCE, limit)

    def given_up(self, event_id: str) -> None:
        """It stays locked, and people were told; should the key come after all, it is read after all. Where it came
        while people were being told, nothing changes: the letter waits to be handed on."""
        self.database.execute_sql(
            "UPDATE letter SET state = 'told' WHERE event_id = ? AND state = 'locked'", (event_id,)
        )

    def locked(self, session_id: str = "") -> list[Letter]:
        """What waits for a key: for this one, or for any."""
        if session_id:
            return self._letters("WHERE state IN ('locked', 'told') AND session_id = ? ORDER BY seq", session_id)
        return self._letters("WHERE state = 'locked' ORDER BY seq")

    def _letters(self, where: str, *values: object) -> list[Letter]:
        columns = "event_id, room_id, session_id, state, came_at, body"
        rows = self.database.execute_sql(f"SELECT {columns} FROM letter {where}", values)  # noqa: S608 - our own words
        opened = ((row, self._if_it_opens(row[0], row[5])) for row in rows.fetchall())
        return [Letter(a, b, c, d, e, event) for (a, b, c, d, e, _), event in opened if event is not None]

    def _if_it_opens(self, event_id: str, sealed: bytes) -> Any:
        """What was in it. One that the disk has spoiled is put aside: it must not hold up the others at every start."""
        try:
            return self._opened("letter", event_id, sealed)
        except (InvalidTag, ValueError):
            self.database.execute_sql("UPDATE letter SET state = 'spoiled' WHERE event_id = ?", (event_id,))
            self.poisoned("letter", "spoiled on disk", {"event_id": event_id})
            return None

    # -- devices: what matrix-nio remembers of them anyway, it looked up on the disk several times a message ----------

    def is_device_verified(self, device: OlmDevice) -> bool:
        return bool(device.verified)

    def is_device_blacklisted(self, device: OlmDevice) -> bool:
        return bool(device.blacklisted)

    def is_device_ignored(self, device: OlmDevice) -> bool:
        return bool(device.ignored)

    # -- the rest --------------------------------------------------------------------------------------------------

    def poisoned(self, kind: str, why: str, event: object) -> None:
        """Keep what nobody could make sense of, so that it stalls nothing and a person can look."""
        sql = "INSERT INTO poison (kind, why, body) VALUES (?, ?, ?)"
        self.database.execute_sql(sql, (kind, why, self._sealed("poison", kind, event)))

    def poison(self) -> list[tuple[str, str]]:
        """(what it was, why it could not be read) of everything put aside."""
        return [(kind, why) for kind, why in self.database.execute_sql("SELECT kind, why FROM poison ORDER BY seq")]

    def note_gap(self, room_id: str, from_token: str, to_token: str) -> None:
        """The server left something out between these two; `from_token` is the newer end."""
        sql = "INSERT INTO gap VALUES (?, ?, ?) ON CONFLICT (room_id) DO UPDATE SET from_token = excluded.from_token"
        self.database.execute_sql(sql, (room_id, from_token, to_token))

    def gaps(self) -> list[tuple[str, str, str]]:
        return list(self.database.execute_sql("SELECT room_id, from_token, to_token FROM gap").fetchall())

    def gap_filled(self, room_id: str) -> None:
        self.database.execute_sql("DELETE FROM gap WHERE room_id = ?", (room_id,))

    def note_sent(self, event_id: str, key: str) -> None:
        """Which of our own messages this event is, so that we know it again when somebody has read it."""
        self.database.execute_sql("INSERT OR IGNORE INTO sent (event_id, key) VALUES (?, ?)", (event_id, key))
        self.database.execute_sql("DELETE FROM sent WHERE seq <= (SELECT max(seq) FROM sent) - ?", (REMEMBERED,))

    def sent_as(self, event_id: str) -> str:
        """The key under which we sent this event; nothing where it is not ours, or long past. Somebody's app may name
        anything at all, and half a character is nothing that the database can be asked for."""
        if not event_id.isascii():
            return ""
        row = self.database.execute_sql("SELECT key FROM sent WHERE event_id = ?", (event_id,)).fetchone()
        return "" if row is None else str(row[0])

    def know(self, name: str, value: object) -> None:
        """Keep a fact of our own: the position, a room of somebody."""
        sql = "INSERT INTO fact VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body"
        self.database.execute_sql(sql, (name, self._sealed("fact", name, value)))

    def known(self, name: str) -> Any:
        """The fact of that name; None where there is none."""
        row = self.database.execute_sql("SELECT body FROM fact WHERE name = ?", (name,)).fetchone()
        return None if row is None else self._opened("fact", name, row[0])

    def _sealed(self, table: str, name: str, value: object) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._seal.encrypt(nonce, json.dumps(value).encode(), f"{table}/{name}".encode())

    def _opened(self, table: str, name: str, sealed: bytes) -> Any:
        return json.loads(self._seal.decrypt(sealed[:NONCE], sealed[NONCE:], f"{table}/{name}".encode()))


def letterbox_for(seal_key: bytes) -> Callable[..., Letterbox]:
    """What to give to matrix-nio as its store: it makes the letterbox itself, with a path and a passphrase."""
    return type("SealedLetterbox", (Letterbox,), {"seal_key": seal_key})


def letterbox_file(folder: Path, user: str, device: str) -> Path:
    """Where the letterbox of a device lies; the name is matrix-nio's."""
    return folder / f"{user}_{device}.db"


def reader_of(folder: Path) -> str:
    """The process that reads the letterboxes in this folder; empty where none does. Nothing is made by looking."""
    lock = _lock_of(folder)
    if not lock.exists():
        return ""
    try:
        os.close(_locked(folder))
    except LetterboxInUse as told:
        return str(told.details[0])
    return ""


def _lock_of(folder: Path) -> Path:
    """One for all letterboxes of a programme: it has one account."""
    return folder.with_name(f"{folder.name}.lock")


def _locked(folder: Path) -> int:
    """Raises LetterboxInUse."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = os.open(_lock_of(folder), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        reader = os.read(held, 32).decode() or "unknown"
        os.close(held)
        raise LetterboxInUse(f"process {reader}") from None
    os.ftruncate(held, 0)
    os.write(held, str(os.getpid()).encode())
    return held
