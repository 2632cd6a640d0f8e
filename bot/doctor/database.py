"""The database: is it there, ours, sound, durable, of the right shape and under the right key; and is it in use?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.console import counted
from bot.doctor.finding import Finding, broken, look, ok
from bot.places import Places
from flows.durations import in_words
from flows.errors import HandrailError
from storage.audit_check import verify
from storage.dialect import AlreadyRunning, OneProcess, engine_for, refuse_unless_durable
from storage.health import Backlog, damage
from storage.opening import refuse_unless_ours, troubles_told
from storage.store import Store

#: Timers are looked at every second; one that is so late says that nothing runs.
LATE = timedelta(minutes=2)
#: A crisis message is tried at least every half minute.
UNSENT_TOO_LONG = timedelta(minutes=1)


def soundness(store: Store, url: str) -> Iterator[Finding]:
    """Shape, key, durability, integrity, ledger. Ends at the first thing that keeps the others from being looked at."""
    try:
        with troubles_told(url):
            refuse_unless_ours(store)
    except HandrailError as told:
        yield broken("database", *_split(told))
        return
    yield ok("database", "there, up to date, and this is its key")
    with troubles_told(url), store.engine.connect() as connection:
        try:
            refuse_unless_durable(connection)
            yield ok("durable", "what is confirmed survives a power cut")
        except HandrailError as told:
            yield broken("durable", *_split(told))
        if found := damage(connection):
            yield broken("integrity", f"The database file is damaged: {found}.", "Put your newest backup in its place.")
        else:
            yield ok("integrity", "nothing is damaged")
        verdict = verify(connection, store.master.audit_key)
    if verdict.ok:
        yield ok("ledger", f"{counted(verdict.entries, 'entry', 'entries')}, unbroken")
    else:
        what = f"The ledger is broken at entry {verdict.bad_seq} ({verdict.fault})."
        yield broken("ledger", what, "Keep this database as it is, and find out who could write into it.")


def _split(told: HandrailError) -> tuple[str, str]:
    """What happened, and what to do: the last sentence of an error says that."""
    said = str(told)
    first, dot, rest = said.partition(". ")
    return (f"{first}.", rest) if dot else (said, "See that it is there, that it runs, and that this is its address.")


def in_use(places: Places, named: str) -> Finding:
    """Does a process work on it? Nobody is served without one."""
    engine = engine_for(places.database)
    lock = OneProcess(engine)
    try:
        with troubles_told(places.database):
            lock.take()
    except AlreadyRunning as told:
        return ok("running", str(told.details[0]))
    finally:
        lock.release()
        engine.dispose()
    return look("running", "Nothing works on this database: nobody is heard.", f"handrail run{named}")


def waiting(found: Backlog, now: datetime) -> Iterator[Finding]:
    """What waits longer than it should."""
    if found.failed_arrivals:
        says = f"{counted(found.failed_arrivals, 'message')} could not be read by the program; people were told."
        yield look("messages", says, "Read them with the participant's therapist, and report the fault.")
    else:
        yield ok("messages", "each could be read")
    if found.oldest_crisis is not None and now - found.oldest_crisis > UNSENT_TOO_LONG:
        age = in_words(now - found.oldest_crisis)
        says = f"{counted(found.unsent_crisis, 'crisis message')} unsent, the oldest for {age}."
        yield broken("pages", says, "Reach the people on call yourself; then see whether the channel works.")
    else:
        yield ok("pages", "none is waiting")
    if found.oldest_timer is not None and now - found.oldest_timer > LATE:
        says = f"Something has been due for {in_words(now - found.oldest_timer)}."
        yield look("timers", says, "handrail run")
    else:
        yield ok("timers", "nothing is late")
