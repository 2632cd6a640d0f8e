"""How every migration runs: on the connection it is given, inside one transaction, on SQLite as on PostgreSQL.

`storage.dialect.migrating` opens that transaction, with foreign keys off and checked before the commit. Run by Alembic.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from storage import tables  # noqa: F401 - puts every table into `metadata`
from storage.schema import SealedBytes, UtcTime, metadata


def render_item(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    """A migration names the types that the database has. Ours may change; what a migration did may not."""
    if kind == "type" and isinstance(item, SealedBytes):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.BigInteger()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot change a column: the table is copied
    render_item=render_item,
    # Without it a migration that fails half-way on SQLite leaves half of its tables behind.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
