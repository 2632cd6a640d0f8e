"""Setting up Matrix as bot/README.md says it: from nothing to the first question; and what the doctor says."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import pty
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from nio import AsyncClient

from bot.clock import SystemClock
from bot.doctor import examine
from bot.opening import opened
from storage.sign_ins import keep_sign_in, sign_in
from tests.faults.process import Process, spawn
from tests.support.between import between
from tests.support.homeserver import Account, Homeserver, free_port
from tests.support.matrix import app_hears, hardened, stock, writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

#: So long, in seconds, a command may take that is not to run on: the machine may be busy.
PATIENCE = 60
SCRIPT = Path(sys.executable).with_name("handrail")
PEOPLE = """\
people:
  maya: {{role: participant, name: Maya Rivers, therapist: jo, zone: UTC, check_in: "{at}", matrix: "{maya}"}}
  jo: {{role: therapist, name: Jo Park, on_call: primary, matrix: "{jo}"}}
  dee: {{role: director, name: Dee Reyes}}
"""
#: What the doctor says about Matrix, by name.
OURS = {
    "encryption", "Matrix", "letterbox", "homeserver", "clocks", "token", "identity", "keys", "addresses", "limit",
}  # fmt: skip


@dataclass
class Clinic:
    """An empty home in which somebody types commands; and the accounts that were made on the homeserver."""

    home: Path
    server: Homeserver
    bot: Account
    maya: Account
    jo: Account

    async def types(self, *words: str, password: str | None = None) -> tuple[int, str]:
        """A command in a process of its own: its status, and all that it said."""
        process = await self.starts(*words, password=password)
        try:
            status = await asyncio.wait_for(process.gone(), PATIENCE)
        finally:
            process.kill()
        said = bytes(process.said).decode()
        assert "Traceback" not in said
        return status, said

    async def starts(self, *words: str, password: str | None = None) -> Process:
        environment = {"HOME": str(self.home), "HANDRAIL_CONFIG": str(self.home / "handrail")}
        if password is not None:
            environment["HANDRAIL_MATRIX_PASSWORD"] = password
        return await spawn([str(SCRIPT), *words], environment)

    def people(self, at: str = "03:00", **others: str) -> str:
        file = self.home / "people.yaml"
        file.write_text(PEOPLE.format(at=at, **{"maya": self.maya.user_id, "jo": self.jo.user_id, **others}))
        return str(file)

    async def init(self, *words: str, url: str = "", password: str | None = None) -> tuple[int, str]:
        where = ("--matrix-homeserver", url or self.server.url, "--matrix-user", self.bot.user_id)
        said = await self.types("init", *where, *words, password=password or self.bot.password)
        settings = self.home / "handrail" / "handrail.toml"
        settings.write_text(settings.read_text().replace("#port = 8460", "port = 0"))
        return said

    async def doctor(self) -> dict[str, tuple[str, str, str]]:
        """What the doctor says about Matrix: (state, what, what mends it), by name. Never the token."""
        _, said = await self.types("doctor", "--json")
        facts = self.facts()
        for secret in (facts["token"], facts["seeds"]) if facts else ():
            assert secret not in said
        found = [json.loads(line) for line in said.splitlines()]
        return {one["name"]: (one["state"], one["says"], one["mend"]) for one in found if one["name"] in OURS}

    def facts(self) -> dict[str, str] | None:
        with opened(self.home / "handrail", None) as programme, programme.unit() as unit:
            return sign_in(unit, "matrix")

    def now_signed_in(self, **facts: str) -> None:
        """As if it had been signed in so."""
        with opened(self.home / "handrail", None) as programme, programme.unit() as unit:
            keep_sign_in(unit, "matrix", {**(sign_in(unit, "matrix") or {}), **facts})

    @property
    def letterboxes(self) -> list[str]:
        folder = self.home / "handrail" / "data" / "matrix"
        return [path.name for path in folder.glob("*.db")] if folder.is_dir() else []

    async def devices(self) -> set[str]:
        """Those of the programme's account, as the homeserver lists them."""
        headers = {"Authorization": f"Bearer {self.bot.token}"}
        url = f"{self.server.url}/_matrix/client/v3/devices"
        async with ClientSession(headers=headers) as session, session.get(url) as answer:
            return {one["device_id"] for one in (await answer.json())["devices"]}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Process]:
        process = await self.starts("run")
        try:
            yield await process.until_ready()
        finally:
            await process.stop()


@pytest.fixture
async def clinic(server: Homeserver, newcomer: Callable[[str], Awaitable[Account]], tmp_path: Path) -> Clinic:
    home = tmp_path / "home"
    home.mkdir()
    return Clinic(home, server, await newcomer("handrail"), await newcomer("maya"), await newcomer("jo"))


async def shown(app: AsyncClient, words: str, seconds: float = 30) -> bool:
    """Whether these words come to be read in the app, which accepts whatever it is invited to."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        if any(words in said for said in await app_hears(app)):
            return True
        for room_id in list(app.invited_rooms):
            await app.join(room_id)
        await asyncio.sleep(0.2)
    return False


# -- from nothing ---------------------------------------------------------------------------------------------------


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
    answers = [clinic.server.url, clinic.bot.user_id, clinic.bot.password]
    status, said = await at_a_terminal(clinic, answers, "init")
    assert status == 0, said
    assert "empty: not now" in said
    assert "Our device is signed by the account's own identity: yes." in said
    assert clinic.bot.password not in said
    again = await at_a_terminal(clinic, [], "init")
    assert (again[0], "Nothing was changed." in again[1]) == (0, True), again
    elsewhere = replace(clinic, home=clinic.home / "elsewhere")
    elsewhere.home.mkdir()
    status, said = await at_a_terminal(elsewhere, [""], "init")
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


# -- what the doctor says -------------------------------------------------------------------------------------------


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
    assert (state, "no real channel" in says, advice.split()[:3]) == ("ok", True, ["handrail", "matrix", "sign-in"])
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
