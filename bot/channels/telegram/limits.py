"""How fast we may speak on Telegram: everybody asks before they call, and a crisis never stands behind a check-in.

Telegram takes about 30 calls a second from a bot; we make 28. What is no crisis goes one at a time at 24 a second, and
check-ins at 20, so that a crisis always finds room, whatever else is to be said. Within a chat, and among chats, the
more urgent goes first, and among equals who came first. What Telegram refuses is obeyed.

Everything that Telegram counts asks here: messages, edits, new topics. A chat that is at rest is forgotten, and a call
costs a search in a sorted list, however many wait.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from itertools import count
from typing import Final, TypeAlias

from bot.channels.telegram.allowance import GAP, Chat, Waiter, Window
from bot.channels.telegram.api import TooFast
from bot.channels.telegram.refusals import Refusals
from flows.message import Urgency

#: Calls a second: of all classes together, of what is no crisis, and of check-ins.
ALL, ORDINARY, BULK = 28, 24, 20
#: Nobody waits longer than this for a turn: the call after it has a deadline of its own, and a message that certainly
#: did not go must not look like one that may have gone.
LONGEST_WAIT: Final = 15.0
#: So many chats are remembered before it is looked which of them are at rest.
MANY_CHATS: Final = 256

_SPEED = {Urgency.CRISIS: ALL, Urgency.RELAY: ORDINARY, Urgency.REPLY: ORDINARY, Urgency.BULK: BULK}
#: A chat in a sorted list: by what it is sorted, the number of whoever is next in it, and the chat.
_Entry: TypeAlias = tuple[float, int, Chat]


class Limits:
    """One for each bot: `my_turn` before every call that Telegram counts, `took` when it answered (it counts without,
    but less exactly), `refused` where it says that we are too fast."""

    def __init__(self) -> None:
        self._chats: dict[str, Chat] = {}
        self._sweep_at = MANY_CHATS
        self._ready: list[_Entry] = []  # chats that only wait for the others: class, number
        self._later: list[_Entry] = []  # chats that have spoken just now: moment, number
        self._places: dict[Chat, tuple[list[_Entry], _Entry]] = {}  # of each chat that stands in one of them
        self._waiting = [0] * len(Urgency)
        self._numbers = count()
        self._second = Window(ALL, 1.0)
        self._next = dict.fromkeys(Urgency, 0.0)  # nothing of a class goes before this
        self._refusals = Refusals()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def remembered(self) -> int:
        """How many chats are in memory."""
        return len(self._chats)

    async def my_turn(self, chat: str, urgency: Urgency, *, group: bool = False) -> None:
        """Wait until a call of this class may go in this chat. Raises TooFast, at once where it would be too long.

        A `group` has twenty calls a minute, over all of its topics.
        """
        now = _now()
        place = self._chat(chat, now)
        if group:
            place.is_a_group()
        if (seconds := self._foreseen(place, urgency, now)) > LONGEST_WAIT:
            raise TooFast(seconds)
        waiter = (int(urgency), next(self._numbers), asyncio.get_running_loop().create_future())
        self._come(place, waiter, now)
        if not waiter[2].done():
            await self._until_it_is_theirs(place, waiter)

    def took(self, chat: str) -> None:
        """Telegram answered a call in this chat. The gap counts from now: nobody knows how long the way there took."""
        place, now = self._chats.get(chat), _now()
        if place is not None and place.clear_at < now + GAP:
            place.clear_at = now + GAP
            self._put(place, now)
            self._let_go(now)

    def refused(self, chat: str, seconds: float) -> None:
        """Telegram takes nothing in this chat for so many seconds. After several chats, only a crisis goes anywhere."""
        now = _now()
        place = self._chat(chat, now)
        place.silent_until = max(place.silent_until, now + seconds)
        self._refusals.note(chat, seconds, now)
        self._put(place, now)
        self._let_go(now)

    # -- who waits -------------------------------------------------------------------------------------------------

    def _come(self, place: Chat, waiter: Waiter, now: float) -> None:
        insort(place.waiting, waiter)
        self._waiting[waiter[0]] += 1
        self._put(place, now)
        self._let_go(now)

    def _leave(self, place: Chat, waiter: Waiter, now: float) -> None:
        at = bisect_left(place.waiting, waiter)
        if at < len(place.waiting) and place.waiting[at] is waiter:
            del place.waiting[at]
            self._waiting[waiter[0]] -= 1
            self._put(place, now)

    async def _until_it_is_theirs(self, place: Chat, waiter: Waiter) -> None:
        urgency, _, turn = waiter
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await turn
        except TimeoutError:
            raise TooFast(self._foreseen(place, Urgency(urgency), _now())) from None
        finally:
            if turn.cancelled():
                self._leave(place, waiter, _now())

    def _foreseen(self, place: Chat, urgency: Urgency, now: float) -> float:
        """Seconds that one who comes now waits at least, if nothing more urgent comes."""
        ahead = place.ahead_of(urgency)
        here = place.free_at(urgency, now, ahead=ahead, bursts=self._refusals.bursts(now))
        others = sum(self._waiting[: urgency + 1]) / _SPEED[urgency]
        return max(here, self._free_at(urgency, now), now + others) - now

    # -- whose turn it is ------------------------------------------------------------------------------------------

    def _put(self, place: Chat, now: float) -> None:
        """Let a chat stand where it belongs: with those that are ready, with those that are later, or nowhere."""
        stood = self._places.pop(place, None)
        if stood is not None:
            del stood[0][bisect_left(stood[0], stood[1])]
        if not place.waiting:
            return
        urgency, number, _ = place.waiting[0]
        moment = place.free_at(urgency, now, bursts=self._refusals.bursts(now))
        row, by = (self._ready, float(urgency)) if moment <= now else (self._later, moment)
        insort(row, (by, number, place))
        self._places[place] = (row, (by, number, place))

    def _let_go(self, now: float) -> None:
        """Everybody whose turn it is goes; who comes next is looked at when their moment has come."""
        while self._later and self._later[0][0] <= now:
            self._put(self._later[0][2], now)
        while self._ready and self._first_may_go_at(now) <= now:
            self._go(self._ready[0][2], now)
        moments = [self._later[0][0]] if self._later else []
        if self._ready:
            moments.append(self._first_may_go_at(now))
        self._look_again_at(min(moments, default=None))

    def _first_may_go_at(self, now: float) -> float:
        return self._free_at(Urgency(int(self._ready[0][0])), now)

    def _go(self, place: Chat, now: float) -> None:
        waiter = place.waiting[0]
        if not waiter[2].cancelled():  # else they have given up, and only have not heard of it themselves yet
            place.goes(now)
            self._goes(Urgency(waiter[0]), now)
            waiter[2].set_result(None)
        self._leave(place, waiter, now)

    def _look_again_at(self, moment: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if moment is not None:
            self._timer = asyncio.get_running_loop().call_at(moment, lambda: self._let_go(_now()))

    # -- what all chats share --------------------------------------------------------------------------------------

    def _free_at(self, urgency: Urgency, now: float) -> float:
        """When something of this class may go in a chat that is ready; never before something more urgent may."""
        moment = max(self._second.free_at(now), *(self._next[one] for one in Urgency if one <= urgency))
        return moment if urgency is Urgency.CRISIS else max(moment, self._refusals.only_crisis_until)

    def _goes(self, urgency: Urgency, now: float) -> None:
        self._second.note(now)
        self._next[Urgency.CRISIS] = now + self._refusals.step(now)
        if urgency is not Urgency.CRISIS:
            self._next[Urgency.RELAY] = now + 1 / ORDINARY
        if urgency is Urgency.BULK:
            self._next[Urgency.BULK] = now + 1 / BULK

    def _chat(self, name: str, now: float) -> Chat:
        found = self._chats.get(name)
        if found is None:
            if len(self._chats) >= self._sweep_at:
                self._chats = {each: chat for each, chat in self._chats.items() if not chat.at_rest(now)}
                self._sweep_at = max(MANY_CHATS, 2 * len(self._chats))
            found = self._chats[name] = Chat()
        return found


def _now() -> float:
    return asyncio.get_running_loop().time()
