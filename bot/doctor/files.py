"""The programme's files: are they whole, what do they leave in English, what do they switch off, who verified what?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from bot.checking import check, missing
from bot.config_files import gather
from bot.console import counted
from bot.doctor.finding import Finding, broken, look, ok
from bot.doctor.screening import screening
from bot.inspecting.approval import fingerprint
from bot.loading import Survey, look_at
from bot.places import SHIPPED
from flows.content import Conversation
from flows.library import MOTHER_TONGUE, Library
from flows.risk import RulesFile


def files(survey: Survey, roots: Sequence[Path], named: str) -> Iterator[Finding]:
    """Everything about the files that needs no database. `named` is how the folder is named on a command line."""
    mend = f"handrail check{named}"
    library = survey.library
    if library is None:
        count = counted(len(survey.complaints), "mistake")
        yield broken("files", f"{count} that keep Handrail from starting.", mend)
        return
    complaints = check(roots)
    if complaints:
        yield look("files", f"{counted(len(complaints), 'complaint')} about texts and rules.", mend)
    else:
        yield ok("files", f"nothing is wrong (version {library.version})")
    yield from _languages(library, roots, named)
    yield _approved(library)
    yield _lines(library)
    shipped = look_at(gather([SHIPPED]))
    yield _switched_off(shipped, survey)
    yield from screening(shipped, survey)


def _languages(library: Library, roots: Sequence[Path], named: str) -> Iterator[Finding]:
    for language in library.languages:
        left = missing(roots, language) if language != MOTHER_TONGUE else []
        if left:
            says = f"{counted(len(left), 'step')} still said in English to people who use {language}."
            yield look("languages", says, f"handrail check{named} --missing {language}")
    yield ok("languages", ", ".join(library.languages))


def _is_signed(conversation: Conversation) -> bool:
    """By somebody, on a day, for exactly these words."""
    signed = conversation.approved
    return signed is not None and _is_day(signed.on) and signed.texts == fingerprint(conversation)


def _approved(library: Library) -> Finding:
    """Crisis texts that a named person signed on a day that can be read as one."""
    unsigned = [
        f"{language}/{name}"
        for language, spoken in library.content.items()
        for name, conversation in spoken.items()
        if conversation.kind == "crisis" and not _is_signed(conversation)
    ]
    if not unsigned:
        return ok("crisis texts", "approved")
    mend = "Have a clinician read them; write who and when under `approved:` in your own folder's content/<language>/."
    return look("crisis texts", f"Nobody has approved these yet: {', '.join(unsigned)}.", mend)


def _lines(library: Library) -> Finding:
    lines = library.crisis_lines.lines
    country = library.crisis_lines.country
    never = [line.id for line in lines if not _is_day(line.last_verified)]
    if not never:
        return ok("crisis lines", f"{counted(len(lines), 'line')} for {country}, each dialled by somebody")
    mend = f"Dial each, then write the day: `last_verified:` in config/resources/{country.lower()}.yaml."
    return look("crisis lines", f"Nobody has ever dialled {len(never)} of {len(lines)}: {', '.join(never)}.", mend)


def _is_day(written: str) -> bool:
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True


# -- what this programme switches off ------------------------------------------------------------------------------


def _switched_off(shipped: Survey, own: Survey) -> Finding:
    found = list(switched_off(shipped, own))
    if not found:
        return ok("switched off", "nothing that comes with Handrail")
    return look("switched off", f"{'; '.join(found)}.", "If that is meant, nothing. Else take it out of your files.")


def switched_off(shipped: Survey, own: Survey) -> Iterator[str]:
    """What is shipped and is not there, or speaks lower, in the programme's own files."""
    theirs, ours = _rules(own), _rules(shipped)
    gone = [name for name in ours if name not in theirs]
    lower = [name for name in ours if name in theirs and theirs[name] < ours[name]]
    if gone:
        yield f"{counted(len(gone), 'rule')} about words taken away: {', '.join(gone[:5])}"
    if lower:
        yield f"{counted(len(lower), 'rule')} about words made quieter: {', '.join(lower[:5])}"
    if shipped.scores and own.scores:
        there = {rule.id for rule in own.scores.rules}
        lost = [rule.id for rule in shipped.scores.rules if rule.id not in there]
        if lost:
            yield f"{counted(len(lost), 'rule')} about answers taken away: {', '.join(lost[:5])}"
    if shipped.patterns and own.patterns:
        lost = [name for name in shipped.patterns.by_id if name not in own.patterns.by_id]
        if lost:
            yield f"{counted(len(lost), 'rule')} about patterns taken away: {', '.join(lost[:5])}"
    yield from _steps(shipped, own)
    yield from _settings(own)


def _rules(survey: Survey) -> dict[str, int]:
    return {
        rule.id: int(rule.level)
        for file in survey.lexicon_files.values()
        if isinstance(file, RulesFile)
        for rule in file.rules
    }


def _steps(shipped: Survey, own: Survey) -> Iterator[str]:
    theirs = own.spoken(MOTHER_TONGUE)
    for name, conversation in shipped.spoken(MOTHER_TONGUE).items():
        there = theirs[name].by_id if name in theirs else {}
        gone = [step for step in conversation.by_id if step not in there]
        if gone:
            yield f"{counted(len(gone), 'step')} of {name} taken away: {', '.join(gone[:5])}"


def _settings(own: Survey) -> Iterator[str]:
    if own.settings is not None and not own.settings.check_in.reminders_after:
        yield "reminders of an unanswered check-in (check_in.reminders_after)"
    if own.settings is not None and own.settings.privacy.words_on_public_channels:
        yield "the veil over words on public channels (privacy.words_on_public_channels)"
    for level in ("urgent", "emergency"):
        ladder = getattr(own.escalation, level, None)
        if ladder is not None and not ladder.follow_ups:
            yield f"follow-ups after an {level} case"
