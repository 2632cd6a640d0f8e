"""A running evening: participants who write, answer and call for help; staff who take some cases and ignore others."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import time
from dataclasses import dataclass, field

from tests.faults.hands import Hands
from tests.faults.phones import Phones, Shown

ORDINARY = (
    "the tram was late again",
    "slept badly but the soup was good",
    "my sister came by with the dog",
    "watched the snooker for a while",
    "could not find my keys all morning",
    "the new neighbour plays the trumpet",
)
CRISES = (
    "I want to die",
    "I am going to kill myself tonight",
    "I want to hurt myself",
    "I want to end it all",
    "I took all my pills",
)
#: After the name of a step in a staff member's text: which case it is about.
CASE = re.compile(r"\b[Cc]ase (\d+)\b")
EVERY_CRISIS, EVERY_PANIC = 8, 37


@dataclass
class Evening:
    """What everybody in the crowd shares."""

    hands: Hands
    phones: Phones
    dice: random.Random
    over: asyncio.Event = field(default_factory=asyncio.Event)
    canaries: list[str] = field(default_factory=list)
    crises: set[str] = field(default_factory=set)  # ids of posts that call for a page

    def canary(self) -> str:
        """A word that belongs nowhere but in one message."""
        word = f"zq{self.dice.getrandbits(48):012x}"
        self.canaries.append(word)
        return word

    async def pause(self, mean: float) -> None:
        await asyncio.sleep(self.dice.uniform(0.3, 1.7) * mean)


class Participant:
    """Somebody in treatment with a phone. For the first `calm` seconds nothing worries them."""

    def __init__(self, name: str, evening: Evening, calm: float) -> None:
        self.name = name
        self.evening = evening
        self.calm_until = time.monotonic() + calm
        self.answered: set[str] = set()

    async def live(self, mean_pause: float) -> None:
        """Until the evening is over."""
        for number in itertools.count(1):
            await self.evening.pause(mean_pause)
            if self.evening.over.is_set():
                return
            await self._act(number)

    async def _act(self, number: int) -> None:
        evening, calm = self.evening, time.monotonic() < self.calm_until
        question = self._question()
        if not calm and number % EVERY_CRISIS == EVERY_CRISIS // 2:
            post = await self._write(f"{evening.dice.choice(CRISES)} {evening.canary()}")
            evening.crises.add(post)
        elif not calm and number % EVERY_PANIC == 0:
            evening.crises.add((await evening.hands.calls_for_help(self.name)).id)
        elif question is not None and evening.dice.random() < 0.7:
            await self._answer(question, calm=calm)
        else:
            await self._write(f"{evening.dice.choice(ORDINARY)} {evening.canary()}")

    async def _write(self, words: str) -> str:
        twice = self.evening.dice.random() < 0.1
        return (await self.evening.hands.does(self.name, "text", words, twice=twice)).id

    def _question(self) -> Shown | None:
        """The newest question on the screen, if it was not answered yet."""
        asked = [shown for shown in self.evening.phones.screen(self.name)[-8:] if shown.choices]
        return asked[-1] if asked and asked[-1].key not in self.answered else None

    async def _answer(self, question: Shown, *, calm: bool) -> None:
        dice, hands = self.evening.dice, self.evening.hands
        self.answered.add(question.key)
        position = self._choose(question, calm=calm)
        choice, label = question.choices[position]
        way = dice.choice(("tap", "tap", "number", "words"))
        if way == "tap":
            await hands.does(self.name, "tap", choice, question.key, twice=dice.random() < 0.2)
        elif way == "number":
            scale = question.answers[0] == "0"
            await hands.says(self.name, label if scale else str(position + 1))
        else:
            await hands.says(self.name, label)

    def _choose(self, question: Shown, *, calm: bool) -> int:
        """Any answer; while they are calm, none that worries."""
        if calm and question.answers[0] == "0":
            return 5
        if calm:
            quiet = [place for place, choice in enumerate(question.answers) if choice in {"no", "skip", "none"}]
            return quiet[0] if quiet else 0
        return self.evening.dice.randrange(len(question.choices))


@dataclass(frozen=True)
class Habit:
    """What becomes of a case: who takes it, and what they do then."""

    taken_by: frozenset[str] = frozenset()
    then: str = ""  # resolve, speak, note, or silence


TIER_0 = frozenset({"prim", "tess", "theo"})
HABITS = (
    Habit(TIER_0, "resolve"),
    Habit(),
    Habit(frozenset({"back"}), "silence"),
    Habit(TIER_0, "speak"),
    Habit(),
    Habit(TIER_0, "note"),
)


def habit_of(case: int) -> Habit:
    """By the number of the case, so that everybody knows it without asking."""
    return HABITS[case % len(HABITS)]


class Colleague:
    """Somebody who works here. They answer what their phone shows, in their own time."""

    def __init__(self, name: str, evening: Evening) -> None:
        self.name = name
        self.evening = evening
        self.done: set[tuple[str, int]] = set()
        self.tasks: set[asyncio.Task[None]] = set()

    def looks(self, shown: Shown) -> None:
        """A listener of the phones."""
        if shown.place == self.name and shown.first and not self.evening.over.is_set():
            task = asyncio.create_task(self._react(shown))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _react(self, shown: Shown) -> None:
        found = CASE.search(shown.text)
        if found is None:
            return
        case, habit = int(found[1]), habit_of(int(found[1]))
        if self.name not in habit.taken_by:
            return
        await self.evening.pause(0.5)
        if shown.page:
            await self._once("acknowledge", case, shown)
        elif "reached_safe" in shown.answers:
            await self.evening.hands.taps(self.name, shown.key, self.evening.dice.choice(shown.answers))
        elif "followed_up" in shown.answers:
            await self.evening.hands.taps(self.name, shown.key, "followed_up")
        elif "close" in shown.answers and "take_over" not in shown.answers:
            await self._once("close", case, shown)
        elif "resolve" in shown.answers:
            await self._go_on(habit.then, case, shown)

    async def _once(self, what: str, case: int, shown: Shown) -> bool:
        """Tap it, unless it was tapped for this case before."""
        if (what, case) in self.done or what not in shown.answers:
            return False
        self.done.add((what, case))
        await self.evening.hands.taps(self.name, shown.key, what)
        return True

    async def _go_on(self, then: str, case: int, shown: Shown) -> None:
        hands = self.evening.hands
        if then == "note" and ("note", case) not in self.done:
            self.done.add(("note", case))
            await hands.says(self.name, f"/note #{case} rang them, no answer yet {self.evening.canary()}")
        elif then == "speak" and await self._once("take_over", case, shown):
            return
        elif then == "speak" and "hand_back" in shown.answers and "take_over" not in shown.answers:
            for _ in range(2):
                await self.evening.pause(1)
                await hands.says(self.name, f"I am here with you {self.evening.canary()}")
            await self._once("hand_back", case, shown)
        elif then in {"resolve", "speak"}:
            await self.evening.pause(2)
            await self._once("resolve", case, shown)
