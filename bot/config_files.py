"""Every file of a programme as it was written, the shipped ones with the programme's own laid over them.

A place is a file without its ending: `handrail`, `escalation`, `content/en/crisis`, `risk/scores`. Nothing that looks
like a file of ours is overlooked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.reading import (
    BadFiles,
    Complaint,
    Document,
    Mark,
    did_you_mean,
    layered_names,
    nearest,
    overlay,
    read_layered,
    shown,
)
from bot.reading.layers import is_there
from bot.reading.text import LARGEST_BYTES
from flows.settings import Settings

TOP = ("handrail.toml", "escalation.yaml", "wording.yaml")
#: Folders, and whether each holds a folder for every language.
FOLDERS = {"content": True, "resources": False, "risk": True}
ENDINGS = (".yaml", ".yml", ".toml")

Overrides = Mapping[str, object] | Document


@dataclass(frozen=True)
class Files:
    """The files of one programme, and what was wrong with reading them."""

    documents: Mapping[str, Document]
    complaints: tuple[Complaint, ...] = ()

    def below(self, folder: str) -> dict[str, Document]:
        """The files of a folder (not of the folders in it), by name."""
        return {
            place.rpartition("/")[2]: document
            for place, document in self.documents.items()
            if place.rpartition("/")[0] == folder
        }

    def languages(self, folder: str) -> tuple[str, ...]:
        """The languages that `folder` has anything in."""
        parts = (place.split("/") for place in self.documents)
        return tuple(sorted({part[1] for part in parts if part[0] == folder and len(part) == 3}))

    @property
    def version(self) -> str:
        """A short name for exactly these words and numbers; remarks do not count."""
        values = {place: document.value for place, document in self.documents.items()}
        written = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(written.encode()).hexdigest()[:12]


def gather(roots: Sequence[Path], overrides: Overrides | None = None) -> Files:
    """All files of all `roots` (the shipped one first), and `overrides` laid over them."""
    documents: dict[str, Document] = {}
    complaints: list[Complaint] = []
    try:
        paths = _paths(roots)
    except BadFiles as bad:
        return Files({}, bad.complaints)
    for path in paths:
        try:
            documents[path.with_suffix("").as_posix()] = _read(path, roots)
        except BadFiles as bad:
            complaints += bad.complaints
    complaints += _overlooked(roots, paths)
    complaints += _lay_over(documents, _as_document(overrides or {}))
    return Files(documents, tuple(complaints))


#: What was read before, by the very bytes of all layers: a hundred rehearsals play with the same words.
_READ: dict[tuple[object, ...], Document] = {}
_MOST_READ = 256


def _read(path: PurePosixPath, roots: Sequence[Path]) -> Document:
    key = (path, Path.cwd(), *((root, _bytes(root / path)) for root in roots if is_there(root / path)))
    if key not in _READ:
        if len(_READ) >= _MOST_READ:
            _READ.clear()
        _READ[key] = read_layered(path, roots)
    return _READ[key]


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.stat().st_size <= LARGEST_BYTES else None
    except OSError:
        return None


# -- which files ---------------------------------------------------------------------------------------------------


def _paths(roots: Sequence[Path]) -> list[PurePosixPath]:
    # handrail.toml and escalation.yaml must be somewhere; the rest is whatever is there.
    paths = [PurePosixPath(name) for name in TOP]
    for folder, by_language in FOLDERS.items():
        paths += layered_names(folder, roots) if folder != "content" else ()
        for language in _folders_in(folder, roots) if by_language else ():
            paths += layered_names(f"{folder}/{language}", roots)
    return paths


def _folders_in(folder: str, roots: Sequence[Path]) -> list[str]:
    below = (path for root in roots if (root / folder).is_dir() for path in (root / folder).iterdir())
    return sorted({path.name for path in below if path.is_dir() and not path.name.startswith((".", "_"))})


def _overlooked(roots: Sequence[Path], read: Sequence[PurePosixPath]) -> Iterator[Complaint]:
    """A file that was meant for us and would never be read."""
    known = {path.as_posix() for path in read}
    for root in roots:
        for path in _lookalikes(root):
            name = path.relative_to(root).as_posix()
            if name not in known:
                what = "This file is not read: nothing of that name belongs here."
                yield Complaint(shown(path), None, "", what, did_you_mean(name, known))


def _lookalikes(root: Path) -> Iterator[Path]:
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        if path.is_dir() and path.name in FOLDERS:
            yield from (file for file in sorted(path.rglob("*")) if file.suffix in ENDINGS and file.is_file())
        elif path.name not in TOP and _nearly_ours(path):
            yield path


def _nearly_ours(path: Path) -> bool:
    """A folder may hold anything else that a programme likes to keep beside its configuration."""
    if path.is_dir():
        return path.name not in FOLDERS and nearest(path.name, FOLDERS) is not None
    stems = [PurePosixPath(name).stem for name in TOP]
    return path.suffix in ENDINGS and nearest(path.stem, stems) is not None


# -- what is laid over them ----------------------------------------------------------------------------------------


def _lay_over(documents: dict[str, Document], overrides: Document) -> Iterator[Complaint]:
    for place, document in _places(overrides):
        if isinstance(document, Complaint):
            yield document
            continue
        try:
            documents[place] = overlay(documents[place], document) if place in documents else document
        except BadFiles as bad:
            yield from bad.complaints


def _places(overrides: Document) -> Iterator[tuple[str, Document | Complaint]]:
    sections = tuple(Settings.model_fields)
    known = (*sections, "escalation", "wording", *FOLDERS)
    for key, part in overrides.parts.items():
        name = str(key)
        if name in sections:
            yield "handrail", Document.mapping({name: part}, part.mark)
        elif name in FOLDERS:
            yield from _inside(name, part)
        elif name in known:
            yield name, part
        else:
            what = f'There is nothing called "{name}" that could be laid over.'
            yield name, overrides.complaint((key,), what, did_you_mean(name, known))


def _inside(folder: str, document: Document) -> Iterator[tuple[str, Document]]:
    for key, part in document.parts.items():
        if FOLDERS[folder] and not (folder == "risk" and key in {"scores", "patterns"}):
            yield from ((f"{folder}/{key}/{name}", inner) for name, inner in part.parts.items())
        else:
            yield f"{folder}/{key}", part


def _as_document(value: object, near: str = "") -> Document:
    """A plain value, as if it had been read from a file called `overrides`."""
    if isinstance(value, Document):
        return value
    mark = Mark("overrides", 1, near)
    if isinstance(value, Mapping):
        parts = {str(key): _as_document(part, _near(str(key), part)) for key, part in value.items()}
        return Document.mapping(parts, mark)
    if isinstance(value, list | tuple):
        return Document.sequence([_as_document(item, _near("-", item)) for item in value], mark)
    return Document(value, mark)


def _near(key: str, value: object) -> str:
    written = "" if isinstance(value, Mapping | list | tuple) else f" {value}"
    return f"{key}{'' if key == '-' else ':'}{written}"
