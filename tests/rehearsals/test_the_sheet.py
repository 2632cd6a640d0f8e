"""What fired in a whole week, and what staff said of it, is on the sheet: rules and numbers, and nobody's name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.commands.risk import in_words, levels_of
from bot.loading import shipped_config
from bot.rehearsal import library_for, play, read_rehearsal
from storage.dialect import engine_for
from storage.firings import Counts, sheet
from storage.store import Store
from tests.support.shelves import MASTER

WEEK = Path(__file__).parent / "low-mood.yaml"
AFTER = datetime(2026, 3, 15, 12, tzinfo=UTC)


def test_a_low_mood_on_three_of_four_days_is_on_the_sheet(sqlite_url: str) -> None:
    """From the answers of four evenings, over the case, to the press of the therapist who closed it."""
    rehearsal = read_rehearsal(WEEK)
    library = library_for(rehearsal, [shipped_config()])
    assert play(rehearsal, library, sqlite_url).held
    store = Store(engine_for(sqlite_url), MASTER)
    with store.begin(AFTER) as unit:
        fired = {one.rule: one for one in sheet(unit)}
    store.close()
    assert (fired["EW-LOW"].week, fired["EW-LOW"].month) == (Counts(1, 1, 0), Counts(1, 1, 0))
    told = "\n".join(in_words(list(fired.values()), levels_of(library)))
    assert "EW-LOW" in told
    for name in ("Maya", "maya", "Rivers", "Ana", "9 Mar"):
        assert name not in told
