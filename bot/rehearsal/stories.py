"""The stories that the demo can play: rehearsals in `config/stories/`, a programme's own among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.reading import BadFiles, read_document


@dataclass(frozen=True, slots=True)
class Story:
    """`name` is what one types, `title` what one reads."""

    name: str
    title: str
    path: Path


def stories(roots: Sequence[Path]) -> tuple[Story, ...]:
    """All of them by name; one of the same name in a later root takes the place of an earlier one."""
    paths = {path.stem: path for root in roots for path in sorted((root / "stories").glob("*.yaml"))}
    return tuple(Story(name, _title(path), path) for name, path in sorted(paths.items()))


def _title(path: Path) -> str:
    """Its title as far as it can be read: a story with a mistake in it is still listed."""
    try:
        return str(read_document(path).at(("title",)).value) or path.stem
    except BadFiles:
        return path.stem
