"""Canaries: a name, words and a token that must turn up nowhere. Everybody who works here is on Telegram, she is not.

Everything that the bot ever asked of Telegram is searched, and everything that anything logged, at the lowest level and
with its tracebacks.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from bot import logs
from bot.channels.base import Inbound
from bot.channels.simulated import Phones, SimulatedChannel
from flows.grant import Role
from flows.phi import Phi
from storage import outbox
from storage import tables as t
from storage.people import NewPerson
from tests.fakes.telegram import Group, Phone
from tests.fakes.telegram.faults import Fault, error, garbage200, html502, reset_after, reset_before, retry_after
from tests.support.clinic import ZONE
from tests.support.telegram import TelegramClinic, telegram_clinic
from tests.telegram.staff import OLU, anas_group, connected, named, until

pytestmark = pytest.mark.slow
NAME, WORDS, PLAN = "Quetzalcoatl", "I am going to end it tonight. My axolotl is fed", "tlaloc and the guitar"
TOKEN = "4711:tezcatlipoca"
CANARIES = (NAME, "axolotl", "tlaloc", "tezcatlipoca")
LOUD = ("", "httpx", "httpcore", "telegram", "telegram.Bot", "httpcore.http11", "httpcore.connection", "asyncio")
HER = NewPerson(
    Role.PARTICIPANT, f"{NAME} Rivers", "en", ZONE.key, therapist_id="ana", person_id="her",
    places=(("private", "her", True),),
)  # fmt: skip


@dataclass
class Everything(logging.Handler):
    """Whatever is logged, as the most talkative of handlers would write it."""

    written: list[str] = field(default_factory=list)
    ours: io.StringIO = field(default_factory=io.StringIO)  # the lines of the program's own log

    def __post_init__(self) -> None:
        super().__init__(logging.DEBUG)

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(f"{logging.Formatter('%(name)s %(message)s').format(record)} {record.args!r}")

    __hash__ = logging.Handler.__hash__


@pytest.fixture
def logged() -> Iterator[Everything]:
    """What `handrail run` would log, and beside it everything. The settings are put back afterwards."""
    before = {name: logging.getLogger(name).level for name in LOUD}
    handlers, everything = logging.root.handlers, Everything()
    logs.configure(as_json=True)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.WriteLoggerFactory(file=everything.ours),
    )
    logging.root.addHandler(everything)
    yield everything
    structlog.reset_defaults()
    logging.root.handlers = handlers
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def aloud() -> None:
    """Somebody who looks for a fault turns everything up."""
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.DEBUG)


@dataclass
class Ward:
    clinic: TelegramClinic
    group: Group
    jo: Phone
    phones: Phones
    sent: int = 0

    async def she_says(self, words: str, kind: str = "text") -> None:
        self.sent += 1
        await self.clinic.program.receive(Inbound("private", str(self.sent), "her", kind, Phi(words)))

    @property
    def told_to_telegram(self) -> str:
        return json.dumps(
            [[one.method, {k: str(v) for k, v in one.given.items()}] for one in self.clinic.telegram.calls]
        )


@pytest.fixture
async def ward(tmp_path: Path, logged: Everything) -> AsyncIterator[Ward]:
    jo = NewPerson(Role.SUPERVISOR, "Jo Park", "en", ZONE.key, person_id="jo")
    root = tmp_path / "own"
    root.mkdir()
    (root / "handrail.toml").write_text("[telegram]\ncase_topics = true\n")
    async with telegram_clinic(tmp_path, others=(jo, OLU, HER), roots=[root], token=TOKEN) as clinic:
        phones = Phones()
        clinic.program.channels["private"] = SimulatedChannel("private", True, phones, clinic.program.clock)
        aloud()
        made = Ward(clinic, anas_group(clinic), await connected(clinic, "Jo", "jo"), phones)
        await connected(clinic, "Olu", "olu")
        await named(clinic, made.group)
        yield made


def leaks(*where: str) -> list[str]:
    return [f"{canary}: …{text[max(0, text.find(canary) - 200) :][:400]}…" for canary in CANARIES for text in where
            if canary in text]  # fmt: skip


async def an_evening(ward: Ward) -> None:
    """Everything that staff can ask about her, by button and by command, in their own chat and in the group."""
    ana = ward.clinic.ana
    await ward.she_says(WORDS)
    await ana.taps("Acknowledge", await ana.sees("needs you"))
    await ana.taps("Take over", await ana.sees("can be read only"))
    await ana.sees("may not travel")
    for words in (f"/case {NAME}", "/cases", f"/plan {NAME}", f"/note {NAME} rang her", "/oncall"):
        await ana.says(words)
    await ana.sees("On call now", within=20)
    await ward.jo.says("/case 1")
    await ward.jo.sees("can be read only", within=20)
    await ana.says("/cases", where=ward.group)
    for what in ("voice", "picture"):
        await ward.she_says(what, "wordless")
    for what in ("left", "returned", "new_device"):
        await ward.she_says(what, "noticed")
    await ward.she_says("stop")
    await ana.sees("has stopped the daily questions", within=20)
    await ana.sees("A participant")


async def test_what_is_told_to_telegram_holds_nobody(ward: Ward, logged: Everything) -> None:
    """Texts, buttons, titles of topics, edits: whatever lies on Telegram's servers."""
    await an_evening(ward)
    assert any("sendMessage" in call.method for call in ward.clinic.telegram.calls)
    assert leaks(ward.told_to_telegram) == []
    assert leaks(*logged.written, logged.ours.getvalue()) == []
    assert ward.phones.at("her").screen  # she was answered


@pytest.mark.parametrize(
    "fault",
    [
        error(400, f"Bad Request: something about {NAME}"),
        error(403, f"Forbidden: {TOKEN}"),
        error(401, "Unauthorized"),
        retry_after(1),
        html502(),
        garbage200(),
        reset_before(),
        reset_after(),
    ],
    ids=lambda fault: f"{fault.name}{fault.code or ''}",
)
async def test_no_error_of_telegrams_is_told_in_its_own_words(
    ward: Ward, logged: Everything, capsys: pytest.CaptureFixture[str], fault: Fault
) -> None:
    """An error repeats what was asked: the address with the token in it, or the text."""
    methods = ["sendMessage", "editMessageText", "answerCallbackQuery", "getChatMember"]
    for method in methods if fault.code == 401 else [*methods, "getUpdates"]:  # with a refused token it is asked late
        ward.clinic.telegram.faults.add(method, fault, times=2)
    await ward.she_says(WORDS)
    await ward.clinic.maya.says(f"{WORDS} too")
    ward.clinic.telegram.push({"message": {"message_id": 1, "from": {"id": ward.clinic.maya.id}, "text": WORDS}})
    await ward.jo.says("/cases")
    await until(lambda: ward.clinic.telegram.faults.planned[0].hits == 2)
    await until(lambda: any("EMERGENCY" in words for words in (*ward.clinic.ana.heard, *ward.jo.heard)))
    told = capsys.readouterr()
    assert leaks(*logged.written, logged.ours.getvalue(), told.out, told.err) == []
    assert "a message was not sent" in logged.ours.getvalue() or fault.code == 429  # that one only waits


async def test_what_staff_were_told_is_not_had_again_by_a_button_of_ones_own_making(ward: Ward) -> None:
    """A changed app can press anything. What was written for an encrypted room would come out here."""
    await ward.she_says(WORDS)
    await ward.clinic.ana.sees("needs you")
    with ward.clinic.store.begin(ward.clinic.program.clock.now()) as unit:
        rows = unit.connection.execute(select(t.outbox.c.id, t.outbox.c.person_id, t.outbox.c.subject_id)).all()
        had = {row.id: outbox.asked(unit, row.id, row.person_id) for row in rows}
    assert all(had[row.id] is None for row in rows if row.person_id != row.subject_id)
    assert any(had[row.id] is not None for row in rows if row.person_id == row.subject_id)


def test_the_search_finds_what_is_there(logged: Everything) -> None:
    """A library that nobody keeps quiet would be found out."""
    logging.getLogger("somebody").setLevel(logging.DEBUG)
    try:
        int(WORDS)
    except ValueError:
        logging.getLogger("somebody").debug("about %s", "nothing", exc_info=sys.exc_info())
    assert leaks(*logged.written) != []
