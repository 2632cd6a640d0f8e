"""How the rows of the outbox are told apart, and how a page is written down in one."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

from sqlalchemy import bindparam, select, text, update

from flows.level import Level
from flows.message import File, Outbound, Page, Room
from storage import tables as t

#: For so many tries a message holds back what was said to the same person after it, so that they read it in order; one
#: that still does not go must not hold up the rest for ever.
HOLDS_BACK = 4
#: What a message may be besides its words: fields of the same name, here and there.
MANNER = ("poll", "continues", "asks_place", "pins", "unpins")
#: What is no crisis is tried for so long, where nothing else was said.
RELAY_PATIENCE = timedelta(minutes=15)
# Written out, not bound: a partial index serves only a condition that says the same at the time of planning.
IS_WAITING = text("outbox.state = 'waiting'")
IS_LATER = text("outbox.state = 'later'")
IS_SENDING = text("outbox.state = 'sending'")
IS_OPEN = text("outbox.state in ('waiting', 'later')")
IS_TRIED_AGAIN = text("outbox.state = 'later' and outbox.attempts > 0")
OLDER_IS_TRIED_AGAIN = text("older.state = 'later' and older.attempts > 0")
ONE = select(t.outbox).where(t.outbox.c.id == bindparam("of"))
UNSURE = update(t.outbox).where(t.outbox.c.id == bindparam("of")).values(unsure=True)
BACK = update(t.outbox).where(t.outbox.c.id == bindparam("of")).values(state="waiting")


def page_out(page: Page | None) -> str | None:
    return None if page is None else f"{page.case_number} {page.level.word} {page.tier} {page.round}"


def room_out(room: Room | None) -> str | None:
    return None if room is None else json.dumps([room.key, room.others, room.ends, room.rests])


def room_in(written: str | None) -> Room | None:
    """The shared room from its column."""
    if not written:
        return None
    key, others, ends, *rests = json.loads(written)  # what was promised by an earlier version does not say whether
    return Room(key, tuple(others), ends, any(rests))


def manner_out(message: Outbound) -> list[str]:
    """How it is to be shown: the names of what is to be so."""
    return [name for name in MANNER if getattr(message, name)]


def file_out(file: File | None) -> list[str] | None:
    return None if file is None else [file.name, file.media_type, base64.b64encode(file.content).decode()]


def file_in(written: list[str] | None) -> File | None:
    """The file that goes with a message, from its body."""
    return File(written[0], written[1], base64.b64decode(written[2])) if written else None


def page_in(written: str | None) -> Page | None:
    """The mark of a page from its column."""
    if not written:
        return None
    number, level, tier, turn = written.split()
    return Page(int(number), Level.of(level), int(tier), int(turn))
