"""`handrail init`: a programme's folder, its key, its database, and its people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from bot.clock import SystemClock
from bot.console import counted, say
from bot.founding import Ground, Made, found, look_at_ground
from bot.opening import ask_leave, opened, settings_of
from bot.people_file import Enrolled, add_people, read_people
from bot.places import SHIPPED as SHIPPED_FOLDER
from bot.places import SQLITE, config_option, database_option, folder_of, places_of
from bot.reading import shown
from bot.rehearsal.cast import Person
from flows.grant import Action
from storage.opening import without_password

FINE = 0


@click.command(name="init")
@config_option
@database_option
@click.option("--people", "file", type=click.Path(path_type=Path), metavar="FILE", help="Add the people in this file.")
@click.option("--upgrade", "upgrade_too", is_flag=True, help="Bring an older database up to date.")
def command(config: Path | None, database: str | None, file: Path | None, *, upgrade_too: bool) -> int:
    """Make a programme's folder, its key and its database; add people.

    What is there already stays as it is. Everything is looked at before anything is made.
    """
    folder = folder_of(config)
    settings = settings_of((SHIPPED_FOLDER, folder) if folder.is_dir() else (SHIPPED_FOLDER,))
    people = read_people(file) if file is not None else {}
    places = places_of(config, database, settings.storage.url, settings.storage.key_file)
    ground = look_at_ground(places, upgrade_too=upgrade_too)
    made = found(places, ground, SystemClock(), _to_write_down(database))
    enrolled = Enrolled((), ())
    if people:
        with opened(folder, places.database) as programme, programme.unit() as unit:
            enrolled = add_people(unit, people, programme.settings.programme)
            if enrolled.added:
                ask_leave(unit, Action.ENROL, "init.people")
    for line in _in_words(folder, ground, made, people, enrolled):
        say(line)
    return FINE


def _to_write_down(database: str | None) -> str:
    """`--database` as a setting: seen from anywhere, and without a password."""
    if database is None:
        return ""
    if database.startswith(SQLITE):
        return f"{SQLITE}{Path(database.removeprefix(SQLITE)).absolute()}"
    return without_password(database)


# -- what is said --------------------------------------------------------------------------------------------------


def _in_words(
    folder: Path, ground: Ground, made: Made, people: Mapping[str, Person], enrolled: Enrolled
) -> Iterator[str]:
    yield from _things(made)
    yield from _people(people, enrolled)
    if ground.whole and not enrolled.added:
        yield "Everything is there already. Nothing was changed."
    elif not ground.whole:
        yield from _next(folder, made)


def _things(made: Made) -> Iterator[str]:
    if made.settings is not None:
        yield f"Made {shown(made.settings)}: the settings, each with the value it has anyway."
    if made.key is not None:
        yield f"Made {shown(made.key)}: the key. Without it nobody can read the database."
    if made.database:
        yield f"Made the database: {without_password(made.database)}"
    if made.upgraded:
        yield "Brought the database up to date."
    if made.copy is not None:
        yield f"As it was before: {shown(made.copy)}"


def _people(people: Mapping[str, Person], enrolled: Enrolled) -> Iterator[str]:
    if enrolled.added:
        roles = Counter(people[name].role for name in enrolled.added)
        kinds = ", ".join(counted(number, role) for role, number in roles.items())
        yield f"Added {counted(len(enrolled.added), 'person', 'people')}: {kinds}."
    if enrolled.there:
        yield f"{counted(len(enrolled.there), 'person was', 'people were')} there already, and left as they are."
    unkept = [name for name in enrolled.added if people[name].consent]
    if unkept:
        yield f"Not kept in this release: the consent of {', '.join(unkept)}, as a contact, to be told anything."


def _next(folder: Path, made: Made) -> Iterator[str]:
    named = "" if folder == folder_of(None) else f" --config {folder}"
    yield ""
    yield "Next:"
    if made.key is not None:
        yield "  Keep a copy of the key, in another place than your backups of the database."
    yield f"  handrail doctor{named}    what is still to be done before anybody relies on it"
    yield f"  handrail run{named}       start"
