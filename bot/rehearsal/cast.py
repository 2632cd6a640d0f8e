"""The people and groups of a rehearsal, as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from flows.policy import Role
from flows.rota import DAY_WORDS, LAYERS, clock_time, read_hours
from flows.settings import Zone
from flows.strict import Strict

#: What may be written about everybody, and what belongs only to some.
EVERYBODY = ("role", "name", "language", "zone", "channel", "status", "matrix")
BY_ROLE: Mapping[str, tuple[str, ...]] = {
    "participant": ("therapist", "check_in", "plan", "location", "flags"),
    "contact": ("of", "consent"),
}
STAFF_KEYS = ("hours", "on_call", "pager")
CONSENTS = ("notify_in_emergency", "share_location", "share_plan", "involve_in_planning", "general_updates")


def _listed(written: object) -> object:
    """One word is a list of one; nothing written is an empty list."""
    if written == "":
        return ()
    return (written,) if isinstance(written, str) else written


def _time(written: str) -> str:
    return f"{clock_time(written):%H:%M}"


def _hours(written: str) -> str:
    read_hours(written)
    return written


def _on_call(written: object) -> object:
    """`primary`, `primary Mon-Fri 17:00-09:00`, a list of layers, or a group of keys: hours by layer."""
    if isinstance(written, str):
        layer, _, hours = written.strip().partition(" ")
        return {layer: hours.strip() or "always"}
    if isinstance(written, list):
        return {str(layer): "always" for layer in written}
    if isinstance(written, Mapping):
        return {str(layer): hours or "always" for layer, hours in written.items()}
    return written


def _known_layers(by_layer: dict[str, str]) -> dict[str, str]:
    for layer in by_layer:
        if layer not in LAYERS:
            raise ValueError(f"there is no on-call layer {layer!r}; there are {', '.join(LAYERS)}")
    return by_layer


def _meeting(written: str) -> str:
    day, _, clock = written.strip().partition(" ")
    if day[:3].title() not in DAY_WORDS:
        raise ValueError(f"{written!r} is not a day and a time; write it like Tue 18:00")
    clock_time(clock)
    return written


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
TimeOfDay = Annotated[str, AfterValidator(_time)]
Hours = Annotated[str, AfterValidator(_hours)]
OnCall = Annotated[dict[str, Hours], BeforeValidator(_on_call), AfterValidator(_known_layers)]


class PlanText(Strict):
    """A safety plan: any of its seven sections."""

    warning_signs: Words = ()
    internal_coping: Words = ()
    social_distraction: Words = ()
    crisis_support: Words = ()
    professional_support: Words = ()
    environment_safety: Words = ()
    reason_for_living: Words = ()


class Place(Strict):
    """Where a participant usually is."""

    label: str = "home"
    address: str = ""
    emergency_number: str = ""
    verified: str = ""


class Person(Strict):
    """Somebody with a phone. What fits their role is looked at elsewhere."""

    role: Literal["participant", "therapist", "facilitator", "supervisor", "director", "contact", "operator"]
    name: str = ""
    language: str = ""
    zone: Zone | None = None
    channel: Literal["private", "public"] = "private"
    status: Literal["active", "enrolled", "invited", "paused", "inactive", "withdrawn", "discharged"] = "active"
    therapist: str = ""
    check_in: TimeOfDay | None = None
    plan: PlanText = PlanText()
    location: Place | None = None
    flags: Words = ()
    hours: Hours = ""
    on_call: OnCall = Field(default_factory=dict)
    of: str = ""
    consent: tuple[
        Literal["notify_in_emergency", "share_location", "share_plan", "involve_in_planning", "general_updates"], ...
    ] = ()

    @property
    def is_staff(self) -> bool:
        return self.role not in {"participant", "contact"}

    @property
    def as_role(self) -> Role:
        return Role(self.role)


class Group(Strict):
    """A group that meets."""

    facilitator: str
    members: Words = ()
    meets: Annotated[str, AfterValidator(_meeting)] | None = None
    room: str = ""
