"""The five minutes of config/README.md, done as they are written there."""

from __future__ import annotations

import re

import pytest

from bot.checking import check
from bot.loading import shipped_config

SECTION = (
    (shipped_config() / "README.md").read_text(encoding="utf-8").split("## Add, change and try")[1].split("\n## ")[0]
)
OWN, CHANGED = re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL)


@pytest.fixture
def followed(programme):
    """A programme whose clinician has followed the page."""
    return programme.writes("risk/en/own.yaml", OWN).writes("risk/en/suicide.yaml", CHANGED)


def test_what_the_page_says_to_write_is_without_mistakes(followed):
    """A page whose own example is refused is not read to its end."""
    assert check(followed.roots) == []


def test_what_is_asked_before_and_after_is_answered_as_the_page_says(programme, followed):
    """Nothing is heard before, and the new rule afterwards, in the message that the page shows."""
    before, after = re.findall(r'\$ handrail assess --text "(.*?)"', SECTION)
    assert followed.library.assess(after).signals[0].rule == "own.old_tower"
    (followed.folder / "risk/en/own.yaml").unlink()
    assert followed.library.assess(before).signals == ()
