"""Errors that say whose fault it is. The docstring of each class is its message."""

from __future__ import annotations


class HandrailError(Exception):
    """Something in Handrail went wrong."""

    def __init__(self, *details: object) -> None:
        self.details = details
        template = type(self).__doc__ or ""
        super().__init__(template.format(*details))


class IllegalTransition(HandrailError):
    """A {0} that is {1} cannot {2}."""


class NotAllowed(HandrailError):
    """{0} may not {1} here: {2}."""
