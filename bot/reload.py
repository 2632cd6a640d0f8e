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
        self._seen = found
        try:
            library = await asyncio.to_thread(load_library, self._roots)
        except BadFiles as broken:
            log.warning("a changed configuration is broken; the old one stays", complaints=len(broken.complaints))
            await self._tell("care.bad_files", str(broken.complaints[0].file), len(broken.complaints))
            return
        self._program.library = library
        log.info("the configuration was changed", version=library.version)

    async def _tell(self, content: str, file: str, count: int) -> None:
        program = self._program

        def tell() -> None:
            with program.store.begin(program.clock.now()) as unit:
                program.line.cycle.decider.tell_operators(unit, content, name=file, count=count)
                unit.ledger.note(unit.now, "handrail", "configuration_refused", None, "files", None, {"count": count})

        await program.line.run_in_store(tell)
        program.line.tick()


def fingerprint(roots: Sequence[Path]) -> Fingerprint:
    """Every file below the roots, with its time and size."""
    found = []
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.suffix in {".yaml", ".toml"}:
                stat = path.stat()
                found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)
