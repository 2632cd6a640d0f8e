"""The project's rehearsals with people on Telegram: all participants, and staff whose channel is public."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.loading import shipped_config
from bot.rehearsal import library_for, play, print_result, print_transcript, read_rehearsal, stories
from tests.support.on_telegram import TelegramStage
from tests.support.telegram import with_telegram

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
FOLDER = Path(__file__).parents[1] / "rehearsals"
ALL = [*sorted(FOLDER.glob("*.yaml")), *(story.path for story in stories([shipped_config()]))]


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", [pytest.param(path, id=named(path)) for path in ALL])
def test_what_should_be_seen_is_seen_on_telegram(path: Path) -> None:
    """What a person does goes through the Bot API, and what they see came through it."""
    rehearsal = read_rehearsal(path)
    library = with_telegram(library_for(rehearsal, [shipped_config()]), discreet=False)
    played = play(rehearsal, library, make_stage=TelegramStage)
    out = io.StringIO()
    print_transcript(played, out)
    print_result(played, out)
    assert played.held, out.getvalue()
    assert not [entry for entry in played.entries if entry.kind == "trouble"], out.getvalue()
