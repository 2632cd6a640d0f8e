"""Somebody breaks the programme's files while it runs: the old ones stay in force, the operator is told once, and what
is mended counts without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.loading import load_library, shipped_config
from bot.reload import Reload
from tests.faults.hands import Hands
from tests.faults.phones import Phones
from tests.faults.process import NotReady, console, running, spawn
from tests.faults.programme import Programme

TOLD = "A file of the configuration was changed and is broken"
OLD, NEW = "Thank you. I have kept this for your team", "Your words are with your team now"
OWN = "conversation: everyday\nsteps:\n  - {id: received, say: %s}\n"


def _cut_short(programme: Programme) -> None:
    programme.write("escalation.yaml", (programme.folder / "escalation.yaml").read_text()[:200] + "\n  - {after: [")


def _nobody_on_a_tier(programme: Programme) -> None:
    programme.write("escalation.yaml", "emergency: {tiers: [{after: 0m, page: []}]}\n")


def _of_a_wrong_kind(programme: Programme) -> None:
    programme.write("handrail.toml", (programme.folder / "handrail.toml").read_text() + "quiet_after = 7\n")


def _with_an_unknown_key(programme: Programme) -> None:
    programme.write("content/en/everyday.yaml", "conversation: everyday\nstepz: []\n")


def _of_bytes(programme: Programme) -> None:
    (programme.folder / "content" / "en").mkdir(parents=True, exist_ok=True)
    (programme.folder / "content" / "en" / "everyday.yaml").write_bytes(bytes(range(256)) * 40)


BREAKS: list[Callable[[Programme], None]] = [
    _cut_short, _nobody_on_a_tier, _of_a_wrong_kind, _with_an_unknown_key, _of_bytes,
]  # fmt: skip


@pytest.mark.parametrize("break_it", BREAKS, ids=lambda one: one.__name__.strip("_"))
async def test_a_broken_file_changes_nothing_until_it_is_mended(
    programme: Programme, phones: Phones, people: Hands, break_it: Callable[[Programme], None]
) -> None:
    """The old words and the old ladder, one line to the operator, and the new words a few seconds after the mending."""
    ladder, toml = ((programme.folder / name).read_text() for name in ("escalation.yaml", "handrail.toml"))
    async with running(programme):
        break_it(programme)
        await phones.sees("oper", TOLD)
        await people.says("p00", "the tram was late")
        await phones.sees("p00", OLD)
        await people.says("p01", "I want to die")
        await phones.until(lambda: {"theo", "back"} <= {one.place for one in phones.shown if one.page})
        await asyncio.sleep(2)
        assert sum(TOLD in text for text in phones.texts("oper")) == 1
        _mend(programme, ladder, toml)
        await _until_the_new_words_come(phones, people)


def _mend(programme: Programme, ladder: str, toml: str) -> None:
    (programme.folder / "content" / "en" / "everyday.yaml").unlink(missing_ok=True)
    programme.write("escalation.yaml", ladder)
    programme.write("handrail.toml", toml)
    programme.write("content/en/everyday.yaml", OWN % NEW)


async def _until_the_new_words_come(phones: Phones, people: Hands) -> None:
    """Somebody writes now and then; files are looked at every few seconds."""
    for _ in range(20):
        await people.says("p02", "hello")
        await asyncio.sleep(0.7)
        if any(NEW in text for text in phones.texts("p02")):
            return
    raise AssertionError("the mended file does not count")


async def test_a_start_on_broken_files_says_which_line(programme: Programme) -> None:
    """There is no old configuration to fall back on: it says where the mistake is, and does not start."""
    _with_an_unknown_key(programme)
    process = await spawn(console(programme))
    with pytest.raises(NotReady, match="stepz"):
        await process.until_ready()
    assert await process.gone() == 1
    assert b"everyday.yaml, line 2" in process.said


# -- any mistake at all --------------------------------------------------------------------------------------------

SHIPPED = [path for path in sorted(shipped_config().rglob("*")) if path.suffix in {".yaml", ".toml"}]


class Told(list[str]):
    """A program of which only the library and the operators' phone are there."""

    def __init__(self) -> None:
        super().__init__()
        self.library = load_library([shipped_config()])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_mistake_in_any_file_breaks_the_program(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Cut off, doubled, scrambled: either it is whole and counts, or it changes nothing and is told once."""
    root = tmp_path_factory.mktemp("config")
    path = data.draw(st.sampled_from(SHIPPED))
    whole = path.read_text()
    place = data.draw(st.integers(0, len(whole)))
    junk = data.draw(
        st.sampled_from(["", "\t", ": ", "{", "]", "\0", "- ", "&a *a", "!!python/none", "é", "\n\n  x: y\n"])
    )
    broken = data.draw(
        st.sampled_from([whole[:place] + junk, whole[:place] + junk + whole[place:], whole + whole[:place]])
    )
    program = Told()
    reload = Reload(SimpleNamespace(library=program.library), (shipped_config(), root))
    reload._tell = _noting(program)
    old = program.library
    copy = root / path.relative_to(shipped_config())
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(broken, encoding="utf-8")

    async def looks() -> None:
        for _ in range(3):
            await reload.look()

    asyncio.run(looks())
    assert (reload._program.library is old) == (len(program) == 1)
    assert len(program) <= 1


def _noting(told: list[str]) -> Callable[..., object]:
    async def note(content: str, file: str, count: int) -> None:
        told.append(f"{content} {file} {count}")

    return note


async def test_a_link_that_leads_nowhere_does_not_end_the_looking(tmp_path: Path) -> None:
    """Files that come and go while they are looked at are no reason to stop looking."""
    program = Told()
    reload = Reload(SimpleNamespace(library=program.library), (shipped_config(), tmp_path))
    reload._tell = _noting(program)
    link = tmp_path / "escalation.yaml"
    link.symlink_to("/nowhere/at/all.yaml")
    for _ in range(3):
        await reload.look()
    assert len(program) == 1
    assert reload._program.library is program.library
    link.unlink()
    (tmp_path / "wording.yaml").write_text("limits: {characters: 170}\n")
    await reload.look()
    assert reload._program.library is not program.library


async def test_whom_nobody_could_tell_is_told_with_the_next_look(tmp_path: Path) -> None:
    """The database was locked just then: the operator hears of it a few seconds later."""
    program, tries = Told(), []
    reload = Reload(SimpleNamespace(library=program.library), (shipped_config(), tmp_path))

    async def locked(content: str, file: str, count: int) -> None:
        tries.append(content)
        if len(tries) == 1:
            raise RuntimeError("database is locked")

    reload._tell = locked
    (tmp_path / "escalation.yaml").write_text("emergency: [\n")
    with pytest.raises(RuntimeError):
        await reload.look()
    await reload.look()
    await reload.look()
    assert len(tries) == 2


def test_the_shipped_files_are_where_they_were() -> None:
    """What the test above scrambles are copies."""
    assert all(Path(path).is_file() for path in SHIPPED)
    assert load_library([shipped_config()]).version
