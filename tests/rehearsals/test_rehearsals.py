"""Every rehearsal, played: each on SQLite, and all of them once on PostgreSQL. The demo's stories as well."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.loading import shipped_config
from bot.rehearsal import Played, library_for, play, print_result, read_rehearsal, stories
from tests.support.postgres import Postgres

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
STORIES = [story.path for story in stories([shipped_config()])]


def played(path: Path, database_url: str | None = None) -> Played:
    rehearsal = read_rehearsal(path)
    return play(rehearsal, library_for(rehearsal, [shipped_config()]), database_url)


def told(one: Played) -> str:
    out = io.StringIO()
    print_result(one, out)
    return out.getvalue()


@pytest.mark.parametrize("path", [*FILES, *STORIES], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_should_be_seen_is_seen(path):
    """The whole program, from a message to a closed case, as a clinician would check it."""
    one = played(path)
    assert one.held, told(one)
    assert not [entry for entry in one.entries if entry.kind == "trouble"]


@pytest.mark.timeout(600)
def test_the_same_is_seen_on_postgresql(postgres: Postgres):
    """A clinic that grows changes its database, and nothing else."""
    for path in [*FILES, *STORIES]:
        with postgres.database() as url:
            one = played(path, url)
        assert one.held, told(one)


def test_a_story_tells_the_same_every_time():
    """Nothing is left to chance: whoever looks for a fault finds the same evening again."""
    path = Path(__file__).parent / "hard-evening.yaml"
    first, second = (
        [(entry.at, entry.who, entry.kind, entry.text, entry.buttons) for entry in played(path).entries]
        for _ in range(2)
    )
    assert sorted(first) == sorted(second)
