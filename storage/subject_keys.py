"""Where the wrapped data keys are kept, seen from one transaction."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, select

from storage.prepared import Wire
from storage.schema import subject_key

_LOAD = select(subject_key.c.generation, subject_key.c.kek_id, subject_key.c.wrapped).where(
    subject_key.c.subject == bindparam("of")
)
_SAVE = insert(subject_key)
_DELETE = delete(subject_key).where(subject_key.c.subject == bindparam("of"))


class SubjectKeys:
    """A `KeyStore` on the wire of a unit of work."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def load(self, subject: str) -> list[tuple[int, str, bytes]]:
        """All (generation, kek_id, wrapped) of a subject."""
        return [(row[0], row[1], row[2]) for row in self._wire.run(_LOAD, {"of": subject})]

    def save(self, subject: str, generation: int, kek_id: str, wrapped: bytes) -> None:
        """Keep one more. Two transactions that make the same one: the primary key lets only one commit."""
        row = {"subject": subject, "generation": generation, "kek_id": kek_id, "wrapped": wrapped}
        self._wire.run(_SAVE, row)

    def delete(self, subject: str) -> None:
        """Erase: what was sealed with these keys can never be read again. Tell the vault too: `vault.forget`."""
        self._wire.connection.execute(_DELETE, {"of": subject})
