"""Setting up Matrix as bot/README.md says it: from nothing to the first question."""

from __future__ import annotations

import asyncio
import os
import pty
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.matrix.home import SCRIPT, Clinic, shown
from tests.support.matrix import stock, writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def test_from_nothing_to_the_first_question_in_an_app(clinic: Clinic, tmp_path: Path) -> None:
    """What the page promises, with the commands of the page."""
    soon = datetime.now(UTC) + timedelta(seconds=75)  # the next full minute that is not too close
    people = clinic.people(at=f"{soon:%H:%M}")
    status, said = await clinic.init("--people", people)
    assert (status, "own identity: yes" in said) == (0, True), said
    assert "Added 3 people" in said
    async with stock(clinic.server, clinic.maya, tmp_path / "app") as app, clinic.running() as process:
        assert await shown(app, "How is your mood right now", seconds=100)
        assert b"was not sent" not in process.said  # the room came in pieces, and the people in it last
        [room] = app.rooms.values()
        assert room.encrypted
        assert set(room.users) == {clinic.bot.user_id, clinic.maya.user_id}
        await writes(app, room.room_id, "7")
        assert await shown(app, "How tense or anxious are you")


async def test_without_a_terminal_nothing_is_asked(clinic: Clinic) -> None:
    """And what is missing is said before anything is made."""
    where = ("--matrix-homeserver", clinic.server.url)
    status, said = await clinic.types("init", *where)
    assert (status, "--matrix-user is missing" in said) == (2, True), said
    status, said = await clinic.types("init", *where, "--matrix-user", clinic.bot.user_id, password="")
    assert (status, "$HANDRAIL_MATRIX_PASSWORD is missing" in said) == (2, True), said
    status, said = await clinic.types("init", *where, "--matrix-user", "handrail", password="x")
    assert (status, "handrail is not an account" in said) == (1, True), said
    assert not (clinic.home / "handrail").exists()
    assert (await clinic.types("init"))[0] == 0


async def test_at_a_terminal_init_asks_and_the_password_is_not_shown(clinic: Clinic) -> None:
    """Step by step; what is not wanted now is left with an empty line."""
    answers = [clinic.server.url, clinic.bot.user_id, clinic.bot.password, ""]  # and no bot on Telegram
    status, said = await at_a_terminal(clinic, answers, "init")
    assert status == 0, said
    assert "empty: not now" in said
    assert "Our device is signed by the account's own identity: yes." in said
    assert clinic.bot.password not in said
    again = await at_a_terminal(clinic, [], "init")
    assert (again[0], "Nothing was changed." in again[1]) == (0, True), again
    elsewhere = replace(clinic, home=clinic.home / "elsewhere")
    elsewhere.home.mkdir()
    status, said = await at_a_terminal(elsewhere, ["", ""], "init")
    assert (status, "Made the database" in said) == (0, True), said
    assert elsewhere.facts() is None


async def at_a_terminal(clinic: Clinic, answers: list[str], *words: str) -> tuple[int, str]:
    """A command at a real terminal; each answer is typed when something is asked."""
    child, screen = pty.fork()
    if child == 0:
        os.environ |= {"HOME": str(clinic.home), "HANDRAIL_CONFIG": str(clinic.home / "handrail")}
        os.environ.pop("HANDRAIL_MATRIX_PASSWORD", None)
        os.execv(SCRIPT, [str(SCRIPT), *words])  # noqa: S606 - a shell would only be in the way
    said, left = "", list(answers)
    while piece := await asyncio.to_thread(_read, screen):
        said += piece
        if left and said.rstrip(" ").endswith(":"):
            os.write(screen, f"{left.pop(0)}\n".encode())
    _, status = await asyncio.to_thread(os.waitpid, child, 0)
    os.close(screen)
    assert not left, said
    return os.waitstatus_to_exitcode(status), said


def _read(screen: int) -> str:
    try:
        return os.read(screen, 4096).decode()
    except OSError:  # the other side is gone
        return ""
