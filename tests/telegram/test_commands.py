"""The list behind the slash, as phones of several languages show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.loading import load_library, shipped_config
from tests.fakes.telegram.faults import html502
from tests.support.telegram import telegram_clinic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SPANISH = """\
conversation: everyday
version: 1
title: Palabras
kind: everyday

steps:
  - id: menu_help_now
    say: Necesito ayuda ahora
"""
#: What each command is answered with, but for the first.
ANSWERS = {
    "plan": "You have no plan here yet",
    "pin": "You have no plan here yet",
    "card": "You have no plan here yet",
    "stop": "no more daily questions",
    "start": "The daily questions are on again",
    "language": "I can write in",
    "help": "Words that always work",
}


def spoken_as_well(folder: Path) -> Path:
    """A programme's own folder, with a second language in it."""
    there = folder / "config" / "content" / "es"
    there.mkdir(parents=True)
    (there / "everyday.yaml").write_text(SPANISH, encoding="utf-8")
    return folder / "config"


async def test_help_comes_first_in_everybodys_own_language(tmp_path: Path) -> None:
    """Whoever cannot think of a word opens the list; what stands at its head must be what they need, and be theirs."""
    async with telegram_clinic(tmp_path, roots=[spoken_as_well(tmp_path)]) as clinic:
        commands = clinic.telegram.api.commands
        english, spanish = (commands["all_private_chats", 0, 0, code] for code in ("", "es"))
        assert clinic.maya.menu[0] == "help_now"
        assert english[0]["description"] == "I need help now"
        assert spanish[0]["description"] == "Necesito ayuda ahora"
        assert [one["command"] for one in spanish] == [one["command"] for one in english]


async def test_every_command_on_the_list_does_something(tmp_path: Path) -> None:
    """In whatever language the list is read, what it puts on the screen is understood."""
    async with telegram_clinic(tmp_path) as clinic:
        for command in clinic.maya.menu[1:]:
            said = await clinic.maya.says(f"/{command}")
            while clinic.maya.shown[-1].id == said.id:
                await clinic.telegram.api.change.wait()
            assert ANSWERS[command] in clinic.maya.shown[-1].text
        await clinic.maya.says("/help_now")
        await clinic.maya.sees("911")


async def test_what_failed_is_said_with_the_next_look(tmp_path: Path) -> None:
    """A list that stays empty for ever after one bad minute would be missed by nobody but the person who needs it."""
    async with telegram_clinic(tmp_path) as clinic:
        clinic.telegram.api.commands.clear()
        clinic.program.library = load_library([shipped_config(), spoken_as_well(tmp_path)])
        clinic.telegram.faults.add("setMyCommands", html502())
        await clinic.channel.commands.look()
        assert not clinic.telegram.api.commands
        await clinic.channel.commands.look()
        assert [key[3] for key in clinic.telegram.api.commands] == ["es"]


async def test_a_language_that_is_gone_is_taken_away(tmp_path: Path) -> None:
    """Else phones would go on showing words that nobody keeps any more."""
    async with telegram_clinic(tmp_path, roots=[spoken_as_well(tmp_path)]) as clinic:
        assert ("all_private_chats", 0, 0, "es") in clinic.telegram.api.commands
        clinic.program.library = load_library([shipped_config()])
        await clinic.channel.commands.look()
        assert sorted(key[3] for key in clinic.telegram.api.commands) == ["", "en"]
