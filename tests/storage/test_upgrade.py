"""The shape of the database: from nothing, from older programs, and never in between."""

from __future__ import annotations

import importlib.util
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from storage import tables as t
from storage import upgrade as upgrading
from storage.dialect import BrokenReferences, engine_for
from storage.schema import metadata, setting
from storage.upgrade import (
    HEAD,
    MIGRATIONS,
    DatabaseEmpty,
    DatabaseNewer,
    DatabaseOlder,
    ForeignDatabase,
    create_throwaway,
    refuse_unless_current,
    revision_of,
    upgrade,
)

FIRST = "0001"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = engine_for(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Pretends that the program knows one migration more; returns what writes it."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    for file in (*MIGRATIONS.glob("*.*"), *MIGRATIONS.glob("versions/*.py")):
        (folder / file.relative_to(MIGRATIONS)).write_bytes(file.read_bytes())
    number = f"{int(HEAD) + 1:04d}"

    def write(body: str) -> str:
        lines = ["import sqlalchemy as sa", "from alembic import op", f"revision = {number!r}"]
        lines += [f"down_revision = {HEAD!r}", "def upgrade():", *(f"    {line}" for line in body.splitlines())]
        (folder / "versions" / f"{number}_next.py").write_text("\n".join(lines))
        monkeypatch.setattr(upgrading, "MIGRATIONS", folder)
        monkeypatch.setattr(upgrading, "HEAD", number)
        return number

    return write


def tables_of(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def indexes_of(engine: Engine) -> dict[str, str]:
    """Every index with all that the database says about it, the conditions of partial ones included."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            found = connection.execute(text("select name, sql from sqlite_master where type = 'index' and sql <> ''"))
        else:
            found = connection.execute(text("select indexname, indexdef from pg_indexes where schemaname = 'public'"))
        return {name: re.sub(r"\s+", " ", made) for name, made in found}


# -- from nothing --------------------------------------------------------------------------------------------------


def test_an_empty_database_gets_every_table(engine):
    """With nothing but the migrations, as on a new clinic's machine."""
    assert upgrade(engine) is None
    assert tables_of(engine) == {*metadata.tables, "alembic_version"}
    with engine.connect() as connection:
        assert revision_of(connection) == HEAD
        refuse_unless_current(connection)


def test_the_migrations_make_what_the_tables_say(engine):
    """Whoever changes a table writes a migration, or every upgraded clinic has another database than every new one."""
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_rehearsals_run_on_the_same_tables_as_clinics(engine):
    """The short way and the long way end in the same place, down to the conditions of the partial indexes."""
    upgrade(engine)
    long_way = indexes_of(engine)
    gone = tables_of(engine)
    with engine.begin() as connection:
        for table in gone:
            connection.execute(text(f'drop table "{table}"'))
    create_throwaway(engine)
    assert indexes_of(engine) == long_way
    with engine.connect() as connection:
        refuse_unless_current(connection)


def test_going_up_twice_changes_nothing(engine):
    """An upgrade is tried again after every doubt."""
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(insert(setting), {"key": "colour", "value": "green"})
    assert upgrade(engine) is None
    with engine.connect() as connection:
        assert connection.execute(select(setting.c.value)).scalar() == "green"


def test_the_newest_step_is_the_one_the_program_asks_for():
    """`HEAD` is written down so that a start need not import Alembic; this keeps it true. The files are numbered."""
    steps = ScriptDirectory(str(MIGRATIONS))
    assert steps.get_heads() == [HEAD]
    assert [step.revision for step in steps.walk_revisions()][::-1] == [
        f"{number:04d}" for number in range(1, int(HEAD) + 1)
    ]


def test_a_start_does_not_wait_for_alembic():
    """Half a second, every time, for something that is needed once a year."""
    probe = "import sys, storage.upgrade; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


def test_the_migrations_travel_with_the_program():
    """They lie in the package, so they are in the wheel."""
    package = importlib.util.find_spec("storage")
    assert package is not None
    assert package.submodule_search_locations is not None
    assert MIGRATIONS.is_relative_to(next(iter(package.submodule_search_locations)))
    assert {"env.py", "script.py.mako", "versions"} <= {found.name for found in MIGRATIONS.iterdir()}


# -- refusals ------------------------------------------------------------------------------------------------------


def test_an_empty_database_is_not_worked_on(engine):
    """It is more likely the wrong one than a new one, and says what to do if it is new."""
    with engine.connect() as connection, pytest.raises(DatabaseEmpty, match="handrail init"):
        refuse_unless_current(connection)


@pytest.mark.parametrize(("seen", "refusal"), [("0000", DatabaseOlder), ("9999", DatabaseNewer), ("x", DatabaseNewer)])
def test_a_database_of_another_age_is_not_worked_on(engine, seen, refusal):
    """A program that writes into tables it does not know loses messages."""
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = :seen"), {"seen": seen})
    with engine.connect() as connection, pytest.raises(refusal, match=seen):
        refuse_unless_current(connection)


def test_a_newer_database_is_not_upgraded(engine):
    """An old program started by mistake leaves it alone."""
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(DatabaseNewer):
        upgrade(engine)


def test_a_database_that_belongs_to_another_program_is_left_alone(engine):
    """A table called person is not ours only because of its name."""
    with engine.begin() as connection:
        connection.execute(text("create table person (nick text)"))
    with pytest.raises(ForeignDatabase, match="person"):
        upgrade(engine)
    assert tables_of(engine) == {"person"}


# -- from an older program -----------------------------------------------------------------------------------------


def test_a_step_that_fails_half_way_leaves_nothing(engine, next_step):
    """Neither a half-made table nor a changed one: the old program can be started again."""
    upgrade(engine)
    before = indexes_of(engine)
    next_step(
        "op.create_table('half', sa.Column('id', sa.Integer()))\n"
        "with op.batch_alter_table('setting') as batch:\n"
        "    batch.add_column(sa.Column('more', sa.Text()))\n"
        "    batch.alter_column('value', new_column_name='other')\n"
        "op.execute('select this is no sql')"
    )
    with pytest.raises(DBAPIError):
        upgrade(engine)
    assert tables_of(engine) == {*metadata.tables, "alembic_version"}
    assert indexes_of(engine) == before
    with engine.begin() as connection:
        assert {column["name"] for column in inspect(connection).get_columns("setting")} == {"key", "value", "sealed"}
        assert revision_of(connection) == HEAD


def test_rows_survive_a_table_that_is_copied(engine, next_step):
    """SQLite changes a column by copying the table and dropping the old one. With foreign keys on, the drop would
    empty every table that points at it, without a word."""
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("create table part (key text references setting (key) on delete cascade)"))
        connection.execute(insert(setting), {"key": "colour", "value": "green"})
        connection.execute(text("insert into part values ('colour')"))
    next_step(
        "with op.batch_alter_table('setting', recreate='auto') as batch:\n"
        "    batch.alter_column('value', existing_type=sa.Text(), nullable=False)"
    )
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from part")).scalar() == 1
        if engine.dialect.name == "sqlite":
            assert connection.execute(text("pragma foreign_keys")).scalar() == 1


def test_an_upgrade_that_leaves_rows_pointing_nowhere_is_taken_back(sqlite_url, next_step):
    """Foreign keys are off while tables are copied, so they are looked at before the commit."""
    engine = engine_for(sqlite_url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("create table part (key text references setting (key))"))
        connection.execute(insert(setting), {"key": "colour", "value": "green"})
        connection.execute(text("insert into part values ('colour')"))
    next_step("op.execute('delete from setting')")
    with pytest.raises(BrokenReferences, match="part"):
        upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(select(setting.c.value)).scalar() == "green"
    engine.dispose()


def test_an_upgrade_keeps_a_copy_of_the_file_as_it_was(sqlite_url, next_step, tmp_path):
    """Readable only by its owner, whole, and as of before: the way back when the new program disappoints."""
    engine = engine_for(sqlite_url)
    upgrade(engine)
    assert [found.name for found in tmp_path.glob("*before*")] == []  # nothing to lose the first time
    with engine.begin() as connection:
        connection.execute(insert(setting), {"key": "colour", "value": "green"})  # still in the WAL
    number = next_step("op.execute(\"update setting set value = 'blue'\")")
    copy = upgrade(engine)
    assert copy == tmp_path / f"handrail.db.before-{number}"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(found.name for found in tmp_path.glob("*before*")) == [copy.name]
    assert [colour(engine_for(f"sqlite:///{path}")) for path in (copy, tmp_path / "handrail.db")] == ["green", "blue"]
    engine.dispose()


def colour(engine: Engine) -> str:
    with closing(engine.connect()) as connection:
        found = connection.execute(select(setting.c.value)).scalar_one()
    engine.dispose()
    return found


def test_a_copy_that_was_interrupted_is_made_anew(sqlite_url, next_step, tmp_path):
    """Half a copy must neither be taken for a whole one nor stand in the way."""
    engine = engine_for(sqlite_url)
    upgrade(engine)
    number = next_step("pass")
    (tmp_path / f"handrail.db.before-{number}.unfinished").write_bytes(b"half")
    assert upgrade(engine) == tmp_path / f"handrail.db.before-{number}"
    engine.dispose()


@pytest.mark.skipif(HEAD != FIRST, reason="the first step is one of several by now")
def test_the_first_step_knows_all_tables():
    """Nothing is made outside the migrations."""
    written = next(MIGRATIONS.glob(f"versions/{FIRST}_*.py")).read_text()
    assert set(re.findall(r'create_table\(\s*"(\w+)"', written)) == set(metadata.tables)
    assert t.person.name in written
