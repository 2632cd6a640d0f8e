"""Files and pictures, as they reach a phone."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flows.message import File, Outbound, Urgency
from storage import outbox, people
from tests.support.telegram import TelegramClinic, telegram_clinic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[TelegramClinic]:
    async with telegram_clinic(tmp_path) as clinic:
        yield clinic


def sent_to_maya(clinic: TelegramClinic, text: str, file: File) -> None:
    """Something with a file is promised to Maya, as a decision would."""
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        message = Outbound("maya", text, Urgency.REPLY, "everyday.card@1", file=file)
        outbox.promise(unit, [(message, people.address_id_of(unit, "maya"), "maya")])
    clinic.program.line.tick()


async def test_the_plan_is_had_as_a_document_to_keep(clinic: TelegramClinic) -> None:
    """For a phone without a network, or for paper. It cannot be passed on, and its name says nothing."""
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        people.keep_plan(unit, "maya", {"internal_coping": ["play the guitar 🎸"]}, "ana")
    await clinic.maya.says("/card")
    shown = await clinic.maya.sees("as a file to keep")
    kept = clinic.telegram.api.files.by_id[shown.content["document"]["file_id"]]
    assert shown.content["document"]["file_name"] == "card.txt"
    assert "play the guitar 🎸" in kept.content.decode()
    assert "911" in kept.content.decode()
    assert shown.protected
    assert clinic.maya.keyboard == [["I need help now"]]


async def test_a_chart_arrives_as_a_picture_byte_for_byte(clinic: TelegramClinic) -> None:
    """A picture that has to be opened first is not looked at; one that was changed on the way tells something else."""
    picture = b"\x89PNG\r\n\x1a\n" + os.urandom(100_000)
    sent_to_maya(clinic, "Your last seven days.", File("week.png", "image/png", picture))
    shown = await clinic.maya.sees("Your last seven days.")
    assert clinic.telegram.api.files.by_id[shown.content["photo"][-1]["file_id"]].content == picture
    assert shown.protected


async def test_words_too_long_to_stand_below_a_file_stand_before_it(clinic: TelegramClinic) -> None:
    """Telegram would refuse the whole, and neither the words nor the file would ever come."""
    sent_to_maya(clinic, "word " * 300, File("long.txt", "text/plain", b"all of it"))
    before = await clinic.maya.sees("word word")
    while "document" not in clinic.maya.shown[-1].content:
        await clinic.telegram.api.change.wait()
    assert clinic.maya.shown[-2].id == before.id
    assert clinic.maya.shown[-1].text == ""
