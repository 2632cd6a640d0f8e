"""What the program logs while it rehearses: not on the screen, and its errors are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog


@contextmanager
def quiet(on_error: Callable[[str], None]) -> Iterator[None]:
    """Nothing is logged inside; `on_error` is told what would have been logged as an error."""

    def keep(_logger: Any, method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if method in {"error", "critical", "exception"}:
            on_error(f"{said.get('event', '')} ({said['kind']})" if "kind" in said else str(said.get("event", "")))
        raise structlog.DropEvent

    # In place: loggers that were made before hold on to this very list.
    processors = structlog.get_config()["processors"]
    before = list(processors)
    processors[:] = [keep]
    try:
        yield
    finally:
        processors[:] = before
