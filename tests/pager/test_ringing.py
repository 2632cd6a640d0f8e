"""One ring, against services on real sockets: what leaves, what comes back, and what is never said."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from bot import logs
from bot.channels.base import DeliveryError
from bot.channels.pager import ringing
from bot.channels.pager.channel import Pager
from bot.channels.pager.link import Links
from bot.clock import VirtualClock
from flows.level import Level
from flows.message import Choice, Page, Urgency
from storage.ids import new_id
from storage.keyfile import MasterKey
from storage.outbox import Sendable
from tests.support.gateway import Gateway, MailServer
from tests.support.scene import library

NOW = datetime(2026, 3, 10, 20, 0, tzinfo=UTC)
DOOR = "https://pages.example.org"
#: What a row of the outbox might hold at worst, all of it.
WORDS = "Quillonzarembra wrote: I want to end it all. Also asked: Jo Park."


def pager(door: str = DOOR) -> Pager:
    return Pager(library, Links(MasterKey(b"k" * 32), door, timedelta(hours=2)), VirtualClock(NOW))


def page(place: str, text: str = WORDS) -> Sendable:
    """A page on its way, to somebody's pager."""
    return Sendable(
        key=new_id(), person_id="jo", subject_id="maya", channel="pager", place=place, text=text,
        choices=(Choice("acknowledge", "Acknowledge"),), urgency=Urgency.CRISIS, attempts=0, made_at=NOW,
        page=Page(12, Level.EMERGENCY, 0, 0), ref="case-1", content="care.page@1",
    )  # fmt: skip


async def send(to: Pager, message: Sendable) -> None:
    assert (await to.send(message, message.key)).delivered_at is None


async def refused(to: Pager, message: Sendable) -> DeliveryError:
    with pytest.raises(DeliveryError) as told:
        await to.send(message, message.key)
    return told.value


# -- what leaves ---------------------------------------------------------------------------------------------------


async def test_a_page_is_a_number_a_level_a_time_and_a_link(hook: Gateway) -> None:
    """Whatever stands in the outbox: nothing else is even looked at."""
    sent = page(hook.url())
    await send(pager(), sent)
    [rung] = hook.rung
    link, _ = pager().links.make(sent.key, NOW)
    assert rung["message"] == f"EMERGENCY. Case 12 needs you. 16:00. Until 18:00: {link}"
    assert rung["title"] == "Case 12 needs you"
    assert len(rung["message"]) <= 160


async def test_a_page_by_mail_says_the_same(mail: MailServer) -> None:
    """With a subject, and a link that can be pressed or copied."""
    sent = page(mail.url())
    await send(pager(), sent)
    [letter] = mail.letters
    assert letter["Subject"] == "Case 12 needs you"
    assert letter["To"] == "jo@example.org"
    assert pager().links.make(sent.key, NOW)[0] in mail.texts[0]


async def test_no_word_of_anybody_is_in_any_byte_that_leaves(hook: Gateway, mail: MailServer) -> None:
    """Not in the text, a title, a header or an address; and nothing that tells what kind of place sends this."""
    for url in (hook.url(), mail.url()):
        await send(pager(), page(url))
    for heard in (hook.heard.decode(), mail.heard.decode()):
        assert "Case 12" in heard
        for word in (*WORDS.replace(".", "").split(), "andrail", "pprise", "crisis", "iverside"):
            if len(word) > 4:
                assert word not in heard, word


async def test_without_a_door_a_page_says_where_to_go(hook: Gateway) -> None:
    """No link is better than one that leads nowhere."""
    await send(pager(door=""), page(hook.url()))
    assert hook.texts == ["EMERGENCY. Case 12 needs you. 16:00. Please open your usual channel to take it."]


async def test_what_can_be_read_on_the_way_carries_no_link(hook: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads it could take the case in the name of its owner, and nobody would come."""
    monkeypatch.setattr(ringing, "_is_here", lambda _host: False)
    await send(pager(), page(hook.url()))
    assert "https://" not in hook.texts[0]
    assert "usual channel" in hook.texts[0]


async def test_anything_but_a_page_or_a_code_does_not_leave(hook: Gateway) -> None:
    """Not even where another part of the program sends it here by mistake."""
    for content in ("care.case@1", "care.relay@1", "crisis.seen@1", "care.pager_codes@1", ""):
        failure = await refused(pager(), replace(page(hook.url()), page=None, content=content))
        assert failure.permanent
    assert hook.tries == 0
    await send(pager(), replace(page(hook.url()), page=None, content="care.pager_code@1", text="Your code is 123456."))
    assert hook.texts == ["Your code is 123456."]


# -- what comes back -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "for_good"), [(503, False), (500, False), (429, False), (401, True), (404, True)])
async def test_what_a_service_answers_decides_whether_it_is_tried_again(
    hook: Gateway, status: int, for_good: bool
) -> None:
    """A wrong password stays wrong; whoever waits for that ring must not wait for ever."""
    hook.fault = status
    failure = await refused(pager(), page(hook.url()))
    assert (failure.permanent, failure.ambiguous) == (for_good, False)
    assert failure.reason == f"the service answered {status}"
    assert hook.tries == 1  # it is tried again by us, when it is due, and not by the library


async def test_a_page_goes_to_its_address_and_to_no_other(hook: Gateway) -> None:
    """A service that was taken over must not be able to send pages, and their links, somewhere else."""
    hook.fault = 307
    await refused(pager(), page(hook.url("here")))
    assert b"/here" in hook.heard
    assert b"/elsewhere" not in hook.heard


async def test_what_nobody_answers_is_tried_again(hook: Gateway, mail: MailServer) -> None:
    """No server, or one that does not know the recipient at the moment."""
    mail.fault = "451 later"
    for url in ("json://127.0.0.1:9/", mail.url()):
        failure = await refused(pager(), page(url))
        assert not failure.permanent
    mail.fault = ""
    await send(pager(), page(mail.url()))
    assert len(mail.letters) == 1


@pytest.mark.parametrize("url", ["slack://T/B/C", "twilio://x", "jo@example.org", "json://127.0.0.1/?optional=yes"])
async def test_an_address_that_cannot_be_rung_is_refused_for_good(url: str) -> None:
    """The next person is asked at once."""
    failure = await refused(pager(), page(url))
    assert failure.permanent
    assert url not in failure.reason


@pytest.mark.parametrize("fault", ["hang", "drip"])
async def test_a_service_that_hangs_holds_up_nobody_else(hook: Gateway, mail: MailServer, fault: str) -> None:
    """Twenty pagers hang, more than the library has threads; the twenty-first rings at once."""
    hook.fault = fault
    one = pager()
    hanging = [asyncio.create_task(one.send(page(hook.url(str(n))), "k")) for n in range(20)]
    await hook.until(lambda: hook.tries == 20)
    await asyncio.wait_for(send(one, page(mail.url())), 3)
    assert len(mail.letters) == 1
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


@pytest.mark.slow
async def test_a_pager_that_hangs_for_ever_does_not_gather_threads(hook: Gateway) -> None:
    """Given up here after its time, each ring goes on in its thread; the fourth is not begun."""
    hook.fault = "drip"
    one = pager()
    for number in range(3):
        task = asyncio.create_task(one.send(page(hook.url()), "k"))
        await hook.until(lambda number=number: hook.tries == number + 1)
        task.cancel()
    failure = await refused(one, page(hook.url()))
    assert not failure.permanent
    assert hook.tries == 3
    await send_when_free(one, hook)


async def send_when_free(one: Pager, hook: Gateway) -> None:
    hook._release.set()  # they end at last
    await hook.until(lambda: not one.threads._under_way)
    hook.fault = ""
    await send(one, page(hook.url()))
    assert len(hook.rung) == 1


async def test_no_thread_keeps_the_program_from_ending() -> None:
    """Python waits at its end for threads that are not daemons, and for every pool."""
    seen: list[bool] = []
    await pager().threads.run("x", lambda: seen.append(threading.current_thread().daemon))
    assert seen == [True]


# -- what is never said --------------------------------------------------------------------------------------------


class Everything(logging.Handler):
    """Whatever anything in this process logs, at any level, in any words."""

    def __init__(self) -> None:
        super().__init__(0)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.name} {record.getMessage()} {record.exc_info} {record.args}")


@pytest.mark.parametrize("fault", ["", 503, 401, "down", "unloadable"])
async def test_nothing_that_is_logged_holds_an_address(
    hook: Gateway, fault: str | int, capfd: pytest.CaptureFixture[str]
) -> None:
    """Apprise and the libraries under it log addresses, with the passwords in them; here they speak to nobody, even
    where somebody listens to everything."""
    secret = "hunter2hunter2"
    url = f"json://jo:{secret}@127.0.0.1:{hook.port}/{secret}?:x={secret}"
    if fault == "down":
        url = f"json://jo:{secret}@127.0.0.1:9/{secret}"
    elif fault == "unloadable":
        url = f"twilio://{secret}:{secret}@{secret}"
    else:
        hook.fault = fault
    everything, root = Everything(), logging.getLogger()
    before = (root.handlers, root.level)
    logs.configure()
    root.handlers, root.level = [everything, *root.handlers], 0
    logging.getLogger("apprise").setLevel(0)
    logging.getLogger("urllib3").setLevel(0)
    said = []
    try:
        root.debug("listening")
        if fault == "":
            await send(pager(), page(url))
        else:
            failure = await refused(pager(), page(url))
            said = [failure.reason, repr(failure), str(failure.__cause__), str(failure.__context__)]
    finally:
        root.handlers, root.level = before
        structlog.reset_defaults()
    out = capfd.readouterr()
    told = "\n".join([*everything.said, *said, out.out, out.err, *(str(one) for one in sys.exc_info())])
    assert "listening" in told
    assert secret not in told
    assert secret.encode() in hook.heard or fault in {"down", "unloadable"}
