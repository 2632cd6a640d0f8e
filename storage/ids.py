"""Ids made by us before a row is written, so that what is sealed can be bound to its row."""

from __future__ import annotations

import os
import secrets
import time


def new_id() -> str:
    """A UUIDv7 as 32 hexadecimal characters: 74 random bits after the time, so that nobody guesses another one.

    Rows are ordered by their own sequence, never by this.
    """
    moment = time.time_ns() // 1_000_000
    noise = int.from_bytes(os.urandom(10), "big")
    high = (moment & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | (noise >> 62 & 0xFFF) << 64
    return f"{high | 0x2 << 62 | noise & 0x3FFFFFFFFFFFFFFF:032x}"


def new_code() -> str:
    """Six digits that nobody can foresee."""
    return f"{secrets.randbelow(1_000_000):06}"
