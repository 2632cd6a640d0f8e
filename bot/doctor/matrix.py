"""Matrix: the library, the sign-in, the letterbox, and what the homeserver says of us. Without it nobody is reached on
a real channel; whoever does not want it yet is not in the wrong."""

from __future__ import annotations

import asyncio
import base64
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version

from bot.clock import Clock
from bot.console import counted
from bot.doctor.finding import Finding, broken, look, ok
from bot.doctor.homeserver import Answer, Seen, ask
from bot.doctor.installation import OURS
from bot.places import Places
from flows.ladder import Roster
from storage.lookup import Reached

NIO = "matrix-nio"
SLOW = timedelta(seconds=2)
APART = timedelta(seconds=30)
REFUSED = 401


def library() -> Finding:
    """Can anything be encrypted? What we mend in matrix-nio is private to it, so its version is checked as well."""
    wanted = _wanted()
    mend = f"{shlex.quote(sys.executable)} -m pip install {shlex.quote(wanted)}"
    try:
        import_module("vodozemac")
        found, crypto = version(NIO), version("vodozemac")
    except ImportError as failure:
        return broken("encryption", f"Its library cannot be used: there is no {failure.name}.", mend)
    if found != (wanted.partition("==")[2] or found):
        return broken("encryption", f"{NIO} {found} is installed; Handrail was made for {wanted}.", mend)
    return ok("encryption", f"{NIO} {found}, vodozemac {crypto}")


def _wanted() -> str:
    try:
        return next(one for one in requires(OURS) or () if one.startswith(NIO))
    except (PackageNotFoundError, StopIteration):
        return f"{NIO}[e2e]"


def matrix(
    places: Places,
    facts: Mapping[str, str] | None,
    reached: Sequence[Reached],
    roster: Roster,
    clock: Clock,
    named: str,
) -> Iterator[Finding]:
    """Everything about Matrix that the database does not know by itself. `facts` are how we are signed in."""
    if facts is None:
        yield _not_signed_in(len(reached), named)
        return
    yield ok("Matrix", f"signed in as {facts['user']}, device {facts['device']}")
    if library().mend:
        return
    from bot.doctor.letterbox import letterbox  # noqa: PLC0415 - it needs the library

    yield letterbox(places.letterboxes, facts, named)
    seen = asyncio.run(ask(facts, [one.place for one in reached], clock))
    yield from answers(facts, seen, reached, roster, named)


def _not_signed_in(people: int, named: str) -> Finding:
    mend = f"handrail matrix sign-in --homeserver URL --user @NAME:SERVER{named}"
    if people:
        says = f"Not signed in, and {counted(people, 'person has', 'people have')} an address there: nobody is reached."
        return look("Matrix", says, mend)
    return ok("Matrix", "not signed in, and nobody has an address there", mend)


def answers(
    facts: Mapping[str, str], seen: Seen, reached: Sequence[Reached], roster: Roster, named: str
) -> Iterator[Finding]:
    """What the homeserver's answers mean. Ends where the rest could not be answered."""
    again = f"handrail matrix sign-in --again{named}"
    answering = _homeserver(facts["homeserver"], seen.versions, again)
    yield answering
    if not seen.versions.said.get("versions"):
        return
    yield from _clocks(seen.versions)
    token = _token(facts, seen.who, again)
    yield token
    if token.mend:
        return
    yield _device(facts, seen.devices, again)
    yield _keys(seen.keys, named, again)
    yield _addresses(seen.profiles, reached, roster)
    yield _limit(facts)


def _homeserver(url: str, answer: Answer, again: str) -> Finding:
    moved = f"See that it runs. If it has moved: {again} --homeserver URL"
    if answer.failure:
        return broken("homeserver", f"{url} does not answer: {answer.failure}.", moved)
    versions = [str(one) for one in answer.said.get("versions", ())]
    if not answer.ok or not versions:
        return broken("homeserver", f"What answers at {url} is no Matrix homeserver (status {answer.status}).", moved)
    says = f"{url} answers in {answer.took / timedelta(milliseconds=1):.0f} ms, and speaks Matrix {versions[-1]}"
    if not any(one.startswith("v1.") for one in versions):
        return broken(
            "homeserver", f"{says}, which is too old: Handrail needs v1.1.", "Bring the homeserver up to date."
        )
    if answer.took > SLOW:
        return look("homeserver", f"{says}: that is slow, and pages wait for it.", "See what it is busy with.")
    return ok("homeserver", says)


def _clocks(answer: Answer) -> Iterator[Finding]:
    if answer.ahead is None:
        return
    if abs(answer.ahead) > APART:
        how = "ahead of" if answer.ahead > timedelta() else "behind"
        says = f"This machine's clock is {abs(answer.ahead).total_seconds():.0f} seconds {how} the homeserver's."
        yield look("clocks", says, "timedatectl set-ntp true (on the machine whose clock is wrong)")
    else:
        yield ok("clocks", "this machine and the homeserver agree")


def _token(facts: Mapping[str, str], answer: Answer, again: str) -> Finding:
    if answer.status == REFUSED:
        return broken("token", "The homeserver does not accept our token any more: nobody is heard or reached.", again)
    if not answer.ok:
        return _silent("token", answer)
    who = (answer.said.get("user_id"), answer.said.get("device_id"))
    if who != (facts["user"], facts["device"]):
        return broken("token", f"It is taken for {who[0]}, device {who[1]}, which we are not.", again)
    return ok("token", "accepted, and it is ours")


def _silent(name: str, answer: Answer) -> Finding:
    why = answer.failure or f"status {answer.status}, {answer.said.get('errcode', 'no reason given')}"
    return look(name, f"The homeserver could not say ({why}).", "Wait a minute, then: handrail doctor")


def _device(facts: Mapping[str, str], answer: Answer, again: str) -> Finding:
    from bot.channels.matrix.identity import Identity  # noqa: PLC0415 - it needs the library

    if not answer.ok:
        return _silent("identity", answer)
    identity = Identity.from_seeds(base64.b64decode(facts["seeds"]))
    user, device = facts["user"], facts["device"]
    known = answer.said.get("device_keys", {}).get(user, {}).get(device)
    if known is None:
        return broken("identity", f"The homeserver shows nobody our device {device}: nobody can write to us.", again)
    if not identity.is_shown(answer.said, user):
        says = "The account has another identity than ours: somebody set it up anew. Careful apps refuse us."
        return broken("identity", says, again)
    if not identity.devices.has_signed(known, user):
        return broken("identity", f"Our device {device} is not signed by our identity. Careful apps refuse us.", again)
    return ok("identity", "the account's is ours, and has signed our device")


def _keys(answer: Answer, named: str, again: str) -> Finding:
    if not answer.ok:
        return _silent("keys", answer)
    count = answer.said.get("device_one_time_keys_count", {}).get("signed_curve25519", 0)
    spare = "signed_curve25519" in answer.said.get("device_unused_fallback_key_types", ())
    mend = f"handrail run{named} puts new ones there. If it runs, and this stays so: {again}"
    if count and spare:
        return ok("keys", f"{counted(count, 'one-time key')} and a fallback key lie there for who writes to us first")
    if count or spare:
        lacks = "no fallback key, should the others run out" if count else "no one-time keys, only the fallback key"
        return look("keys", f"On the homeserver there is {lacks}.", mend)
    return broken("keys", "On the homeserver there are no keys of ours: new phones cannot write to us.", mend)


def _addresses(profiles: Mapping[str, Answer], reached: Sequence[Reached], roster: Roster) -> Finding:
    """Participants by their ids: whoever runs the machine need not learn who is in treatment."""
    gone = [one for one in reached if profiles[one.place].status == 404]
    silent = sum(profiles[one.place].status not in {200, 404} for one in reached)
    if gone:
        staff = {one.id for one in roster.staff}
        who = [roster.name(one.person_id) for one in gone if one.person_id in staff]
        if others := [one.person_id for one in gone if one.person_id not in staff]:
            who.append(f"{counted(len(others), 'participant')} (id {', '.join(others)})")
        says = f"Nobody is there on Matrix at the address of {' and '.join(who)}."
        return look("addresses", says, "Make these accounts on the homeserver, or see how the addresses are written.")
    unsure = f"; {silent} could not be looked up" if silent else ""
    return ok("addresses", f"{counted(len(reached), 'person has one', 'people have one')} on Matrix{unsure}")


def _limit(facts: Mapping[str, str]) -> Finding:
    """It cannot be read from here, so this is advice, and never wrong."""
    admin = f"{facts['homeserver']}/_synapse/admin/v1/users/{facts['user']}/override_ratelimit"
    unlimited = '{"messages_per_second": 0, "burst_count": 0}'
    call = f"""curl -X POST -H "Authorization: Bearer $ADMIN_TOKEN" -d '{unlimited}' {admin}"""
    return ok("limit", "where the homeserver's was not lifted for us, a reply in a crisis may wait behind others", call)
