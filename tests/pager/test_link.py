"""Links that acknowledge: ours, whole, not too old, or nothing."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.pager.link import Links
from storage.ids import new_id
from storage.keyfile import MasterKey

NOW = datetime(2026, 3, 10, 20, 0, tzinfo=UTC)
HOURS = timedelta(hours=2)
LINKS = Links(MasterKey(b"k" * 32), "https://pages.example.org/", HOURS)
KEY = new_id()
TOKEN = LINKS.make(KEY, NOW)[0].rpartition("/")[2]


def test_a_link_says_which_page_and_until_when() -> None:
    """Nothing is kept for it anywhere."""
    link, ends = LINKS.make(KEY, NOW)
    assert link == f"https://pages.example.org/a/{TOKEN}"
    found = LINKS.read(TOKEN)
    assert found is not None
    assert (found.key, found.ends) == (KEY, ends)
    assert not found.ended(NOW + HOURS - timedelta(seconds=1))
    assert found.ended(NOW + HOURS)


def test_without_a_door_there_is_no_link() -> None:
    """A page then says where else to go."""
    assert Links(MasterKey(b"k" * 32), "", HOURS).make(KEY, NOW)[0] == ""


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABCDabcd0123-_~é"))
def test_a_link_that_was_changed_anywhere_is_nothing(place: int, letter: str) -> None:
    """Neither another page nor a later end can be written into it."""
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    found = LINKS.read(changed)
    assert (found is not None) == (changed == TOKEN)


@given(st.text(max_size=60))
def test_nothing_made_up_is_a_link(words: str) -> None:
    """And nothing made up breaks anything."""
    assert LINKS.read(words) is None


def test_a_link_of_another_programme_is_nothing() -> None:
    """Its key is another one."""
    assert Links(MasterKey(b"j" * 32), "https://x.example", HOURS).read(TOKEN) is None


def test_the_bits_that_no_character_needs_cannot_be_varied() -> None:
    """One link is one string: 32 bytes leave two bits of the last character over."""
    twins = [TOKEN[:-1] + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
    same = [twin for twin in twins if base64.urlsafe_b64decode(f"{twin}=") == base64.urlsafe_b64decode(f"{TOKEN}=")]
    assert [twin for twin in same if LINKS.read(twin) is not None] == [TOKEN]
