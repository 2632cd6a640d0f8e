"""Operators hear of a deaf account, and are not worn out by it."""

from __future__ import annotations

import pytest

from bot.channels.telegram import telling
from bot.channels.telegram.telling import Telling

TAKEN, SILENT = "care.telegram_taken", "care.telegram_silent"


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def operators(told: list[str]) -> Telling:
    async def trouble(what: str) -> None:
        told.append(what)

    return Telling(trouble)


async def test_what_lasts_is_told_once(operators: Telling, told: list[str]) -> None:
    """Every half minute of a long night would be a hundred messages."""
    for _ in range(5):
        await operators.tell(SILENT)
    assert told == [SILENT]


async def test_two_programs_that_take_turns_are_told_once(operators: Telling, told: list[str]) -> None:
    """Each hears between two of the other's questions: an end and a beginning every few seconds."""
    for _ in range(5):
        await operators.tell(TAKEN)
        operators.over()
    assert told == [TAKEN]


async def test_what_comes_back_later_is_told_again(
    operators: Telling, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Next week's silence is not last week's."""
    monkeypatch.setattr(telling, "AGAIN_AFTER", 0.0)
    await operators.tell(SILENT)
    await operators.tell(SILENT)
    operators.over()
    await operators.tell(SILENT)
    assert told == [SILENT, SILENT]


async def test_one_trouble_hides_no_other(operators: Telling, told: list[str]) -> None:
    """The token is refused while we are silent: both are worth knowing."""
    await operators.tell(SILENT)
    await operators.tell(TAKEN)
    assert told == [SILENT, TAKEN]


async def test_what_could_not_be_told_is_told_at_the_next_time() -> None:
    """The database was away for a moment, and that is no reason to be deaf in silence."""
    tried = []

    async def trouble(what: str) -> None:
        tried.append(what)
        if len(tried) == 1:
            raise OSError("away")

    operators = Telling(trouble)
    await operators.tell(SILENT)
    await operators.tell(SILENT)
    await operators.tell(SILENT)
    assert tried == [SILENT, SILENT]
