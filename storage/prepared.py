"""The statements that every message needs, compiled once for each database and then given straight to its driver.

SQLAlchemy still writes them, and the types of the columns still say how a value is kept. What is left out is its long
way from a statement to the driver and back, which costs more than all that a message has to decide.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import Connection, Delete, Insert, Select, Transaction, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.dialect import sent_together

Statement: TypeAlias = Select[Any] | Insert | Update | Delete
Parameters: TypeAlias = Mapping[str, Any]
Write: TypeAlias = tuple[Statement, Sequence[Parameters]]
#: How one value is written for the driver, or read from it.
Change: TypeAlias = Callable[[Any], Any]


#: libpq's word (PQTRANS_INERROR) for a transaction that only waits for its end.
IN_ERROR = 3


class TransactionEnded(Exception):
    """An error ended the transaction, and somebody went on."""


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
    names: tuple[str, ...]  # of the values, in the order of their places
    changed: tuple[tuple[int, Change], ...]  # the places of those that are written otherwise than they are given
    pick: Callable[[Parameters], Sequence[Any]]
    by_name: bool  # whether the driver wants the values by name
    fixed: Mapping[str, Any]  # values that stand in the statement itself
    read: Callable[[Sequence[Any]], Any] | None

    def given(self, parameters: Parameters) -> Any:
        """The values of one execution."""
        values = [*self.pick({**self.fixed, **parameters} if self.fixed else parameters)]
        for place, change in self.changed:
            values[place] = change(values[place])
        return dict(zip(self.names, values, strict=True)) if self.by_name else values


class Wire:
    """One connection, as the statements of the hot path use it: what nobody waits for goes out with the next question,
    or with the commit, so that a server is asked as seldom as possible."""

    def __init__(self, connection: Connection) -> None:
        self.dialect = connection.dialect.name
        self._connection = connection
        self._dialect = connection.dialect
        self._known: Any = None  # the driver's connection, once it was asked for
        self._unsent: list[Write] = []

    @property
    def connection(self) -> Connection:
        """For statements of every kind. What was to be written before has been."""
        self.send()
        self._refuse_unless_going_on(self._connection.connection.driver_connection)
        return self._connection

    def run(self, statement: Statement, parameters: Parameters | Sequence[Parameters] = ()) -> Rows:
        """Execute a statement that is kept for good (they are told apart by identity), with one or several sets of
        values. Not for one with a list of varying length in it. What the driver raises comes as from SQLAlchemy."""
        # First whether it is a dict, which it nearly always is: to ask for a Mapping takes five times as long.
        if isinstance(parameters, dict) or isinstance(parameters, Mapping):  # noqa: SIM101
            parameters = [parameters]
        self._unsent.append((statement, parameters or [{}]))
        return self._out()

    def write(self, statement: Statement, *rows: Parameters) -> None:
        """The same, for a statement whose result nobody needs. What the database has against it comes up later, and
        ends the transaction all the same."""
        self._unsent.append((statement, rows))

    def send(self) -> None:
        """Send what is to be written."""
        if self._unsent:
            self._out()

    def commit(self, transaction: Transaction) -> None:
        """Send what is to be written, and make everything true."""
        self._out(transaction)

    def _out(self, transaction: Transaction | None = None) -> Rows:
        """Everything unsent goes out in one go. Returns what the last of it brought."""
        writes, self._unsent = self._unsent, []
        driver = self._driver()
        try:
            if self.dialect == "sqlite" or len(writes) + (transaction is not None) < 2:
                cursor, prepared = self._execute(driver, writes, transaction)
            else:
                with sent_together(self.dialect, driver):
                    cursor, prepared = self._execute(driver, writes, transaction)
            if cursor is None or prepared is None:
                return Rows((), -1)
            rows = [prepared.read(row) for row in cursor.fetchall()] if prepared.read else ()
            return Rows(rows, cursor.rowcount)
        except self._dialect.loaded_dbapi.Error as failure:
            raise _told(self._connection, failure) from failure

    def _driver(self) -> Any:
        """The driver's connection, in a transaction."""
        known = self._known
        if known is not None and self.dialect == "sqlite" and known.in_transaction:
            return known  # by far the most often
        if not self._connection.in_transaction():
            self._connection.begin()  # as SQLAlchemy would have: nothing is ever written outside of a transaction
        self._known = known = self._connection.connection.driver_connection
        self._refuse_unless_going_on(known)
        return known

    def _refuse_unless_going_on(self, driver: Any) -> None:
        """A full disk makes SQLite end the transaction by itself, and an error makes PostgreSQL wait for its end.
        Whoever caught that error must not go on: the half before it is gone, and COMMIT would say that all is well."""
        if self.dialect == "sqlite":
            ended = self._connection.in_transaction() and not driver.in_transaction
        else:
            ended = driver.info.transaction_status == IN_ERROR
        if ended:
            raise OperationalError("", None, TransactionEnded("the database ended the transaction"))

    def _execute(
        self, driver: Any, writes: Sequence[Write], transaction: Transaction | None
    ) -> tuple[Any, Prepared | None]:
        cursor = prepared = None
        dialect, name = self._dialect, self.dialect
        for statement, rows in writes:
            cursor = driver.cursor()
            place = (statement, name, tuple(rows[0]))
            prepared = _known.get(place) or _prepared(place, dialect)
            if len(rows) == 1:
                cursor.execute(prepared.sql, prepared.given(rows[0]))
            else:
                cursor.executemany(prepared.sql, [prepared.given(one) for one in rows])
        if transaction is not None:
            transaction.commit()
        return cursor, prepared


def _told(connection: Connection, failure: Any) -> BaseException:
    """The driver's complaint as SQLAlchemy's, without the values; a connection that is gone is given up."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(failure, connection.connection, None)
    if gone:
        connection.invalidate(failure)
    told: BaseException = DBAPIError.instance(
        "", None, failure, dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=gone
    )
    return told


_known: dict[tuple[Statement, str, tuple[str, ...]], Prepared] = {}


def _prepared(place: tuple[Statement, str, tuple[str, ...]], dialect: Dialect) -> Prepared:
    statement, _, keys = place
    made = _known[place] = _prepare(statement, dialect, keys)
    return made


def _prepare(statement: Statement, dialect: Dialect, keys: tuple[str, ...]) -> Prepared:
    compiled: Any = statement.compile(dialect=dialect, column_keys=keys)
    changes = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()
    }
    names = tuple(compiled.positiontup if compiled.positional else compiled.params)
    return Prepared(
        sql=str(compiled),
        names=names,
        changed=tuple((place, change) for place, name in enumerate(names) if (change := changes[name]) is not None),
        pick=_picker(names),
        by_name=not compiled.positional,
        fixed={name: value for name, value in compiled.params.items() if name not in keys},
        read=_reader(statement, dialect) if isinstance(statement, Select) else None,
    )


def _picker(names: Sequence[str]) -> Callable[[Parameters], Sequence[Any]]:
    """Takes the values of these names."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda known: [known[name] for name in names]  # of one name alone, it would give no sequence


def _reader(statement: Select[Any], dialect: Dialect) -> Callable[[Sequence[Any]], Any]:
    """Makes a row with names of what the driver gives."""
    columns = list(statement.selected_columns)
    row: Any = namedtuple("Row", [str(column.key) for column in columns])  # type: ignore[misc]  # names known only here
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
