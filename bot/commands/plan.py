"""`handrail plan`: a participant's safety plan. Whoever looks must be somebody who may; every look is written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from bot.console import counted, say, say_json
from bot.opening import Opened, console, opened
from bot.places import config_option, database_option
from bot.reading import BadFiles, Document, read_as, read_document
from bot.rehearsal.cast import PlanText
from flows.errors import HandrailError
from flows.grant import Action, Actor, Deny, Grant, Role
from flows.people import Participant
from flows.plan import SECTIONS
from flows.policy import authorize
from flows.relation import relation
from storage.lookup import KeptPlan, active_plan, one_named
from storage.people import Registry, keep_plan, load_registry
from storage.situations import load_participants
from storage.store import Unit

FINE, LOOK = 0, 1
STAFF = frozenset(Role) - {Role.PARTICIPANT, Role.CONTACT, Role.PROGRAM}
WHO_ACTS = (
    "A safety plan belongs to the participant and to whoever cares for them, so this needs the name of a member of "
    "staff who may see it: --as NAME. Their name is written into the ledger, with your account on this machine."
)


class Refused(HandrailError):
    """{0} Nothing was shown or changed."""


@dataclass(frozen=True, slots=True)
class Acting:
    """One member of staff about to do something about one participant."""

    staff_id: str
    person: Participant
    grant: Grant
    registry: Registry


@click.command(name="plan")
@click.argument("name")
@click.option("--as", "staff", metavar="NAME", help="The member of staff who looks or writes. Always needed.")
@click.option(
    "--from", "file", type=click.Path(path_type=Path), metavar="FILE", help="Keep a new version from this file."
)
@click.option("--json", "as_json", is_flag=True, help="The plan as one JSON object.")
@config_option
@database_option
def command(
    name: str, staff: str | None, file: Path | None, config: Path | None, database: str | None, *, as_json: bool
) -> int:
    """Show the safety plan of NAME, or keep a new version of it.

    FILE has any of the seven sections, each a list: warning_signs, internal_coping, social_distraction, crisis_support,
    professional_support, environment_safety, reason_for_living. Earlier versions are kept.
    """
    if not staff:
        raise click.UsageError(WHO_ACTS)
    sections = read_plan(file) if file is not None else None
    with opened(config, database) as programme:
        if sections is not None:
            return _keep(programme, staff, name, sections, as_json=as_json)
        return _show(programme, staff, name, as_json=as_json)


def read_plan(path: Path) -> dict[str, tuple[str, ...]]:
    """The sections in a file. Raises BadFiles, with the line, for anything that is none."""
    document = read_document(path)
    written = read_as(PlanText, document)
    wrong = [
        part.complaint((), "This line of the plan is empty.", "Write something, or take it away.")
        for part in _entries(document)
        if not str(part.value).strip()
    ]
    sections = {section: getattr(written, section) for section in SECTIONS if getattr(written, section)}
    if not sections and not wrong:
        wrong = [document.complaint((), "There is nothing in this plan.", "Write at least one line in one section.")]
    if wrong:
        raise BadFiles(wrong)
    return sections


def _entries(document: Document) -> Iterator[Document]:
    for section in document.parts.values():
        yield from section.parts.values()


# -- the door ------------------------------------------------------------------------------------------------------


def _through_the_door(unit: Unit, action: Action, staff: str, name: str) -> Acting | Deny:
    """The one door decides, as it would on a phone; a no goes into the ledger too."""
    staff_id = one_named(unit, staff, STAFF)
    person_id = one_named(unit, name, frozenset({Role.PARTICIPANT}))
    registry = load_registry(unit, "")
    member = registry.roster.member(staff_id)
    if member is None:
        return Deny("not_active", f"{staff} does not work here any more.")
    situation, _ = load_participants(unit, [person_id], registry)[person_id]
    if situation.participant is None:
        raise LookupError(person_id)
    ties = relation(member, situation.participant, situation.case, registry.roster, unit.now)
    leave = authorize(Actor(staff_id, member.role), action, person_id, ties, "console", unit.now)
    account = {"console": console().id, "action": action.value}
    if isinstance(leave, Deny):
        unit.ledger.note(unit.now, staff_id, "refused", person_id, "plan", None, {**account, "why": leave.reason_code})
        return leave
    unit.ledger.note(unit.now, staff_id, "console_command", person_id, "command", "plan", account)
    return Acting(staff_id, situation.participant, leave, registry)


def _show(programme: Opened, staff: str, name: str, *, as_json: bool) -> int:
    kept: KeptPlan | None = None
    with programme.unit() as unit:
        acting = _through_the_door(unit, Action.SEE_PLAN, staff, name)
        if isinstance(acting, Acting):
            kept = active_plan(unit, acting.grant, acting.person.id)
    if isinstance(acting, Deny):
        raise Refused(acting.words)
    if as_json:
        say_json(_as_json(kept))
    else:
        for line in _in_words(acting, kept, programme.settings.programme.zone):
            say(line)
    return FINE if kept is not None else LOOK


def _keep(programme: Opened, staff: str, name: str, sections: dict[str, tuple[str, ...]], *, as_json: bool) -> int:
    version = 0
    with programme.unit() as unit:
        acting = _through_the_door(unit, Action.EDIT_PLAN, staff, name)
        if isinstance(acting, Acting):
            before = active_plan(unit, acting.grant, acting.person.id)
            unchanged = before is not None and _sections(before) == {key: list(part) for key, part in sections.items()}
            version = 0 if unchanged else keep_plan(unit, acting.person.id, dict(sections), acting.staff_id)
    if isinstance(acting, Deny):
        raise Refused(acting.words)
    if as_json:
        say_json({"version": version, "changed": bool(version)})
    elif version:
        lines = counted(sum(len(texts) for texts in sections.values()), "line")
        say(f"Kept as version {version}: {lines} in {counted(len(sections), 'section')}. Earlier versions stay.")
    else:
        say("The plan is exactly this already. Nothing was changed.")
    return FINE


# -- showing -------------------------------------------------------------------------------------------------------


def _sections(kept: KeptPlan) -> dict[str, list[str]]:
    """Everything in the plan, section by section."""
    entries = kept.plan.entries
    by_section = {name: [one.text.reveal() for one in entries if one.section == name] for name in SECTIONS}
    return {name: texts for name, texts in by_section.items() if texts}


def _as_json(kept: KeptPlan | None) -> dict[str, object]:
    if kept is None:
        return {"version": 0, "sections": {}}
    made = {"made_at": kept.made_at.isoformat(), "made_by": kept.made_by}
    return {"version": kept.plan.version, **made, "sections": _sections(kept)}


def _in_words(acting: Acting, kept: KeptPlan | None, zone: str) -> Iterator[str]:
    who = acting.person.name.reveal()
    if kept is None:
        yield f"{who} has no safety plan yet. Keep one: handrail plan NAME --as NAME --from FILE"
        return
    when = kept.made_at.astimezone(ZoneInfo(zone))
    author = "themselves" if kept.made_by == acting.person.id else acting.registry.roster.name(kept.made_by)
    yield f"{who}: safety plan, version {kept.plan.version}, kept on {when:%Y-%m-%d %H:%M} by {author}"
    for section, texts in _sections(kept).items():
        yield ""
        yield section.replace("_", " ").capitalize()
        yield from (f"  {text}" for text in texts)
