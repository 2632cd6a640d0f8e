"""Rehearsals: a scripted evening, played through the whole program in milliseconds.

Usually `rehearse(files, config, as_json, out)`, which is the command line's; tests and the demo call `play`.
"""

from bot.rehearsal.file import Rehearsal, read_rehearsal, rehearsal_of
from bot.rehearsal.player import play
from bot.rehearsal.printing import print_json, print_result, print_transcript
from bot.rehearsal.rehearsing import library_for, rehearse
from bot.rehearsal.stories import Story, stories
from bot.rehearsal.transcript import Entry, Failure, Played

__all__ = [
    "Entry",
    "Failure",
    "Played",
    "Rehearsal",
    "Story",
    "library_for",
    "play",
    "print_json",
    "print_result",
    "print_transcript",
    "read_rehearsal",
    "rehearsal_of",
    "rehearse",
    "stories",
]
