"""`handrail rehearse`: play files, print what happened, say whether it held."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TextIO

from bot.loading import load_library, shipped_config
from bot.reading import BadFiles, Complaint
from bot.rehearsal.file import Rehearsal, read_rehearsal
from bot.rehearsal.player import play
from bot.rehearsal.printing import print_json, print_result, print_transcript
from bot.rehearsal.transcript import Played
from flows.library import Library

FINE, DID_NOT_HOLD, WRONG_FILE = 0, 1, 2


def rehearse(files: Iterable[Path], config: Path | None, as_json: bool, out: TextIO, err: TextIO | None = None) -> int:
    """Play all `files`; returns the exit status. Nothing is played when one of them is wrong."""
    roots = (shipped_config(), config) if config is not None else (shipped_config(),)
    ready: list[tuple[Rehearsal, Library]] = []
    complaints: list[Complaint] = []
    for path in files:
        try:
            rehearsal = read_rehearsal(path)
            ready.append((rehearsal, library_for(rehearsal, roots)))
        except BadFiles as bad:
            complaints += bad.complaints
    if complaints:
        print(BadFiles(dict.fromkeys(complaints)), file=err or sys.stderr)
        return WRONG_FILE
    held = [_tell(play(rehearsal, library), as_json, out) for rehearsal, library in ready]
    if len(held) > 1 and not as_json:
        print(f"{sum(held)} of {len(held)} rehearsals held.", file=out)
    return FINE if all(held) else DID_NOT_HOLD


def library_for(rehearsal: Rehearsal, roots: Sequence[Path]) -> Library:
    """The programme's files with the `config:` of a rehearsal laid over them. Raises BadFiles."""
    if not rehearsal.config.parts:
        return _as_it_is(tuple(roots))
    return load_library(roots, rehearsal.config)


@lru_cache(maxsize=4)
def _as_it_is(roots: tuple[Path, ...]) -> Library:
    return load_library(roots)


def _tell(played: Played, as_json: bool, out: TextIO) -> bool:
    if as_json:
        print_json(played, out)
    else:
        print_transcript(played, out)
        print_result(played, out)
    return played.held
