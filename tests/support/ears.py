"""Hears every statement at the driver, below whatever wrote it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import Engine, event

#: Told the statement, and the values of each of its executions.
Hear: TypeAlias = Callable[[str, Sequence[Any]], None]


def listen(engine: Engine, hear: Hear) -> None:
    """Tell `hear` of every statement on every connection that `engine` opens from now on."""
    engine.dispose()
    if engine.dialect.name == "sqlite":
        option = {"factory": _connection_with(_hearing(sqlite3.Cursor, hear))}
    else:
        option = {"cursor_factory": _hearing(psycopg.Cursor, hear)}
    event.listen(engine, "do_connect", lambda _dialect, _record, _arguments, options: options.update(option))


def _hearing(kind: type, hear: Hear) -> type:
    class Hearing(kind):
        def execute(self, query, params=(), **how):
            hear(query, (params,))
            return super().execute(query, params, **how)

        def executemany(self, query, params_seq, **how):
            hear(query, params_seq)
            return super().executemany(query, params_seq, **how)

    return Hearing


def _connection_with(cursor: type) -> type:
    class Connection(sqlite3.Connection):
        def cursor(self):
            return super().cursor(cursor)

    return Connection
