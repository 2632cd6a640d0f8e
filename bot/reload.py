"""A programme's files may change while Handrail runs. A good change counts at once; a broken one changes nothing, and
somebody is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from bot.loading import load_library
from bot.program import Program
from bot.reading import BadFiles

log = structlog.get_logger()

Fingerprint = tuple[tuple[str, int, int], ...]


class Reload:
    """Watches the folders of configuration by the time and size of their files."""

    def __init__(self, program: Program, roots: Sequence[Path]) -> None:
        self._program = program
        self._roots = tuple(roots)
        self._seen = fingerprint(self._roots)

    async def look(self) -> None:
        """Take over what has changed since the last look, if it is whole."""
        found = await asyncio.to_thread(fingerprint, self._roots)
        if found == self._seen:
            return
        try:
            library = await asyncio.to_thread(load_library, self._roots)
        except BadFiles as broken:
            log.warning("a changed configuration is broken; the old one stays", complaints=len(broken.complaints))
            await self._tell("care.bad_files", str(broken.complaints[0].file), len(broken.complaints))
        except Exception as failure:  # a file that we may not read, a mistake that nobody thought of
            log.exception("a changed configuration could not be read; the old one stays", kind=type(failure).__name__)
            await self._tell("care.bad_files", "handrail.toml", 1)
        else:
            self._program.library = library
            log.info("the configuration was changed", version=library.version)
        self._seen = found  # only now: whom nobody could tell is told with the next look

    async def _tell(self, content: str, file: str, count: int) -> None:
        program = self._program

        def tell() -> None:
            with program.store.begin(program.clock.now()) as unit:
                program.line.cycle.decider.tell_operators(unit, content, name=file, count=count)
                unit.ledger.note(unit.now, "handrail", "configuration_refused", None, "files", None, {"count": count})

        await program.line.run_in_store(tell)
        program.line.tick()


def fingerprint(roots: Sequence[Path]) -> Fingerprint:
    """Every file below the roots, with its time and size; zeros for one that is there by name only."""
    paths = (path for root in roots for path in sorted(root.rglob("*")) if path.suffix in {".yaml", ".toml"})
    return tuple((str(path), *_time_and_size(path)) for path in paths)


def _time_and_size(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:  # it went between two looks, or leads nowhere
        return 0, 0
    return stat.st_mtime_ns, stat.st_size
