"""Brings a database to the shape that this program knows, and refuses to work on one of another shape.

Alembic is imported only where it is needed: a start needs no more than one look at one row.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, insert, inspect, select

from flows.errors import HandrailError
from storage import tables  # noqa: F401 - puts every table into `metadata`
from storage.dialect import copy_database, migrating
from storage.schema import metadata

if TYPE_CHECKING:
    from alembic.config import Config

#: The newest migration in `storage/migrations/versions`.
HEAD = "0001"
MIGRATIONS = Path(__file__).parent / "migrations"

#: Alembic's own table, as Alembic makes it.
_version = Table(
    "alembic_version",
    MetaData(naming_convention={"pk": "%(table_name)s_pkc"}),
    Column("version_num", String(32), primary_key=True),
)
_REVISION = select(_version.c.version_num)


class DatabaseEmpty(HandrailError):
    """There is nothing in this database yet. New here: run handrail init."""


class DatabaseOlder(HandrailError):
    """An older Handrail left this database (step {0}; this one needs {1}). Now run: handrail init --upgrade"""


class DatabaseNewer(HandrailError):
    """A newer Handrail has used this database (step {0}; this one knows {1}). Nothing was changed. Start that one."""


class ForeignDatabase(HandrailError):
    """This database has tables that Handrail did not make ({0}). Nothing was changed. Give it a database of its own."""


def revision_of(connection: Connection) -> str | None:
    """The last migration that this database has seen; None for an empty one."""
    if not inspect(connection).has_table(_version.name):
        return None
    found: str | None = connection.execute(_REVISION).scalar()
    return found


def refuse_unless_current(connection: Connection) -> None:
    """Raises unless the database has exactly the shape that this program knows. Changes nothing."""
    revision = revision_of(connection)
    if revision is None:
        raise DatabaseEmpty()
    _refuse_newer(revision)
    if revision != HEAD:
        raise DatabaseOlder(revision, HEAD)


def _refuse_newer(revision: str) -> None:
    if not revision.isdecimal() or revision > HEAD:  # steps are numbered in four digits
        raise DatabaseNewer(revision, HEAD)


def upgrade(engine: Engine) -> Path | None:
    """Make the tables, or bring them up to date: all of it or, whatever happens, nothing. Nobody else writes meanwhile.

    Returns the copy of a SQLite database as it was before, when there was something in it to lose.
    """
    with migrating(engine) as connection:
        revision = revision_of(connection)
        if revision == HEAD:
            return None
        if revision is None:
            refuse_foreign(connection)
            copy = None
        else:
            _refuse_newer(revision)
            copy = copy_database(engine, f"before-{HEAD}")
        _run(connection)
        return copy


def refuse_foreign(connection: Connection) -> None:
    """Tables of ours without the mark of a migration: somebody made them by hand, or they are somebody else's."""
    found = sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))
    if found:
        raise ForeignDatabase(", ".join(found[:3]))


def _run(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a start must be fast

    command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> Config:
    """What Alembic would read from a file. The migrations run on `connection`, inside its transaction."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def create_throwaway(engine: Engine) -> None:
    """All tables at once, without a single migration: for rehearsals and the demo, whose databases nobody upgrades."""
    with engine.begin() as connection:
        metadata.create_all(connection, checkfirst=False)
        _version.create(connection, checkfirst=False)
        connection.execute(insert(_version), {"version_num": HEAD})
