"""What the doctor says about Matrix, and that what it advises mends it."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.clock import SystemClock
from bot.doctor import examine
from tests.faults.process import spawn
from tests.matrix.home import OURS, Clinic
from tests.support.between import between
from tests.support.homeserver import Homeserver, free_port
from tests.support.matrix import hardened

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def test_the_doctor_when_all_is_well_and_while_it_runs(clinic: Clinic) -> None:
    """Every line by itself; the letterbox is left to whoever works with it."""
    assert (await clinic.init("--people", clinic.people()))[0] == 0
    found = await clinic.doctor()
    assert {name: state for name, (state, _, _) in found.items()} == dict.fromkeys(OURS, "ok")
    assert "free" in found["letterbox"][1]
    assert f"/users/{clinic.bot.user_id}/override_ratelimit" in found["limit"][2]
    async with clinic.running() as process:
        found = await clinic.doctor()
        assert {name: state for name, (state, _, _) in found.items()} == dict.fromkeys(OURS, "ok")
        assert f"Handrail runs (process {process.child.pid})" in found["letterbox"][1]
        status, said = await clinic.types("matrix", "sign-in", "--again", password=clinic.bot.password)
        assert (status, f"process {process.child.pid}" in said) == (1, True), said


async def test_the_doctor_where_matrix_is_not_wanted_or_not_yet(clinic: Clinic) -> None:
    """No mistake; but people with addresses there wait for it."""
    assert (await clinic.types("init"))[0] == 0
    state, says, advice = (await clinic.doctor())["Matrix"]
    assert (state, "nobody has an address there" in says, advice.split()[:3]) == (
        "ok",
        True,
        ["handrail", "matrix", "sign-in"],
    )
    assert (await clinic.types("init", "--people", clinic.people()))[0] == 0
    state, says, _ = (await clinic.doctor())["Matrix"]
    assert (state, "2 people have an address there" in says) == ("look at this", True)


async def test_the_doctor_when_the_homeserver_is_away(clinic: Clinic) -> None:
    """Told quickly, in words, and nothing that hangs on it is guessed at."""
    assert (await clinic.init())[0] == 0
    silent = await asyncio.start_server(lambda _in, _out: asyncio.sleep(3600), "127.0.0.1", 0)
    async with silent, between(clinic.server.url) as page:
        page.broken["/_matrix"] = 404
        for url, told in (
            (f"http://127.0.0.1:{free_port()}", "does not answer: connection refused"),
            (f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}", "no answer within 4 seconds"),
            ("http://matrix.invalid", "does not answer: "),
            (page.url, "no Matrix homeserver (status 404)"),
            ("nonsense", "does not answer: "),
        ):
            clinic.now_signed_in(homeserver=url)
            found = await clinic.doctor()
            assert set(found) == {"encryption", "Matrix", "letterbox", "homeserver"}
            state, says, mend = found["homeserver"]
            assert (state, told in says) == ("broken", True), says
            assert "--again" in mend
        silent.close()


async def test_the_doctor_when_the_token_was_revoked(clinic: Clinic) -> None:
    """With the command that mends it, and after that command all is well."""
    assert (await clinic.init())[0] == 0
    before = clinic.facts()
    headers = {"Authorization": f"Bearer {before['token']}"}
    async with ClientSession(headers=headers) as session:
        await session.post(f"{clinic.server.url}/_matrix/client/v3/logout")
    found = await clinic.doctor()
    assert found["token"][0] == "broken"
    assert "identity" not in found
    status, said = await clinic.types("run")
    assert (status, "does not accept our token" in said) == (1, True), said
    status, said = await clinic.types(*found["token"][2].split()[1:], password=clinic.bot.password)
    assert status == 0, said
    assert {state for state, _, _ in (await clinic.doctor()).values()} == {"ok"}
    assert clinic.facts()["seeds"] == before["seeds"]


async def test_the_doctor_when_our_device_is_not_signed(clinic: Clinic, tmp_path: Path) -> None:
    """Careful apps would neither read us nor be read."""
    assert (await clinic.init())[0] == 0
    other = await clinic.server.sign_in(clinic.bot)
    client = hardened(clinic.server, other, tmp_path / "other")
    await client.keys_upload()
    await client.close()
    client.box.close()
    clinic.now_signed_in(device=other.device_id, token=other.token)
    state, says, mend = (await clinic.doctor())["identity"]
    assert (state, "is not signed" in says) == ("broken", True), says
    assert mend.startswith("handrail matrix sign-in --again")


async def test_the_doctor_when_somebody_gave_the_account_another_identity(clinic: Clinic) -> None:
    """It happens when the programme's account is used in an app; `--again` puts ours back."""
    assert (await clinic.init())[0] == 0
    seeds = clinic.facts()["seeds"]
    clinic.now_signed_in(seeds=base64.b64encode(os.urandom(96)).decode())
    status, said = await clinic.types("matrix", "sign-in", "--again", password=clinic.bot.password)
    assert status == 0, said
    clinic.now_signed_in(seeds=seeds)
    state, says, mend = (await clinic.doctor())["identity"]
    assert (state, "another identity than ours" in says) == ("broken", True), says
    assert (await clinic.types(*mend.split()[1:], password=clinic.bot.password))[0] == 0
    assert (await clinic.doctor())["identity"][0] == "ok"


async def test_the_doctor_counts_the_keys_that_are_left(clinic: Clinic) -> None:
    """When the last is taken, nobody new can write to us; running puts it right."""
    assert (await clinic.init())[0] == 0
    async with ClientSession(headers={"Authorization": f"Bearer {clinic.maya.token}"}) as session:
        await claim(session, clinic, 50)
        assert (await clinic.doctor())["keys"][:2] == (
            "look at this",
            "On the homeserver there is no one-time keys, only the fallback key.",
        )
        await claim(session, clinic, 1)
    assert (await clinic.doctor())["keys"][0] == "broken"
    async with clinic.running():
        for _ in range(50):
            if (await clinic.doctor())["keys"][0] == "ok":
                return
    raise AssertionError("no new keys came")


async def claim(session: ClientSession, clinic: Clinic, times: int) -> None:
    wish = {"one_time_keys": {clinic.bot.user_id: {clinic.facts()["device"]: "signed_curve25519"}}}
    for _ in range(times):
        await session.post(f"{clinic.server.url}/_matrix/client/v3/keys/claim", json=wish)


async def test_the_doctor_finds_addresses_that_lead_nowhere(clinic: Clinic) -> None:
    """Staff by name; a participant by an id, for whoever runs the machine need not learn who is in treatment."""
    people = clinic.people(maya="@nobody:localhost", jo="@no-one:localhost")
    assert (await clinic.init("--people", people))[0] == 0
    state, says, _ = (await clinic.doctor())["addresses"]
    assert state == "look at this"
    assert "Jo Park and 1 participant (id " in says
    assert "Maya" not in says
    assert "@" not in says


async def test_the_doctor_closes_the_letterbox_to_others(clinic: Clinic) -> None:
    """Keys lie in it."""
    assert (await clinic.init())[0] == 0
    (clinic.home / "handrail" / "data" / "matrix").chmod(0o755)
    state, says, mend = (await clinic.doctor())["letterbox"]
    assert (state, "mode 755" in says, mend.split()[:2]) == ("broken", True, ["chmod", "700"])


def test_the_doctor_compares_the_clocks(server: Homeserver, tmp_path: Path) -> None:
    """Times in a conversation would make no sense."""
    account = asyncio.run(server.sign_up("clocks"))
    home = tmp_path / "home"
    home.mkdir()
    clinic = Clinic(home, server, account, account, account)
    assert asyncio.run(clinic.init())[0] == 0
    for ahead, told in ((70, "70 seconds ahead"), (-70, "70 seconds behind"), (20, "agree")):
        clock = SystemClock(lambda ahead=ahead: datetime.now(UTC) + timedelta(seconds=ahead))
        found = {one.name: one for one in examine(home / "handrail", None, clock)}
        says = found["clocks"].says.replace("69", "70").replace("71", "70")
        assert told in says


async def test_the_doctor_without_the_library_says_what_installs_it(clinic: Clinic) -> None:
    """And nothing breaks because of it."""
    assert (await clinic.init())[0] == 0
    blind = "import sys; sys.modules['vodozemac'] = None; from bot.cli import main; sys.exit(main(['doctor','--json']))"
    process = await spawn([sys.executable, "-c", blind], {"HANDRAIL_CONFIG": str(clinic.home / "handrail")})
    assert await process.gone() == 1
    found = {one["name"]: one for one in map(json.loads, bytes(process.said).decode().splitlines())}
    assert found["encryption"]["state"] == "broken"
    assert "pip install 'matrix-nio[e2e]==" in found["encryption"]["mend"]
    assert found["Matrix"]["state"] == "ok"
