"""The words that leave by a pager: made here from the number of a case, its level and the time.

What the outbox holds for a page is not even read, so nothing that anybody said, and nobody's name, can leave by it.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.channels.base import DeliveryError
from bot.channels.pager.link import Links
from bot.channels.pager.ringing import Words
from flows.library import Library
from storage.outbox import Sendable

CODE = "care.pager_code"


def words_for(outbound: Sendable, library: Library, links: Links, now: datetime) -> Words:
    """A page or a code. Raises DeliveryError for everything else: a pager is not for it."""
    if outbound.page is not None:
        return _page(outbound, library, links, now)
    if outbound.content.partition("@")[0] == CODE:
        return Words("", outbound.text, outbound.text)
    raise DeliveryError("a pager takes pages only", permanent=True)


def _page(outbound: Sendable, library: Library, links: Links, now: datetime) -> Words:
    page = outbound.page
    if page is None:
        raise DeliveryError("a pager takes pages only", permanent=True)
    at = _clock(outbound.made_at, library)
    head = library.line("", "care.pager", {"level": page.level.word.upper(), "case": page.case_number, "at": at}).text
    title = library.line("", "care.pager_title", {"case": page.case_number}).text
    elsewhere = f"{head} {library.line('', 'care.pager_elsewhere', {}).text}"
    link, ends = links.make(outbound.key, now)
    if not link:
        return Words(title, elsewhere, elsewhere)
    how = library.line("", "care.pager_link", {"until": _clock(ends, library), "link": link}).text
    return Words(title, f"{head} {how}", elsewhere)


def _clock(at: datetime, library: Library) -> str:
    return f"{at.astimezone(ZoneInfo(library.settings.programme.zone)):%H:%M}"
