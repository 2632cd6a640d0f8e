"""`/pager`: six digits go out by it, and come back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import pagers
from tests.faults.world import Fickle, World, world
from tests.pager.having import give


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path / "clinic") as made:
        made.channels["pager"] = Fickle("pager", False, made.clock)
        made.program.channels["pager"] = made.channels["pager"]
        give(made, "tess", confirmed=False)
        yield made


def confirmed(clinic: World) -> bool:
    with clinic.program.store.begin(clinic.clock.now()) as unit:
        kept = pagers.pager_of(unit, "tess")
    assert kept is not None
    return kept.confirmed


def code(clinic: World) -> str:
    """The digits in the newest message on the pager."""
    words = clinic.shown("json://tess", channel="pager")[-1].text
    [found] = set(re.findall(r"\d{6}", words))
    return found


def wrong(clinic: World) -> str:
    return f"{(int(code(clinic)) + 1) % 1_000_000:06}"


def last(clinic: World, who: str = "tess") -> str:
    return clinic.shown(who)[-1].text


async def test_the_code_that_came_by_the_pager_confirms_it(clinic: World) -> None:
    """And only then is it rung."""
    await clinic.says("tess", "/pager")
    assert "Your pager is json …ss" in last(clinic)
    assert "json://tess" not in last(clinic)
    assert code(clinic) not in last(clinic)
    await clinic.says("tess", f"/pager {code(clinic)}")
    assert "json …ss is confirmed" in last(clinic)
    assert confirmed(clinic)


async def test_digits_may_be_grouped(clinic: World) -> None:
    """People read them aloud in threes."""
    await clinic.says("tess", "/pager")
    await clinic.says("tess", f"/pager {code(clinic)[:3]} {code(clinic)[3:]}")
    assert confirmed(clinic)


async def test_a_code_may_be_tried_five_times(clinic: World) -> None:
    """After that not even the right one counts, until another one is sent."""
    await clinic.says("tess", "/pager")
    for _ in range(pagers.TRIES):
        await clinic.says("tess", f"/pager {wrong(clinic)}")
        assert "not the code" in last(clinic)
    await clinic.says("tess", f"/pager {code(clinic)}")
    assert "No code counts" in last(clinic)
    assert not confirmed(clinic)
    await clinic.forward(minutes=1)
    await clinic.says("tess", "/pager")
    await clinic.says("tess", f"/pager {code(clinic)}")
    assert confirmed(clinic)


async def test_a_code_counts_for_a_quarter_of_an_hour(clinic: World) -> None:
    """And once."""
    await clinic.says("tess", "/pager")
    await clinic.forward(minutes=15.1)
    await clinic.says("tess", f"/pager {code(clinic)}")
    assert "No code counts" in last(clinic)
    await clinic.says("tess", "/pager")
    await clinic.forward(minutes=14.9)
    await clinic.says("tess", f"/pager {code(clinic)}")
    assert confirmed(clinic)
    await clinic.says("tess", f"/pager {code(clinic)}")
    assert "No code counts" in last(clinic)


async def test_only_one_code_goes_out_a_minute(clinic: World) -> None:
    """Each may cost somebody money, and a telephone that rings without end is put away."""
    for _ in range(4):
        await clinic.says("tess", "/pager")
    assert "wait a minute" in last(clinic)
    assert len(clinic.shown("json://tess", channel="pager")) == 1


async def test_a_code_is_worth_nothing_to_anybody_else(clinic: World) -> None:
    """It was sent to one pager, and is written back by its owner."""
    give(clinic, "theo", confirmed=False)
    await clinic.says("tess", "/pager")
    await clinic.says("theo", f"/pager {code(clinic)}")
    assert "No code counts" in last(clinic, "theo")
    assert not confirmed(clinic)


async def test_a_new_pager_does_not_take_the_code_of_the_old_one(clinic: World) -> None:
    """That one went to another telephone."""
    await clinic.says("tess", "/pager")
    with clinic.program.store.begin(clinic.clock.now()) as unit:
        pagers.set_pager(unit, "tess", "json://new")
    await clinic.says("tess", f"/pager {code(clinic)}")
    assert not confirmed(clinic)


async def test_whoever_has_none_is_told_how_to_get_one(clinic: World) -> None:
    """And a confirmed one can be tried at any time: it stays confirmed."""
    await clinic.says("back", "/pager")
    assert "You have no pager" in last(clinic, "back")
    await clinic.says("tess", "/pager")
    await clinic.says("tess", f"/pager {code(clinic)}")
    await clinic.forward(minutes=2)
    await clinic.says("tess", "/pager")
    assert "so that you see that it works" in last(clinic)
    assert confirmed(clinic)


async def test_a_participant_has_no_pagers(clinic: World) -> None:
    """What they write is kept for their team, whatever it begins with."""
    await clinic.says("p00", "/pager")
    assert not clinic.shown("p00", "pager is")
    assert not clinic.shown("p00", "code")


async def test_no_code_lies_in_the_database(clinic: World) -> None:
    """Only a keyed mark of it; the message that held it is sealed."""
    await clinic.says("tess", "/pager")
    digits = code(clinic).encode()
    for file in clinic.programme.file.parent.glob("handrail.db*"):
        assert digits not in file.read_bytes()
        assert b"json://tess" not in file.read_bytes()
