"""The project's rehearsals with everybody's phone on Matrix: a sample, or all of them.

All of them take some minutes; how to play them, and what a tap is on Matrix, is in README.md here.
"""

from __future__ import annotations

import io
import os
from functools import partial
from pathlib import Path

import pytest

from bot.loading import shipped_config
from bot.rehearsal import library_for, play, print_result, print_transcript, read_rehearsal, stories
from tests.support.homeserver import Homeserver
from tests.support.on_matrix import MatrixStage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
FOLDER = Path(__file__).parents[1] / "rehearsals"
SAMPLE = [FOLDER / f"{name}.yaml" for name in ("hard-evening", "restart-mid-ladder", "take-over", "channel-down")]
ALL = [*sorted(FOLDER.glob("*.yaml")), *(story.path for story in stories([shipped_config()]))]


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def chosen() -> list[object]:
    """A sample, or all of them on demand."""
    return [
        pytest.param(path, id=named(path)) for path in (ALL if os.environ.get("HANDRAIL_ALL_REHEARSALS") else SAMPLE)
    ]


@pytest.mark.parametrize("path", chosen())
def test_what_should_be_seen_is_seen_on_matrix(server: Homeserver, tmp_path: Path, path: Path) -> None:
    """What a person says is written by their app, and what they see was decrypted by it."""
    rehearsal = read_rehearsal(path)
    library = library_for(rehearsal, [shipped_config()])
    played = play(rehearsal, library, make_stage=partial(MatrixStage, server, tmp_path))
    out = io.StringIO()
    print_transcript(played, out)
    print_result(played, out)
    assert played.held, out.getvalue()
    assert not [entry for entry in played.entries if entry.kind == "trouble"], out.getvalue()
