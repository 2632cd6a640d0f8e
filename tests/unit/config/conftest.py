"""A programme of its own: a folder laid over the shipped one, with whatever a test writes into it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from bot.config_files import gather
from bot.loading import load_library, look_at, shipped_config
from bot.reading import Complaint
from bot.wording import Reader, Wording
from flows.library import Library


class Programme:
    """A folder of files. What is written here is dedented."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def writes(self, name: str, text: str) -> Programme:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return self

    @property
    def roots(self) -> list[Path]:
        return [shipped_config(), self.folder]

    @property
    def library(self) -> Library:
        return load_library(self.roots)

    @property
    def complaints(self) -> list[Complaint]:
        return look_at(gather(self.roots)).complaints

    @property
    def only_complaint(self) -> Complaint:
        complaints = self.complaints
        assert len(complaints) == 1, "\n\n".join(map(str, complaints))
        return complaints[0]

    def wording(self, language: str = "en") -> list[Complaint]:
        """What is wrong with how the texts read."""
        survey = look_at(gather(self.roots))
        assert survey.complaints == []
        wording = survey.read(Wording, "wording")
        assert wording is not None
        assert survey.library is not None
        reader = Reader(wording, survey.library.facts(""))
        return [found for one in survey.written if one.language == language for found in reader.read(one)]


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    return Programme(tmp_path)
