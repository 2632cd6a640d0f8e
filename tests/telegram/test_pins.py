"""The plan at the head of a chat, for whoever wants it there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import people
from tests.fakes.telegram.faults import error
from tests.fakes.telegram.phone import Shown
from tests.support.telegram import TelegramClinic, telegram_clinic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[TelegramClinic]:
    async with telegram_clinic(tmp_path, discreet=True) as clinic:
        new_plan(clinic, "play the guitar")
        yield clinic


def new_plan(clinic: TelegramClinic, first: str) -> None:
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        people.keep_plan(unit, "maya", {"internal_coping": [first]}, "ana")


async def pinned(clinic: TelegramClinic, *, many: int = 1, but: int = 0) -> list[Shown]:
    """Wait until so many messages are pinned, `but` not among them."""
    while len(found := [one for one in clinic.maya.shown if one.pinned]) != many or but in {one.id for one in found}:
        await clinic.telegram.api.change.wait()
    return found


async def test_whoever_asks_for_it_has_their_plan_at_the_head_of_the_chat(clinic: TelegramClinic) -> None:
    """In a bad moment nobody scrolls. Without having been asked, nobody's plan is put where others see it first."""
    await clinic.maya.says("plan")
    await clinic.maya.sees("guitar")
    await clinic.maya.says("pin my plan")
    [plan] = await pinned(clinic)
    assert "guitar" in plan.text
    silent = [call.given.get("disable_notification") for call in clinic.telegram.calls_of("pinChatMessage")]
    assert [str(one).casefold() for one in silent] == ["true"]


async def test_a_new_version_takes_the_place_of_the_old_one(clinic: TelegramClinic) -> None:
    """A plan that its owner has outgrown must not be the first thing they read. It comes covered, as nobody asked."""
    await clinic.maya.says("pin my plan")
    [old] = await pinned(clinic)
    new_plan(clinic, "call my sister")
    [new] = await pinned(clinic, but=old.id)
    assert "sister" not in new.text
    await clinic.maya.taps("Open", new)
    assert (await clinic.maya.sees("call my sister")).id == new.id


async def test_unpin_takes_ours_away_and_leaves_theirs(clinic: TelegramClinic) -> None:
    """Somebody is coming to visit. What they pinned themselves is their own business."""
    theirs = await clinic.maya.says("buy milk")
    clinic.maya.chat.pinned.append(theirs.id)
    await clinic.maya.says("/pin")
    await pinned(clinic, many=2)
    await clinic.maya.says("unpin")
    [left] = await pinned(clinic)
    assert left.id == theirs.id
    await clinic.maya.sees("not pinned any more")
    new_plan(clinic, "call my sister")
    await clinic.maya.says("plan")
    await clinic.maya.sees("call my sister")
    assert [one.id for one in clinic.maya.shown if one.pinned] == [theirs.id]


async def test_a_pin_that_fails_costs_nobody_the_plan(clinic: TelegramClinic) -> None:
    """The plan is what was asked for; the pin is a comfort."""
    clinic.telegram.faults.add("pinChatMessage", error(500, "Internal Server Error"))
    await clinic.maya.says("pin")
    await clinic.maya.sees("guitar")
    await clinic.program.delivery.settle()
    await clinic.maya.says("pin")
    assert "guitar" in (await pinned(clinic))[0].text
    assert sum("guitar" in words for words in clinic.maya.heard) == 2
