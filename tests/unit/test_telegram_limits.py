"""However much is to be said on Telegram, we keep to what it takes, and a crisis goes first."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.telegram.api import TooFast
from bot.channels.telegram.limits import LONGEST_WAIT, MANY_CHATS, Limits
from flows.message import Urgency
from tests.support.virtual_time import BEYOND, run

CRISIS, RELAY, REPLY, BULK = Urgency
#: What we keep to, written down a second time: messages at once in a chat, calls a second, calls a minute in a group.
AT_ONCE, ALL, ORDINARY, CHECK_INS, GROUP, GROUP_ORDINARY = 3, 28, 24, 20, 20, 15
#: We keep a little more distance than that.
OUR_GAP, OUR_MINUTE = 1.05, 61.0
#: A float's breadth: what is due may come so much early.
A_HAIR = 1e-6


@dataclass
class Call:
    """One call: when it came and when it went; or when it was refused its turn, or given up."""

    chat: str
    urgency: Urgency
    number: int
    came: float
    went: float | None = None
    over: float | None = None
    refused: TooFast | None = None

    @property
    def rank(self) -> tuple[int, int]:
        return self.urgency, self.number

    def waits_at(self, moment: float) -> bool:
        return self.came < moment - A_HAIR and (self.over is None or self.over > moment + A_HAIR)


@dataclass
class Server:
    """Calls through the limits, and keeps book of them."""

    limits: Limits = field(default_factory=Limits)
    calls: list[Call] = field(default_factory=list)
    gone: list[Call] = field(default_factory=list)
    silent: list[tuple[str, float, float]] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def call(self, chat: str, urgency: Urgency, patience: float | None = None) -> Call:
        """It asks for its turn now; with `patience`, it gives up after so many seconds."""
        one = Call(chat, urgency, len(self.calls), now())
        self.calls.append(one)
        self.tasks.append(asyncio.create_task(self._call(one, patience)))
        return one

    async def _call(self, one: Call, patience: float | None) -> None:
        try:
            async with asyncio.timeout(patience):
                await self.limits.my_turn(one.chat, one.urgency, group=one.chat.startswith("group"))
            one.went = now()
            self.gone.append(one)
        except TooFast as refusal:
            one.refused = refusal
        except TimeoutError:
            pass
        finally:
            one.over = now()

    def refuse(self, chat: str, seconds: float) -> None:
        self.limits.refused(chat, seconds)
        self.silent.append((chat, now(), now() + seconds))

    async def done(self) -> Server:
        await asyncio.gather(*self.tasks)
        return self


def now() -> float:
    return asyncio.get_running_loop().time()


def play(steps) -> Server:
    """Steps, each so many seconds after the one before: a call, or a refusal."""

    async def story() -> Server:
        server = Server()
        for pause, step, *what in steps:
            await asyncio.sleep(pause)
            getattr(server, step)(*what)
        return await server.done()

    return run(story())


def chat_allows(one: Call, history: list[float], moment: float, gap: float = 1.0, minute: float = 60.0) -> bool:
    """Whether it may go in its chat at this moment, after these: what the server is taken to ask for, or a bit more."""
    crisis = one.urgency is CRISIS
    early = AT_ONCE - 1 if crisis else 0
    if any(moment < then + (len(history) - at - early) * gap for at, then in enumerate(history)):
        return False
    lately = sum(then > moment - minute for then in history)
    return one.chat != "group" or lately < (GROUP if crisis else GROUP_ORDINARY)


PAUSES = st.sampled_from([0.0, 0.0, 0.0, 0.01, 0.3, 1.0, 4.0])
CHATS = st.sampled_from(["a", "b", "c", *(f"p{number}" for number in range(40)), "group"])
CALLS = st.tuples(
    PAUSES,
    st.just("call"),
    CHATS,
    st.sampled_from([CRISIS, RELAY, REPLY, BULK, BULK]),
    st.sampled_from([None, None, None, 0.1, 1.5, 9.0]),
)
REFUSALS = st.tuples(PAUSES, st.just("refuse"), CHATS, st.sampled_from([0.5, 3.0, 20.0, 300.0]))
BUSY_TIMES = st.lists(CALLS, max_size=150)
ROUGH_TIMES = st.lists(st.one_of(*[CALLS] * 7, REFUSALS), max_size=100)
#: Everybody writes at once; and a group is written to for two minutes as fast as may be.
CROWD = [(0.0, "call", f"p{number}", urgency) for number in range(60) for urgency in (CRISIS, BULK)]
FULL_GROUP = [(1.1, "call", "group", urgency) for _ in range(60) for urgency in (RELAY, CRISIS)]


@given(BUSY_TIMES)
@example(CROWD)
def test_no_second_sees_more_calls_than_telegram_takes(steps) -> None:
    """Otherwise Telegram refuses everything for a while, and the page with it."""
    gone = play(steps).gone
    for least, most in ((CRISIS, ALL), (RELAY, ORDINARY), (BULK, CHECK_INS)):
        times = [one.went for one in gone if one.urgency >= least]
        assert all(later - earlier >= 1 - A_HAIR for earlier, later in zip(times, times[most:], strict=False))


@given(st.one_of(BUSY_TIMES, ROUGH_TIMES))
@example(FULL_GROUP)
def test_no_chat_is_given_more_than_it_may_have(steps) -> None:
    """A second between two messages; three at once in a crisis; twenty a minute in a group, five for a crisis."""
    histories: dict[str, list[float]] = {}
    for one in play(steps).gone:
        history = histories.setdefault(one.chat, [])
        assert chat_allows(one, history, one.went)
        history.append(one.went)


@given(BUSY_TIMES)
def test_nobody_is_overtaken_by_what_is_less_urgent_or_came_later(steps) -> None:
    """In their own chat never, and elsewhere only while their chat must wait. So a crisis never stands behind a
    check-in, what is said to somebody stays in order, and no chat starves behind others."""
    server = play(steps)
    histories: dict[str, list[float]] = {}
    for one in server.gone:
        for other in server.calls:
            if other.rank < one.rank and other.waits_at(one.went):
                assert other.chat != one.chat
                history = histories.get(other.chat, [])
                assert not chat_allows(other, history, one.went - A_HAIR, OUR_GAP, OUR_MINUTE)
        histories.setdefault(one.chat, []).append(one.went)


@given(st.one_of(BUSY_TIMES, ROUGH_TIMES))
@example([(0, "call", "a", REPLY), (0, "call", "a", REPLY), (0.1, "refuse", "a", 20.0)])
def test_nobody_waits_for_longer_than_the_call_itself_leaves_time(steps) -> None:
    """Beyond that a message that certainly did not go would look like one that may have."""
    for one in play(steps).calls:
        assert one.over <= one.came + LONGEST_WAIT + A_HAIR
        assert one.refused is None or one.refused.seconds > LONGEST_WAIT or one.over >= one.came + LONGEST_WAIT - A_HAIR


@given(ROUGH_TIMES)
@example([(0, "call", "a", BULK), (0, "call", "b", BULK), (0.01, "refuse", "b", 5.0)])
def test_a_chat_that_was_refused_is_left_alone_for_so_long(steps) -> None:
    """Whoever goes on is refused for longer. Nothing is too urgent for that."""
    server = play(steps)
    for chat, begins, ends in server.silent:
        assert not any(one.chat == chat and begins + A_HAIR < one.went < ends - A_HAIR for one in server.gone)


@given(st.one_of(BUSY_TIMES, ROUGH_TIMES))
def test_whoever_went_or_gave_up_leaves_nothing_behind(steps) -> None:
    """A bot runs for months, and speaks to everybody."""

    async def story() -> None:
        server = Server()
        for pause, step, *what in steps:
            await asyncio.sleep(pause)
            getattr(server, step)(*what)
        await server.done()
        await asyncio.sleep(400)
        for number in range(2 * MANY_CHATS):
            await server.limits.my_turn(f"new {number}", BULK)
        assert server.limits.remembered <= MANY_CHATS

    run(story())


def test_without_haste_nobody_waits() -> None:
    """Each goes at once, whatever its class."""
    server = play([(1.1, "call", "a", urgency) for urgency in (BULK, CRISIS, REPLY, RELAY)])
    assert all(one.went == one.came for one in server.gone)


def test_what_is_said_in_a_crisis_goes_at_once_and_is_made_up_for_afterwards() -> None:
    """Three parts of one safety text are read as one; a fourth and a check-in wait until a second each has passed."""
    server = play([(0, "call", "a", CRISIS)] * 4 + [(0, "call", "a", BULK)])
    begun = server.calls[0].came
    assert [round(one.went - begun, 2) for one in server.calls] == [0, 0, 0, OUR_GAP, 4 * OUR_GAP]


def test_a_page_goes_at_once_in_front_of_a_thousand_check_ins() -> None:
    """Where there is not room for all of them at 20 a second, some are told so; the page never is."""
    steps = [(0, "call", f"p{number}", BULK) for number in range(1_000)]
    server = play([*steps, (0.51, "call", "therapist", CRISIS)])
    page = server.calls[-1]
    assert page.went == page.came


def test_where_all_write_at_once_their_answers_leave_room_for_a_page() -> None:
    """A crowd of replies goes at 24 a second, one by one, and the page in between."""
    steps = [(0, "call", f"p{number}", REPLY) for number in range(100)]
    server = play([*steps, (0.99, "call", "therapist", CRISIS), *[(0, "call", f"t{n}", CRISIS) for n in range(3)]])
    assert all(page.went == page.came for page in server.calls[100:])


def test_a_group_that_is_full_still_takes_pages() -> None:
    """Relays in all topics of a forum share one allowance, and leave five calls of it."""
    relays = [(1.1, "call", "group", RELAY)] * 16
    server = play([*relays, *[(0, "call", "group", CRISIS)] * 6])
    assert [one.refused is None for one in server.calls] == [*[True] * 15, False, *[True] * 5, False]


def test_what_would_wait_too_long_is_told_so_at_once() -> None:
    """And how long it would have been, so that it can be tried again then."""
    server = play([(0, "refuse", "a", 60.0), (1, "call", "a", CRISIS)])
    refused = server.calls[0]
    assert refused.over == refused.came
    assert round(refused.refused.seconds) == 59
    assert not refused.refused.permanent
    assert not refused.refused.ambiguous


def test_what_stands_behind_too_many_is_told_so_at_once() -> None:
    """In one chat fifteen fit into the time, and of a crowd that is answered 24 times 15: the others need not wait to
    learn that they are too late. (Two may, who would come just then.)"""
    for chats, fit in (["a"] * 30, 15), ([f"p{number}" for number in range(500)], 24 * 15):
        server = play([(0, "call", chat, REPLY) for chat in chats])
        told_at_once = [one for one in server.calls if one.refused and one.over == one.came]
        assert len(server.gone) >= fit
        assert len(told_at_once) >= len(chats) - fit - 2


def test_one_chat_that_is_refused_holds_up_nobody_else() -> None:
    """A therapist whom many write to must not stop the check-ins of all."""
    server = play([(0, "refuse", "a", 10.0), (0, "call", "a", BULK), (0, "call", "b", BULK)])
    assert [round(one.went - one.came) for one in server.calls] == [10, 0]


SEVERAL_REFUSED = [(0.1, "refuse", chat, 10.0) for chat in "abc"]


def test_after_several_refusals_only_a_crisis_goes() -> None:
    """Then it is the bot that Telegram refuses. Everything but a crisis waits for the time that it named."""
    classes = (CRISIS, RELAY, REPLY, BULK)
    server = play([*SEVERAL_REFUSED, *[(0, "call", f"p{urgency}", urgency) for urgency in classes]])
    assert [round(one.went - one.came) for one in server.calls] == [0, 10, 10, 10]


def test_a_chat_that_is_refused_for_an_hour_does_not_stop_the_others_for_one() -> None:
    """Telegram may have something against that chat. The others are tried when the first of them is over."""
    server = play([(0, "refuse", "a", 3600.0), *SEVERAL_REFUSED[1:], (0, "call", "p", REPLY)])
    assert [round(one.went - one.came) for one in server.calls] == [10]


def test_refusals_in_several_chats_long_apart_stop_nobody() -> None:
    """They are about those chats."""
    server = play(
        [(11, "refuse", "a", 60.0), (11, "refuse", "b", 60.0), (11, "refuse", "c", 60.0), (0, "call", "p", BULK)]
    )
    assert server.calls[0].went == server.calls[0].came


def test_the_more_is_refused_the_slower_a_crisis_goes_elsewhere() -> None:
    """It is tried all the same, as Telegram may take it; and not so often that Telegram only refuses for longer."""
    pages = [(0, "call", f"t{number}", CRISIS) for number in range(4)]
    apart = []
    for refusals in (SEVERAL_REFUSED, [*SEVERAL_REFUSED, (0, "refuse", "d", 10.0), (0, "refuse", "e", 10.0)]):
        times = [one.went for one in play([*refusals, *pages]).gone]
        apart.append([round(later - earlier, 3) for earlier, later in pairwise(times)])
    assert apart == [[0.125] * 3, [0.5] * 3]


def test_after_a_refusal_nothing_is_said_at_once_for_a_while() -> None:
    """A server that does not take three at once is not asked to again."""
    for waited, expected in ((10.0, [0, OUR_GAP]), (601.0, [0, 0])):
        server = play([(0, "refuse", "a", 1.0), (waited, "call", "b", CRISIS), (0, "call", "b", CRISIS)])
        assert [round(one.went - one.came, 2) for one in server.calls] == expected


def test_the_gap_counts_from_when_telegram_answered() -> None:
    """A message that was long on its way may have got there just now. So it is for who waits already, and also for who
    only waits for others any more."""

    async def story(others: int, seconds: float) -> float:
        limits = Limits()
        await limits.my_turn("a", REPLY)
        crowd = [asyncio.create_task(limits.my_turn(f"p{number}", REPLY)) for number in range(others)]
        after_it = asyncio.create_task(limits.my_turn("a", REPLY))
        await asyncio.sleep(seconds)
        limits.took("a")
        answered = now()
        await asyncio.gather(after_it, *crowd)
        return now() - answered

    assert [round(run(story(*how)), 2) for how in ((0, 1.0), (48, 2.0))] == [OUR_GAP] * 2


def test_whoever_gives_up_just_as_their_turn_comes_takes_nobody_elses() -> None:
    """The next in line goes then."""

    async def story() -> float:
        limits = Limits()
        await limits.my_turn("a", REPLY)
        begun = now()
        gives_up, goes = [asyncio.create_task(limits.my_turn("a", REPLY)) for _ in range(2)]
        asyncio.get_running_loop().call_at(begun + OUR_GAP - BEYOND / 2, gives_up.cancel)
        await goes
        assert gives_up.cancelled()
        return now() - begun

    assert round(run(story()), 2) == OUR_GAP


def test_whoever_gave_up_is_not_waited_for() -> None:
    """Sixteen that gave up make nobody believe that the chat is busy."""
    server = play([*[(0, "call", "a", REPLY, 0.5)] * 16, (0.6, "call", "a", REPLY)])
    assert server.calls[-1].went is not None
