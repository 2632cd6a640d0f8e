"""`handrail run`: the programme, until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import click

from bot import logs
from bot.doctor.installation import refuse_unless_whole
from bot.opening import open_key, settings_of
from bot.places import config_option, database_option, folder_of, places_of, refuse_unless_programme, roots_of
from bot.running import run
from flows.errors import HandrailError
from storage.dialect import engine_for
from storage.opening import refuse_unless_there, troubles_told
from storage.store import Store

FINE = 0


class PortTaken(HandrailError):
    """Port {0} is in use on this machine. Write another one into handrail.toml, under [server]; 0 is any free one."""


@click.command(name="run")
@config_option
@database_option
@click.option("--log", "shape", type=click.Choice(["text", "json"]), default="text", help="How to log, to stderr.")
def command(config: Path | None, database: str | None, shape: str) -> int:
    """Run the programme until it is told to stop.

    Everything is looked at first: files, key, database. It speaks on Matrix and on Telegram, where it is signed in;
    where it is signed in nowhere, on simulated phones behind a port of this machine.
    """
    logs.configure(as_json=shape == "json")
    refuse_unless_whole()
    refuse_unless_programme(folder_of(config))
    roots = roots_of(config)
    settings = settings_of(roots)
    storage, server = settings.storage, settings.server
    places = places_of(config, database, storage.url, storage.key_file)
    master = open_key(places)
    refuse_unless_there(places.database_file)
    store = Store(engine_for(places.database), master)
    with troubles_told(places.database):
        try:
            asyncio.run(run(store, roots, server.port, server.phones, places.letterboxes))
        except OSError as failure:
            if failure.errno != errno.EADDRINUSE:
                raise
            raise PortTaken(server.port) from None
    return FINE
