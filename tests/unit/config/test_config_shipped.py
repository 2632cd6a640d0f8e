"""What is shipped is right, and safe as it is."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from bot.checking import check
from bot.loading import load_library, shipped_config
from bot.reading import read_document
from flows.answer import understand
from flows.ladder import SEATS
from flows.rota import DAYS
from flows.settings import Settings

#: None of these says that somebody is safe.
DOUBTFUL = """
maybe, i think so, i guess, idk, for now, not really, kind of, not, ok, fine, k, sure, good, no, im not, I’m not safe,
no im not safe, unsafe, not yet, whatever, i'm, saf, yes and no
""".replace("\n", " ").split(", ")


@pytest.fixture(scope="module")
def library():
    return load_library([shipped_config()])


def test_the_shipped_configuration_has_no_complaints():
    """A clinic starts from something that is right, in every file."""
    assert check([shipped_config()]) == []


def test_reading_everything_is_quick(library):
    """Whoever plays a rehearsal starts the program for each evening anew."""
    started = time.process_time()
    load_library([shipped_config()])
    assert time.process_time() - started < 0.5


def test_the_settings_file_names_every_setting_with_its_safe_value(library):
    """Somebody who reads the file has seen everything there is; and leaving a key out changes nothing."""
    written = read_document(shipped_config() / "handrail.toml")
    for section, model in Settings.model_fields.items():
        assert set(written.value[section]) == set(model.annotation.model_fields), section
    assert library.settings == Settings()


@pytest.mark.parametrize("day", DAYS)
def test_a_check_in_is_at_most_seven_taps(library, day):
    """Whoever is asked too much stops answering. The substance-use track, agreed to separately, may ask two more."""
    assert longest(library, day, track="") <= 7
    assert longest(library, day, track="substance_use") <= 9


def longest(library, day, track):
    """The most taps that any way through the check-in takes; the way into the crisis conversation ends it."""
    script = library.conversation("en", "check_in")

    def taps(step):
        if step is None:
            return 0
        meant = (not step.days or day in step.days) and step.only_if in ("", track)
        if not meant:
            return taps(script.after(step))
        ways = [choice.id for choice in step.choices] + [""]
        return step.asks + max(taps(script.after(step, way)) for way in ways)

    return taps(script.first)


def test_the_safety_question_is_not_the_last_one(library):
    """Whoever breaks off a check-in has been asked what matters most."""
    steps = [step.id for step in library.conversation("en", "check_in").steps]
    assert steps.index("safety") < 3


def test_every_question_of_the_check_in_can_be_left_out(library):
    """Nobody has to answer anything."""
    for step in library.conversation("en", "check_in").steps:
        assert not step.asks or step.skip or step.unsaid, step.id


@pytest.mark.parametrize("said", ["yes", "I'm safe", "Yes I am!", "im ok", "i am safe now"])
def test_plain_words_say_that_somebody_is_safe(library, said):
    """A button is no more than a short cut for words."""
    assert understand(said, library.step("en", "crisis.safe")) == "safe"


@pytest.mark.parametrize("said", DOUBTFUL)
@pytest.mark.parametrize("question", ["crisis.safe", "crisis.danger"])
def test_a_doubtful_word_never_means_safe(library, question, said):
    """Doubt is an answer of its own, or none."""
    assert understand(said, library.step("en", question)) != "safe"


@pytest.mark.parametrize("said", ["not really", "maybe", "i dont know", "idk", "sometimes", "kind of", "nothing", "ok"])
def test_a_doubtful_word_is_no_no_to_the_direct_question(library, said):
    """Nobody is taken at a word they did not say."""
    assert understand(said, library.step("en", "crisis.direct")) != "no"
    assert understand(said, library.step("en", "check_in.safety")) != "no"


def test_the_ladders_have_the_clocks_of_the_protocol(library):
    """Level emergency: 0, 5, 10, 15 minutes, then every 5. Level urgent: 0, 15, 30, 60, then every 15."""

    def minutes(ladder):
        return [tier.after // timedelta(minutes=1) for tier in ladder.tiers]

    emergency, urgent = library.escalation.emergency, library.escalation.urgent
    assert (minutes(emergency), emergency.repeat_every) == ([0, 5, 10, 15], timedelta(minutes=5))
    assert (minutes(urgent), urgent.repeat_every) == ([0, 15, 30, 60], timedelta(minutes=15))
    assert set(emergency.tiers[0].page) == {"primary", "therapist"}
    named = {seat for tier in emergency.tiers for seat in (*tier.page, *tier.first_of, *tier.tell)}
    assert named == set(SEATS) - {"therapist_on_shift"}


def test_nobody_has_dialled_a_number_yet(library):
    """A date in `last_verified` is a person's word that somebody answered. We give nobody's word."""
    for path in (shipped_config() / "resources").glob("*.yaml"):
        for line in read_document(path).value["lines"]:
            assert line["last_verified"] == "", (path.name, line["id"])


def test_a_page_says_nothing_about_anybody(library):
    """It is read on a locked screen, by whoever is near."""
    for name in ("page", "page_again", "copy", "watch", "new_signal", "relay_hidden"):
        text = library.step("en", f"care.{name}").say
        assert "{name}" not in text
        assert "{words}" not in text
        assert not any(word in text.lower() for word in ("suicid", "self-harm", "crisis", "risk", "patient", "safe"))
