"""The base of everything that is read from a clinic's files: frozen, and no key that nobody knows."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Frozen; an unknown key is an error, so that a misspelt setting is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
