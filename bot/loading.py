"""A programme's files as one `Library`, or every reason why they cannot be.

Shape, references, answers, slots and rules are looked at together, so that whoever wrote the files hears of everything
at once. How the words read is for `bot/checking.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bot.config_files import Files, Overrides, gather
from bot.inspecting.answers import answers
from bot.inspecting.paths import paths
from bot.inspecting.patterns import patterns
from bot.inspecting.scoring import scoring
from bot.inspecting.slots import slots
from bot.inspecting.translations import additions, over_english
from bot.inspecting.written import Written
from bot.lexicons import read_lexicon
from bot.reading import BadFiles, Complaint, Document, did_you_mean, read_as
from flows.content import Conversation
from flows.ladder import Escalation
from flows.library import MOTHER_TONGUE, CrisisLines, Library
from flows.lines import LINES
from flows.risk import Lexicon, LexiconFile, PatternRules, ScoreRules
from flows.settings import Settings

T = TypeVar("T")


def shipped_config() -> Path:
    """The words and thresholds that come with Handrail."""
    return Path(__file__).resolve().parent.parent / "config"


def load_library(roots: Sequence[Path], overrides: Overrides | None = None) -> Library:
    """Everything written under `roots`, the shipped folder first, with `overrides` over it. Raises BadFiles."""
    survey = look_at(gather(roots, overrides))
    if survey.library is None:
        raise BadFiles(survey.complaints)
    return survey.library


@dataclass
class Survey:
    """What was read, and what is wrong with it. `library` is there only when nothing is."""

    files: Files
    complaints: list[Complaint] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    lexicon_files: Mapping[str, LexiconFile] = field(default_factory=dict)
    lexicon: Lexicon | None = None
    settings: Settings | None = None
    escalation: Escalation | None = None
    crisis_lines: CrisisLines | None = None
    scores: ScoreRules | None = None
    patterns: PatternRules | None = None

    def read(self, kind: type[T], place: str) -> T | None:
        """The file at `place` as a `kind`; None, and complaints, when it cannot be."""
        document = self.files.documents.get(place)
        if document is None:
            return None
        try:
            return read_as(kind, document)
        except BadFiles as bad:
            self.complaints += bad.complaints
            return None

    def spoken(self, language: str) -> dict[str, Conversation]:
        """The conversations in one language, by name."""
        return {one.name: one.conversation for one in self.written if one.language == language}

    @property
    def library(self) -> Library | None:
        """The library, when nothing is wrong."""
        parts = (self.settings, self.escalation, self.crisis_lines, self.scores, self.patterns, self.lexicon)
        settings, escalation, crisis_lines, scores, patterns, lexicon = parts
        if self.complaints or not (settings and escalation and crisis_lines and scores and patterns and lexicon):
            return None
        languages = (MOTHER_TONGUE, *sorted({one.language for one in self.written} - {MOTHER_TONGUE}))
        return Library(
            settings=settings,
            escalation=escalation,
            content={language: self.spoken(language) for language in languages},
            crisis_lines=crisis_lines,
            lexicon=lexicon,
            scores=scores,
            patterns=patterns,
            version=self.files.version,
        )


def look_at(files: Files) -> Survey:
    """Read all files and compare them with each other and with what the code relies on."""
    survey = Survey(files, list(files.complaints))
    survey.settings = survey.read(Settings, "handrail")
    survey.escalation = survey.read(Escalation, "escalation")
    survey.scores = survey.read(ScoreRules, "risk/scores")
    survey.patterns = survey.read(PatternRules, "risk/patterns")
    survey.crisis_lines = _crisis_lines(survey)
    for language in (MOTHER_TONGUE, *(one for one in files.languages("content") if one != MOTHER_TONGUE)):
        survey.written += _conversations(survey, language)
    survey.lexicon_files, survey.lexicon, wrong = read_lexicon(files)
    survey.complaints += [*wrong, *_compare(survey), *_absent(survey)]
    survey.complaints = list(dict.fromkeys(survey.complaints))
    return survey


def _crisis_lines(survey: Survey) -> CrisisLines | None:
    countries = survey.files.below("resources")
    read = {country: survey.read(CrisisLines, f"resources/{country}") for country in countries}
    if survey.settings is None:
        return None
    wanted = survey.settings.programme.country.lower()
    if wanted not in countries:
        what = f'There are no crisis lines for "{wanted}": no file config/resources/{wanted}.yaml.'
        survey.complaints.append(_setting(survey, ("programme", "country"), what, did_you_mean(wanted, countries)))
    return read.get(wanted)


def _setting(survey: Survey, place: tuple[str, str], what: str, hint: str) -> Complaint:
    return survey.files.documents["handrail"].complaint(place, what, hint)


def _conversations(survey: Survey, language: str) -> Iterator[Written]:
    for name, document in survey.files.below(f"content/{language}").items():
        whole = document if language == MOTHER_TONGUE else _translated(survey, name, document)
        wrong = list(_twice(document)) + list(_misnamed(name, document))
        survey.complaints += wrong
        if whole is None or wrong:
            continue
        try:
            yield Written(language, read_as(Conversation, whole), whole)
        except BadFiles as bad:
            survey.complaints += bad.complaints


def _translated(survey: Survey, name: str, document: Document) -> Document | None:
    english = survey.files.below(f"content/{MOTHER_TONGUE}")
    if name not in english:
        what = f'There is no conversation "{name}" in English that this could be a translation of.'
        survey.complaints.append(document.complaint((), what, did_you_mean(name, english)))
        return None
    if name not in survey.spoken(MOTHER_TONGUE):
        return None  # its English file is wrong, and has been complained about
    wrong = list(additions(english[name], document))
    survey.complaints += wrong
    return None if wrong else over_english(english[name], document)


def _twice(document: Document) -> Iterator[Complaint]:
    """Two steps of one name: the second would never be found."""
    seen: set[str] = set()
    for number, step in document.at(("steps",)).parts.items():
        name = str(step.at(("id",)).value)
        if step.holds(("id",)) and name in seen:
            yield document.complaint(("steps", number, "id"), f'There are two steps "{name}".', "Rename one of them.")
        seen.add(name)


def _misnamed(name: str, document: Document) -> Iterator[Complaint]:
    written = document.at(("conversation",)).value
    if document.holds(("conversation",)) and written != name:
        what = f'The file is called "{name}", and the conversation in it "{written}".'
        yield document.complaint(("conversation",), what, f'Write "{name}" here.')


def _compare(survey: Survey) -> Iterator[Complaint]:
    for one in survey.written:
        yield from paths(one)
        yield from slots(one)
        yield from answers(one)
    if survey.scores is not None:
        yield from scoring(survey.scores, survey.files.documents["risk/scores"], survey.spoken(MOTHER_TONGUE))
    if survey.patterns is not None:
        yield from patterns(survey.patterns, survey.files.documents["risk/patterns"], survey.spoken(MOTHER_TONGUE))


def _absent(survey: Survey) -> Iterator[Complaint]:
    """What everything else relies on and nobody has written."""
    names = survey.files.below(f"content/{MOTHER_TONGUE}")
    folder = f"content/{MOTHER_TONGUE}"
    broken = {complaint.file.rpartition("/")[2].partition(".")[0] for complaint in survey.files.complaints}
    for name in LINES:
        if name not in names and name not in broken:
            yield Complaint(folder, None, "", f'There is no conversation "{name}".', did_you_mean(name, names))
    if "risk/scores" not in survey.files.documents and "scores" not in broken:
        yield Complaint("risk", None, "", "There is no file scores.yaml with the rules about answers.")
    if "risk/patterns" not in survey.files.documents and "patterns" not in broken:
        yield Complaint("risk", None, "", "There is no file patterns.yaml with the rules about patterns over time.")
    if survey.settings is not None:
        yield from _settings(survey, survey.settings, [*names, *broken])


def _settings(survey: Survey, settings: Settings, names: Iterable[str]) -> Iterator[Complaint]:
    script, language = settings.check_in.conversation, settings.programme.language
    languages = survey.files.languages("content")
    if script not in names or script in LINES:
        what = f'There is no conversation "{script}" that could be the check-in.'
        scripts = [name for name in names if name not in LINES]
        yield _setting(survey, ("check_in", "conversation"), what, did_you_mean(script, scripts))
    if language not in languages:
        what = f'There are no texts in "{language}".'
        yield _setting(survey, ("programme", "language"), what, did_you_mean(language, languages))
