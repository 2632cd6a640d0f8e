"""Was anything lost, doubled, late or out of order? Each question is a function; what it returns is what is wrong.

Judged from outside (what people did, what their phones showed), and from one look into the database.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flows.durations import duration
from flows.level import Level
from tests.faults.evidence import Evidence, Row, said_in

#: A climb that is due while the process is up is made within a heartbeat and what it takes to decide, in seconds.
HEARTBEAT = 2.5
#: What a timer may be early: nothing but the rounding of a microsecond.
ROUNDING = 0.001
SEATS = {"primary": "prim", "backup": "back", "supervisor": "supe", "director": "dire"}
RELAY = "care.relay"
TAKEN = {"acknowledged", "engaged", "resolved", "closed"}

Wrongs = Iterator[str]


# -- messages in ---------------------------------------------------------------------------------------------------


def lost_or_doubled_arrivals(e: Evidence) -> Wrongs:
    """Everything that was confirmed is in the inbox, once, with the very words."""
    kept = Counter(row["external_id"] for row in e.rows["inbox"])
    bodies = {row["external_id"]: row["body"] for row in e.rows["inbox"]}
    for posted in e.posted:
        known = known_as(posted.place, posted.id)
        if posted.confirmed and kept[known] != 1:
            yield f"{posted.id} was confirmed and is in the inbox {kept[known]} times"
        elif posted.confirmed and posted.kind == "text" and bodies[known] != posted.body:
            yield f"{posted.id} is kept with other words"
        if not posted.confirmed:
            yield f"{posted.id} was never confirmed: {posted.answers[-3:]}"
    posts = {known_as(posted.place, posted.id) for posted in e.posted}
    yield from (f"{known} is in the inbox and nobody posted it" for known in kept if known not in posts)


def known_as(place: str, posted_id: str) -> str:
    """The id under which the simulated channel keeps what one phone posted."""
    return sha256(f"{place}\0{posted_id}".encode()).hexdigest()


def unhandled_arrivals(e: Evidence) -> Wrongs:
    """Everything kept was handled exactly once, or failed and a person was told."""
    handled = Counter(
        row["object_id"]
        for row in e.rows["audit"]
        if row["object_kind"] == "event" and row["action"].split(".")[0] in {"handled", "staff"}
    )
    told = {row["object_id"] for row in e.rows["audit"] if row["action"] == "timer.broken"}
    for row in e.rows["inbox"]:
        if row["state"] == "handled" and handled[row["id"]] != 1:
            yield f"message {row['id']} has {handled[row['id']]} decisions"
        elif row["state"] == "failed" and row["id"] not in told:
            yield f"message {row['id']} failed and nobody was told"
        elif row["state"] not in {"handled", "failed"}:
            yield f"message {row['id']} is {row['state']}"


# -- messages out --------------------------------------------------------------------------------------------------


def lost_promises(e: Evidence) -> Wrongs:
    """What was promised was shown, or replaced by something newer; what was shown was promised, in these words."""
    shown = {(one.place, one.key): one.text for one in e.shown}
    rows = {(row["person_id"], row["id"]): row for row in e.rows["outbox"]}
    for where, row in rows.items():
        if row["state"] == "sent" and where not in shown:
            yield f"{row['content']} to {where[0]} is marked as sent and was never shown"
        elif row["state"] in {"waiting", "sending", "failed", "expired", "uncertain"}:
            yield f"{row['content']} to {where[0]} ended as {row['state']}"
        elif row["state"] == "later" and row["attempts"]:
            yield f"{row['content']} to {where[0]} still waits for another try"
    for where, text in shown.items():
        if where not in rows:
            yield f"{where[0]} was shown something that nobody promised"
        elif text != said_in(rows[where]):
            yield f"{where[0]} was shown other words than were promised"


def unanswered_messages(e: Evidence) -> Wrongs:
    """Whoever wrote something got an answer, or their words went to the human being who speaks with them: in the same
    moment as the message was kept."""
    answered = {(row["person_id"], row["made_at"]) for row in e.rows["outbox"]}
    relayed = {(row["subject_id"], row["made_at"]) for row in e.rows["outbox"] if row["content"].startswith(RELAY)}
    for row in e.rows["inbox"]:
        mine = (row["person_id"], row["arrived_at"])
        if row["kind"] == "text" and row["person_id"] in e.programme.participants and mine not in answered | relayed:
            yield f"{row['person_id']} wrote {row['id']} and got no answer"


def doubled_keys(e: Evidence) -> Wrongs:
    """A phone is shown a thing again only under the key it had before."""
    made = Counter(
        (row["person_id"], row["page"], row["ref"], _stretch_of(e, row)) for row in e.rows["outbox"] if row["page"]
    )
    yield from (
        f"{who} was paged {number} times for one step ({page})"
        for (who, page, *_), number in made.items()
        if number > 1
    )
    texts = defaultdict(set)
    for one in e.shown:
        texts[one.place, one.key].add((one.text, one.choices))
    yield from (f"one key showed {len(found)} texts to {where[0]}" for where, found in texts.items() if len(found) > 1)


def out_of_order(e: Evidence) -> Wrongs:
    """What one participant is shown first comes in the order in which it was decided, class by class."""
    rows = {row["id"]: row for row in e.rows["outbox"]}
    newest: dict[tuple[str, int], int] = {}
    seen: set[str] = set()
    for one in e.shown:
        row = rows.get(one.key)
        if row is None or one.key in seen or one.place not in e.programme.participants:
            continue
        seen.add(one.key)
        lane = (one.place, row["urgency"])
        if row["seq"] < newest.get(lane, 0):
            yield f"{one.place} was shown {row['content']} ({row['seq']}) after {newest[lane]}"
        newest[lane] = max(row["seq"], newest.get(lane, 0))


# -- pages ---------------------------------------------------------------------------------------------------------


def unpaged_crises(e: Evidence) -> Wrongs:
    """Every crisis message has a case above watch, and somebody's phone showed a page for every such case."""
    paged = {one.page[0] for one in e.shown if one.page}
    cases = {row["id"]: row for row in e.rows["care_case"]}
    for row in cases.values():
        if row["level"] >= Level.URGENT and row["number"] not in paged:
            yield f"case {row['number']} is {Level(row['level']).word} and no phone showed a page"
    urgent = defaultdict(list)
    for signal in e.rows["signal"]:
        if signal["level"] >= Level.URGENT and signal["case_id"] in cases:
            urgent[signal["person_id"]].append(signal["at"])
    arrived = {row["external_id"]: row for row in e.rows["inbox"]}
    for posted in e.posted:
        row = arrived.get(known_as(posted.place, posted.id))
        if (
            posted.id in e.crises
            and row
            and row["state"] == "handled"
            and row["arrived_at"] not in urgent[posted.place]
        ):
            yield f"{posted.id} was a crisis and no signal of it is on a case"


@dataclass(frozen=True)
class Stretch:
    """One climb of a case: from when its ladder began until somebody took the case, it rose, or the evening ended."""

    case: Row
    level: str
    start: float
    end: float


def stretches(e: Evidence) -> list[Stretch]:
    """Every climb that began with a signal. What follows a lapse is judged by the page that is made at once."""
    found = []
    for case in e.rows["care_case"]:
        facts = sorted(
            (f for f in e.rows["case_fact"] if f["case_id"] == case["id"]), key=lambda f: (f["at"], f["seq"])
        )
        for place, fact in enumerate(facts):
            if fact["kind"] not in {"case_opened", "level_raised"}:
                continue
            level = _level_after(e, case, fact)
            if level is None:
                continue
            ends = (f["at"] for f in facts[place + 1 :] if f["kind"] in TAKEN | {"level_raised"})
            found.append(Stretch(case, level, fact["at"], next(ends, e.lives[-1].gone)))
    return found


def _level_after(e: Evidence, case: Row, fact: Row) -> str | None:
    action = fact["kind"]
    for row in e.rows["audit"]:
        if row["action"] == action and row["object_id"] == case["id"] and row["at"] == fact["at"]:
            level = str(json.loads(row["detail"])["level"])
            return None if level == "watch" else level
    return None


def _stretch_of(e: Evidence, row: Row) -> float:
    """When the climb began that a page belongs to."""
    starts = [
        fact["at"]
        for fact in e.rows["case_fact"]
        if fact["case_id"] == row["ref"] and fact["kind"] in {"case_opened", "level_raised", "lapsed", "released"}
    ]
    return max((at for at in starts if at <= row["made_at"]), default=0.0)


def ladder_off_its_clock(e: Evidence) -> Wrongs:
    """Tier n is asked at the beginning of the climb + its `after`: never before, and no later than the time that the
    process was down explains."""
    for climb in stretches(e):
        tiers = e.ladder[climb.level]["tiers"]
        for number, tier in enumerate(tiers):
            due = climb.start + duration(tier["after"]).total_seconds()
            made = sorted(_pages(e, climb, number))
            name = f"case {climb.case['number']}, {climb.level}, tier {number}"
            if made and made[0] < due - ROUNDING:
                yield f"{name} was asked {due - made[0]:.2f} s too early"
            asked = made[0] if made else climb.end
            if (late := uptime(e, due, asked)) > HEARTBEAT:
                yield f"{name} {'was asked' if made else 'was not asked though it was due'} {late:.2f} s ago"


def _pages(e: Evidence, climb: Stretch, tier: int) -> Iterator[float]:
    """When the pages of this step were made."""
    mark = f"{climb.case['number']} {climb.level} {tier} 0"
    for row in e.rows["outbox"]:
        if row["page"] == mark and climb.start <= row["made_at"] <= climb.end:
            yield row["made_at"]


def uptime(e: Evidence, since: float, until: float) -> float:
    """For how many seconds between two moments the process was up and ready."""
    return sum(max(0.0, min(life.gone, until) - max(life.ready, since)) for life in e.lives if life.ready)


def wrong_tier(e: Evidence) -> Wrongs:
    """Pages go to whom the tier names, to everybody it names, and to nobody else."""
    asked = defaultdict(set)
    for row in e.rows["outbox"]:
        if row["page"] and row["page"].endswith(" 0"):
            asked[row["page"], row["subject_id"]].add(row["person_id"])
    for (mark, participant), people in asked.items():
        _, level, tier, _ = mark.split()
        wanted = _sitting(e.ladder[level]["tiers"][int(tier)], e.programme.therapist_of[participant])
        if people != wanted:
            yield f"tier {tier} of case {mark.split()[0]} asked {sorted(people)} instead of {sorted(wanted)}"


def _sitting(tier: Any, therapist: str) -> set[str]:
    seats = [*tier.get("page", ()), *tier.get("first_of", ())[:1]]
    return {therapist if seat.startswith("therapist") else SEATS[seat] for seat in seats}


def unseen_pages(e: Evidence) -> Wrongs:
    """Of a case that nobody took, every page that was made is on its phone, unless a newer one took its place."""
    shown = {(one.place, one.key) for one in e.shown}
    for row in e.rows["outbox"]:
        if row["page"] and row["state"] != "replaced" and (row["person_id"], row["id"]) not in shown:
            yield f"a page to {row['person_id']} ({row['page']}) was never shown"


# -- the database itself -------------------------------------------------------------------------------------------


def doubled_rows(e: Evidence) -> Wrongs:
    """No message, case, check-in, task or decision is there twice."""
    resolved = Counter(f["case_id"] for f in e.rows["case_fact"] if f["kind"] == "resolved")
    tasks = Counter((row["case_id"], row["kind"]) for row in e.rows["follow_up"])
    yield from (f"task {task} is there {n} times" for task, n in tasks.items() if n > resolved[task[0]])
    counted = {
        "case number": Counter(row["number"] for row in e.rows["care_case"]),
        "open case of": Counter(row["person_id"] for row in e.rows["care_case"] if row["state"] != "closed"),
        "check-in": Counter((row["person_id"], row["local_date"]) for row in e.rows["check_in"]),
        "outbox id": Counter(row["id"] for row in e.rows["outbox"]),
        "inbox id": Counter((row["channel"], row["external_id"]) for row in e.rows["inbox"]),
        "answer": Counter((row["person_id"], row["item"], row["at"]) for row in e.rows["answer"]),
        "fact": Counter((row["case_id"], row["kind"], row["at"], row["by"], row["seq"]) for row in e.rows["case_fact"]),
    }
    for what, found in counted.items():
        yield from (f"{what} {key} is there {number} times" for key, number in found.items() if number > 1)


def undelivered_check_ins(e: Evidence) -> Wrongs:
    """A check-in whose question was shown is marked as delivered; else a silence would never be noticed."""
    shown = {one.key for one in e.shown}
    reached = {row["ref"] for row in e.rows["outbox"] if row["id"] in shown and row["content"].startswith("check_in.")}
    for row in e.rows["check_in"]:
        if row["id"] in reached and row["delivered_at"] is None:
            yield f"the check-in of {row['person_id']} reached the phone and is not marked as delivered"


def timers_left_lying(e: Evidence) -> Wrongs:
    """Nothing that was due long before the end still waits."""
    for row in e.rows["timer"]:
        if uptime(e, row["due_at"], e.lives[-1].gone) > HEARTBEAT:
            yield f"timer {row['kind']} of {row['person_id']} was due and is still there"


def silent_cases(e: Evidence) -> Wrongs:
    """An open case that pages people always has a next time."""
    waiting = {(row["person_id"], row["kind"]) for row in e.rows["timer"]}
    clocks = {"open": "climb", "acknowledged": "lapse", "engaged": "unresolved"}
    for row in e.rows["care_case"]:
        clock = clocks.get(row["state"])
        if row["level"] >= Level.URGENT and clock and (row["person_id"], clock) not in waiting:
            yield f"case {row['number']} is {row['state']} and nothing waits for it"


def broken_database(e: Evidence) -> Wrongs:
    """The audit chain is whole, and the database says the same of itself."""
    if not e.chain.ok:
        yield f"the audit chain is {e.chain.fault} at {e.chain.bad_seq}"
    if e.chain.entries != len(e.rows["audit"]):
        yield f"the chain has {e.chain.entries} entries and the table {len(e.rows['audit'])}"
    if e.integrity != "ok":
        yield f"integrity_check says {e.integrity[:200]}"


def leaked_words(e: Evidence) -> Wrongs:
    """What people write, what they are called and where they are reached is in no output and in no open column."""
    for word in e.canaries:
        if word.encode() in e.output:
            yield f"{word} is in what the process said"
        if word.encode() in e.stored_bytes:
            yield f"{word} is readable in the database file"
    if b"Traceback" in e.output:
        yield "the process printed a traceback"


QUESTIONS: dict[str, Callable[[Evidence], Wrongs]] = {
    question.__name__: question
    for question in (
        lost_or_doubled_arrivals, unhandled_arrivals, lost_promises, unanswered_messages, doubled_keys, out_of_order,
        unpaged_crises, ladder_off_its_clock, wrong_tier, unseen_pages, doubled_rows, undelivered_check_ins,
        timers_left_lying, silent_cases, broken_database, leaked_words,
    )
}  # fmt: skip


def judge(evidence: Evidence) -> dict[str, list[str]]:
    """Everything that is wrong, by question; nothing for an evening without a fault."""
    found = {name: list(question(evidence)) for name, question in QUESTIONS.items()}
    return {name: wrongs for name, wrongs in found.items() if wrongs}
