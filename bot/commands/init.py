"""`handrail init`: a programme's folder, its key, its database, its people, and its accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from bot import logs
from bot.channels.telegram.account import OFFICIAL
from bot.clock import SystemClock
from bot.console import complain, counted, say
from bot.founding import Made, found, look_at_ground
from bot.founding_matrix import HOMESERVER, USER, NotSignedIn, Wish, wished
from bot.founding_telegram import TELEGRAM, telegram_wished
from bot.opening import ask_leave, opened, settings_of
from bot.people_file import Enrolled, add_people, read_people
from bot.places import SHIPPED as SHIPPED_FOLDER
from bot.places import SQLITE, config_option, database_option, folder_of, places_of
from bot.reading import shown
from bot.rehearsal.cast import Person
from flows.grant import Action
from storage.opening import without_password

FINE, LOOK = 0, 1


@click.command(name="init")
@config_option
@database_option
@click.option("--people", "file", type=click.Path(path_type=Path), metavar="FILE", help="Add the people in this file.")
@click.option("--upgrade", "upgrade_too", is_flag=True, help="Bring an older database up to date.")
@click.option(HOMESERVER, "homeserver", default="", metavar="URL", help="Speak on Matrix, through this homeserver.")
@click.option(USER, "user", default="", metavar="@NAME:SERVER", help="As this account.")
@click.option(
    TELEGRAM, "telegram", is_flag=False, flag_value=OFFICIAL, default="", metavar="[URL]",
    help="Speak on Telegram, as a bot that @BotFather has made; URL is another server of the Bot API.",
)  # fmt: skip
def command(
    config: Path | None,
    database: str | None,
    file: Path | None,
    homeserver: str,
    user: str,
    telegram: str,
    *,
    upgrade_too: bool,
) -> int:
    """Make a programme's folder, its key and its database; add people; sign in to Matrix and Telegram.

    What is there already stays as it is. Everything is looked at before anything is made. At a terminal a new programme
    asks about both; the password may also come from $HANDRAIL_MATRIX_PASSWORD, the bot's token from
    $HANDRAIL_TELEGRAM_TOKEN.
    """
    folder = folder_of(config)
    settings = settings_of((SHIPPED_FOLDER, folder) if folder.is_dir() else (SHIPPED_FOLDER,))
    people = read_people(file) if file is not None else {}
    places = places_of(config, database, settings.storage.url, settings.storage.key_file)
    ground = look_at_ground(places, upgrade_too=upgrade_too)
    wishes: list[Wish | None] = [
        wished(homeserver, user, ask=not ground.whole),
        telegram_wished(telegram, OFFICIAL, ask=not ground.whole),
    ]
    made = found(places, ground, SystemClock(), _to_write_down(database))
    enrolled = Enrolled((), ())
    if people:
        with opened(folder, places.database) as programme, programme.unit() as unit:
            enrolled = add_people(unit, people, programme.settings.programme)
            if enrolled.added:
                ask_leave(unit, Action.ENROL, "init.people")
    for line in (*_things(made), *_people(people, enrolled)):
        say(line)
    named = "" if folder == folder_of(None) else f" --config {folder}"
    problems = [_sign_in(folder, places.database, wish, named) for wish in wishes]
    if ground.whole and not enrolled.added and not any(wishes):
        say("Everything is there already. Nothing was changed.")
    elif not ground.whole:
        for line in _next(made, named):
            say(line)
    return LOOK if any(problems) else FINE


def _sign_in(folder: Path, database: str, wish: Wish | None, named: str) -> bool:
    """Whether it went wrong; everything else is made by then, and stays."""
    if wish is None:
        return False
    logs.configure(quiet=True)
    try:
        with opened(folder, database) as programme:
            for line in wish.signed_in(programme, named):
                say(line)
    except NotSignedIn as told:
        complain(str(told))
        return True
    return False


def _to_write_down(database: str | None) -> str:
    """`--database` as a setting: seen from anywhere, and without a password."""
    if database is None:
        return ""
    if database.startswith(SQLITE):
        return f"{SQLITE}{Path(database.removeprefix(SQLITE)).absolute()}"
    return without_password(database)


# -- what is said --------------------------------------------------------------------------------------------------


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


def _next(made: Made, named: str) -> Iterator[str]:
    yield ""
    yield "Next:"
    if made.key is not None:
        yield "  Keep a copy of the key, in another place than your backups of the database."
    yield f"  handrail doctor{named}    what is still to be done before anybody relies on it"
    yield f"  handrail run{named}       start"
