"""What is true in the end, on all sides: our database, our letterbox, the homeserver's own record, the phones."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession
from sqlalchemy import text

from tests.faults.programme import Programme
from tests.matrix.clinic import Clinic
from tests.support.homeserver import Homeserver

IN = "select external_id, person_id, level, state, arrived_at from inbox where channel = 'matrix' order by seq"
OUT = "select id, person_id, urgency, state, made_at, sent_at from outbox order by seq"
OPEN = ("waiting", "later", "sending")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """An event of ours as the homeserver has it: in the order of its own, under the transaction that we gave it."""

    event_id: str
    kind: str
    transaction: str
    at: int


def rows(programme: Programme) -> tuple[list[Row], list[Row]]:
    """Inbox and outbox, each in its order."""
    store = programme.store()
    with store.engine.connect() as connection:
        found = [[row._asdict() for row in connection.execute(text(question))] for question in (IN, OUT)]
    store.close()
    return found[0], found[1]


def all_served(clinic: Clinic) -> bool:
    """Whether all that was written is in, and all that was promised to participants is out."""
    written = sum(len(phone.wrote) for phone in clinic.phones.values())
    inbox, outbox = rows(clinic.programme)
    return len(inbox) >= written and not any(
        row["state"] in OPEN for row in outbox if row["person_id"] in clinic.phones
    )


def all_shown(clinic: Clinic) -> bool:
    """Whether the phones show as much as was sent to them."""
    sent = [row for row in rows(clinic.programme)[1] if row["state"] == "sent" and row["person_id"] in clinic.phones]
    seen = sum(len({*phone.shown, *phone.unread}) for phone in clinic.phones.values())
    return seen >= len(sent)


async def said_in(server: Homeserver, token: str, room_id: str, user_id: str) -> list[Said]:
    """All that we said in a room, oldest first."""
    found: list[Said] = []
    headers, since = {"Authorization": f"Bearer {token}"}, ""
    async with ClientSession(headers=headers) as session:
        while True:
            asked = f"rooms/{quote(room_id, safe='')}/messages?dir=f&limit=500" + (f"&from={since}" if since else "")
            async with session.get(f"{server.url}/_matrix/client/v3/{asked}") as answer:
                assert answer.status == 200, await answer.text()
                page = await answer.json()
            for event in page["chunk"]:
                if event["sender"] == user_id and "state_key" not in event:
                    key = event.get("unsigned", {}).get("transaction_id", "")
                    found.append(Said(event["event_id"], event["type"], key, event["origin_server_ts"]))
            since = page.get("end", "")
            if not since:
                return found


def letterbox(programme: Programme) -> dict[str, int]:
    """How many letters are in each state; gaps and poison as well, where there are any. Nobody may be running."""
    [file] = (programme.folder / "data" / "matrix").glob("*.db")
    connection = sqlite3.connect(file)
    states = dict(connection.execute("select state, count(*) from letter group by state").fetchall())
    for table in ("gap", "poison"):
        [[count]] = connection.execute(f"select count(*) from {table}").fetchall()
        if count:
            states[table] = count
    connection.close()
    return states


async def complaints(clinic: Clinic, server: Homeserver) -> dict[str, object]:
    """Everything that is not as it should be. Empty is good. Nobody may be running."""
    inbox, outbox = rows(clinic.programme)
    found: dict[str, object] = {}
    token = clinic.token()
    for person, phone in clinic.phones.items():
        kept = [row["external_id"] for row in inbox if row["person_id"] == person]
        sent = sorted(row["id"] for row in outbox if row["person_id"] == person and row["state"] == "sent")
        said = await said_in(server, token, phone.room, clinic.bot.user_id)
        facts = {
            "lost": sorted({*phone.wrote} - {*kept}),
            "kept twice, or of nobody": len(kept) - len({*kept} & {*phone.wrote}),
            "out of order": kept != phone.wrote and sorted(kept) == sorted(phone.wrote),
            "undecryptable for them": sorted(phone.unread),
            "never shown": sorted({one.event_id for one in said} - {*phone.shown}),
            "shown twice": len(phone.shown) - len({*phone.shown}),
            "not what we have as sent": sorted(one.transaction for one in said) != sent,
            "said twice": len(said) - len({one.transaction for one in said}),
            "said openly": [one for one in said if one.kind != "m.room.encrypted"],
            "not sent": [row["state"] for row in outbox if row["person_id"] == person and row["state"] != "sent"],
        }
        found |= {f"{name}, of {person}": what for name, what in facts.items() if what}
    found |= {f"inbox: {row['state']}": True for row in inbox if row["state"] != "handled"}
    found |= {f"letterbox: {state}": n for state, n in letterbox(clinic.programme).items() if state != "done"}
    return found
