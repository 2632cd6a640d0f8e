"""Every evening once more, with everybody who works here on a channel that is not private: nothing leaks there.

Many of them do not end as they were meant to: who may not read words does not take over. What counts is what was said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.loading import shipped_config
from bot.rehearsal import library_for, play, read_rehearsal
from bot.rehearsal.file import Rehearsal
from bot.rehearsal.stage import Stage
from bot.rehearsal.steps import Says
from bot.rehearsal.transcript import Played
from flows.answer import plain
from tests.rehearsals.test_rehearsals import FILES, STORIES

#: So few words say nothing about anybody: "yes", "4", "not sure".
TELLING = 3
LAST_NAME = "Xochiquetzal"


def on_public_channels(rehearsal: Rehearsal, *, everybody: bool = False) -> Rehearsal:
    """The same evening; participants are called something that stands in no text of ours."""
    people = {
        name: person.model_copy(update={"channel": "public"} if person.is_staff or everybody else {})
        for name, person in rehearsal.people.items()
    }
    named = {
        name: person if person.is_staff else person.model_copy(update={"name": f"{person.name} {LAST_NAME}"})
        for name, person in people.items()
    }
    return replace(rehearsal, people=named)


def played(path: Path, *, everybody: bool = False) -> Played:
    rehearsal = on_public_channels(read_rehearsal(path), everybody=everybody)
    return play(rehearsal, library_for(rehearsal, [shipped_config()]), make_stage=Stage)


def shown_to_staff(one: Played) -> Iterator[str]:
    people = one.rehearsal.people
    for entry in one.entries:
        if entry.kind in {"message", "page"} and people[entry.who].is_staff:
            yield entry.text


def names(one: Played) -> set[str]:
    whole = [person.name for person in one.rehearsal.people.values() if person.role == "participant"]
    staff = {word for person in one.rehearsal.people.values() if person.is_staff for word in person.name.split()}
    return {word for name in whole for word in name.split()} - staff


def words(one: Played) -> set[str]:
    people = one.rehearsal.people
    said = [step.text for step in one.rehearsal.steps if isinstance(step, Says) and not people[step.who].is_staff]
    return {text for text in map(plain, said) if len(text.split()) >= TELLING}


@pytest.mark.parametrize("path", [*FILES, *STORIES], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_staff_on_a_public_channel_read_no_name_and_no_words(path: Path) -> None:
    """A lock screen, a cloud, a lost phone: whoever looks learns that a case has a number."""
    one = played(path)
    for text in shown_to_staff(one):
        assert not [name for name in names(one) if name in text], text
        assert not [said for said in words(one) if said in plain(text)], text
    assert not [entry for entry in one.entries if entry.kind == "trouble"]


@pytest.mark.slow
@pytest.mark.parametrize("path", [*FILES, *STORIES], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_where_everybody_is_on_it_nobody_is_named(path: Path) -> None:
    """Whoever speaks with them reads what they write there, under the number of the case."""
    one = played(path, everybody=True)
    for text in shown_to_staff(one):
        assert not [name for name in names(one) if name in text], text
        if [said for said in words(one) if said in plain(text)]:
            assert text.startswith("Case "), text


def test_there_is_something_that_could_leak() -> None:
    """On private channels the same evenings do show names and words: the search above finds what is there."""
    path = Path(__file__).parent / "take-over.yaml"
    rehearsal = read_rehearsal(path)
    one = play(rehearsal, library_for(rehearsal, [shipped_config()]), make_stage=Stage)
    shown = list(shown_to_staff(one))
    assert any(name in text for name in names(one) for text in shown)
    assert any(said in plain(text) for said in words(one) for text in shown)
