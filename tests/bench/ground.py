"""Where the measurements happen: a folder that is gone afterwards, and what several of them need."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from bot.loading import load_library, shipped_config
from flows.library import Library
from storage.dialect import engine_for
from storage.keyfile import MasterKey, make_key_file
from storage.store import Store
from tests.bench import filling

LARGE = 100_000


@dataclass
class Ground:
    """A folder for one run. `quick` means: look whether it works at all; the figures are rougher."""

    folder: Path
    quick: bool

    @cached_property
    def library(self) -> Library:
        return load_library([shipped_config()])

    @cached_property
    def key_file(self) -> Path:
        return self.folder / "secrets" / "handrail.key"

    @cached_property
    def master(self) -> MasterKey:
        return make_key_file(self.key_file)

    def url(self, name: str) -> str:
        return f"sqlite:///{self.folder / 'data' / name}.db"

    def file(self, name: str) -> Path:
        return self.folder / "data" / f"{name}.db"

    def copy(self, name: str, as_name: str) -> str:
        """A copy of a database that nobody has open."""
        shutil.copy(self.file(name), self.file(as_name))
        return self.url(as_name)

    def drop(self, *names: str) -> None:
        for name in names:
            for file in self.file(name).parent.glob(f"{name}.db*"):
                file.unlink()

    def store(self, url: str) -> Store:
        return Store(engine_for(url), self.master)

    @cached_property
    def large(self) -> str:
        """The name of a database with a hundred thousand participants, made once a run. Work on copies of it."""
        now = datetime.now(UTC)
        store = filling.programme(self.url("large"), self.master, now)
        filling.enrol(store, LARGE, now, now + timedelta(days=1))
        store.close()
        return "large"
