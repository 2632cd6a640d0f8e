"""The statements that every message needs, compiled once for each database and then given straight to its driver.

SQLAlchemy still writes them, and the types of the columns still say how a value is kept. What is left out is its long
way from a statement to the driver and back, which costs more than all that a message has to decide.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, Delete, Insert, Select, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

from storage.dialect import sent_together

Statement: TypeAlias = Select[Any] | Insert | Update | Delete
Parameters: TypeAlias = Mapping[str, Any]
Write: TypeAlias = tuple[Statement, Sequence[Parameters]]
#: How one value is written for the driver, or read from it.
Change: TypeAlias = Callable[[Any], Any]


class Rows:
    """What a statement brought: its rows, if it has any, and how many it changed."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        return self._rows

    def first(self) -> Any:
        """The first row; None where there is none."""
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any:
        """The first column of the first row; None where there is none."""
        return self._rows[0][0] if self._rows else None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as one driver wants to hear it."""

    sql: str
    names: tuple[str, ...] | None  # of the values in the order of their places; None where the driver goes by name
    fixed: Mapping[str, Any]  # values that stand in the statement itself
    written: tuple[tuple[str, Change], ...]
    read: Callable[[Sequence[Any]], Any] | None

    def given(self, parameters: Parameters) -> Any:
        """The values of one execution."""
        values = {**self.fixed, **parameters}
        for name, change in self.written:
            values[name] = change(values[name])
        return values if self.names is None else [values[name] for name in self.names]


def run(connection: Connection, statement: Statement, parameters: Parameters | Sequence[Parameters] = ()) -> Rows:
    """Execute a statement that is kept for good (they are told apart by identity), with one or several sets of values.

    Not for statements with a list of varying length in them. What the driver raises comes as from SQLAlchemy.
    """
    several: Sequence[Parameters] = [parameters] if isinstance(parameters, Mapping) else parameters or [{}]
    prepared = _prepared(statement, connection.dialect, tuple(several[0]))
    if not connection.in_transaction():
        connection.begin()  # as SQLAlchemy would have: nothing is ever written outside of a transaction
    cursor = connection.connection.cursor()
    try:
        if len(several) == 1:
            cursor.execute(prepared.sql, prepared.given(several[0]))
        else:
            cursor.executemany(prepared.sql, [prepared.given(one) for one in several])
        rows = [prepared.read(row) for row in cursor.fetchall()] if prepared.read else ()
        return Rows(rows, cursor.rowcount)
    except connection.dialect.loaded_dbapi.Error as failure:
        raise _told(connection, prepared.sql, failure, cursor) from failure
    finally:
        cursor.close()


def run_all(connection: Connection, writes: Sequence[Write]) -> None:
    """Several statements, in order, whose results nobody needs: a server gets them in one go."""
    dialect = connection.dialect
    try:
        with sent_together(dialect.name, connection.connection.driver_connection):
            for statement, rows in writes:
                run(connection, statement, rows)
    except dialect.loaded_dbapi.Error as failure:
        raise _told(connection, "", failure, None) from failure


def _told(connection: Connection, sql: str, failure: Any, cursor: Any) -> BaseException:
    """The driver's complaint as SQLAlchemy's, without the values; a connection that is gone is given up."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(failure, connection.connection, cursor)
    if gone:
        connection.invalidate(failure)
    told: BaseException = DBAPIError.instance(
        sql, None, failure, dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=gone
    )
    return told


_known: dict[tuple[Statement, str, tuple[str, ...]], Prepared] = {}


def _prepared(statement: Statement, dialect: Dialect, keys: tuple[str, ...]) -> Prepared:
    place = (statement, dialect.name, keys)
    found = _known.get(place)
    if found is None:
        found = _known[place] = _prepare(statement, dialect, keys)
    return found


def _prepare(statement: Statement, dialect: Dialect, keys: tuple[str, ...]) -> Prepared:
    compiled: Any = statement.compile(dialect=dialect, column_keys=keys)
    changes = {
        name: change
        for bind, name in compiled.bind_names.items()
        if (change := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    }
    standing = {name: value for name, value in compiled.params.items() if name not in keys}
    return Prepared(
        sql=str(compiled),
        names=tuple(compiled.positiontup) if compiled.positional else None,
        fixed={name: changes.get(name, _as_it_is)(value) for name, value in standing.items()},
        written=tuple((name, change) for name, change in changes.items() if name in keys),
        read=_reader(statement, dialect) if isinstance(statement, Select) else None,
    )


def _as_it_is(value: Any) -> Any:
    return value


def _reader(statement: Select[Any], dialect: Dialect) -> Callable[[Sequence[Any]], Any]:
    """Makes a row with names of what the driver gives."""
    columns = list(statement.selected_columns)
    row: Any = namedtuple("Row", [str(column.key) for column in columns])  # type: ignore[misc]
    changes = [
        (place, change)
        for place, column in enumerate(columns)
        if (change := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]

    def read(values: Sequence[Any]) -> Any:
        changed = list(values)
        for place, change in changes:
            changed[place] = change(changed[place])
        return row._make(changed)

    return read
