"""What nobody should send arrives all the same: each is answered sensibly, nothing is lost, and the next message is
served. All of it comes through the real door of the real process."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from bot.channels import http_phones
from tests.faults.evidence import look
from tests.faults.hands import Hands, hands
from tests.faults.judge import known_as
from tests.faults.phones import Phones, Shown
from tests.faults.process import Process, running
from tests.faults.programme import Programme, found

#: No reminders: they would come in between.
STILL = "\n[check_in]\nreminders_after = []\n"
KEPT = "I have kept this for your team"
CLOSED = "That question is closed"
NUMBERS = "If you are in danger, call 911"
UNREAD = "I could not read that"
SAFE = "Are you safe right now?"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Clinic:
    """A running programme, and a participant for every test."""

    programme: Programme
    phones: Phones
    people: Hands
    process: Process
    fresh: Iterator[str] = field(default_factory=lambda: iter(()))

    def somebody(self) -> str:
        """A participant who has not been in any other test."""
        return next(self.fresh)

    async def post(self, place: str, raw: bytes, kind: str = "application/json") -> tuple[int, str]:
        """Bytes, as they are, at the door of one phone."""
        where = f"{self.programme.door}/{place}"
        async with self.people.session.post(where, data=raw, headers={"Content-Type": kind}) as response:
            return response.status, await response.text()

    async def is_served(self, who: str) -> None:
        """Whatever happened before: an ordinary message is answered."""
        before = len(self.phones.screen(who))
        await self.people.says(who, "the tram was late")
        await self.phones.until(lambda: len(self.phones.screen(who)) > before)

    def screen(self, who: str) -> list[str]:
        return self.phones.texts(who)

    def kept(self, who: str) -> list[dict[str, Any]]:
        """What is in the inbox of one person."""
        store = self.programme.store()
        rows, _, _ = look(store, datetime.now(UTC))
        store.close()
        return [row for row in rows["inbox"] if row["person_id"] == who]

    def change(self, statement: str, **values: Any) -> None:
        """From beside the program: what a month, or a bad disk, would do."""
        store = self.programme.store()
        with store.engine.begin() as connection:
            connection.execute(text(statement), values)
        store.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def clinic(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Clinic]:
    """One process for all of these: if one of them could break it, the next would show."""
    folder = tmp_path_factory.mktemp("clinic") / "clinic"
    with _database(request) as url:
        async with Phones().open() as phones:
            programme = found(
                folder,
                url=url,
                phones=phones.address,
                participants=80,
                check_ins_within=timedelta(seconds=1),
                clocks=STILL,
            )
            async with running(programme) as process, hands(programme) as people:
                await phones.until(lambda: all(phones.screen(name) for name in programme.participants))
                yield Clinic(programme, phones, people, process, iter(programme.participants))
                assert process.child.returncode is None
                assert b"Traceback" not in process.said


def _database(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("postgres").database() if request.param == "postgresql" else nullcontext("")


async def _question(clinic: Clinic, who: str, words: str = "How is your mood") -> Shown:
    return await clinic.phones.sees(who, words)


# -- words ---------------------------------------------------------------------------------------------------------

ODD_WORDS = {
    "nothing at all": "",
    "only blanks": " \n\t ",
    "control characters": "".join(map(chr, range(32))) + "\x7f",
    "NUL": "before\0after",
    "written from the right": "\u202eabc \u200f\u2067\u05e9\u05dc\u05d5\u05dd\u2069 \u061c",
    "half a character": "half \ud83d and \udc00 done",
    "a byte order mark and noncharacters": "\ufeff\uffff\ufdd0",
    "a heap of accents": "e" + "\u0301" * 5000,
    "a family of emoji": "👨‍👩‍👧‍👦" * 200,
    "something like SQL": "'; drop table inbox; --",
    "something like a slot": "{emergency} {words} %s {0} \\",
    "something like JSON": '["text", {"id": 1}]',
    "a million characters": "word " * 200_000,
}


@pytest.mark.parametrize("what", ODD_WORDS)
async def test_odd_words_are_kept_and_answered(clinic: Clinic, what: str) -> None:
    """As they were written, but for half characters, which no encoding can hold."""
    who, words = clinic.somebody(), ODD_WORDS[what]
    posted = await clinic.people.says(who, words)
    assert posted.answers == ["200"]
    await clinic.phones.until(lambda: len(clinic.screen(who)) > 2)
    [kept] = clinic.kept(who)
    assert kept["state"] == "handled"
    assert kept["body"] == words.encode("utf-8", "replace").decode()
    await clinic.is_served(who)


@pytest.mark.parametrize(
    "words",
    [
        "I want to die" + "\u200f" * 50,
        "\u202eI want to die\u202c",
        "I want\0 to die",
        "\x07I want to die\x1b[0m",
        "\ud800I want to die\udfff",
        "la la " * 100_000 + "I want to die",
        "I want to die" + " la la" * 100_000,
    ],
    ids=["marks", "from-the-right", "nul", "escapes", "surrogates", "at-the-end", "at-the-beginning"],
)
async def test_odd_signs_do_not_hide_a_crisis(clinic: Clinic, words: str) -> None:
    """A phone that puts marks between words must not cost anybody their page."""
    who = clinic.somebody()
    await clinic.people.says(who, words)
    await clinic.phones.sees(who, SAFE)
    await clinic.phones.sees(who, NUMBERS)


async def test_more_than_fits_is_refused_at_the_door(clinic: Clinic) -> None:
    """With a status that says so, before anything is stored; the next message is served."""
    who = clinic.somebody()
    status, _ = await clinic.post(who, json.dumps({"id": "x", "body": "x" * 6_000_000}).encode())
    assert status == 413
    assert clinic.kept(who) == []
    await clinic.is_served(who)


# -- what is no message --------------------------------------------------------------------------------------------

NO_MESSAGES = {
    "no JSON": b"{broken",
    "nothing": b"",
    "half a character in bytes": b'{"id": "1", "body": "\xff\xfe"}',
    "a number": b"7",
    "null": b"null",
    "a list": b"[1, 2]",
    "words": b'"hello"',
    "no id": b'{"body": "hello"}',
    "an empty id": b'{"id": "", "body": "hello"}',
    "a number as id": b'{"id": 7, "body": "hello"}',
    "a list as id": b'{"id": ["7"], "body": "hello"}',
    "a number as body": b'{"id": "1", "body": 7}',
    "null as body": b'{"id": "1", "body": null}',
    "a list as key": b'{"id": "1", "kind": "tap", "key": ["k"], "body": "no"}',
    "an unknown kind": b'{"id": "1", "kind": "photo", "body": "hello"}',
    "a list as kind": b'{"id": "1", "kind": [], "body": "hello"}',
    "an object as kind": b'{"id": "1", "kind": {"text": 1}, "body": "hello"}',
    "null as kind": b'{"id": "1", "kind": null, "body": "hello"}',
    "a tower of lists": b"[" * 100_000,
    "a number without end": b'{"id": "1", "body": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("what", NO_MESSAGES)
async def test_what_is_no_message_is_refused(clinic: Clinic, what: str) -> None:
    """400 means: do not send that again. Nothing is stored, and the next message is served."""
    who = next(reversed(clinic.programme.participants))
    before = len(clinic.kept(who))
    status, said = await clinic.post(who, NO_MESSAGES[what])
    assert status == 400
    assert json.loads(said) == {"error": "send a JSON object with id, kind and body"}
    assert len(clinic.kept(who)) == before
    await clinic.is_served(who)


async def test_an_unknown_alphabet_is_refused(clinic: Clinic) -> None:
    """The same for a message in letters that this machine does not know."""
    who = clinic.somebody()
    status, _ = await clinic.post(who, b'{"id": "1", "body": "x"}', "application/json; charset=klingon")
    assert status in {400, 415}
    await clinic.is_served(who)


# -- ids -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("odd", ["x" * 1_000_000, "\0", "\ud800", "é" * 5000, "' or 1=1", " "], ids=range(6))
async def test_an_odd_id_is_an_id(clinic: Clinic, odd: str) -> None:
    """Kept once, however it looks and however often it comes."""
    who = clinic.somebody()
    for _ in range(3):
        status, _ = await clinic.people.post(who, {"id": odd, "body": "the tram was late"})
        assert status == 200
    assert len(clinic.kept(who)) == 1


async def test_two_phones_may_use_the_same_id(clinic: Clinic) -> None:
    """Every phone counts for itself: the second person's message is not a repeat of the first one's."""
    one, two = clinic.somebody(), clinic.somebody()
    for who in (one, two):
        assert (await clinic.people.post(who, {"id": "1", "body": "I want to die"}))[0] == 200
        await clinic.phones.sees(who, SAFE)
    assert len(clinic.kept(one)) == len(clinic.kept(two)) == 1


async def test_the_same_message_from_many_sides_at_once_is_one(clinic: Clinic) -> None:
    """A channel that is impatient sends it again before it was answered."""
    who = clinic.somebody()
    answers = await asyncio.gather(*(clinic.people.post(who, {"id": "same", "body": "hello"}) for _ in range(20)))
    assert {status for status, _ in answers} == {200}
    assert len(clinic.kept(who)) == 1


# -- buttons -------------------------------------------------------------------------------------------------------


async def test_a_button_pressed_twice_counts_once(clinic: Clinic) -> None:
    """Impatience is not a second answer, and gets no second question."""
    who = clinic.somebody()
    mood = await _question(clinic, who)
    await clinic.people.taps(who, mood.key, "5")
    following = await clinic.phones.until(lambda: clinic.phones.screen(who)[2:])
    await clinic.people.taps(who, mood.key, "5")
    await clinic.people.says(who, "the tram was late")
    await clinic.phones.sees(who, "I did not catch that")
    await clinic.phones.until(lambda: clinic.screen(who).count(following[0].text) == 2)  # asked, and asked again
    assert len(clinic.screen(who)) == 5


async def test_two_buttons_at_once_are_one_answer_and_one_put_right(clinic: Clinic) -> None:
    """Both are kept, in the order in which they came; the conversation goes on once."""
    who = clinic.somebody()
    mood = await _question(clinic, who)
    await asyncio.gather(clinic.people.taps(who, mood.key, "5"), clinic.people.taps(who, mood.key, "6"))
    await clinic.phones.sees(who, "Thank you. I have changed that answer.")
    assert [row["state"] for row in clinic.kept(who)] == ["handled", "handled"]
    assert len({text for text in clinic.screen(who) if text.endswith("?")}) == 2


async def test_a_button_from_last_month_is_closed(clinic: Clinic) -> None:
    """And says so; nothing is counted for today."""
    who = clinic.somebody()
    mood = await _question(clinic, who)
    _age(clinic, who)
    await clinic.people.taps(who, mood.key, "5")
    await clinic.phones.sees(who, CLOSED)


async def test_a_button_from_last_month_still_says_that_somebody_is_in_danger(clinic: Clinic) -> None:
    """However old: who says so is asked at once, and people are paged."""
    who = clinic.somebody()
    await clinic.people.calls_for_help(who)
    safe = await clinic.phones.sees(who, SAFE)
    await clinic.people.taps(who, safe.key, "safe")
    await clinic.phones.sees(who, "Let's use your plan")
    _age(clinic, who)
    clinic.change("update talk set state = '{}' where person_id = :who", who=who)
    await clinic.people.taps(who, safe.key, "not_safe")
    await clinic.phones.sees(who, "Please do not stay alone with this")


def _age(clinic: Clinic, who: str) -> None:
    """A month goes by for one person's messages and check-in."""
    month = 31 * 24 * 3600 * 1_000_000
    for column in ("made_at", "sent_at", "delivered_at", "due_at"):
        clinic.change(f"update outbox set {column} = {column} - {month} where person_id = :who", who=who)
    clinic.change("update check_in set id = id || 'old', local_date = '2020-01-01' where person_id = :who", who=who)


@pytest.mark.parametrize(
    "key", ["", "nonsense", "0" * 32, "\0", "\ud800", "x" * 100_000, "1; drop table outbox"], ids=range(7)
)
async def test_a_button_that_never_was_is_closed(clinic: Clinic, key: str) -> None:
    """Whatever the key looks like: it is one that we do not know."""
    who = clinic.somebody()
    await clinic.people.taps(who, key, "5")
    await clinic.phones.sees(who, CLOSED)
    await clinic.is_served(who)


@pytest.mark.parametrize("choice", ["", "99", "yes", "acknowledge", "\0", "x" * 100_000], ids=range(6))
async def test_an_answer_that_was_not_offered_is_none(clinic: Clinic, choice: str) -> None:
    """The question stays open, and the very next real answer is taken."""
    who = clinic.somebody()
    mood = await _question(clinic, who)
    await clinic.people.taps(who, mood.key, choice)
    await clinic.phones.sees(who, CLOSED)
    await clinic.people.taps(who, mood.key, "5")
    await clinic.phones.until(lambda: len(clinic.screen(who)) > 3)


async def test_somebody_elses_button_does_nothing_for_them(clinic: Clinic) -> None:
    """A forwarded message, a guessed key: whoever presses is told that it is closed; its owner is not touched."""
    owner, other = clinic.somebody(), clinic.somebody()
    mood = await _question(clinic, owner)
    await clinic.people.taps(other, mood.key, "0")
    await clinic.phones.sees(other, CLOSED)
    assert len(clinic.screen(owner)) == 2
    await clinic.people.taps(owner, mood.key, "5")
    await clinic.phones.until(lambda: len(clinic.screen(owner)) > 2)


async def test_a_participant_cannot_answer_a_page(clinic: Clinic) -> None:
    """The key of a page, pressed on a participant's phone, acknowledges nothing."""
    who, other = clinic.somebody(), clinic.somebody()
    start = len(clinic.phones.shown)
    await clinic.people.calls_for_help(who)
    pages = await clinic.phones.until(lambda: [one for one in clinic.phones.shown[start:] if one.page])
    await clinic.people.taps(other, pages[0].key, "acknowledge")
    await clinic.phones.sees(other, CLOSED)
    await clinic.phones.until(lambda: [one for one in clinic.phones.shown[start:] if one.page and one.place == "back"])


# -- places, and everything else -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    ["nobody", "%00", "..%2f..%2fprivate%2fp00", "%ff%fe", "x" * 5000, "%F0%9F%8C%92", "p00%20", "P00"],
    ids=range(8),
)
async def test_somebody_nobody_knows_gets_the_numbers(clinic: Clinic, place: str) -> None:
    """Whatever their address looks like; and they learn nothing about anybody."""
    before = {one.key for one in clinic.phones.shown}
    status, _ = await clinic.post(place, json.dumps({"id": "1", "body": "I want to die"}).encode())
    assert status in {200, 400}
    if status == 200:
        wanted = "I do not know this account"
        await clinic.phones.until(
            lambda: [one for one in clinic.phones.shown if one.key not in before and wanted in one.text]
        )
    await clinic.is_served("p00")


@pytest.mark.parametrize("where", ["", "somewhere", "1", "1,2,3", "a,b", ",", "1;2"], ids=range(7))
async def test_a_place_that_is_none_is_looked_at_by_a_person(clinic: Clinic, where: str) -> None:
    """Somebody meant something by it: they get the numbers, and a page asks who can look."""
    who = clinic.somebody()
    await clinic.people.does(who, "location", where)
    await clinic.phones.sees(who, UNREAD)
    [kept] = clinic.kept(who)
    assert kept["state"] == "failed"
    await clinic.is_served(who)


@pytest.mark.parametrize(
    "where", ["nan,nan", "inf,-inf", "1e400,2", "-91,181", " 1 , 2 ", "9" * 10_000 + ",1"], ids=range(6)
)
async def test_a_place_that_is_nowhere_does_no_harm(clinic: Clinic, where: str) -> None:
    """Numbers all the same, and nobody asked for help."""
    who = clinic.somebody()
    await clinic.people.does(who, "location", where)
    await clinic.phones.until(lambda: len(clinic.screen(who)) > 2)
    await clinic.is_served(who)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "/case",
        "/case #",
        "/case #" + "9" * 30,
        "/note #" + "9" * 5000 + " hello",
        "/plan \0",
        "/plan \ud800",
        "//",
        "1",
        "9" * 5000,
    ],
    ids=range(10),
)
async def test_staff_who_write_oddly_are_answered(clinic: Clinic, words: str) -> None:
    """A slip of the thumb must not cost a page, nor silence."""
    before = len(clinic.phones.screen("theo"))
    await clinic.people.says("theo", words)
    await clinic.phones.until(lambda: len(clinic.phones.screen("theo")) > before)


@pytest.mark.parametrize("kind", ["panic", "location", "tap"])
async def test_staff_who_press_oddly_are_answered(clinic: Clinic, kind: str) -> None:
    """The same for what only participants' phones should send."""
    before = len(clinic.phones.screen("theo"))
    await clinic.people.does("theo", kind, "what")
    await clinic.phones.until(lambda: len(clinic.phones.screen("theo")) > before)


async def test_a_screen_can_be_asked_for_from_anywhere(clinic: Clinic) -> None:
    """Where the program keeps what it says, an odd position is the beginning."""
    for after in ("0", "-1", "abc", "9" * 400, ""):
        async with clinic.people.session.get(f"{clinic.programme.door}/p00?after={after}") as response:
            assert (response.status, await response.json()) == (200, [])


async def test_the_ids_of_everything_posted_are_known() -> None:
    """The judge and the channel mean the same id."""
    for place, posted in itertools.product(("p00", "\0"), ("1", "é", "x" * 100)):
        assert known_as(place, posted) == http_phones.known_as(place, posted)
