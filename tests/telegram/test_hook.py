"""The other way to hear: Telegram comes to us, and is answered only after what it brings is stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.channels.telegram.hook import PATH, SECRET
from tests.faults.process import console, running, spawn
from tests.telegram.clinic import Ward, open_ward
from tests.telegram.test_killed import kept, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    """Everybody has met the program; from its next start on Telegram brings what they say."""
    async with open_ward(tmp_path, participants=4) as people:
        settings = people.programme.folder / "handrail.toml"
        door = f"http://127.0.0.1:{people.programme.port}{PATH}"
        settings.write_text(settings.read_text() + f'\n[telegram]\nwebhook = "{door}"\n')
        yield people


async def test_what_telegram_brings_is_answered(ward: Ward) -> None:
    """A question, a call for help, a button: the same as when we ask for them; and nobody asks any more."""
    phone = ward.phones["p00"]
    async with running(ward.programme):
        await phone.says("?")
        await phone.sees("Words that always work", within=20)
        await phone.taps("I need help now")
        await phone.sees("911")
        await ward.phones["prim"].taps("Acknowledge", await ward.phones["prim"].sees("EMERGENCY"))
        await phone.sees("has seen this")
        assert ward.telegram.api.webhook.url.endswith(PATH)


async def test_whoever_does_not_know_the_secret_is_not_heard(ward: Ward) -> None:
    """The address is on the open internet."""
    update = {"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "I am somebody else"}}
    url = f"http://127.0.0.1:{ward.programme.port}{PATH}"
    async with running(ward.programme), ClientSession() as session:
        for secret in ({}, {SECRET: ""}, {SECRET: "wrong"}, {SECRET: "ä"}):
            async with session.post(url, json=update, headers=secret) as answer:
                assert answer.status == 403
    assert kept(ward, "text") == 0


async def test_nothing_is_lost_when_we_are_killed_with_messages_in_hand(ward: Ward) -> None:
    """Stock handling answers 200 before anything was done with it."""
    process = await spawn(console(ward.programme))
    await process.until_ready()
    phones = list(ward.participants.values())
    for number in range(40):
        await phones[number % len(phones)].says(f"the tram was late, number {number}")
        if number == 20:
            process.kill()
    await process.gone()
    async with running(ward.programme):
        await until(lambda: kept(ward, "text") == 40, 60)
    assert kept(ward, "text") == 40


async def test_polling_again_takes_the_door_down(ward: Ward) -> None:
    """The setting was taken out: Telegram must not go on knocking where nobody is."""
    async with running(ward.programme):
        await until(lambda: ward.telegram.api.webhook.url, 20)
    settings = ward.programme.folder / "handrail.toml"
    settings.write_text(settings.read_text().partition("\n[telegram]")[0])
    async with running(ward.programme):
        await ward.phones["p00"].says("?")
        await ward.phones["p00"].sees("Words that always work", within=20)
    assert not ward.telegram.api.webhook.url
