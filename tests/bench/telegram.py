"""Pages at random times while thousands of check-ins wait, on a Telegram that enforces its limits.

Of each page: from its being promised to Telegram having taken it. Beside us python-telegram-bot with its own limiter,
on the same work.
"""

from __future__ import annotations

import asyncio
import math
from random import Random

from tests.bench.figures import Figure, at_most, for_the_record, quantile
from tests.bench.ground import Ground
from tests.bench.telegram_bots import QUESTION, Ours, Stock, Work
from tests.bench.telegram_server import Server, telegram_server

#: Check-ins and pages, and so many on duty whom the pages go to in turn.
CHECK_INS, PAGES, STAFF = 3_000, 200, 40
#: A page must be there within so many seconds.
BOUND = 0.250
#: All pages come while check-ins wait, however fast Telegram lets them go.
FASTEST = 30


def pages_behind_check_ins(ground: Ground) -> list[Figure]:
    """The benchmark `telegram`."""
    ours, ours_refused, theirs, theirs_refused = asyncio.run(_measure(ground))
    detail = {"seconds": {"ours": ours, "python-telegram-bot": theirs}, "lost": theirs.count(math.inf)}
    p99 = quantile(ours, 0.99)
    return [
        at_most("telegram, page, p99", _shown(p99), f"{_shown(BOUND)} (bound)", p99 / BOUND, 1, **detail),
        at_most("telegram, refused (429)", str(ours_refused), "0 (bound)", ours_refused, 0),
        *(_beside(name, quantile(ours, share), quantile(theirs, share)) for name, share in SHARES.items()),
        Figure("telegram, refused / AIORateLimiter", str(ours_refused), str(theirs_refused), None, "", True),
    ]


SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "longest": 1.0}


def _beside(name: str, ours: float, theirs: float) -> Figure:
    return for_the_record(f"telegram, page, {name} / AIORateLimiter", _shown(ours), _shown(theirs), theirs / ours)


def _shown(seconds: float) -> str:
    if math.isinf(seconds):
        return "never"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


async def _measure(ground: Ground) -> tuple[list[float], int, list[float], int]:
    check_ins, pages = (CHECK_INS // 5, PAGES // 5) if ground.quick else (CHECK_INS, PAGES)
    dice = Random(22)
    moments = sorted(dice.uniform(1, 0.95 * check_ins / FASTEST) for _ in range(pages))
    found = []
    for contestant in (lambda server, work: Ours(ground, server, work), Stock):
        async with telegram_server(check_ins + STAFF) as server:
            work = Work(server.chats[STAFF:], server.chats[:STAFF], moments)
            sender = contestant(server, work)
            await sender.run()
            found += await _waited(server, sender.promised)
    return tuple(found)


async def _waited(server: Server, promised: dict[str, float]) -> tuple[list[float], int]:
    took, refused = await server.took()
    if not any(QUESTION in text for text in took):
        raise RuntimeError("no check-in went, so the pages were behind nothing")
    return [took.get(page, math.inf) - at for page, at in promised.items()], refused
