"""A console in an empty home: commands are called as the console script calls them."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from bot.cli import main

SCRIPT = Path(sys.executable).with_name("handrail")
PEOPLE = """\
people:
  maya:
    role: participant
    name: Maya Rivers
    therapist: ana
    check_in: "21:00"
    plan: {internal_coping: [play the guitar, long shower]}
    location: {label: home, address: 12 Elm St, Albany NY}
  ana: {role: therapist, name: Ana Lopez, hours: Mon-Fri 09:00-17:00}
  jo: {role: therapist, name: Jo Park, on_call: primary}
  lee: {role: therapist, name: Lee Ng, on_call: backup}
  kim: {role: supervisor, name: Kim Roy}
  dee: {role: director, name: Dee Reyes}
"""


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def both(self) -> str:
        return self.out + self.err


class Console:
    """Calls commands in this process, in the folder of the test."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capsys = capsys

    def __call__(self, *words: str) -> Said:
        self._capsys.readouterr()
        status = main(list(words))
        told = self._capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return Said(status, told.out, told.err)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, which is also where commands are called; nothing of this machine's environment counts."""
    for name in ("HANDRAIL_CONFIG", "HANDRAIL_DATABASE", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    return tmp_path


@pytest.fixture
def console(home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Console]:
    """Commands as they are typed. What they change about logging is undone."""
    handlers, level = logging.root.handlers, logging.root.level
    yield Console(home, capsys)
    structlog.reset_defaults()
    logging.root.handlers, logging.root.level = handlers, level


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A programme with its people, made once; each test has a copy."""
    folder = tmp_path_factory.mktemp("founded")
    (folder / "people.yaml").write_text(PEOPLE)
    words = ("init", "--config", str(folder / "handrail"), "--people", str(folder / "people.yaml"))
    assert script(*words).returncode == 0
    return folder / "handrail"


@pytest.fixture
def programme(console: Console, founded: Path) -> Path:
    """A programme with its people, in ./handrail."""
    return Path(shutil.copytree(founded, console.home / "handrail"))


def script(*words: str, given: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The console script itself, in a process of its own."""
    env = {**os.environ, **environment}
    return subprocess.run([str(SCRIPT), *words], input=given, capture_output=True, env=env, timeout=60, check=False)
