"""The letterbox of the Matrix account: is it there, closed to others, and who works with it? Never opened here."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from bot.doctor.finding import Finding, broken, ok
from storage.letterbox import letterbox_file, reader_of

NAME = "letterbox"
OTHERS = 0o077


def letterbox(folder: Path, facts: Mapping[str, str], named: str) -> Finding:
    """One line about it; `named` is how the programme's folder is named on a command line."""
    file, quoted = letterbox_file(folder, facts["user"], facts["device"]), shlex.quote(str(folder))
    try:
        if not file.is_file():
            what = f"It is gone from {folder}, and the keys in it: nothing can be read or said on Matrix."
            return broken(NAME, what, f"handrail matrix sign-in --again{named}")
        if (mode := folder.stat().st_mode & 0o777) & OTHERS:
            return broken(NAME, f"{folder} is open to other accounts (mode {mode:o}).", f"chmod 700 {quoted}")
        if not all(os.access(path, os.R_OK | os.W_OK) for path in (folder, file)):
            return broken(NAME, f"This account may not write into {folder}.", f'sudo chown -R "$USER" {quoted}')
        reader = reader_of(folder)
    except OSError as failure:
        return broken(NAME, f"{folder}: {failure.strerror}.", f'sudo chown -R "$USER" {quoted}')
    if reader:
        return ok(NAME, f"closed to others, and in use: Handrail runs ({reader})")
    return ok(NAME, "there, closed to others, and free")
