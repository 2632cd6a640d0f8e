"""Many write at the same time: each is answered in order, and nobody is answered only after somebody else."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flows.grant import Role
from storage.people import NewPerson
from tests.fakes.telegram import Telegram
from tests.fakes.telegram.parameters import Parameters
from tests.support.clinic import ZONE
from tests.support.telegram import telegram_clinic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

PEOPLE = 20
SAID = ("?", "are you human", "language")
ANSWERED = ["Words that always work", "I am a program, not a person", "I can write in"]
#: Telegram's work on each message, in seconds.
WORK = 0.1


class Busy:
    """Telegram at work: it begins with nobody's first answer before it has everybody's, and has work with each after
    that. Whoever sent one after the other, or with less room, would never see the first of them done."""

    def __init__(self, telegram: Telegram) -> None:
        self.together = asyncio.Barrier(PEOPLE)
        self.begun: Counter[int] = Counter()
        self.at_work: set[int] = set()
        self.twice_at_once: set[int] = set()
        self._call = telegram.api.call
        telegram.api.call = self.call

    async def call(self, method: str, given: Parameters) -> Any:
        if method != "sendMessage":
            return await self._call(method, given)
        chat = given.integer("chat_id")
        self.twice_at_once |= {chat} & self.at_work
        self.at_work.add(chat)
        self.begun[chat] += 1
        if self.begun[chat] == 1:
            await self.together.wait()
        await asyncio.sleep(WORK)
        self.at_work.discard(chat)
        return await self._call(method, given)


async def test_twenty_who_write_at_once_are_answered_at_once_and_each_in_order(tmp_path: Path) -> None:
    """A client that handles one update after the other makes the last of them wait for everybody's work; one that
    handles all of them at once answers a person's second message before their first."""
    everybody = [
        NewPerson(
            Role.PARTICIPANT, f"Person {number}", "en", ZONE.key, therapist_id="ana", person_id=f"person-{number}"
        )
        for number in range(PEOPLE)
    ]
    async with telegram_clinic(tmp_path, others=everybody) as clinic:
        phones = [clinic.telegram.user(person.person_id) for person in everybody]
        for phone, person in zip(phones, everybody, strict=True):
            await phone.start(clinic.invite(person.person_id))
        for phone in phones:
            await phone.sees("You are connected", within=20)
        telegram = Busy(clinic.telegram)
        for words in SAID:
            for phone in phones:
                await phone.says(words)
        for phone in phones:
            await phone.sees(ANSWERED[-1], within=30)
        assert len(telegram.begun) == PEOPLE
        assert not telegram.twice_at_once
        for phone in phones:
            heard = phone.heard[1:]
            assert [text[: len(start)] for text, start in zip(heard, ANSWERED, strict=True)] == ANSWERED
