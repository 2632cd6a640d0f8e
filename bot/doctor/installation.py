"""Is this Handrail itself whole? Its folders have common names, so another program's could take their place."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

from bot.doctor.finding import Finding, broken, ok
from flows.errors import HandrailError

OLDEST = (3, 11)
FOLDERS = ("bot", "flows", "storage")
OURS = "handrail"


class NotWhole(HandrailError):
    """{0} Nothing was started. {1}"""


def installation() -> Iterator[Finding]:
    """Python, and our own packages."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < OLDEST:
        yield broken("Python", f"This is Python {version}; Handrail needs 3.11 or newer.", "Install a newer Python.")
    else:
        yield ok("Python", version)
    yield packages(where_they_lie(), packages_distributions())


def packages(lie: Mapping[str, Path], owners: Mapping[str, Sequence[str]]) -> Finding:
    """Do our folders lie side by side, and does nobody else own one of their names?"""
    if len(set(lie.values())) > 1:
        where = ", ".join(f"{name} in {path}" for name, path in lie.items())
        return broken("packages", f"The parts of Handrail lie apart: {where}.", MEND)
    others = sorted({owner for name in lie for owner in owners.get(name, ()) if owner.lower() != OURS})
    if others:
        what = f"Another installed package has folders of the same names: {', '.join(others)}."
        return broken("packages", what, MEND)
    return ok("packages", f"side by side in {next(iter(lie.values()))}")


MEND = "Install Handrail into a virtual environment of its own."


def where_they_lie() -> dict[str, Path]:
    """The folder that each of our packages was found in."""
    found = {name: import_module(name).__file__ for name in FOLDERS}
    return {name: Path(file).resolve().parent.parent for name, file in found.items() if file}


def refuse_unless_whole() -> None:
    """Raises NotWhole where `packages` finds something. For the start."""
    finding = packages(where_they_lie(), packages_distributions())
    if finding.mend:
        raise NotWhole(finding.says, finding.mend)
