"""A programme is founded: its settings, its key, its database. Looked at first, all of it; then made, or nothing is.

What is there already stays as it is, so that doing it twice changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bot.clock import Clock
from bot.opening import open_key
from bot.places import SETTINGS_FILE, SHIPPED, Places
from storage.dialect import OneProcess, engine_for
from storage.key_check import write_key_check
from storage.keyfile import CREDENTIAL, KeyBesideData, KeyMissing, MasterKey, make_key_file
from storage.opening import State, found_there, troubles_told
from storage.store import Store
from storage.upgrade import upgrade

HEADER = """\
# The settings of this programme. Every line that begins with a single # and a word is a setting with the value it has
# anyway: take the # away and change it. Lengths of time are written 30s, 5m, 2h or 1d; paths are seen from this folder.
# Passwords and tokens never go in here: they come from the environment.
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is there before anything is made."""

    settings: bool
    key: bool
    database: State

    @property
    def whole(self) -> bool:
        return self.settings and self.key and self.database is State.CURRENT


@dataclass(frozen=True, slots=True)
class Made:
    """What was made. `copy` is the database as it was before it was brought up to date."""

    folder: Path | None = None
    settings: Path | None = None
    key: Path | None = None
    database: str = ""
    upgraded: bool = False
    copy: Path | None = None


def look_at_ground(places: Places, *, upgrade_too: bool) -> Ground:
    """What is there. Raises whatever speaks against going on; nothing is changed by looking."""
    key = places.key_file.exists() or _given(places)
    master = open_key(places) if key else None
    if master is None and places.data_dir is not None:
        _refuse_beside(places.key_file, places.data_dir)
    with troubles_told(places.database):
        state = found_there(places.database, places.database_file, master, older_too=upgrade_too)
    if master is None and state in {State.CURRENT, State.OLDER}:
        raise KeyMissing(places.key_file)
    return Ground((places.folder / SETTINGS_FILE).is_file(), key, state)


def _given(places: Places) -> bool:
    return places.credentials is not None and (places.credentials / CREDENTIAL).is_file()


def _refuse_beside(key_file: Path, data_dir: Path) -> None:
    if key_file.resolve().is_relative_to(data_dir.resolve()):
        raise KeyBesideData(key_file, data_dir)


def found(places: Places, ground: Ground, clock: Clock, written_url: str = "") -> Made:
    """Make what is missing. A key that was made for a database which then could not be is taken away again."""
    new_folder = None if places.folder.exists() else places.folder
    master = open_key(places) if ground.key else make_key_file(places.key_file, places.data_dir)
    try:
        copy = _make_database(places, ground, master, clock)
    except BaseException:
        if not ground.key:
            places.key_file.unlink()
        raise
    if not ground.settings:
        write_settings(places.folder, written_url)
    return Made(
        folder=new_folder,
        settings=None if ground.settings else places.folder / SETTINGS_FILE,
        key=None if ground.key else places.key_file,
        database=places.database if ground.database in {State.NOTHING, State.BARE} else "",
        upgraded=ground.database is State.OLDER,
        copy=copy,
    )


def _make_database(places: Places, ground: Ground, master: MasterKey, clock: Clock) -> Path | None:
    if ground.database is State.CURRENT:
        return None
    store = Store(engine_for(places.database), master)
    lock = OneProcess(store.engine)
    try:
        with troubles_told(places.database):
            lock.take()
            copy = upgrade(store.engine)
            if ground.database is not State.OLDER:
                _seal_check(store, clock)
            return copy
    finally:
        lock.release()
        store.close()


def _seal_check(store: Store, clock: Clock) -> None:
    with store.begin(clock.now()) as unit:
        write_key_check(unit.connection, unit.vault)
        unit.ledger.note(unit.now, "handrail", "founded", None, "program", None, {})


def write_settings(folder: Path, url: str = "") -> None:
    """The shipped settings with every value as a remark, so that the shipped ones go on counting."""
    _, _, sections = (SHIPPED / SETTINGS_FILE).read_text(encoding="utf-8").partition("\n[")
    text = re.sub(r"(?m)^(\w+ *=)", r"#\1", f"{HEADER}\n[{sections}")
    if url:
        text = re.sub(r"(?m)^#url *=.*$", lambda _: f'url = "{url}"', text)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SETTINGS_FILE).write_text(text, encoding="utf-8")
