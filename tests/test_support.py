"""The ground the other tests stand on, tried first."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import create_engine, inspect, text

from tests.support.browser import Witness
from tests.support.postgres import Postgres


def test_a_database_is_there_and_empty(database_url: str) -> None:
    """On both of them: a test that finds another test's rows proves nothing."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == []
        connection.execute(text("create table note (body text)"))
        connection.execute(text("insert into note values ('Grüße, 日本')"))
        assert connection.execute(text("select body from note")).scalar_one() == "Grüße, 日本"
    engine.dispose()


def test_every_postgres_database_is_its_own(postgres: Postgres) -> None:
    """Two at once, for tests of two nodes or of a move; and gone afterwards, although somebody is still connected."""
    with postgres.database() as one, postgres.database() as other:
        assert urlsplit(one).path != urlsplit(other).path
        left_open = create_engine(one).connect()
        assert left_open.execute(text("select 1")).scalar_one() == 1
    left_open.invalidate()


def test_postgres_keeps_its_promises_to_the_disk(postgres_url: str) -> None:
    """Without fsync every test of a crash would be theatre."""
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.execute(text("show fsync")).scalar_one() == "on"
        assert connection.execute(text("show synchronous_commit")).scalar_one() == "on"
    engine.dispose()


async def test_the_browser_shows_a_page_served_from_here(browser_page: Witness) -> None:
    """The server, the browser and the test share one event loop."""

    async def hello(_: web.Request) -> web.Response:
        page = "<link rel=icon href='data:,'><p id=who></p><script>who.textContent = 'Hello, ' + 'Maya'</script>"
        return web.Response(text=page, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", hello)
    async with TestServer(app) as server:
        await browser_page.page.goto(str(server.make_url("/")))
        assert await browser_page.page.inner_text("#who") == "Hello, Maya"
    assert browser_page.requests
    assert browser_page.complaints() == []
    assert browser_page.left_the_loopback() == []


async def test_the_witness_sees_what_went_wrong(browser_page: Witness) -> None:
    """A witness that sees nothing is worse than none: errors in the page, and a picture from somewhere else."""
    page = (
        "<img src='http://elsewhere.example/a.png'><script>console.error('ouch'); throw new Error('dear me')</script>"
    )
    await browser_page.page.goto(f"data:text/html,{page}", wait_until="load")
    assert "ouch" in browser_page.console_errors
    assert browser_page.page_errors == ["dear me"]
    assert browser_page.left_the_loopback() == ["http://elsewhere.example/a.png"]
