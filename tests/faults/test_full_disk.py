"""The disk is full, or somebody else holds the database: nothing is confirmed that is not kept, nothing that could be
read is called unreadable, and it goes on by itself as soon as it can."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import event, text

from tests.faults.hands import Hands, Posted, hands
from tests.faults.phones import Phones
from tests.faults.process import Process, running
from tests.faults.programme import Programme, found
from tests.faults.world import world

SAFE, UNREAD = "Are you safe right now?", "I could not read that"


def kept(programme: Programme) -> dict[str, tuple[str, int]]:
    """Every message in the inbox: its state, and how often it is there, by who wrote it."""
    store = programme.store()
    with store.engine.connect() as connection:
        rows = connection.execute(text("select person_id, min(state), count(*) from inbox group by person_id")).all()
    store.close()
    return {row[0]: (row[1], row[2]) for row in rows}


async def several_write(people: Hands, names: Sequence[str]) -> list[asyncio.Task[Posted]]:
    """A crisis each, all at once, insisted upon until confirmed."""
    return [asyncio.create_task(people.does(who, "text", "I want to die")) for who in names]


async def goes_on(phones: Phones, people: Hands, writing: Sequence[Awaitable[Posted]], names: Sequence[str]) -> None:
    """Everything was kept once and handled; everybody got their answer and their page; and so does the next one."""
    for posted in await asyncio.gather(*writing):
        assert posted.confirmed
    for who in names:
        await phones.sees(who, SAFE)
        assert UNREAD not in " ".join(phones.texts(who))
    await phones.until(lambda: len({one.page[0] for one in phones.shown if one.page}) >= len(names))
    assert set(kept(people.programme).values()) == {("handled", 1)}
    assert set(kept(people.programme)) == set(names)
    await people.says("p05", "the tram was late")
    await phones.sees("p05", "I have kept this for your team")


# -- held by somebody else -----------------------------------------------------------------------------------------


@contextmanager
def held(programme: Programme) -> Iterator[Callable[[], None]]:
    """Another program has the database to itself; call what is given to let go."""
    with closing(sqlite3.connect(programme.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield lambda: other.execute("ROLLBACK")


@pytest.mark.parametrize("seconds", [3, 13], ids=["for-a-moment", "longer-than-we-wait"])
async def test_a_database_that_somebody_holds(tmp_path: Path, phones: Phones, seconds: float) -> None:
    """A backup that takes its time. Late by as long as it took, and no more."""
    clinic = found(tmp_path / "clinic", phones=phones.address, participants=6)
    names = clinic.participants[:5]
    async with running(clinic) as process, hands(clinic) as people:
        with held(clinic) as let_go:
            writing = await several_write(people, names)
            await asyncio.sleep(seconds)
            assert not any(posted.confirmed for posted in people.posted)
            assert not phones.shown
            let_go()
        started = time.monotonic()
        await goes_on(phones, people, writing, names)
        assert time.monotonic() - started < 5 + 2
        assert process.child.returncode is None


async def test_a_server_whose_tables_somebody_holds(tmp_path: Path, phones: Phones, postgres_url: str) -> None:
    """The same on PostgreSQL: a table is locked for longer than we wait for a lock."""
    clinic = found(tmp_path / "clinic", url=postgres_url, phones=phones.address, participants=6)
    names = clinic.participants[:5]
    async with running(clinic), hands(clinic) as people:
        store = clinic.store()
        with store.engine.connect() as other:
            other.execute(text("lock table inbox in access exclusive mode"))
            writing = await several_write(people, names)
            await asyncio.sleep(7)
            assert not any(posted.confirmed for posted in people.posted)
            other.rollback()
        store.close()
        await goes_on(phones, people, writing, names)


async def test_a_server_that_hangs_up(tmp_path: Path, phones: Phones, postgres_url: str) -> None:
    """Every connection is cut, in the middle of the work: it goes on by new ones."""
    clinic = found(tmp_path / "clinic", url=postgres_url, phones=phones.address, participants=6)
    names = clinic.participants[:5]
    cut = text(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    async with running(clinic), hands(clinic) as people:
        store = clinic.store()
        writing = await several_write(people, names)
        for _ in range(4):
            with store.engine.connect() as other:
                other.execute(cut)
            await asyncio.sleep(0.2)
        store.close()
        await goes_on(phones, people, writing, names)


# -- full ----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def small_files(process: Process) -> AsyncIterator[None]:
    """This process may write nothing beyond the first page of any file."""
    before = resource.prlimit(process.child.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(process.child.pid, resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can do that to another process")
async def test_files_that_cannot_grow(tmp_path: Path, phones: Phones) -> None:
    """Nothing is confirmed while nothing can be written; then all of it is, without a restart."""
    clinic = found(tmp_path / "clinic", phones=phones.address, participants=6)
    names = clinic.participants[:5]
    async with running(clinic) as process, hands(clinic) as people:
        async with small_files(process):
            writing = await several_write(people, names)
            await asyncio.sleep(3)
            confirmed = {posted.place for posted in people.posted if posted.confirmed}
            assert confirmed == set()
            assert kept(clinic) == {}
        await goes_on(phones, people, writing, names)
        assert process.child.returncode is None


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own, of a few megabytes; skips where we may not have one."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m,mode=700", "handrail-test", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this account may not mount anything")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(disk: Path) -> Path:
    """Until not a byte is left."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    return filler


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="only root may mount a disk")
async def test_a_disk_that_is_full(tmp_path: Path, phones: Phones) -> None:
    """The real thing: not a byte left, under a running evening."""
    with small_disk(tmp_path / "disk") as disk:
        url = f"sqlite:///{disk / 'data' / 'handrail.db'}"
        clinic = found(tmp_path / "clinic", url=url, phones=phones.address, participants=6)
        names = clinic.participants[:5]
        async with running(clinic) as process, hands(clinic) as people:
            filler = fill(disk)
            writing = await several_write(people, names)
            await asyncio.sleep(3)
            confirmed = {posted.place for posted in people.posted if posted.confirmed}
            assert len(confirmed) < len(names)
            assert confirmed <= {who for who in names if phones.screen(who)}
            filler.unlink()
            await goes_on(phones, people, writing, names)
            assert process.child.returncode is None
        with closing(sqlite3.connect(clinic.file)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_database_that_may_not_grow(tmp_path: Path) -> None:
    """The database says itself that it is full. What was being sent is marked afterwards, and not sent again."""
    async with world(tmp_path / "clinic") as clinic:
        await clinic.says("p01", "the tram was late")
        pages = {"allowed": 1}
        engine = clinic.program.store.engine
        event.listen(engine, "begin", lambda one: one.exec_driver_sql(f"PRAGMA max_page_count = {pages['allowed']}"))
        for _ in range(3):
            with pytest.raises(Exception, match="full"):
                await clinic.does("p00", "text", "I want to die " * 5000)
        assert not clinic.shown("p00")
        pages["allowed"] = 1 << 30
        await clinic.says("p00", "I want to die")
        assert clinic.shown("p00", SAFE)
        assert clinic.shown("tess", "needs you")
        assert {one.key for one in clinic.shown("p01")} == {one.key for one in clinic.shown("p01")}
        assert clinic.states("p01") == ["sent", "sent"]
