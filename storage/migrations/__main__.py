"""Writes the next migration from what the tables are now: python -m storage.migrations "why it is needed".

For those who work on Handrail. Read what it wrote, and fill in what moves the rows.
"""

from __future__ import annotations

import re
import sys

from alembic import command

from storage.dialect import engine_for
from storage.upgrade import MIGRATIONS, alembic_config


def main() -> int:
    """The next number, the tables compared with what all migrations so far make."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)  # noqa: T201
        return 2
    number = f"{len(list((MIGRATIONS / 'versions').glob('[0-9]*.py'))) + 1:04d}"
    name = re.sub(r"\W+", "_", sys.argv[1].lower()).strip("_")
    engine = engine_for("sqlite:///:memory:")
    with engine.connect() as connection, connection.begin():
        config = alembic_config(connection)
        config.set_main_option("file_template", f"{number}_{name}")
        command.upgrade(config, "head")
        command.revision(config, sys.argv[1], autogenerate=True, rev_id=number)
    return 0


if __name__ == "__main__":
    sys.exit(main())
