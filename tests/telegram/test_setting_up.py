"""From the token that @BotFather gives to the first answer, as an operator does it, command by command."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from tests.fakes.telegram import Telegram, bot_api
from tests.faults.process import spawn
from tests.faults.programme import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
PEOPLE = {
    "maya": {"role": "participant", "name": "Maya Rivers", "therapist": "jo", "check_in": "12:00"},
    "jo": {"role": "therapist", "name": "Jo Park", "on_call": "primary"},
    "dee": {"role": "director", "name": "Dee Reyes"},
}


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with bot_api("4711:a-secret-that-nobody-may-see") as server:
        yield server


async def handrail(folder: Path, *words: str, token: str = "") -> tuple[int, str]:
    environment = {"HANDRAIL_TELEGRAM_TOKEN": token} if token else {}
    process = await spawn([sys.executable, "-m", "bot.cli", *words, "--config", str(folder)], environment)
    status = await process.gone()
    return status, bytes(process.said).decode()


async def test_from_a_token_to_the_first_answer(telegram: Telegram, tmp_path: Path) -> None:
    """init, invite, run; a link is opened; somebody is heard, and a therapist is woken. The token lies nowhere."""
    folder, people = tmp_path / "clinic", tmp_path / "people.yaml"
    people.write_text(yaml.safe_dump({"people": PEOPLE}))
    status, said = await handrail(
        folder, "init", "--people", str(people), f"--telegram={telegram.root}", token=telegram.token
    )
    assert status == 0, said
    assert "on Telegram" in said
    assert "handrail telegram group" in said
    settings = folder / "handrail.toml"
    settings.write_text(settings.read_text().replace("# port = 8460", f"port = {free_port()}"))
    codes = {}
    for name in ("maya", "jo"):
        status, said = await handrail(folder, "invite", name, "--json")
        assert status == 0, said
        link = json.loads(said)["link"]
        assert link.startswith("https://t.me/")
        codes[name] = link.partition("?start=")[2]
    process = await spawn([sys.executable, "-m", "bot.cli", "run", "--config", str(folder)])
    await process.until_ready()
    maya, jo = telegram.user("Maya"), telegram.user("Jo")
    for phone, name in ((maya, "maya"), (jo, "jo")):
        await phone.start(codes[name])
        await phone.sees("You are connected", within=20)
    await maya.taps("I need help now")
    await maya.sees("911")
    await jo.taps("Acknowledge", await jo.sees("EMERGENCY"))
    await maya.sees("Jo Park has seen this")
    assert await process.stop() == 0
    told = bytes(process.said).decode()
    everything = told.encode() + b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for secret in ("a-secret-that-nobody-may-see", codes["maya"], str(maya.id)):
        assert secret.encode() not in everything


async def test_a_token_that_is_none_keeps_nothing_and_says_so(telegram: Telegram, tmp_path: Path) -> None:
    """Copied without its last letters, as tokens are."""
    folder = tmp_path / "clinic"
    status, said = await handrail(folder, "init", f"--telegram={telegram.root}", token="4711:a-secr")
    assert status == 1
    assert "That is not the token of a bot" in said
    assert "handrail telegram sign-in" in said
    status, said = await handrail(folder, "invite", "maya")
    assert (status, "handrail telegram sign-in" in said) == (1, True)
    status, said = await handrail(folder, "telegram", "sign-in", "--server", telegram.root, token=telegram.token)
    assert status == 0, said
    status, said = await handrail(folder, "telegram", "sign-in", "--server", telegram.root, token=telegram.token)
    assert (status, "--again" in said) == (1, True)


async def test_telegram_that_does_not_answer_is_said_in_words(tmp_path: Path) -> None:
    """No network from this machine, perhaps."""
    status, said = await handrail(
        tmp_path / "clinic", "init", f"--telegram=http://127.0.0.1:{free_port()}", token="4711:whatever"
    )
    assert status == 1
    assert "does not answer" in said
