"""What `handrail run` opens: the channel, and the door behind its links where the programme has an address for it."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from bot.channels.pager.channel import Pager
from bot.channels.pager.door import Door, opened
from bot.channels.pager.link import Links
from bot.channels.pager.patience import Patience
from bot.program import Program
from flows.errors import HandrailError

log = structlog.get_logger()


class DoorPortTaken(HandrailError):
    """Port {0} is in use by another program, so no link in a page could be answered. Choose another: [pager] port"""


def pager_channel(program: Program) -> Pager:
    """The channel of a program: with its words as they stand at the moment, and its key."""
    settings = program.library.settings
    links = Links(program.store.master, settings.server.public_url, settings.pager.links_for)
    return Pager(lambda: program.library, links, program.clock)


@asynccontextmanager
async def pager_door(pager: Pager, program: Program) -> AsyncIterator[None]:
    """Open as long as the program runs; closed where there is no address under which anybody could come."""
    if not pager.links.public_url:
        yield
        return
    door = Door(program, pager.links, Patience(program.clock))
    wanted = program.library.settings.pager.port
    async with AsyncExitStack() as stack:
        try:
            port = await stack.enter_async_context(opened(door, wanted))
        except OSError as failure:
            if failure.errno != errno.EADDRINUSE:
                raise
            raise DoorPortTaken(wanted) from None
        log.info("links in pages are answered", port=port)
        yield
