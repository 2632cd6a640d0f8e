"""`handrail assess`: the risk assessment alone, for work on the lexicon. One JSON object a line in, one a line out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from bot.assessing import assess_lines, assess_words
from bot.config_files import gather
from bot.console import complain, counted, say, say_json
from bot.evaluating import figures, score, table, write_misses
from bot.labelled import read_labelled
from bot.lexicons import SETTINGS, read_lexicon
from bot.places import config_option, roots_of
from bot.reading import BadFiles, read_as, shown
from bot.switches import told_if_off
from flows.risk import Lexicon
from flows.settings import Settings

FINE, BAD_LINES = 0, 1
FILE = click.Path(path_type=Path, dir_okay=False)
NO_TEXT = "not UTF-8"  # which is no JSON either, and so is told as a bad line


@click.command(name="assess")
@click.option("--text", help="Assess one message, and say the outcome in words.")
@click.option("--lang", metavar="xx", help="The language of messages that do not say theirs.")
@click.option("--json", "as_json", is_flag=True, help="With --text or --eval: the same as JSON objects.")
@click.option("--eval", "labelled", type=FILE, multiple=True, metavar="FILE", help="Score labelled messages.")
@click.option("--misses", type=FILE, metavar="FILE", help="With --eval: write what was not given as labelled.")
@config_option
def command(
    text: str | None,
    lang: str | None,
    labelled: tuple[Path, ...],
    misses: Path | None,
    config: Path | None,
    *,
    as_json: bool,
) -> int:
    """Say how worrying messages are, and which words said so.

    Reads one JSON object a line, {"text": "...", "lang": "en"}, and writes one a line in the same order. Other keys
    come out as they went in. "lang" may be left out: people mix languages, so every language of the lexicon listens to
    every message, as in the program itself.

    With --eval, which may be given several times, FILE holds labelled messages, one JSON object a line: id, text, lang,
    label, category, phenomenon. What comes out is how many crises alert and how many ordinary messages do. The file of
    --misses holds the messages themselves, and can be read by you alone.
    """
    _refuse_unfitting(text, lang, labelled, misses)
    if labelled:
        return _evaluate(labelled, misses, config, as_json=as_json)
    lexicon = _lexicon(config)
    if text is None:
        return _answer(_lines(), lexicon)
    if as_json:
        return _answer([json.dumps({"text": text, "lang": lang})], lexicon)
    say(assess_words(text, lexicon))
    return FINE


def _refuse_unfitting(text: str | None, lang: str | None, labelled: Sequence[Path], misses: Path | None) -> None:
    if labelled and (text is not None or lang is not None):
        raise click.UsageError("--eval takes everything from its file: leave out --text and --lang.")
    if misses is not None and not labelled:
        raise click.UsageError("--misses FILE says what --eval FILE found: give both.")
    if misses is not None and misses.resolve() in {path.resolve() for path in labelled}:
        raise click.UsageError("--misses would write over the labelled messages: choose another file.")


def _evaluate(labelled: Sequence[Path], misses: Path | None, config: Path | None, *, as_json: bool) -> int:
    scored = score(read_labelled(labelled), _lexicon(config))
    written = write_misses(misses, scored) if misses is not None else 0
    if as_json:
        for figure in figures(scored):
            say_json(figure)
        return FINE
    say(table(scored))
    if misses is not None:
        say(f"\n{counted(written, 'message')} not given as labelled: {shown(misses)}")
    return FINE


def _lexicon(config: Path | None) -> Lexicon:
    files = gather(roots_of(config))
    _, lexicon, complaints = read_lexicon(files)
    if lexicon is None:
        raise BadFiles([*files.complaints, *complaints])
    if told := told_if_off(read_as(Settings, files.documents[SETTINGS]).screening):
        complain(told)
    return lexicon


def _lines() -> Iterator[str]:
    if sys.stdin.isatty():
        complain('Waiting for lines like {"text": "..."}; Ctrl-D ends. For one message: handrail assess --text "..."')
    for line in sys.stdin.buffer:
        try:
            yield line.decode()
        except UnicodeDecodeError:
            yield NO_TEXT


def _answer(lines: Iterable[str], lexicon: Lexicon) -> int:
    """Each at once: whoever reads at the other end may wait for this line before writing the next."""
    status = FINE
    for line in assess_lines(lines, lambda _language: lexicon):
        if line.bad:
            status = BAD_LINES
        stream = sys.stderr.buffer if line.bad else sys.stdout.buffer
        stream.write(f"{line.json}\n".encode())
        stream.flush()
    return status
