"""A commit that came true and says that it failed; a disk that is full in the middle of a decision."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import event, text

from bot.channels.base import Inbound
from flows.phi import Phi
from tests.faults.world import World, world

CRISIS = "I want to die"
pytestmark = pytest.mark.slow


@dataclass
class Commits:
    """Commits of this many to come are made, and then said to have failed."""

    lost: int = 0
    made: int = field(default=0)

    def factory(self) -> type[sqlite3.Connection]:
        commits = self

        class Forgetful(sqlite3.Connection):
            def commit(self) -> None:
                super().commit()
                commits.made += 1
                if commits.lost:
                    commits.lost -= 1
                    raise sqlite3.OperationalError("disk I/O error")

        return Forgetful


@pytest.fixture
async def commits() -> Commits:
    return Commits()


@pytest.fixture
async def clinic(tmp_path: Path, commits: Commits) -> AsyncIterator[World]:
    async with world(tmp_path / "clinic") as clinic:
        store = clinic.program.store
        store.close()
        option = {"factory": commits.factory()}
        event.listen(store.engine, "do_connect", lambda _d, _r, _a, options: options.update(option))
        yield clinic


def count(clinic: World, what: str) -> int:
    with clinic.program.store.engine.connect() as connection:
        return int(connection.execute(text(f"select count(*) from {what}")).scalar() or 0)


@pytest.mark.parametrize("lost", [1, 2, 3, 4])
async def test_what_came_true_all_the_same_is_decided_once_and_sent(clinic: World, commits: Commits, lost: int) -> None:
    """The answer to COMMIT was lost: once, and while it is being made good again."""
    await clinic.says("p00", "the tram was late")
    commits.lost = lost
    await offered(clinic, ("p00", CRISIS))
    await clinic.forward(seconds=30)
    assert commits.made > 3
    assert commits.lost == 0
    assert count(clinic, "inbox") == 2
    assert count(clinic, "signal") == count(clinic, "care_case") == 1
    assert count(clinic, "outbox where state in ('sending', 'waiting', 'failed')") == 0
    assert len(clinic.shown("p00", "Are you safe right now?")) == 1
    assert len(clinic.shown("tess", "needs you")) == 1


@pytest.mark.parametrize("more", range(4, 120, 10))
async def test_a_disk_that_fills_up_in_the_middle_loses_nothing_that_was_confirmed(tmp_path: Path, more: int) -> None:
    """A crisis and a colleague's wish share a commit, and there is room for a part of it."""
    async with world(tmp_path / "clinic") as clinic:
        await clinic.says("tess", "/cases")
        store = clinic.program.store
        with store.engine.connect() as connection:
            size = connection.exec_driver_sql("PRAGMA page_count").scalar()
        pages = {"allowed": size + more}
        event.listen(
            store.engine, "begin", lambda one: one.exec_driver_sql(f"PRAGMA max_page_count={pages['allowed']}")
        )
        long = CRISIS + " and I am so tired of all of it" * 10_000
        confirmed = await offered(clinic, ("p00", long), ("tess", "/cases"), settle=False)
        with store.engine.connect() as connection:
            kept = connection.execute(text("select person_id from inbox")).scalars().all()[1:]
        assert [who for who in confirmed if who not in kept] == []
        pages["allowed"] = 1 << 30
        await clinic.forward(seconds=5)
        if "p00" in confirmed:
            assert clinic.shown("tess", "needs you")


async def offered(clinic: World, *said: tuple[str, str], settle: bool = True) -> list[str]:
    """What several people write in one moment, offered again while it is refused. Who was confirmed at once."""
    left, first = list(enumerate(said)), None
    while left:
        tasks = [
            asyncio.create_task(clinic.program.receive(Inbound("private", f"x{n}", who, "text", Phi(words))))
            for n, (who, words) in left
        ]
        await asyncio.sleep(0)
        for _ in range(3):
            try:
                await clinic.program.settle()
            except Exception:  # noqa: BLE001, S112 - the line would go on
                continue
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        refused = [one for one, answer in zip(left, answers, strict=True) if isinstance(answer, Exception)]
        first = [who for n, (who, _) in left if (n, said[n]) not in refused] if first is None else first
        if not settle:
            break
        left = refused
    return first or []
