"""A programme writes down only what it wants otherwise."""

from __future__ import annotations

from datetime import timedelta

from bot.checking import missing
from bot.loading import load_library, shipped_config
from flows.level import Level


def test_a_folder_laid_over_changes_one_text_and_nothing_else(programme):
    """The clinic's own word for it, and all the rest as shipped."""
    programme.writes("content/en/everyday.yaml", "steps:\n  - id: started\n    say: The questions are back.\n")
    shipped, ours = load_library([shipped_config()]), programme.library
    assert ours.step("en", "everyday.started").say == "The questions are back."
    changed = [
        step.id
        for name, talk in ours.content["en"].items()
        for step in talk.steps
        if step != shipped.conversation("en", name).by_id[step.id]
    ]
    assert changed == ["started"]
    assert ours.version != shipped.version


def test_remarks_do_not_change_the_version(programme):
    """The version says which words were used, not how the file was explained."""
    programme.writes("content/en/everyday.yaml", "# ours\nconversation: everyday\n")
    assert programme.library.version == load_library([shipped_config()]).version


def test_settings_ladders_rules_and_texts_can_be_laid_over(programme):
    """What a rehearsal writes under `config:` has the keys of the files."""
    library = load_library(
        [shipped_config()],
        {
            "check_in": {"expires_after": "1h"},
            "programme": {"country": "GB"},
            "escalation": {"urgent": {"repeat_every": "7m"}},
            "content": {"en": {"everyday": {"steps": [{"id": "started", "say": "Back."}]}}},
            "risk": {
                "scores": {"rules": [{"id": "score.safety.some", "level": "urgent"}]},
                "patterns": {"rules": [{"id": "EW-LOW", "level": "urgent"}]},
            },
            "resources": {"gb": {"emergency": "112"}},
        },
    )
    assert library.settings.check_in.expires_after == timedelta(hours=1)
    assert library.escalation.urgent.repeat_every == timedelta(minutes=7)
    assert library.step("en", "everyday.started").say == "Back."
    assert library.facts("")["emergency"] == "112"
    assert library.patterns.by_id["EW-LOW"].level is Level.URGENT
    rule = next(rule for rule in library.scores.rules if rule.id == "score.safety.some")
    assert rule.level is Level.URGENT


def test_a_translation_leaves_out_what_it_likes(programme):
    """What nobody has translated is said in English, word by word, never not at all."""
    programme.writes(
        "content/es/check_in.yaml",
        """
        steps:
          - id: contact
            say: ¿Habló hoy con alguien de confianza?
            choices:
              - {id: "yes", label: Sí, words: [claro]}
        """,
    )
    library = programme.library
    assert library.languages == ("en", "es")
    contact = library.step("es", "check_in.contact")
    assert contact.say.startswith("¿Habló")
    assert [choice.label for choice in contact.choices] == ["Sí", "No"]
    assert library.step("es", "check_in.mood") == library.step("en", "check_in.mood")
    assert library.step("es", "crisis.safe") == library.step("en", "crisis.safe")


def test_what_is_not_translated_can_be_listed(programme):
    """So that a translator knows what is left to do."""
    programme.writes(
        "content/es/check_in.yaml",
        """
        steps:
          - {id: mood, say: ¿Cómo está su ánimo?, skip: Omitir}
          - {id: contact, say: ¿Habló con alguien?, skip: Omitir, choices: [{id: "yes", label: Sí}]}
        """,
    )
    left = {step.step: step.parts for step in missing(programme.roots, "es")}
    assert "check_in.mood" not in left
    assert left["check_in.contact"] == ("no",)
    assert left["crisis.lines"] == ("say",)
    assert not any(step.startswith("care.") for step in left)
