"""The one place where files that a clinic may change are read.

Promised here:

- **Words stay words.** YAML scalars are the text that was written; the model that reads them says what they mean.
- **Nothing is overlooked.** An unknown, misspelt or repeated key is a complaint, and so is a file nobody would read.
- **Only `BadFiles` is raised**, whatever a file holds, with all complaints at once: file, line, what, what to do.
- **A programme's own files lie over the shipped ones**, key by key, and each part remembers which file it came from.

Usually two calls: `read_as(Model, read_layered("content/en/checkin.yaml", roots))`.
"""

from bot.reading.complaint import BadFiles, Complaint
from bot.reading.document import Document, Key, Mark, Place
from bot.reading.layers import layered_names, read_document, read_layered
from bot.reading.model import read_as
from bot.reading.nearest import did_you_mean, listed, nearest
from bot.reading.overlay import overlay
from bot.reading.text import Source, read_source, shown, source_of
from bot.reading.toml_file import parse_toml, read_toml
from bot.reading.yaml_file import parse_yaml, read_yaml
from flows.strict import Strict

__all__ = [
    "BadFiles",
    "Complaint",
    "Document",
    "Key",
    "Mark",
    "Place",
    "Source",
    "Strict",
    "did_you_mean",
    "layered_names",
    "listed",
    "nearest",
    "overlay",
    "parse_toml",
    "parse_yaml",
    "read_as",
    "read_document",
    "read_layered",
    "read_source",
    "read_toml",
    "read_yaml",
    "shown",
    "source_of",
]
