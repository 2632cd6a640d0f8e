"""One examination from head to foot. Where one thing is broken, what cannot be looked at without it is left out."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from bot.clock import Clock
from bot.config_files import gather
from bot.doctor import database as base
from bot.doctor import people
from bot.doctor.files import files
from bot.doctor.finding import Finding, State, broken, look, ok
from bot.doctor.installation import installation
from bot.doctor.matrix import library as encryption
from bot.doctor.matrix import matrix
from bot.doctor.pagers import pagers
from bot.doctor.reach import reach
from bot.doctor.telegram import known, telegram
from bot.loading import look_at
from bot.opening import open_key
from bot.places import SETTINGS_FILE, Places, folder_of, places_of, roots_of
from flows.errors import HandrailError
from flows.library import Library
from flows.settings import Settings
from storage.health import backlog, census
from storage.keyfile import KeyBesideData, KeyMissing, KeyOpenToOthers, MasterKey
from storage.lookup import reached_on
from storage.opening import reading_engine, refuse_unless_there, troubles_told
from storage.pagers import all_pagers
from storage.people import load_registry
from storage.sign_ins import sign_in
from storage.store import Store

MATRIX = "matrix"
NETWORKS = (MATRIX, "telegram")


def examine(config: Path | None, url: str | None, clock: Clock) -> Iterator[Finding]:
    """Every finding, in the order in which things depend on each other."""
    yield from installation()
    yield encryption()
    named = f" --config {shlex.quote(str(config))}" if config is not None else ""
    roots = roots_of(config)
    survey = look_at(gather(roots))
    yield from files(survey, roots, named)
    folder = folder_of(config)
    if not (folder / SETTINGS_FILE).is_file():
        yield look("programme", f"There is none in {folder}: no {SETTINGS_FILE}.", f"handrail init{named}")
        return
    yield ok("programme", str(folder))
    if survey.settings is None:
        return
    places = places_of(config, url, survey.settings.storage.url, survey.settings.storage.key_file)
    try:
        master = open_key(places)
    except HandrailError as told:
        yield _key(told, places, named)
        return
    yield ok("key", f"{places.key_file}, closed to others and apart from the data")
    yield from _database(places, master, survey.library, clock, named)


def _key(told: HandrailError, places: Places, named: str) -> Finding:
    if isinstance(told, KeyOpenToOthers):
        path, mode, wanted = told.details
        return broken("key", f"{path} is open to other accounts (mode {mode}).", f"chmod {wanted} {path}")
    if isinstance(told, KeyMissing):
        there = places.database_file is not None and places.database_file.is_file()
        mend = f"Put your copy of the key back to {places.key_file}." if there else f"handrail init{named}"
        return broken("key", f"There is no key file at {places.key_file}.", mend)
    if isinstance(told, KeyBesideData):
        return broken(
            "key", f"{places.key_file} lies where the data lie.", "Move it, and write where: storage.key_file."
        )
    return broken("key", str(told), "Put your copy of the key back there.")


def _database(
    places: Places, master: MasterKey, library: Library | None, clock: Clock, named: str
) -> Iterator[Finding]:
    now = clock.now()
    try:
        refuse_unless_there(places.database_file)
    except HandrailError:
        yield broken("database", f"There is none at {places.database_file}.", f"handrail init{named}, or your backup")
        return
    try:
        store = Store(reading_engine(places.database), master)
    except HandrailError as told:
        yield broken("database", str(told), "Write it right: storage.url, --database or $HANDRAIL_DATABASE.")
        return
    try:
        sound = list(base.soundness(store, places.database))
        yield from sound
        if sound[0].state is State.BROKEN:
            return
        yield base.in_use(places, named)
        with troubles_told(places.database), store.begin(now) as unit:
            roster = load_registry(unit, "").roster
            found, left = census(unit.connection), backlog(unit.connection)
            signed_in, reached = sign_in(unit, MATRIX), reached_on(unit, MATRIX)
            rung = all_pagers(unit)
            on_telegram = known(unit)
            spoken = [network for network in NETWORKS if sign_in(unit, network) is not None]
            there = {channel: reached_on(unit, channel) for channel in [*spoken, "pager"] if spoken}
        yield from base.waiting(left, now)
        if library is not None:
            yield from people.on_call(library, roster, now)
            yield from people.without(found, roster, library)
            yield from pagers(rung, roster, library.settings, named)
            yield from reach(there, roster, found.participants, named)
        yield from matrix(places, signed_in, reached, roster, clock, named)
        yield from telegram(on_telegram, library.settings if library is not None else Settings(), named)
    except HandrailError as told:
        yield broken("database", str(told), "Mend that first; the rest could not be looked at.")
    finally:
        store.close()
