"""A whole evening with the real process: a page that nobody answers, a pager that rings, a link that is pressed."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession

from storage import pagers
from tests.faults.hands import hands
from tests.faults.phones import Phones
from tests.faults.process import running
from tests.faults.programme import LADDER, Programme, found, free_port, name_of
from tests.support.gateway import Gateway, MailServer, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
WORDS = "Zwetschgenbaum, I want to die"
CODE, LINK = re.compile(r"/pager (\d{6})"), re.compile(r"http://127\.0\.0\.1:\d+/a/[\w-]{43}")


@pytest.fixture
async def phones() -> AsyncIterator[Phones]:
    """Everybody's phone."""
    async with Phones().open() as server:
        yield server


def clinic_with(folder: Path, phones: Phones, by_person: dict[str, str]) -> Programme:
    """A clinic whose door is open on this machine, and these pagers, not confirmed yet."""
    quick = {level: {**ladder, "pager_after": "2s"} for level, ladder in LADDER.items()}
    clinic = found(folder, phones=phones.address, ladder=quick)
    port = free_port()
    settings = (folder / "handrail.toml").read_text()
    settings = settings.replace("[server]\n", f'[server]\npublic_url = "http://127.0.0.1:{port}"\n')
    clinic.write("handrail.toml", f"{settings}\n[pager]\nport = {port}\n")
    store = clinic.store()
    with store.begin(datetime.now(UTC)) as unit:
        for person, url in by_person.items():
            pagers.set_pager(unit, person, url)
    store.close()
    return clinic


async def test_a_page_that_nobody_answers_is_answered_by_a_link(
    tmp_path: Path, phones: Phones, hook: Gateway, mail: MailServer
) -> None:
    """Rung by webhook and by mail, proved by a code first; looking takes nothing, pressing stops the ladder, the
    participant hears of it, and no byte on the way held a name or a word of theirs."""
    secret = "hunter2hunter2"
    webhook = f"json://jo:{secret}@127.0.0.1:{hook.port}/{secret}"
    clinic = clinic_with(tmp_path / "clinic", phones, {"tess": webhook, "theo": mail.url()})
    async with running(clinic) as process, hands(clinic) as people, ClientSession() as browser:
        for who, texts in (("tess", lambda: hook.texts), ("theo", lambda: mail.texts)):
            await people.says(who, "/pager")
            await until(texts)
            found_code = CODE.search(texts()[-1])
            assert found_code is not None
            await people.says(who, f"/pager {found_code[1]}")
            await phones.sees(who, "is confirmed")
        for patient, who, texts in (("p00", "tess", lambda: hook.texts), ("p01", "theo", lambda: mail.texts)):
            await people.says(patient, WORDS)
            await phones.sees(who, "needs you")
            await until(lambda texts=texts: LINK.search(texts()[-1]))
            link = LINK.search(texts()[-1])
            assert link is not None
            async with browser.get(link[0]) as looked:
                assert "<form" in await looked.text()
            assert not [text for text in phones.texts(patient) if "has seen this" in text]
            async with browser.post(link[0]) as pressed:
                assert "You have case" in await pressed.text()
            await phones.sees(patient, "has seen this")
            await phones.sees(who, "Zwetschgenbaum")  # the case itself, where words may be read
        await until(lambda: time.time() > phones.shown[-1].at + 6)
        assert {one.place for one in phones.shown if one.page} == {"tess", "theo"}
        await process.stop()
    left = (bytes(hook.heard) + bytes(mail.heard)).decode()
    for word in ("Zwetschgenbaum", "want to die", *(name_of(who).split()[0] for who in ("p00", "p01", "tess", "theo"))):
        assert word not in left
    said = bytes(process.said).decode()
    for word in (secret, "Zwetschgenbaum", "/a/", "Quillonzarembra"):
        assert word not in said


async def test_a_service_that_hangs_does_not_keep_the_program_from_stopping(
    tmp_path: Path, phones: Phones, hook: Gateway
) -> None:
    """A restart in the middle of an outage must not need somebody who kills it."""
    clinic = clinic_with(tmp_path / "clinic", phones, {"tess": hook.url()})
    store = clinic.store()
    with store.begin(datetime.now(UTC)) as unit:
        pagers.change(unit, "tess", pagers.PagerChange(tried=pagers.Tried.RIGHT))
    store.close()
    hook.fault = "drip"
    async with running(clinic) as process, hands(clinic) as people:
        await people.says("p00", WORDS)
        await until(lambda: hook.tries)
        started = time.monotonic()
        assert await process.stop(20) == 0
        assert time.monotonic() - started < 10


async def test_neither_way_waits_for_the_other(tmp_path: Path, phones: Phones, hook: Gateway) -> None:
    """A phone that hangs holds up the pager by nothing, and a pager that hangs holds up no page to the phone."""
    clinic = clinic_with(tmp_path / "clinic", phones, {"tess": hook.url()})
    store = clinic.store()
    with store.begin(datetime.now(UTC)) as unit:
        pagers.change(unit, "tess", pagers.PagerChange(tried=pagers.Tried.RIGHT))
    store.close()
    async with running(clinic), hands(clinic) as people:
        phones.trouble.at["tess"] = "hang"
        started = time.monotonic()
        await people.says("p00", WORDS)
        await until(lambda: hook.rung)
        assert time.monotonic() - started < 6  # two seconds; the phone is given up after ten
        phones.trouble.at.clear()
        hook.fault = "hang"
        await people.says("p02", WORDS)
        await phones.sees("tess", "Case 2 needs you")
        await until(lambda: hook.tries >= 2)
        await people.says("p00", "I have taken all my pills")
        started = time.monotonic()
        await phones.until(lambda: any(one.page == (1, "emergency") for one in phones.screen("tess")))
        assert time.monotonic() - started < 4
