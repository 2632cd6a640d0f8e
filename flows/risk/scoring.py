"""How well does the assessment agree with the people who labelled messages?

Values and arithmetic only. What counts as right is a matter of how fast a human looks: a crisis has to alert somebody,
an emergency has to page somebody, ordinary talk has to leave everybody in peace. Every share says of how many,
and between which two bounds it may well lie: twenty messages prove little, and the figure must not hide it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from flows.level import Level
from flows.phi import Phi
from flows.risk.values import Assessment

#: Words that name the danger, however they are spelled; everything else has to be understood.
EXPLICIT: Final = frozenset(
    {
        "direct", "slang", "typo", "leetspeak", "hidden-characters", "confusable", "spaced-letters", "abbreviation",
        "clinical-abbrev", "bare-call", "panic-button",
    }
)  # fmt: skip
#: Mistaken for one another without much harm: the same human looks equally fast.
NEAR_CATEGORIES: Final = frozenset({"suicide", "self_harm", "medical"})
FEWEST_OF_A_PHENOMENON: Final = 5
_Z: Final = 1.959964  # 95 % of a normal distribution lie within so many standard deviations


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message, and what a person says of it."""

    id: str
    text: Phi[str]
    lang: str
    label: Level
    category: str
    phenomenon: str


@dataclass(frozen=True, slots=True)
class Scored:
    """A labelled message, and what the assessment says of it."""

    message: Labelled
    found: Assessment

    @property
    def label(self) -> Level:
        return self.message.label

    @property
    def alerts(self) -> bool:
        return self.found.level >= Level.URGENT

    @property
    def pages(self) -> bool:
        return self.found.level is Level.EMERGENCY

    @property
    def is_crisis(self) -> bool:
        """Whether somebody ought to be alerted."""
        return self.label >= Level.URGENT

    @property
    def is_explicit(self) -> bool:
        return self.message.phenomenon in EXPLICIT


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many. `hits` may hold halves."""

    hits: float
    of: int

    @property
    def value(self) -> float:
        """Between 0 and 1; 0 of nothing."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The Wilson interval, 95 %. It stays between 0 and 1, and stays wide where there is little to go by."""
        if not self.of:
            return 0.0, 1.0
        size, share = self.of, self.value
        middle = share + _Z**2 / (2 * size)
        reach = _Z * sqrt(share * (1 - share) / size + _Z**2 / (4 * size**2))
        whole = 1 + _Z**2 / size
        return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    what: str
    share: Share


@dataclass(frozen=True, slots=True)
class Section:
    """Figures that belong together."""

    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class _Measure:
    """Which messages are asked, and how much each of them counts."""

    what: str
    among: Callable[[Scored], bool]
    counts: Callable[[Scored], float]

    def of(self, scored: Iterable[Scored]) -> Share:
        asked = [self.counts(one) for one in scored if self.among(one)]
        return Share(sum(asked), len(asked))


def _labelled(level: Level) -> Callable[[Scored], bool]:
    return lambda one: one.label is level


_CRISIS = _Measure("crisis (urgent, emergency) that alerts", lambda one: one.is_crisis, lambda one: one.alerts)
_PAGES = _Measure("emergency that pages", _labelled(Level.EMERGENCY), lambda one: one.pages)
_DANGER: Final = (
    _CRISIS,
    _Measure("emergency that alerts", _labelled(Level.EMERGENCY), lambda one: one.alerts),
    _PAGES,
    _Measure(
        "emergency, half for an alert that is no page",
        _labelled(Level.EMERGENCY),
        lambda one: (one.alerts + one.pages) / 2,
    ),
)
_CAUGHT = _Measure("watch that is caught at any level", _labelled(Level.WATCH), lambda one: one.found.level > 0)
_OVER = _Measure("watch that alerts (over-escalation)", _labelled(Level.WATCH), lambda one: one.alerts)
_ALARM = _Measure("none that alerts (false alarm)", _labelled(Level.NONE), lambda one: one.alerts)
_FALSE_PAGE = _Measure("none that pages", _labelled(Level.NONE), lambda one: one.pages)
_QUIET: Final = (_ALARM, _FALSE_PAGE, _CAUGHT, _OVER)
_CATEGORY = _Measure(
    "category as labelled, of crisis that alerts",
    lambda one: one.is_crisis and one.alerts,
    lambda one: one.found.category == one.message.category,
)
_IN_SHORT: Final = (_CRISIS, _PAGES, _CAUGHT, _OVER, _ALARM, _FALSE_PAGE)


def sections(scored: Sequence[Scored]) -> tuple[Section, ...]:
    """All figures. What there is no message for has no line, and a section without a line is not there."""
    every = (
        _section("All messages", scored, (*_DANGER, *_QUIET, _CATEGORY)),
        _section("Explicit wording", [one for one in scored if one.is_explicit], _DANGER),
        _section("Indirect wording (all other)", [one for one in scored if not one.is_explicit], _DANGER),
        *_languages(scored),
        Section("By level, exactly as labelled", tuple(_levels(scored))),
        Section("By category", tuple(_grouped(scored, lambda one: one.message.category, _IN_SHORT, fewest=1))),
        Section("By phenomenon, of five or more messages", tuple(_phenomena(scored))),
    )
    return tuple(section for section in every if section.figures)


def levels_given(scored: Iterable[Scored]) -> Counter[tuple[Level, Level]]:
    """How often a message labelled with the first level was given the second."""
    return Counter((one.label, one.found.level) for one in scored)


def categories_given(scored: Iterable[Scored]) -> Counter[tuple[str, str]]:
    """How often a crisis of the first category, that alerts, was taken for the second."""
    return Counter(
        (one.message.category, one.found.category)
        for one in scored
        if _CATEGORY.among(one) and not _CATEGORY.counts(one)
    )


def what_is_wrong(one: Scored) -> str:
    """In what way the assessment is not what was labelled, the worst first; nothing where it is."""
    return next((words for words, holds in _WRONG if holds(one)), "")


def _section(title: str, scored: Iterable[Scored], measures: Iterable[_Measure]) -> Section:
    scored = list(scored)
    figures = (Figure(measure.what, measure.of(scored)) for measure in measures)
    return Section(title, tuple(figure for figure in figures if figure.share.of))


def _languages(scored: Sequence[Scored]) -> Iterator[Section]:
    languages = sorted({one.message.lang for one in scored})
    for language in languages if len(languages) > 1 else ():
        spoken = [one for one in scored if one.message.lang == language]
        yield _section(f"Language {language}", spoken, (*_DANGER, *_QUIET))
        for title, explicit in (("explicit", True), ("indirect", False)):
            yield _section(f"Language {language}, {title}", [o for o in spoken if o.is_explicit is explicit], _DANGER)


def _levels(scored: Sequence[Scored]) -> Iterator[Figure]:
    for level in Level:
        measure = _Measure(level.word, _labelled(level), lambda one: one.found.level is one.label)
        share = measure.of(scored)
        if share.of:
            yield Figure(level.word, share)


def _phenomena(scored: Sequence[Scored]) -> Iterator[Figure]:
    return _grouped(scored, lambda one: one.message.phenomenon, _IN_SHORT, fewest=FEWEST_OF_A_PHENOMENON)


def _grouped(
    scored: Sequence[Scored], name_of: Callable[[Scored], str], measures: Iterable[_Measure], *, fewest: int
) -> Iterator[Figure]:
    groups: dict[str, list[Scored]] = {}
    for one in scored:
        groups.setdefault(name_of(one), []).append(one)
    for name in sorted(groups):
        shares = [(measure.what, measure.of(groups[name])) for measure in measures if len(groups[name]) >= fewest]
        yield from (Figure(f"{name}: {what}", share) for what, share in shares if share.of)


_WRONG: Final[tuple[tuple[str, Callable[[Scored], bool]], ...]] = (
    ("missed", lambda one: one.is_crisis and not one.alerts),
    ("alert but no page", lambda one: one.label is Level.EMERGENCY and not one.pages),
    ("false page", lambda one: one.label is Level.NONE and one.pages),
    ("false alarm", lambda one: one.label is Level.NONE and one.alerts),
    ("over-escalation", lambda one: one.label is Level.WATCH and one.alerts),
    ("watch not caught", lambda one: one.label > one.found.level),
    ("too high", lambda one: one.label < one.found.level),
    ("category", lambda one: one.label > Level.NONE and one.found.category != one.message.category),
)
