"""Files that may be in several places: the shipped ones first, a programme's own over them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from pathlib import Path, PurePath, PurePosixPath

from bot.reading.complaint import BadFiles, Complaint
from bot.reading.document import Document
from bot.reading.nearest import did_you_mean
from bot.reading.overlay import overlay
from bot.reading.text import shown
from bot.reading.toml_file import read_toml
from bot.reading.yaml_file import read_yaml

READERS = {".yaml": read_yaml, ".toml": read_toml}
# Somebody meant the first and wrote the second. Overlooking such a file would be the worst answer.
LOOKALIKES = {".yaml": {".yml", ".ymal", ".yaml.txt", ".yml.txt"}, ".toml": {".tml", ".toml.txt"}}


def read_document(path: Path) -> Document:
    """The YAML or TOML file at `path`, by its ending. Raises BadFiles."""
    reader = READERS.get(path.suffix)
    if reader is None:
        raise BadFiles([Complaint(shown(path), None, "", "Only files that end in .yaml or .toml are read.")])
    return reader(path)


def read_layered(relative_path: str | PurePath, roots: Sequence[Path]) -> Document:
    """The file of that name in the first root with those in later roots laid over it, each key by itself.

    A file that only a later root has is fine. Raises BadFiles with the complaints about all layers together.
    """
    layers: list[Document] = []
    complaints: list[Complaint] = []
    for path in (root / relative_path for root in roots):
        if is_there(path):
            try:
                layers.append(read_document(path))
            except BadFiles as bad:
                complaints += bad.complaints
    if not layers and not complaints:
        complaints.append(_nowhere(PurePosixPath(relative_path), roots))
    if complaints:
        raise BadFiles(complaints)
    return reduce(overlay, layers)


def layered_names(folder: str | PurePath, roots: Sequence[Path], suffix: str = ".yaml") -> tuple[PurePosixPath, ...]:
    """The files in `folder` of any root, sorted, as `read_layered` wants them (`content/en/checkin.yaml`).

    Raises BadFiles for a file whose ending is nearly `suffix` and that would be overlooked.
    """
    names: set[PurePosixPath] = set()
    complaints: list[Complaint] = []
    for path in (path for root in roots for path in _files(root / folder)):
        if path.suffix == suffix:
            names.add(PurePosixPath(folder) / path.name)
        elif any(path.name.lower().endswith(ending) for ending in {suffix, *LOOKALIKES.get(suffix, ())}):
            what = f"This file is not read: its name does not end in {suffix}."
            complaints.append(Complaint(shown(path), None, "", what, "Give it another name, or take it away."))
    if complaints:
        raise BadFiles(complaints)
    return tuple(sorted(names))


def is_there(path: Path) -> bool:
    """A broken link and a locked folder count as there: reading them says what is wrong, silence would not."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _files(folder: Path) -> list[Path]:
    """What somebody put there; not what editors leave behind, and not the folders in it."""
    if not is_there(folder):
        return []
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and not path.is_dir())
    except OSError as error:
        what = f"This folder cannot be read: {error.strerror}."
        raise BadFiles([Complaint(shown(folder), None, "", what)]) from None


def _nowhere(relative_path: PurePosixPath, roots: Sequence[Path]) -> Complaint:
    beside = {path.name for root in roots for path in _files(root / relative_path.parent)}
    looked = ", ".join(shown(root) for root in roots)
    what = f"There is no such file in any of: {looked}."
    return Complaint(str(relative_path), None, "", what, did_you_mean(relative_path.name, beside))
