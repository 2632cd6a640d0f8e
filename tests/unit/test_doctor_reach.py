"""A page to nobody is the worst that can happen: the doctor says beforehand who cannot be reached."""

from __future__ import annotations

from bot.doctor.finding import State
from bot.doctor.reach import reach
from flows.grant import Role
from flows.ladder import Roster
from flows.people import StaffMember
from storage.lookup import Reached

JO, DEE = (StaffMember(name, name.title(), Role.THERAPIST, "UTC") for name in ("jo", "dee"))
ROSTER = Roster(staff=(JO, DEE))


def there(*people: str) -> list[Reached]:
    return [Reached(name, Role.PARTICIPANT if name == "maya" else Role.THERAPIST, name) for name in people]


def told(channels: dict[str, list[Reached]], participants: int = 1) -> list[tuple[State, str]]:
    return [(one.state, one.says) for one in reach(channels, ROSTER, participants, " --config x")]


def test_whoever_never_opened_their_link_is_named() -> None:
    """The ladder ended in Dee, said the doctor; and nobody could reach Dee."""
    [staff, participants] = told({"telegram": there("jo")})
    assert staff[0] is State.BROKEN
    assert "Dee" in staff[1]
    assert "Jo" not in staff[1]
    assert participants == (State.LOOK, "1 participant with no account that is known.")


def test_any_channel_that_is_spoken_on_counts() -> None:
    """Jo on Matrix, Dee by her pager, Maya on Telegram."""
    [found] = told({"matrix": there("jo"), "telegram": there("maya"), "pager": there("dee")})
    assert found[0] is State.OK


def test_on_simulated_phones_nothing_is_said() -> None:
    """Nobody relies on those."""
    assert told({}) == []


def test_what_mends_it_is_a_command_for_this_programme() -> None:
    """And for participants no pager is offered."""
    staff, participants = reach({"telegram": [], "pager": []}, ROSTER, 1, " --config x")
    assert staff.mend == "handrail invite NAME --config x; or: handrail pager set NAME --config x"
    assert participants.mend == "handrail invite NAME --config x"
