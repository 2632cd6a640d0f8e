"""Every table of a programme. A column that can hold anybody's words, name, address or number is sealed.

Not sealed, on purpose: ids, times, states, levels, languages, and ids of texts and rules that the clinic wrote itself.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from storage.schema import BigNumber, DataClass, SealedBytes, UtcTime, column, metadata

ID, STATE, TIME, NUMBER = DataClass.ID, DataClass.STATE, DataClass.TIME, DataClass.NUMBER
SEALED, BLIND, SETTING = DataClass.SEALED, DataClass.BLIND, DataClass.SETTING

person = Table(
    "person",
    metadata,
    column("id", Text, data=ID, primary_key=True),
    column("role", Text, data=STATE, nullable=False),
    column("status", Text, data=STATE, nullable=False),
    column("language", Text, data=STATE, nullable=False),
    column("zone", Text, data=STATE, nullable=False),
    column("therapist_id", Text, data=ID, index=True),
    column("check_in_at", Text, data=STATE),
    column("hours", Text, data=STATE),
    column("plan_id", Text, data=ID),
    column("address_id", Text, data=ID),
    column("profile", SealedBytes, data=SEALED, nullable=False),
    column("since", UtcTime, data=TIME, nullable=False),
    Index(
        "ix_person_staff",
        "role",
        sqlite_where=text("role != 'participant'"),
        postgresql_where=text("role != 'participant'"),
    ),
    comment="Everybody: participants, staff, contacts. `profile` holds name, medical flags and location.",
)

person_name = Table(
    "person_name",
    metadata,
    column("person_id", Text, data=ID, primary_key=True),
    column("word", LargeBinary, data=BLIND, primary_key=True),
    Index("ix_person_name_word", "word"),
    comment="A keyed mark for each word of a participant's name, so that /case maya finds her.",
)

address = Table(
    "address",
    metadata,
    column("id", Text, data=ID, primary_key=True),
    column("person_id", Text, data=ID, nullable=False, index=True),
    column("channel", Text, data=STATE, nullable=False),
    column("rank", Integer, data=NUMBER, nullable=False),
    column("private", Boolean, data=STATE, nullable=False),
    column("state", Text, data=STATE, nullable=False),
    column("mark", LargeBinary, data=BLIND, nullable=False),
    column("place", SealedBytes, data=SEALED, nullable=False),
    UniqueConstraint("channel", "mark"),
    Index(
        "ix_address_pager",
        "person_id",
        sqlite_where=text("channel = 'pager'"),
        postgresql_where=text("channel = 'pager'"),
    ),
    comment="Where a person is reached; a lower rank is tried first. An unconfirmed pager is never rung.",
)

pager_code = Table(
    "pager_code",
    metadata,
    column("address_id", Text, data=ID, primary_key=True),
    column("mark", LargeBinary, data=BLIND, nullable=False),
    column("tries", Integer, data=NUMBER, nullable=False),
    column("made_at", UtcTime, data=TIME, nullable=False),
    comment="The code that was last sent to a pager, as a keyed mark. Whoever writes it back has the pager in hand.",
)

shift = Table(
    "shift",
    metadata,
    column("id", Text, data=ID, primary_key=True),
    column("person_id", Text, data=ID, nullable=False),
    column("layer", Text, data=STATE, nullable=False),
    column("hours", Text, data=STATE, nullable=False),
    column("zone", Text, data=STATE, nullable=False),
    comment="A person's weekly share of one on-call layer.",
)

plan = Table(
    "plan",
    metadata,
    column("id", Text, data=ID, primary_key=True),
    column("person_id", Text, data=ID, nullable=False),
    column("version", Integer, data=NUMBER, nullable=False),
    column("body", SealedBytes, data=SEALED, nullable=False),
    column("made_at", UtcTime, data=TIME, nullable=False),
    column("made_by", Text, data=ID, nullable=False),
    UniqueConstraint("person_id", "version"),
    comment="A version of a safety plan. Earlier versions stay readable.",
)

talk = Table(
    "talk",
    metadata,
    column("person_id", Text, data=ID, primary_key=True),
    column("state", Text, data=STATE, nullable=False),
    comment="Where the program and a participant are in their conversation: names of steps and counters, no words.",
)

desk = Table(
    "desk",
    metadata,
    column("person_id", Text, data=ID, primary_key=True),
    column("asks", Text, data=STATE, nullable=False),
    column("case_id", Text, data=ID, nullable=False),
    column("speaking_case_id", Text, data=ID, nullable=False),
    comment="What the program last asked a staff member.",
)

check_in = Table(
    "check_in",
    metadata,
    column("id", Text, data=ID, primary_key=True),
    column("person_id", Text, data=ID, nullable=False),
    column("local_date", Text, data=STATE, nullable=False),
    column("state", Text, data=STATE, nullable=False),
    column("conversation", Text, data=STATE, nullable=False),
    column("reminders", Integer, data=NUMBER, nullable=False),
    column("asked_at", UtcTime, data=TIME, nullable=False),
    column("delivered_at", UtcTime, data=TIME),
    column("first_answer_at", UtcTime, data=TIME),
    column("finished_at", UtcTime, data=TIME),
    UniqueConstraint("person_id", "local_date"),
    comment="One per participant and local date. Delivered, answered, late and missed are kept apart.",
)

answer = Table(
    "answer",
    metadata,
    column("id", Text, data=ID, primary_key=True),
    column("person_id", Text, data=ID, nullable=False),
    column("check_in_id", Text, data=ID),
    column("item", Text, data=STATE, nullable=False),
    column("value", SealedBytes, data=SEALED, nullable=False),
    column("at", UtcTime, data=TIME, nullable=False),
    Index("ix_answer_person_id", "person_id", "item", "at"),
    comment="One answer as it was given. An answer put right is a second row.",
)

invite = Table(
    "invite",
    metadata,
    column("code", LargeBinary, data=BLIND, primary_key=True),
    column("person_id", Text, data=ID, nullable=False),
    column("channel", Text, data=STATE, nullable=False),
    column("made_at", UtcTime, data=TIME, nullable=False),
    column("expires_at", UtcTime, data=TIME, nullable=False),
    column("used_by", LargeBinary, data=BLIND),
    column("used_at", UtcTime, data=TIME),
    Index("ix_invite_person_id", "person_id"),
    comment="Links that bind an account to a person, once. Only keyed marks of code and account are kept.",
)

inbox = Table(
    "inbox",
    metadata,
    column("seq", BigNumber, data=NUMBER, primary_key=True),
    column("id", Text, data=ID, nullable=False, unique=True),
    column("channel", Text, data=STATE, nullable=False),
    column("external_id", Text, data=ID, nullable=False),
    column("person_id", Text, data=ID),
    column("kind", Text, data=STATE, nullable=False),
    column("level", Integer, data=NUMBER, nullable=False),
    column("state", Text, data=STATE, nullable=False),
    column("body", SealedBytes, data=SEALED, nullable=False),
    column("arrived_at", UtcTime, data=TIME, nullable=False),
    column("erase", Text, data=STATE),
    UniqueConstraint("channel", "external_id"),
    Index("ix_inbox_person_id", "person_id", "seq"),
    Index(
        "ix_inbox_waiting",
        "seq",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_inbox_erase",
        "arrived_at",
        "seq",
        sqlite_where=text("erase = 'due'"),
        postgresql_where=text("erase = 'due'"),
    ),
    comment="Everything that arrived, once. handled; failed: it could not be read, and a person was told. `erase`:"
    " whether it is to be taken from the screen.",
)

outbox = Table(
    "outbox",
    metadata,
    column("seq", BigNumber, data=NUMBER, primary_key=True),
    column("id", Text, data=ID, nullable=False, unique=True),
    column("person_id", Text, data=ID, nullable=False),
    column("subject_id", Text, data=ID, nullable=False),
    column("address_id", Text, data=ID),
    column("urgency", Integer, data=NUMBER, nullable=False),
    column("state", Text, data=STATE, nullable=False),
    column("content", Text, data=STATE, nullable=False),
    column("question", Text, data=STATE, nullable=False),
    column("ref", Text, data=ID, nullable=False),
    column("page", Text, data=STATE),
    column("replaces", Text, data=ID, nullable=False),
    column("sender_id", Text, data=ID, nullable=False),
    column("room", Text, data=ID),
    column("body", SealedBytes, data=SEALED, nullable=False),
    column("attempts", Integer, data=NUMBER, nullable=False),
    column("unsure", Boolean, data=STATE, nullable=False),
    column("mark", Text, data=ID, nullable=False),
    column("made_at", UtcTime, data=TIME, nullable=False),
    column("due_at", UtcTime, data=TIME, nullable=False),
    column("expires_at", UtcTime, data=TIME),
    column("sent_at", UtcTime, data=TIME),
    column("delivered_at", UtcTime, data=TIME),
    column("shown_at", UtcTime, data=TIME),
    column("answered_at", UtcTime, data=TIME),
    column("answer", SealedBytes, data=SEALED),
    column("erase", Text, data=STATE),
    Index(
        "ix_outbox_waiting",
        "urgency",
        "seq",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("ix_outbox_later", "due_at", sqlite_where=text("state = 'later'"), postgresql_where=text("state = 'later'")),
    Index(
        "ix_outbox_tried_again",
        "person_id",
        sqlite_where=text("state = 'later' and attempts > 0"),
        postgresql_where=text("state = 'later' and attempts > 0"),
    ),
    Index(
        "ix_outbox_expiring",
        "expires_at",
        sqlite_where=text("state in ('waiting', 'later') and expires_at is not null"),
        postgresql_where=text("state in ('waiting', 'later') and expires_at is not null"),
    ),
    Index(
        "ix_outbox_replaceable",
        "person_id",
        "replaces",
        sqlite_where=text("state in ('waiting', 'later') and replaces <> ''"),
        postgresql_where=text("state in ('waiting', 'later') and replaces <> ''"),
    ),
    Index(
        "ix_outbox_sending", "seq", sqlite_where=text("state = 'sending'"), postgresql_where=text("state = 'sending'")
    ),
    Index(
        "ix_outbox_question",
        "person_id",
        "seq",
        sqlite_where=text("question <> ''"),
        postgresql_where=text("question <> ''"),
    ),
    Index(
        "ix_outbox_erase",
        "sent_at",
        "seq",
        sqlite_where=text("erase = 'due'"),
        postgresql_where=text("erase = 'due'"),
    ),
    Index("ix_outbox_mark", "person_id", "mark", sqlite_where=text("mark <> ''"), postgresql_where=text("mark <> ''")),
    comment="What was promised to be sent. `page` marks a page: case number, level, tier, round; `mark` is the name"
    " that the channel has for it; `unsure`: an earlier try may have arrived; `erase`: whether it is to be"
    " taken from the screen.",
)

timer = Table(
    "timer",
    metadata,
    column("person_id", Text, data=ID, primary_key=True),
    column("kind", Text, data=STATE, primary_key=True),
    column("key", Text, data=ID, primary_key=True),
    column("rank", Integer, data=NUMBER, nullable=False),
    column("wall", Boolean, data=STATE, nullable=False),
    column("due_at", UtcTime, data=TIME, nullable=False),
    column("data", Text, data=STATE, nullable=False),
    Index("ix_timer_due", "rank", "due_at"),
    comment="Everything that waits for a moment. Rank 0 is the crisis' own: it never waits behind a herd of check-ins.",
)

care_case = Table(
    "care_case",
    metadata,
    column("id", Text, data=ID, primary_key=True),
    column("number", Integer, data=NUMBER, nullable=False, unique=True),
    column("person_id", Text, data=ID, nullable=False),
    column("state", Text, data=STATE, nullable=False),
    column("level", Integer, data=NUMBER, nullable=False),
    column("tier", Integer, data=NUMBER, nullable=False),
    column("round", Integer, data=NUMBER, nullable=False),
    column("holder_id", Text, data=ID, nullable=False),
    column("speaker_id", Text, data=ID, nullable=False),
    column("paged", Text, data=ID, nullable=False),
    column("out", Text, data=ID, nullable=False),
    column("opened_at", UtcTime, data=TIME, nullable=False),
    column("ladder_at", UtcTime, data=TIME, nullable=False),
    column("heard_at", UtcTime, data=TIME, nullable=False),
    column("acknowledged_at", UtcTime, data=TIME),
    column("engaged_at", UtcTime, data=TIME),
    column("resolved_at", UtcTime, data=TIME),
    Index(
        "ix_care_case_open",
        "person_id",
        unique=True,
        sqlite_where=text("state <> 'closed'"),
        postgresql_where=text("state <> 'closed'"),
    ),
    comment="One open case per participant: the database itself refuses a second.",
)

case_fact = Table(
    "case_fact",
    metadata,
    column("id", Text, data=ID, primary_key=True),
    column("case_id", Text, data=ID, nullable=False),
    column("person_id", Text, data=ID, nullable=False),
    column("seq", Integer, data=NUMBER, nullable=False),
    column("kind", Text, data=STATE, nullable=False),
    column("at", UtcTime, data=TIME, nullable=False),
    column("by", Text, data=ID, nullable=False),
    column("detail", SealedBytes, data=SEALED),
    column("words", SealedBytes, data=SEALED),
    Index("ix_case_fact_case_id", "case_id", "at", "seq"),
    comment="The timeline of a case, in the past tense.",
)

signal = Table(
    "signal",
    metadata,
    column("id", Text, data=ID, primary_key=True),
    column("person_id", Text, data=ID, nullable=False),
    column("case_id", Text, data=ID),
    column("rule", Text, data=STATE, nullable=False),
    column("version", Integer, data=NUMBER, nullable=False),
    column("level", Integer, data=NUMBER, nullable=False),
    column("category", Text, data=STATE, nullable=False),
    column("explain", Text, data=SETTING, nullable=False),
    column("start", Integer, data=NUMBER, nullable=False),
    column("end", Integer, data=NUMBER, nullable=False),
    column("words", SealedBytes, data=SEALED, nullable=False),
    column("at", UtcTime, data=TIME, nullable=False),
    column("useful", Boolean, data=STATE),
    Index("ix_signal_person_id", "person_id", "at"),
    Index("ix_signal_case_id", "case_id", "at"),
    comment="What fired: which rule, which version, which words. `useful`: what staff said of it, once they did.",
)

total = Table(
    "total",
    metadata,
    column("id", Text, data=ID, primary_key=True),
    column("person_id", Text, data=ID, nullable=False),
    column("instrument", Text, data=STATE, nullable=False),
    column("value", SealedBytes, data=SEALED, nullable=False),
    column("at", UtcTime, data=TIME, nullable=False),
    Index("ix_total_person_id", "person_id", "instrument", "at"),
    comment="The total of one instrument (PHQ-9 and the like), each time it was taken.",
)

presence = Table(
    "presence",
    metadata,
    column("id", Text, data=ID, primary_key=True),
    column("person_id", Text, data=ID, nullable=False),
    column("kind", Text, data=STATE, nullable=False),
    column("local_date", Text, data=STATE, nullable=False),
    column("at", UtcTime, data=TIME, nullable=False),
    Index("ix_presence_person_id", "person_id", "local_date"),
    comment="Where somebody was: a session attended or missed, a hospital left. `at` is when it was written down.",
)

follow_up = Table(
    "follow_up",
    metadata,
    column("id", Text, data=ID, primary_key=True),
    column("case_id", Text, data=ID, nullable=False, index=True),
    column("person_id", Text, data=ID, nullable=False),
    column("kind", Text, data=STATE, nullable=False),
    column("owner_id", Text, data=ID, nullable=False),
    column("state", Text, data=STATE, nullable=False),
    column("outcome", Text, data=STATE),
    column("due_at", UtcTime, data=TIME, nullable=False),
    column("done_at", UtcTime, data=TIME),
    column("done_by", Text, data=ID),
    comment="Tasks after a case, each with a clock and an owner.",
)
