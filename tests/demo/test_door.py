"""Who may talk to the demo, and what is left of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bot.demo import DemoServer, PortTaken, serve

HELLO = {"do": "say", "who": "maya", "words": "hello"}


async def posted(demo: DemoServer, headers: dict[str, str]) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{demo.address}do", json=HELLO, headers=headers) as answer,
    ):
        return answer.status


async def test_the_page_comes_with_a_policy_that_lets_nothing_in_from_outside(demo):
    """A clinic may show this on a network that it does not trust."""
    async with aiohttp.ClientSession() as session, session.get(demo.address) as answer:
        policy = answer.headers["Content-Security-Policy"]
        page = await answer.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "handrail.example"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
async def test_no_other_page_may_talk_to_it(demo, headers):
    """A page that somebody has open beside it could otherwise write as Maya, under whatever name it found for us."""
    assert await posted(demo, headers) == 403
    assert not demo.stage.handsets["maya"].bubbles


async def test_its_own_page_may(demo):
    """The same post, from where it belongs."""
    assert await posted(demo, {"Origin": demo.address.rstrip("/")}) == 200
    assert demo.stage.handsets["maya"].bubbles


@pytest.mark.parametrize(
    "what", ["[]", "{}", "nonsense", '{"do": "say", "who": "nobody", "words": "x"}', '{"do": "tap"}']
)
async def test_what_makes_no_sense_is_answered_and_changes_nothing(demo, what):
    """Whatever is posted, the next click works."""
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{demo.address}do", data=what, headers=headers) as answer:
            assert answer.status in {400, 409}
        async with session.post(f"{demo.address}do", data=what) as answer:
            assert answer.status == 415
    assert await posted(demo, {}) == 200


async def test_nothing_is_left_of_it(demo):
    """The database goes when the demo goes, and when it starts over."""
    first = Path(demo.stage.store.engine.url.database).parent
    assert first.exists()
    await demo.set_stage("demo-evening")
    assert not first.exists()
    second = Path(demo.stage.store.engine.url.database).parent
    await demo.stop()
    assert not second.exists()


async def test_a_taken_port_is_said_plainly(demo):
    """Two demos at once are easily started."""
    with pytest.raises(PortTaken, match="--port 0"):
        await DemoServer(demo.roots, demo.port).start()


@pytest.mark.parametrize("given", ["option", "environment"])
def test_a_real_database_is_refused(given, monkeypatch, capsys):
    """The demo must never be pointed at people."""
    if given == "environment":
        monkeypatch.setenv("HANDRAIL_DATABASE", "postgresql://clinic/people")
    assert serve(0, database="sqlite:///people.db" if given == "option" else None) == 2
    assert "never touches a real one" in capsys.readouterr().err


async def test_starting_over_ends_what_was_under_way(demo):
    """A story that is playing does not play on into the next one."""
    demo.pace = 5
    async with aiohttp.ClientSession() as session:
        for what in ({"do": "play", "story": "demo-evening"}, {"do": "again", "story": "demo-evening"}):
            async with session.post(f"{demo.address}do", json=what) as answer:
                assert answer.status == 200
    await asyncio.sleep(0)
    view = await demo.view()
    assert not view["story"]["playing"]
    assert view["log"] == []
