"""What is logged, in one place: ids, kinds and counts, to stderr. Never what anybody wrote.

A field that is not on the list is left out, and so is a text that is no short code. An exception tells its type and its
place, because its words may be somebody's: `invalid literal for int(): 'I cannot go on'`.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

#: The fields that may be logged. Each holds an id, a code, a kind or a number.
FIELDS = frozenset(
    {
        "arrival", "attempts", "case", "channel", "command", "complaints", "count", "event", "kind", "level", "logger",
        "message", "person", "place_in_code", "port", "process", "reason", "seconds", "status", "timer", "timestamp",
        "version",
    }
)  # fmt: skip
#: Sentences that stand in our own code, never made from what arrived.
OUR_WORDS = frozenset({"event", "reason", "kind"})
CODE = re.compile(r"[\w.:,/+<>-]{1,160}")
SENTENCE = re.compile(r"[\w .,;:()'%/+-]{1,120}")
HOUSE = Path(__file__).resolve().parent.parent

Entry = MutableMapping[str, Any]


def configure(*, as_json: bool = False, quiet: bool = False) -> None:
    """Log to stderr as `key=value` or as JSON lines. `quiet` leaves only faults: for rehearsals, which break things."""
    lowest = logging.ERROR if quiet else logging.INFO
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            where_it_broke,
            only_what_may_be_told,
            structlog.processors.JSONRenderer() if as_json else _key_values(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    _libraries(max(lowest, logging.WARNING))


def _key_values() -> structlog.processors.KeyValueRenderer:
    return structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])


def where_it_broke(_logger: object, _method: str, entry: Entry) -> Entry:
    """`exc_info` as the type of the exception and the place it came from."""
    found = entry.pop("exc_info", None)
    failure = found if isinstance(found, BaseException) else sys.exc_info()[1] if found else None
    if failure is not None:
        entry.setdefault("kind", type(failure).__name__)
        entry["place_in_code"] = places(failure)[-1] if places(failure) else "unknown"
    return entry


def only_what_may_be_told(_logger: object, _method: str, entry: Entry) -> Entry:
    """Leaves out every field that is not on the list and every text that is not a short code."""
    told = {name: value for name, value in entry.items() if name in FIELDS and _harmless(name, value)}
    left_out = sorted(set(entry) - set(told))
    if left_out:
        told["left_out"] = ",".join(name for name in left_out if CODE.fullmatch(name))
    return told


def _harmless(name: str, value: object) -> bool:
    if isinstance(value, int | float):
        return True
    shape = SENTENCE if name in OUR_WORDS else CODE
    return isinstance(value, str) and shape.fullmatch(value) is not None


# -- libraries -----------------------------------------------------------------------------------------------------


class _Relay(logging.Handler):
    """What libraries log, without what they put into it: asyncio, for one, prints the value of an exception."""

    def emit(self, record: logging.LogRecord) -> None:
        failure = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().log(
            record.levelno,
            "a library said something",
            logger=record.name,
            place_in_code=f"{record.filename}:{record.lineno}",
            **({"exc_info": failure} if failure is not None else {}),
        )


def _libraries(lowest: int) -> None:
    root = logging.getLogger()
    root.handlers = [_Relay()]
    root.setLevel(lowest)


def hush(*libraries: str) -> None:
    """These write down addresses with secrets in them, and words, at every level: whatever level somebody sets, what
    they log is told as that of all libraries is, and goes no further."""
    for name in libraries:
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.handlers = [_Relay()]
        logger.propagate = False


# -- faults of ours ------------------------------------------------------------------------------------------------


def places(failure: BaseException) -> list[str]:
    """Where an exception came through, `bot/line.py:120 in receive`, the outermost first. No values, no source."""
    return [f"{_short(one.filename)}:{one.lineno}:{one.name}" for one in traceback.extract_tb(failure.__traceback__)]


def _short(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(HOUSE) and "site-packages" not in path.parts:
        return path.relative_to(HOUSE).as_posix()
    return "/".join(path.parts[-2:])


def write_crash(failure: BaseException) -> str:
    """Write down where the program broke, for whoever mends it; returns the one line to show."""
    chain: list[str] = []
    link: BaseException | None = failure
    while link is not None and len(chain) < 500:
        chain += [f"{type(link).__module__}.{type(link).__qualname__}", *(f"  {place}" for place in places(link)), ""]
        link = link.__cause__ or link.__context__
    ours = [place for place in places(failure) if place.startswith(("bot/", "flows/", "storage/"))]
    where = ours[-1].rpartition(":")[0] if ours else "an unknown place"
    said = f"Handrail broke: {type(failure).__name__} at {where}. That is a fault in Handrail, not in what you did."
    try:
        file, name = tempfile.mkstemp(prefix="handrail-broke-", suffix=".txt")
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write("\n".join(chain))
    except OSError:
        return said
    return f"{said} Details, without anybody's words: {name}"
