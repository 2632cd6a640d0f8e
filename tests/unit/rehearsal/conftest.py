"""A short rehearsal to put steps into."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.rehearsal import rehearse

PEOPLE = """\
title: Steps
starts: 2026-03-10 21:00
zone: America/New_York
people:
  maya: {role: participant, name: Maya Rivers, therapist: ana}
  noor: {role: participant, name: Noor Haddad}
  ana: {role: therapist, name: Ana Lopez}
  jo: {role: therapist, name: Jo Park, on_call: primary}
  lee: {role: therapist, name: Lee Ng, on_call: backup}
script:
"""


@dataclass(frozen=True)
class Outcome:
    """What `handrail rehearse` said."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Outcome]:
    """Play a whole file, written as text."""

    def run_it(text: str, *, as_json: bool = False, config: Path | None = None) -> Outcome:
        path = tmp_path / "evening.yaml"
        path.write_text(textwrap.dedent(text))
        out, err = io.StringIO(), io.StringIO()
        return Outcome(rehearse([path], config, as_json, out, err), out.getvalue(), err.getvalue())

    return run_it


@pytest.fixture
def steps(run) -> Callable[..., Outcome]:
    """Play these steps, one a line, with the people above."""

    def run_them(*written: str, **how) -> Outcome:
        return run(PEOPLE + "".join(f"  - {step}\n" for step in written), **how)

    return run_them
