"""Where a programme is: its folder, its files laid over the shipped ones, its database, its key.

The one function that every command asks, so that all of them mean the same programme:

1. `--config DIR`, else $HANDRAIL_CONFIG, else this folder if `handrail.toml` is in it, else `./handrail`;
2. `--database URL`, else $HANDRAIL_DATABASE, else what `handrail.toml` says.

Paths in `handrail.toml` are seen from the programme's folder, so that it works from wherever it is called.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from flows.errors import HandrailError

CONFIG, DATABASE, CREDENTIALS = "HANDRAIL_CONFIG", "HANDRAIL_DATABASE", "CREDENTIALS_DIRECTORY"
SETTINGS_FILE = "handrail.toml"
DEFAULT_FOLDER = "handrail"
SQLITE = "sqlite:///"
#: The words and thresholds that come with Handrail.
SHIPPED = Path(__file__).resolve().parent.parent / "config"

F = TypeVar("F", bound=Any)


class NoProgramme(HandrailError):
    """There is no programme in {0}: no handrail.toml. New here: handrail init. Somewhere else: --config DIR"""


def config_option(command: F) -> F:
    """`--config DIR`, for every command that works with a programme's files."""
    shape = click.Path(path_type=Path, file_okay=False)
    words = f"The programme's folder. Default: ${CONFIG}, else this folder, else ./{DEFAULT_FOLDER}."
    option: F = click.option("--config", type=shape, metavar="DIR", help=words)(command)
    return option


def database_option(command: F) -> F:
    """`--database URL`, for every command that works with a programme's database."""
    words = f"The database. Default: ${DATABASE}, else what {SETTINGS_FILE} says."
    option: F = click.option("--database", metavar="URL", help=words)(command)
    return option


def folder_of(config: Path | None) -> Path:
    """The programme's folder, whether it is there or not."""
    named = config or (Path(given) if (given := os.environ.get(CONFIG)) else None)
    if named is not None:
        return named
    return Path() if Path(SETTINGS_FILE).is_file() else Path(DEFAULT_FOLDER)


def roots_of(config: Path | None) -> tuple[Path, ...]:
    """The folders that files are read from: the shipped one, then the programme's own. A folder that was named must be
    there; without a name the shipped files alone will do."""
    folder = folder_of(config)
    if folder.is_dir():
        return (SHIPPED,) if folder.resolve() == SHIPPED else (SHIPPED, folder)
    if config is not None or os.environ.get(CONFIG):
        raise click.UsageError(f"There is no folder {folder}. A new programme: handrail init --config {folder}")
    return (SHIPPED,)


@dataclass(frozen=True)
class Places:
    """Everything about where a programme is, worked out once."""

    folder: Path
    roots: tuple[Path, ...]
    database: str
    key_file: Path
    credentials: Path | None

    @property
    def database_file(self) -> Path | None:
        """The file of a SQLite database; None for a server, or for one that lives in memory."""
        if not self.database.startswith(SQLITE):
            return None
        name = self.database.removeprefix(SQLITE).partition("?")[0]
        return Path(name) if name and name != ":memory:" else None

    @property
    def letterboxes(self) -> Path:
        """Where what arrives on encrypted channels is kept with the keys to it."""
        return self.folder / "data" / "matrix"

    @property
    def data_dir(self) -> Path | None:
        """Where the data lie, and the key may not."""
        return self.database_file.parent if self.database_file else None


def places_of(config: Path | None, database: str | None, url: str, key_file: str) -> Places:
    """Where a programme is whose settings say `url` and `key_file`."""
    folder = folder_of(config)
    wanted = database or os.environ.get(DATABASE)
    credentials = os.environ.get(CREDENTIALS)
    return Places(
        folder=folder,
        roots=(SHIPPED, folder) if folder.is_dir() and folder.resolve() != SHIPPED else (SHIPPED,),
        database=wanted or _seen_from(folder, url),
        key_file=folder / Path(key_file).expanduser(),
        credentials=Path(credentials) if credentials else None,
    )


def _seen_from(folder: Path, url: str) -> str:
    """A SQLite path in a setting is seen from the programme's folder."""
    if not url.startswith(SQLITE) or url.removeprefix(SQLITE).startswith((":memory:", "/")):
        return url
    return f"{SQLITE}{folder / url.removeprefix(SQLITE)}"


def refuse_unless_programme(folder: Path) -> None:
    """Raises NoProgramme for a folder that no programme was made in."""
    if not (folder / SETTINGS_FILE).is_file():
        raise NoProgramme(folder)
