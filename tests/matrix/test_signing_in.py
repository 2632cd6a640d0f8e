"""Signing in to Matrix: when it fails, when it breaks off, and when it must be done again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from nio import AsyncClient

from tests.matrix.home import Clinic, shown
from tests.support.between import between
from tests.support.homeserver import free_port
from tests.support.matrix import app_hears, stock, writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.mark.parametrize("what", ["password", "away", "not a homeserver"])
async def test_a_sign_in_that_fails_leaves_the_rest_made_and_nothing_of_itself(clinic: Clinic, what: str) -> None:
    """With the command for later, ready to paste."""
    before = await clinic.devices()
    url = {"password": clinic.server.url, "away": f"http://127.0.0.1:{free_port()}"}.get(what, clinic.server.url + "/x")
    status, said = await clinic.init("--people", clinic.people(), url=url, password="not the password")
    assert status == 1
    assert "Added 3 people" in said
    assert "Everything else was made." in said
    later = f"handrail matrix sign-in --homeserver {url} --user {clinic.bot.user_id}"
    assert later in said
    assert ("does not answer" if what == "away" else "did not let") in said
    assert clinic.facts() is None
    assert (clinic.letterboxes, await clinic.devices()) == ([], before)
    status, said = await clinic.types(*later.split()[1:3], "--homeserver", clinic.server.url, *later.split()[-2:],
                                      password=clinic.bot.password)  # fmt: skip
    assert status == 0, said


async def test_a_sign_in_that_breaks_off_leaves_no_device_behind(clinic: Clinic) -> None:
    """A device that nobody uses would be given the keys to everything."""
    before = await clinic.devices()
    async with between(clinic.server.url) as server:
        server.broken["device_signing/upload"] = 500
        status, said = await clinic.init(url=server.url)
    assert (status, "did not take our identity" in said) == (1, True), said
    assert clinic.facts() is None
    assert (clinic.letterboxes, await clinic.devices()) == ([], before)


async def test_a_lost_letterbox_is_found_and_what_was_said_in_between_is_told(clinic: Clinic, tmp_path: Path) -> None:
    """An empty one would speak with the name of a device that people know, and with other keys. After `--again` the
    person hears of the message that was lost, once, and not of those that were read."""
    assert (await clinic.init("--people", clinic.people()))[0] == 0
    async with stock(clinic.server, clinic.maya, tmp_path / "app") as app:
        async with clinic.running():
            room = await app.room_create(is_direct=True, invite=[clinic.bot.user_id], initial_state=[ENCRYPTION])
            await until_joined(app, room.room_id, clinic.bot.user_id)
            await writes(app, room.room_id, "the tram was late")
            assert await shown(app, "I am a program")
        await writes(app, room.room_id, "and it rained")
        lost(clinic)
        assert (await clinic.doctor())["letterbox"][0] == "broken"
        status, said = await clinic.types("run")
        assert (status, "--again" in said) == (1, True), said
        assert clinic.letterboxes == []
        status, said = await clinic.types("matrix", "sign-in", "--again", password=clinic.bot.password)
        assert status == 0, said
        told = []
        async with clinic.running():
            for _ in range(100):
                told += [words for words in await app_hears(app) if "I could not read that" in words]
                await asyncio.sleep(0.2)
                if told and len(told) > 1:
                    break
        assert len(told) == 1
        assert await clinic.devices() == {clinic.bot.device_id, clinic.facts()["device"]}


ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}


def lost(clinic: Clinic) -> None:
    for path in (clinic.home / "handrail" / "data" / "matrix").iterdir():
        path.unlink()


async def until_joined(app: AsyncClient, room_id: str, user: str) -> None:
    for _ in range(100):
        await app_hears(app)
        room = app.rooms.get(room_id)
        if room is not None and user in room.users and not room.invited_users:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come")
