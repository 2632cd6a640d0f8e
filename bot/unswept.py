"""While much is read that stays: nothing to collect, and looking through all of it again and again is slow."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unswept() -> Iterator[None]:
    """The garbage collector rests in here. For moments in which a program only grows: a fifth of its start."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
