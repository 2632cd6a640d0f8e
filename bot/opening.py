"""From a programme's folder to its open database, for commands. Everything that may be wrong says so before anything
is touched."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.clock import SystemClock
from bot.places import Places, folder_of, places_of, refuse_unless_programme, roots_of
from bot.reading import read_as, read_layered
from flows.errors import NotAllowed
from flows.grant import Action, Actor, Deny, Grant, Role
from flows.policy import UNRELATED, authorize
from flows.settings import Settings
from storage.dialect import engine_for
from storage.keyfile import MasterKey, read_key
from storage.opening import refuse_unless_ours, refuse_unless_there, troubles_told
from storage.store import Store, Unit


@dataclass(frozen=True)
class Opened:
    """A programme whose database is open, and the clock."""

    settings: Settings
    places: Places
    store: Store
    clock: SystemClock

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """One transaction, now."""
        with troubles_told(self.places.database), self.store.begin(self.clock.now()) as unit:
            yield unit


def settings_of(roots: Sequence[Path]) -> Settings:
    """Only `handrail.toml`, with the programme's own laid over the shipped one. Raises BadFiles."""
    return read_as(Settings, read_layered("handrail.toml", roots))


def open_key(places: Places) -> MasterKey:
    """The programme's key, from where it should be. Raises what is wrong with it."""
    return read_key(places.key_file, places.credentials, places.data_dir)


@contextmanager
def opened(config: Path | None, database: str | None) -> Iterator[Opened]:
    """The programme that a command means. Raises whatever is missing, wrong or of another shape."""
    refuse_unless_programme(folder_of(config))
    settings = settings_of(roots_of(config))
    places = places_of(config, database, settings.storage.url, settings.storage.key_file)
    master = open_key(places)
    refuse_unless_there(places.database_file)
    store = Store(engine_for(places.database), master)
    try:
        with troubles_told(places.database):
            refuse_unless_ours(store)
        yield Opened(settings, places, store, SystemClock())
    finally:
        store.close()


# -- whoever sits at the console -----------------------------------------------------------------------------------


def console() -> Actor:
    """Whoever calls a command: an operator, named after their account on this machine."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = "unknown"
    return Actor(f"console:{re.sub(r'[^A-Za-z0-9_.-]', '-', account)[:60]}", Role.OPERATOR)


def ask_leave(unit: Unit, action: Action, command: str) -> Grant:
    """Leave for whoever sits at the console to do something that is about no participant; what they did is written
    into the ledger. Raises NotAllowed."""
    actor = console()
    leave = authorize(actor, action, None, UNRELATED, "console", unit.now)
    if isinstance(leave, Deny):
        raise NotAllowed("An operator", action.value.replace("_", " "), leave.words)
    unit.ledger.note(unit.now, actor.id, "console_command", None, "command", command, {"action": action.value})
    return leave
