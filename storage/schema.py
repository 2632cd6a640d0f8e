"""What every table shares: names, kinds of data, two column types that refuse, and the tables of vault and audit.

Every column says what kind of data it holds. A column that can hold somebody's words, name, address or number is
sealed, and a sealed column takes nothing that the vault did not seal.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text, TypeDecorator
from sqlalchemy.engine import Dialect

from flows.errors import HandrailError

MAGIC = 0xE1
SHORTEST = 1 + 2 + 12 + 16  # magic, generation, nonce, tag: a sealed empty string

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class NotSealed(HandrailError):
    """A sealed column was given something that the vault did not seal. Nothing was written. Use vault.seal(...)."""


class NaiveTime(HandrailError):
    """A time without a zone cannot be kept. Nothing was written. Give an aware datetime, best in UTC."""


class MissingDataClass(HandrailError):
    """Column {0} must be of type SealedBytes if, and only if, its data class is "sealed"."""


class DataClass(Enum):
    """What a column may hold. Only `SEALED` may hold what a person said or how to reach them."""

    ID = "id"
    TIME = "time"
    STATE = "state"
    NUMBER = "number"
    SEALED = "sealed"
    BLIND = "blind"
    KEY = "key"
    SETTING = "setting"
    HASH = "hash"


class SealedBytes(TypeDecorator[bytes]):
    """Bytes that the vault sealed. Does no cryptography: it only refuses whatever lacks the vault's mark."""

    impl = LargeBinary
    cache_ok = True

    # As with `UtcTime`, not the usual `process_...`; both drivers take bytes as they are.
    def bind_processor(self, dialect: Dialect) -> Callable[[Any], bytes | None]:
        return _sealed


def _sealed(value: Any) -> bytes | None:
    if value is None:
        return None
    if not isinstance(value, bytes) or len(value) < SHORTEST or value[0] != MAGIC:
        raise NotSealed()
    return value


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_microseconds(at: datetime) -> int:
    """Whole microseconds since 1970 in UTC. Refuses a time without a zone."""
    if at.tzinfo is None:
        raise NaiveTime()
    return (at - EPOCH) // MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The other way round: always aware, always UTC."""
    return EPOCH + timedelta(microseconds=value)


class UtcTime(TypeDecorator[datetime]):
    """A moment, kept as whole UTC microseconds: the same order and the same index on every database."""

    # DateTime(timezone=True) drops the offset on SQLite: 12:00+05:00 came back as 12:00, five hours wrong, silently.
    impl = BigInteger
    cache_ok = True

    # Not the usual `process_...`: on their way every moment of every row would go through two functions more.
    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return lambda value: None if value is None else to_microseconds(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:
        return lambda value: None if value is None else from_microseconds(value)


BigNumber = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit number. As a primary key it is the row id on SQLite, which a plain BigInteger is not."""


def column(name: str, kind: Any, *args: Any, data: DataClass, **options: Any) -> Column[Any]:
    """A column that says what kind of data it holds (`column.info["data"]`)."""
    made: Column[Any] = Column(name, kind, *args, **options)
    if isinstance(made.type, SealedBytes) != (data is DataClass.SEALED):
        raise MissingDataClass(name)
    made.info["data"] = data
    return made


subject_key = Table(
    "subject_key",
    metadata,
    column("subject", Text, data=DataClass.ID, primary_key=True),
    column("generation", Integer, data=DataClass.NUMBER, primary_key=True, autoincrement=False),
    column("kek_id", Text, data=DataClass.ID, nullable=False),
    column("wrapped", LargeBinary, data=DataClass.KEY, nullable=False),
    comment="One data key per participant, wrapped by the master key. Deleting the row makes their words unreadable.",
)

setting = Table(
    "setting",
    metadata,
    column("key", Text, data=DataClass.ID, primary_key=True),
    column("value", Text, data=DataClass.SETTING),
    column("sealed", SealedBytes, data=DataClass.SEALED),
    comment="Facts about this installation. Secrets (key check, tokens) go into `sealed`, under the subject system.",
)

audit = Table(
    "audit",
    metadata,
    column("seq", BigNumber, data=DataClass.NUMBER, primary_key=True, autoincrement=False),
    column("at", UtcTime, data=DataClass.TIME, nullable=False),
    column("actor", Text, data=DataClass.ID, nullable=False),
    column("action", Text, data=DataClass.STATE, nullable=False),
    column("subject", Text, data=DataClass.ID, index=True),
    column("object_kind", Text, data=DataClass.STATE, nullable=False),
    column("object_id", Text, data=DataClass.ID),
    column("detail", Text, data=DataClass.STATE, nullable=False),
    column("hash", LargeBinary, data=DataClass.HASH, nullable=False),
    comment="Who did what, as one keyed chain. Ids, codes and numbers; never words.",
)

audit_head = Table(
    "audit_head",
    metadata,
    column("id", Integer, data=DataClass.ID, primary_key=True, autoincrement=False),
    column("seq", BigNumber, data=DataClass.NUMBER, nullable=False),
    column("hash", LargeBinary, data=DataClass.HASH, nullable=False),
    comment="The end of the audit chain: one row, locked as the last statement before a commit.",
)
