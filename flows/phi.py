"""Participants' words travel in a wrapper that tells nothing when it is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Phi(Generic[T]):
    """Protected health information: words, a name, an address. `reveal` is the only way in, easy to search for."""

    _value: T

    def reveal(self) -> T:
        """The value itself, for the vault, the decision and the person it belongs to; never for a log."""
        return self._value

    def __repr__(self) -> str:
        return "<phi>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "<phi>"
