"""A programme writes down only what it wants otherwise."""

import pytest

from bot.reading import BadFiles, layered_names, overlay, parse_yaml, read_document, read_layered, source_of


def document(text, file="shipped.yaml"):
    return parse_yaml(source_of(file, text.encode()))


def over(lower, upper):
    return overlay(document(lower), document(upper, "own.yaml"))


@pytest.fixture
def roots(tmp_path):
    """A shipped folder and a programme's own."""
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    for root in (shipped, own):
        (root / "content").mkdir(parents=True)
    return shipped, own


def complaint(caught):
    (only,) = caught.value.complaints
    return only


def test_groups_of_keys_merge_however_deep():
    assert over("a: {b: {c: 1, d: 2}}\ne: 3\n", "a: {b: {d: 4, f: 5}}\n").value == {
        "a": {"b": {"c": "1", "d": "4", "f": "5"}},
        "e": "3",
    }


def test_items_with_an_id_merge_by_it_and_new_ones_come_last():
    lower = "- {id: a, say: A, next: b}\n- {id: b, say: B}\n"
    upper = "- {id: c, say: C}\n- {id: b, say: Better}\n"
    assert [(item["id"], item["say"]) for item in over(lower, upper).value] == [("a", "A"), ("b", "Better"), ("c", "C")]


def test_an_item_can_be_taken_away():
    assert over("- {id: a}\n- {id: b}\n", "- {id: a, remove: true}\n").value == [{"id": "b"}]


def test_taking_away_what_is_not_there_is_a_complaint():
    """Most likely the id changed with an update, and the item is back without anybody noticing."""
    with pytest.raises(BadFiles) as caught:
        over("- {id: sleep}\n", "- {id: slep, remove: true}\n")
    assert complaint(caught).file == "own.yaml"
    assert complaint(caught).hint == 'Did you mean "sleep"?'


def test_the_same_id_twice_is_a_complaint():
    with pytest.raises(BadFiles) as caught:
        over("- {id: a}\n", "- {id: b}\n- {id: b}\n")
    assert complaint(caught).line == 2


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        ("a: [x, y]", "a: [z]"),
        ("a: [{id: x}]", "a: []"),
        ("a: [{id: x}]", "a: [y]"),
        ("a: [x]", "a: [{id: y}]"),
        ("a: {b: c}", "a: d"),
        ("a: d", "a: {b: c}"),
        ("a: {b: c}", "a: []"),
    ],
)
def test_anything_else_replaces(lower, upper):
    assert over(lower, upper).value == document(upper).value


def test_each_part_remembers_who_wrote_it():
    """A complaint about the whole still goes to the right person."""
    whole = over("a: 1\nsteps:\n  - {id: x, say: X}\n  - id: y\n    say: Y\n", "steps:\n  - id: y\n    say: Why\n")
    assert whole.at(("a",)).mark.file == "shipped.yaml"
    assert whole.at(("steps", 0, "say")).mark.file == "shipped.yaml"
    own = whole.at(("steps", 1, "say")).mark
    assert (own.file, own.line, own.near) == ("own.yaml", 3, "say: Why")


def test_a_file_is_read_through_all_roots(roots):
    shipped, own = roots
    (shipped / "a.toml").write_text("[quiet]\nfrom = 21\nuntil = 7\n")
    (own / "a.toml").write_text("[quiet]\nfrom = 22\n")
    assert read_layered("a.toml", roots).value == {"quiet": {"from": 22, "until": 7}}
    assert read_layered("a.toml", [shipped]).value == {"quiet": {"from": 21, "until": 7}}


def test_a_file_of_its_own_is_fine(roots):
    (roots[1] / "content" / "own.yaml").write_text("a: b\n")
    assert read_layered("content/own.yaml", roots).value == {"a": "b"}


def test_what_is_wrong_in_every_layer_is_told_at_once(roots):
    for root in roots:
        (root / "a.yaml").write_text("a: 1\na: 2\n")
    with pytest.raises(BadFiles) as caught:
        read_layered("a.yaml", roots)
    assert len(caught.value.complaints) == 2


def test_a_file_that_is_nowhere_is_a_complaint_with_the_nearest_name(roots):
    (roots[0] / "content" / "checkin.yaml").write_text("a: b\n")
    with pytest.raises(BadFiles) as caught:
        read_layered("content/chekin.yaml", roots)
    assert complaint(caught).hint == 'Did you mean "checkin.yaml"?'


def test_a_broken_link_is_not_overlooked(roots):
    """The programme's words would silently be the shipped ones."""
    (roots[0] / "a.yaml").write_text("a: b\n")
    (roots[1] / "a.yaml").symlink_to(roots[1] / "gone.yaml")
    with pytest.raises(BadFiles):
        read_layered("a.yaml", roots)


def test_the_files_of_all_roots_are_listed_once(roots):
    for root, name in [(0, "b.yaml"), (0, "a.yaml"), (1, "a.yaml"), (1, "c.yaml"), (1, "README.md"), (1, ".x.yaml")]:
        (roots[root] / "content" / name).write_text("a: b\n")
    names = [str(name) for name in layered_names("content", roots)]
    assert names == ["content/a.yaml", "content/b.yaml", "content/c.yaml"]
    assert layered_names("none", roots) == ()


@pytest.mark.parametrize("name", ["crisis.yml", "Crisis.YAML", "crisis.yaml.txt"])
def test_a_file_with_nearly_the_right_ending_is_not_overlooked(roots, name):
    """Somebody changed the crisis words, and nothing would have happened."""
    (roots[1] / "content" / name).write_text("a: b\n")
    with pytest.raises(BadFiles) as caught:
        layered_names("content", roots)
    assert complaint(caught).what == "This file is not read: its name does not end in .yaml."


def test_only_known_endings_are_read(roots):
    with pytest.raises(BadFiles):
        read_document(roots[0] / "a.json")
