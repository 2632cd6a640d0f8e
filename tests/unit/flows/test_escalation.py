"""From a signal to a human being who has the case: the ladder, its clocks, and what nobody may do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from flows.ladder import Roster
from flows.level import Level
from flows.message import Urgency
from tests.support.scene import EVENING, Scene, library, staff

CRISIS = "I am going to end it tonight"
PAGED_LEVELS = (Level.URGENT, Level.EMERGENCY)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_an_emergency_asks_the_person_on_call_and_the_own_therapist_at_once(scene: Scene) -> None:
    """Whoever answers first is the right one; the supervisor only hears of it."""
    scene.says(CRISIS)
    assert (scene.paged("jo"), scene.paged("ana"), scene.paged("lee"), scene.paged("kim")) == (1, 1, 0, 0)
    assert scene.sees("for your information", "kim")


@pytest.mark.parametrize(("minutes", "who"), [(5, "lee"), (10, "kim"), (15, "dee")])
def test_an_emergency_climbs_at_five_ten_and_fifteen_minutes(scene: Scene, minutes: int, who: str) -> None:
    """The clocks of the clinical protocol, to the second."""
    scene.says(CRISIS)
    scene.wait(minutes=minutes, seconds=-1)
    assert scene.paged(who) == 0
    scene.wait(seconds=1)
    assert scene.paged(who) == 1


def test_at_the_top_everybody_is_asked_again_every_five_minutes(scene: Scene) -> None:
    """Silence never lasts for ever, and the participant is told the truth about it."""
    scene.says(CRISIS)
    scene.wait(minutes=30)
    assert scene.paged("dee") == 4
    assert scene.paged("jo") == 4
    assert scene.sees("still", "maya") or scene.sees("nobody", "maya")


def test_the_ladder_keeps_its_original_clock_after_a_long_silence(scene: Scene) -> None:
    """A program that was down for an hour asks everybody who should have been asked, and then keeps the old beat."""
    scene.says(CRISIS)
    scene.now += timedelta(minutes=62)
    scene.wait(seconds=0)
    assert scene.paged("lee") == scene.paged("kim") == scene.paged("dee") == 1
    assert scene.timers["climb", "id-1"].at == EVENING + timedelta(minutes=65)


def test_not_me_asks_the_next_tier_at_once(scene: Scene) -> None:
    """A person who cannot come must not cost five minutes."""
    scene.says(CRISIS)
    scene.taps("not_me", "jo")
    assert scene.paged("lee") == 0
    scene.taps("not_me", "ana")
    assert scene.paged("lee") == 1


def test_a_page_that_reaches_nobody_climbs_at_once(scene: Scene) -> None:
    """A page to nobody is the worst bug there is."""
    scene.says(CRISIS)
    for person in ("jo", "ana"):
        scene.falls_due("page_failed", f"id-1/{person}", person=person)
    assert scene.paged("lee") == 1


def test_an_acknowledgement_is_a_lease_that_needs_an_act(scene: Scene) -> None:
    """Taken, then silence: the case climbs again, and whoever took it is told."""
    scene.says(CRISIS)
    scene.taps("acknowledge", "jo")
    assert scene.sees("Jo")
    scene.wait(minutes=15)
    assert scene.state == "open"
    assert scene.paged("lee") == 1


def test_first_contact_keeps_an_acknowledged_case(scene: Scene) -> None:
    """Whoever acts is left in peace, and reminded much later."""
    scene.says(CRISIS)
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    scene.wait(minutes=60)
    assert scene.state == "engaged"
    assert scene.paged("lee") == 0


def test_two_who_acknowledge_get_one_case(scene: Scene) -> None:
    """The second is told who has it; nothing changes hands by accident."""
    scene.says(CRISIS)
    scene.taps("acknowledge", "jo")
    scene.taps("acknowledge", "ana")
    assert scene.situation.case is not None
    assert scene.situation.case.holder_id == "jo"
    assert scene.sees("Jo", "ana")


def test_new_signals_join_the_open_case_without_paging_again(scene: Scene) -> None:
    """Ten frightened messages are one case, not ten pages."""
    for _ in range(10):
        scene.says(CRISIS)
    assert scene.paged("jo") == 1


def test_a_higher_level_starts_its_own_ladder_and_asks_the_holder_again(scene: Scene) -> None:
    """An urgent case that turns into an emergency is not covered by an old acknowledgement."""
    scene.says("I want to kill myself")
    assert scene.level is Level.URGENT
    scene.taps("acknowledge", "jo")
    scene.taps("not_safe")
    assert scene.level is Level.EMERGENCY
    assert scene.state == "open"
    assert scene.paged("jo") == 2


def test_a_watch_pages_nobody_ever(scene: Scene) -> None:
    """A watch is work for working hours; waking people for it teaches them to sleep through pages."""
    scene.says("everything feels hopeless")
    assert scene.level is Level.WATCH
    scene.wait(days=3)
    assert not any(scene.paged(person.id) for person in scene.roster.staff)
    assert scene.sees("watch", "kim")


def test_an_acknowledged_watch_does_not_climb(scene: Scene) -> None:
    """The clock for silence belongs to levels that page."""
    scene.says("everything feels hopeless")
    scene.wait(hours=12)
    scene.taps("acknowledge", "ana")
    scene.wait(days=1)
    assert not any(scene.paged(person.id) for person in scene.roster.staff)


def test_with_nobody_on_any_tier_the_operator_and_the_participant_are_told() -> None:
    """No rota, no staff: the truth, and the numbers."""
    people = tuple(person for person in Scene().roster.staff if person.id == "olu")
    scene = Scene(roster=Roster(people, ()))
    scene.says(CRISIS)
    assert scene.sees("988")
    assert scene.sees("case 1", "olu")
    assert scene.timers["climb", "id-1"].at > scene.now


def test_resolving_leaves_follow_ups_with_clocks(scene: Scene) -> None:
    """24, 48 and 72 hours, not "the next session"."""
    scene.says(CRISIS)
    scene.taps("acknowledge", "jo")
    scene.taps("resolve", "jo")
    turn = scene.says("with her sister, safe for tonight", "jo")
    hours = [(task.due_at - scene.now) / timedelta(hours=1) for task in turn.follow_ups]
    assert hours[:3] == [24, 48, 72]
    assert scene.state == "resolved"


def test_a_new_signal_opens_a_resolved_case_again(scene: Scene) -> None:
    """History stays in one place, and people are asked anew."""
    test_resolving_leaves_follow_ups_with_clocks(scene)
    scene.says(CRISIS)
    assert scene.state == "open"
    assert scene.paged("jo") == 2


STAFF = ("ana", "jo", "lee", "kim", "dee", "olu")
WORDS = (
    CRISIS,
    "I want to kill myself",
    "everything feels hopeless",
    "hello",
    "no",
    "I'm safe",
    "help",
    "stop",
    "plan",
    "7",
)
TAPS = ("safe", "unsure", "not_safe", "start", "another", "people", "a_lot", "no", "worse", "again", "stop")
ACTS = ("acknowledge", "not_me", "take_over", "hand_back", "resolve", "close")


class AnyEvening(RuleBasedStateMachine):
    """Whatever happens in whatever order: an open emergency has a next person and a next time."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene()
        self.highest: dict[str, Level] = {}

    @rule(words=st.sampled_from(WORDS))
    def maya_says(self, words: str) -> None:
        self.scene.says(words)

    @rule()
    def maya_calls_for_help(self) -> None:
        self.scene.calls_for_help()

    @rule(choice=st.sampled_from(TAPS), again=st.booleans())
    def maya_taps(self, choice: str, again: bool) -> None:
        if any(choice in {c.id for c in one.choices} for one in self.scene.screens.get("maya", [])):
            self.scene.taps(choice, again=again)

    @rule(who=st.sampled_from(STAFF), act=st.sampled_from(ACTS), again=st.booleans())
    def staff_taps(self, who: str, act: str, again: bool) -> None:
        if any(act in {c.id for c in one.choices} for one in self.scene.screens.get(who, [])):
            self.scene.taps(act, who, again)

    @rule(
        who=st.sampled_from(STAFF), words=st.sampled_from(("spoke with her", "/cases", "/note maya called", "1", "ack"))
    )
    def staff_says(self, who: str, words: str) -> None:
        self.scene.says(words, who)

    @rule(who=st.sampled_from(STAFF))
    def a_page_fails(self, who: str) -> None:
        case = self.scene.situation.case
        if case is not None and who in case.paged:
            self.scene.falls_due("page_failed", f"{case.id}/{who}", person=who)

    @rule(minutes=st.sampled_from((1, 4, 5, 11, 16, 61, 300, 1500)))
    def time_passes(self, minutes: int) -> None:
        self.scene.wait(minutes=minutes)

    @rule()
    def the_check_in_is_due(self) -> None:
        self.scene.falls_due("check_in", "2026-03-10")

    @invariant()
    def an_unresolved_case_that_pages_has_a_next_time(self) -> None:
        case = self.scene.situation.case
        if case is None or case.level not in PAGED_LEVELS or not case.unresolved:
            return
        kind = {"open": "climb", "acknowledged": "lapse", "engaged": "unresolved"}[case.state]
        assert (kind, case.id) in self.scene.timers
        assert self.scene.timers[kind, case.id].at > self.scene.now

    @invariant()
    def an_open_case_that_pages_has_somebody_who_was_asked(self) -> None:
        case = self.scene.situation.case
        if case is not None and case.level in PAGED_LEVELS and case.state == "open":
            assert any(self.scene.paged(person) for person in case.paged)

    @invariant()
    def nothing_lowers_a_level(self) -> None:
        case = self.scene.situation.case
        if case is not None:
            assert case.level >= self.highest.get(case.id, Level.NONE)
            self.highest[case.id] = case.level

    @invariant()
    def only_a_clinician_resolves_or_closes(self) -> None:
        for note in self.scene.last.notes:
            if note.action in {"resolved", "closed"}:
                assert note.actor in {"ana", "jo", "lee", "kim", "dee"}

    @invariant()
    def pages_go_to_people_on_the_ladder_only(self) -> None:
        ladder = {"ana", "jo", "lee", "kim", "dee"}
        assert {one.to for one in self.scene.last.says if one.page is not None} <= ladder

    @invariant()
    def a_page_holds_no_name_and_no_words(self) -> None:
        for one in self.scene.last.says:
            if one.page is not None:
                assert "maya" not in one.text.casefold()
                assert "rivers" not in one.text.casefold()
                assert "end it" not in one.text.casefold()

    @invariant()
    def while_a_human_speaks_the_program_says_only_numbers(self) -> None:
        case = self.scene.situation.case
        if case is None or not case.speaker_id:
            return
        allowed = {"crisis.human_here", "crisis.relay", "crisis.emergency", "crisis.location_kept", "crisis.human_left"}
        said = {one.content.partition("@")[0] for one in self.scene.last.says if one.to == "maya"}
        assert said <= allowed


TestAnyEvening = AnyEvening.TestCase
TestAnyEvening.settings = settings(
    max_examples=120, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_every_level_that_pages_ends_in_somebody() -> None:
    """The shipped ladders name roles that a clinic has."""
    for level in PAGED_LEVELS:
        assert library().escalation.of(level).tiers[-1].page


def test_in_a_clinic_of_one_the_therapist_hears_that_nobody_is_on_call() -> None:
    """No rota, no operator, at night: an empty ladder must not mean that nobody at all knows."""
    scene = Scene(roster=Roster((staff("ana", hours="Mon-Fri 09:00-17:00"),)))
    scene.says("I want to kill myself")
    told = [one for one in scene.last.says if one.to == "ana"]
    assert [one.content.partition("@")[0] for one in told] == ["care.nobody_on_ladder"]
    assert [one.urgency for one in told] == [Urgency.CRISIS]
