"""Every evening once more, with a pager for everybody who works here: what leaves by one is a number, a level, the time
and a link, to the letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.base import Receipt
from bot.channels.pager.channel import Pager
from bot.channels.pager.link import Links
from bot.channels.pager.ringing import Words
from bot.channels.pager.saying import words_for
from bot.channels.simulated import Phone, Shown
from bot.loading import shipped_config
from bot.rehearsal import library_for, play, read_rehearsal
from bot.rehearsal.file import Rehearsal
from bot.rehearsal.stage import KEY, Stage
from flows.library import Library
from flows.pager import PagerChange, Tried
from storage import pagers
from storage.outbox import Sendable
from tests.rehearsals.test_rehearsals import FILES, STORIES

LEAVES = re.compile(
    r"(URGENT|EMERGENCY)\. Case \d+ needs you\. \d\d:\d\d\. Until \d\d:\d\d: https://x\.example/a/[\w-]{43}"
)
PLAIN = re.compile(r"(URGENT|EMERGENCY)\. Case \d+ needs you\. \d\d:\d\d\. Please open your usual channel to take it\.")
left: list[Words] = []


class Heard(Pager):
    """The pager, but that nobody is rung: what would have left is kept."""

    async def send(self, outbound: Sendable, key: str) -> Receipt:
        left.append(words_for(outbound, self.library(), self.links, self.clock.now()))
        return Receipt()


class WithPagers(Stage):
    """Everybody on the staff has one, confirmed."""

    def __init__(self, rehearsal: Rehearsal, library: Library, url: str, starts: datetime) -> None:
        super().__init__(rehearsal, library, url, starts)
        links = Links(KEY, "https://x.example", timedelta(hours=2))
        self.channels["pager"] = Heard(lambda: library, links, self.clock)

    async def open(self, on_shown: Callable[[Phone, Shown], None]) -> None:
        await super().open(on_shown)
        with self.program.store.begin(self.clock.now()) as unit:
            for name, person in self.rehearsal.people.items():
                if person.is_staff:
                    pagers.set_pager(unit, self.ids[name], f"json://{name}")
                    pagers.change(unit, self.ids[name], PagerChange(tried=Tried.RIGHT))
        await self.pass_time(self.clock.now())


def play_with_pagers(path: Path) -> list[Words]:
    left.clear()
    rehearsal = read_rehearsal(path)
    played = play(rehearsal, library_for(rehearsal, [shipped_config()]), make_stage=WithPagers)
    assert not [entry for entry in played.entries if entry.kind == "trouble"]
    return list(left)


@pytest.mark.slow
@pytest.mark.parametrize("path", [*FILES, *STORIES], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_leaves_by_a_pager_is_told_to_the_letter(path: Path) -> None:
    """Whatever was said that evening, by whom, and to whom."""
    for words in play_with_pagers(path):
        assert LEAVES.fullmatch(words.text), words.text
        assert PLAIN.fullmatch(words.plain), words.plain
        assert re.fullmatch(r"Case \d+ needs you", words.title)
        assert len(words.text) <= 160


def test_in_some_of_these_evenings_somebody_is_rung() -> None:
    """Or the test above looks at nothing."""
    rung = play_with_pagers(Path(__file__).parents[1] / "rehearsals" / "nobody-acknowledges-at-night.yaml")
    assert len(rung) > 1
    assert all(LEAVES.fullmatch(words.text) for words in rung)
