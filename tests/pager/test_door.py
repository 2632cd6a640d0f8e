"""The door behind the links, on a real socket, with the real program behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientResponse, ClientSession

from bot.channels.pager.door import Door, opened
from bot.channels.pager.link import Links
from bot.channels.pager.patience import WRONG_AT_MOST, Patience
from storage import pagers
from tests.faults.world import Fickle, World, world
from tests.pager.having import give

LINE = "Case 1"


@dataclass
class Doorway:
    """A clinic whose Tess and Back have pagers, and a browser in front of its door."""

    clinic: World
    links: Links
    browser: ClientSession
    base: str

    def link(self, who: str, number: int = -1) -> str:
        """The link in a page that somebody's pager rang with."""
        sent = self.clinic.shown(f"json://{who}", channel="pager")[number]
        return self.links.make(sent.key, self.clinic.clock.now())[0].removeprefix("https://x.example")

    async def get(self, path: str, **how: object) -> tuple[int, str]:
        async with self.browser.get(self.base + path, **how) as answer:
            return answer.status, await answer.text()

    async def press(self, path: str, **how: object) -> tuple[int, str]:
        """A press is handed to the line; in here nobody else runs it."""
        task = asyncio.create_task(self._post(path, **how))
        while not task.done():
            await asyncio.sleep(0.01)
            await self.clinic.program.settle()
        return await task

    async def _post(self, path: str, **how: object) -> tuple[int, str]:
        async with self.browser.post(self.base + path, **how) as answer:
            return answer.status, await answer.text()

    def case(self) -> tuple[str, str]:
        """(state, holder) of the case."""
        with self.clinic.program.store.engine.begin() as connection:
            row = connection.exec_driver_sql("select state, holder_id from care_case").one()
        return row[0], row[1]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Doorway]:
    async with world(tmp_path / "clinic") as clinic:
        clinic.channels["pager"] = Fickle("pager", False, clinic.clock)
        clinic.program.channels["pager"] = clinic.channels["pager"]
        for who in ("tess", "back"):
            give(clinic, who)
        program = clinic.program
        links = Links(program.store.master, "https://x.example", program.library.settings.pager.links_for)
        async with (
            opened(Door(program, links, Patience(clinic.clock)), 0) as port,
            ClientSession() as browser,
        ):
            await clinic.says("p00", "I want to die")
            yield Doorway(clinic, links, browser, f"http://127.0.0.1:{port}")


async def rung(door: Doorway) -> str:
    """Nobody answers for a few minutes: Tess is rung. Her link."""
    await door.clinic.forward(minutes=6)
    return door.link("tess")


async def test_looking_at_a_link_takes_nothing(door: Doorway) -> None:
    """Phones and mail programs look at links before any human being does."""
    link = await rung(door)
    for _ in range(3):
        status, shown = await door.get(link)
        assert status == 200
        assert "Case 1 needs you." in shown
        assert '<form method="post">' in shown
    async with door.browser.head(door.base + link) as answer:
        assert answer.status == 200
    assert door.case() == ("open", "")


async def test_the_button_takes_the_case_and_the_ladder_stops(door: Doorway) -> None:
    """As if it had been pressed where they are usually met."""
    link = await rung(door)
    status, shown = await door.press(link)
    assert (status, door.case()) == (200, ("acknowledged", "tess"))
    assert "You have case 1" in shown
    assert door.clinic.shown("p00", "has seen this")
    assert door.clinic.shown("tess", "I want to die")  # the case itself, where words may be read
    paged = len(door.clinic.channels["private"].shown)
    await door.clinic.forward(minutes=10)
    assert not [one for _, _, one in door.clinic.channels["private"].shown[paged:] if one.page]


async def test_a_link_counts_once(door: Doorway) -> None:
    """Later it says so, and does nothing: not even where the case was given back meanwhile."""
    link = await rung(door)
    await door.press(link)
    await door.clinic.says("tess", "/case 1")
    await door.clinic.taps("tess", door.clinic.shown("tess", "Case 1")[-1].key, "not_me")
    assert door.case() == ("open", "")
    for status, shown in (await door.get(link), await door.press(link)):
        assert (status, "This link was used" in shown) == (410, True)
    assert door.case() == ("open", "")


async def test_two_people_press_at_the_same_moment_and_one_of_them_has_it(door: Doorway) -> None:
    """The database decides; the other one reads that somebody has it, and no name."""
    await rung(door)
    await door.clinic.forward(minutes=16)  # the next tier too
    first, second = await asyncio.gather(door.press(door.link("tess")), door.press(door.link("back")))
    state, holder = door.case()
    assert (state, holder in {"tess", "back"}) == ("acknowledged", True)
    assert sorted(["You have case 1" in first[1], "You have case 1" in second[1]]) == [False, True]
    assert sorted(["Somebody has case 1" in first[1], "Somebody has case 1" in second[1]]) == [False, True]
    assert "Quillonzarembra" not in first[1] + second[1]


async def test_the_same_press_twice_at_once_is_one(door: Doorway) -> None:
    """A finger that trembles, or a phone that sends again."""
    link = await rung(door)
    answers = await asyncio.gather(door.press(link), door.press(link))
    assert all(status in {200, 410} for status, _ in answers)
    assert door.case() == ("acknowledged", "tess")


async def test_a_link_ends(door: Doorway) -> None:
    """A phone that is found next year takes no case."""
    link = await rung(door)
    await door.clinic.forward(hours=2)
    for status, shown in (await door.get(link), await door.press(link)):
        assert (status, "has ended" in shown) == (410, True)
        assert LINE not in shown
    assert door.case() == ("open", "")


async def test_a_link_of_a_pager_that_was_taken_away_answers_nothing(door: Doorway) -> None:
    """It was lost, and its owner has said so; also where they have another one by now."""
    link = await rung(door)
    with door.clinic.program.store.begin(door.clinic.clock.now()) as unit:
        pagers.set_pager(unit, "tess", "json://another")
    for status, shown in (await door.get(link), await door.press(link)):
        assert (status, LINE in shown) == (404, False)
    assert door.case() == ("open", "")


async def test_where_somebody_has_the_case_there_is_no_button(door: Doorway) -> None:
    """Nor does an old page in the hand of a second person take it away."""
    await rung(door)
    await door.clinic.forward(minutes=16)  # the next tier too
    mine, theirs = door.link("tess"), door.link("back")
    await door.press(theirs)
    status, shown = await door.get(mine)
    assert (status, "Somebody has case 1" in shown, "<form" in shown) == (200, True, False)
    await door.press(mine)
    assert door.case() == ("acknowledged", "back")


async def test_what_is_no_link_says_nothing(door: Doorway) -> None:
    """No more than that there is nothing, whatever is asked for."""
    link = await rung(door)
    wrong = [f"{link[:-2]}AA", f"{link}A", "/a/", "/a/x", "/", "/health", "/private/phones/p00", "/a/" + "A" * 43]
    for path in wrong:
        for status, shown in (await door.get(path), await door.press(path, json={"id": "1", "body": "hello"})):
            assert (status, "There is nothing here" in shown) == (404, True)
            assert LINE not in shown
    async with door.browser.put(door.base + link) as answer:
        assert answer.status == 404
    assert door.case() == ("open", "")


async def test_whoever_tries_at_random_waits_and_whoever_has_a_link_does_not(door: Doorway) -> None:
    """Twenty wrong ones a minute; what counts is the address that the web server in front wrote down."""
    link = await rung(door)
    answers = []
    for number in range(WRONG_AT_MOST + 5):
        claimed = {"X-Forwarded-For": f"10.0.0.{number}, 203.0.113.7"}
        answers.append((await door.get(f"/a/wrong{number}", headers=claimed))[0])
    assert answers == [404] * WRONG_AT_MOST + [429] * 5
    assert (await door.get(link, headers={"X-Forwarded-For": "203.0.113.7"}))[0] == 200
    assert (await door.get("/a/wrong", headers={"X-Forwarded-For": "203.0.113.8"}))[0] == 404
    await door.clinic.forward(minutes=1)
    assert (await door.get("/a/wrong", headers={"X-Forwarded-For": "203.0.113.7"}))[0] == 404


async def test_the_page_loads_nothing_and_is_kept_nowhere(door: Doorway) -> None:
    """No cookie, no script, nothing from elsewhere; a browser is told to hold itself to that."""
    link = await rung(door)
    async with door.browser.get(door.base + link) as answer:
        shown = await answer.text()
        await _is_bare(answer, shown)
    async with door.browser.get(f"{door.base}/a/x") as answer:
        await _is_bare(answer, await answer.text())


async def _is_bare(answer: ClientResponse, shown: str) -> None:
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "Set-Cookie" not in answer.headers
    assert not any(word in shown for word in ("<script", "http:", "https:", "src=", "@import", "url("))


async def test_a_long_body_or_address_breaks_nothing(door: Doorway) -> None:
    """Whoever sends megabytes reaches nothing with them, and the next link works."""
    link = await rung(door)
    assert (await door.get("/a/" + "x" * 1500))[0] == 404
    status, _ = await door.get("/a/" + "x" * 100_000)
    assert status in {400, 404, 414}
    status, _ = await door.press(link, data=b"x" * 3_000_000)
    assert status in {200, 413}
    await door.press(link)
    assert door.case() == ("acknowledged", "tess")


async def test_an_answer_that_cannot_be_kept_says_so(door: Doorway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full: whoever pressed must know that nobody has the case."""
    link = await rung(door)

    async def broken(_inbound: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(door.clinic.program, "receive", broken)
    status, shown = await door.press(link)
    assert (status, "could not be kept" in shown) == (503, True)
    monkeypatch.undo()
    assert "You have case 1" in (await door.press(link))[1]
