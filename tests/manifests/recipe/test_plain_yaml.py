"""YAML from outside: plain data, or one line that says why not, in bounded time and memory."""

from __future__ import annotations

import itertools
import tracemalloc
from importlib.resources import files

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe import plain_yaml
from bappsmith.manifests.recipe.load import shipped_recipes
from bappsmith.manifests.recipe.plain_yaml import load_yaml

LETTERS = "abcdefghijklmnop"


def bomb(line: str) -> str:
    """Ten aliases of ten aliases of …: `line` takes the name of a level and the aliases of the level below."""
    levels = itertools.pairwise(LETTERS)
    return "a: &a {x: 1, y: 2}\n" + "".join(
        line.format(name=name, aliases=",".join([f"*{below}"] * 10)) for below, name in levels
    )


LAUGHS = bomb("{name}: &{name} [{aliases}]\n")
MERGES = bomb("{name}: &{name} {{<<: [{aliases}]}}\n")
ALIAS_CHAIN = "a: &a [1]\n" + "".join(f"k{i}: &k{i} [*{'a' if i == 0 else f'k{i - 1}'}]\n" for i in range(200))

HOSTILE = {
    "alias bomb": (LAUGHS, "more than 50,000 values"),
    "merge bomb": (MERGES, "more than 50,000 values"),
    "depth by aliases": (ALIAS_CHAIN, "more than 64 nested lists"),
    "brackets": ("[" * 10_000, "more than 64 nested lists"),
    "braces": ("{a: " * 10_000, "more than 64 nested lists"),
    "dashes": ("- " * 10_000 + "a", "more than 64 nested lists"),
    "questions": ("? " * 10_000, "more than 64 nested lists"),
    "indents": ("".join(" " * i + "a:\n" for i in range(1000)), "more than 64 nested lists"),
    "many values": ("[" + "a," * 50_001 + "]", "more than 50,000 values"),
    "holds itself": ("a: &a [*a]", "inside of the value that it names"),
    "key holds itself": ("&a {*a : 1}", "inside of the value that it names"),
    "unknown alias": ("*a", "undefined alias"),
    "list as key": ("[1]: a", r"a key must be text, found \[1\]"),
    "mapping as key": ("? {a: 1}\n: b", "a key must be text"),
    "truth value as key": ("on: x", "a key must be text, found True; put quotes around it"),
    "python object": ("name: !!python/object:os.system x", "tag !!python/object:os.system"),
    "unknown tag": ("name: !foo x", "tag !foo"),
    "tagged list": ("!foo [a]", "tag !foo"),
    "set": ("!!set {a}", "tag !!set"),
    "binary": ("a: !!binary aGk=", "tag !!binary"),
    "timestamp": ("a: !!binary 2026-01-01", "tag !!binary"),
    "wrong integer": ("a: !!int 2026-01", "'2026-01' is not a number"),
    "empty integer": ("a: !!int ''", "'' is not a number"),
    "wrong truth value": ("a: !!bool maybe", "tag !!bool"),
    "5,000 digits": ("seed: " + "9" * 5000, "at most 100 characters, found 5,000"),
    "hexadecimal": ("seed: 0x" + "f" * 5000, "at most 100 characters"),
    "sexagesimal": ("seed: 1" + ":1" * 100_000, "at most 100 characters"),
    "long fraction": ("seed: 1." + "9" * 5000, "at most 100 characters"),
    "surrogate": (r'name: "\ud800"', r"surrogate pair, found '\\ud800'"),
    "surrogate as key": (r'"\udfff": 1', "surrogate pair"),
    "raw surrogate": ("name: \ud800", "not YAML: .*#xd800"),
    "NUL": (r'name: "a\0b"', r"found 'a\\x00b'"),
    "raw NUL": ("name: \0", "not YAML: .*#x0000"),
    "merged number": ("<<: 5", "'<<' takes a mapping or a list of mappings"),
    "merged list": ("<<: [1]", "'<<' takes a mapping or a list of mappings"),
    "merged nothing": ("<<:", "'<<' takes a mapping or a list of mappings"),
    "merged twice": ("<<: {a: 1}\n<<: {b: 1}", "line 2: key '<<' occurs twice"),
    "key twice": ("a: 1\nb: 2\na: 3", "line 3: key 'a' occurs twice"),
    "two documents": ("a: 1\n---\nb: 1", "not YAML: .*single document"),
    "too long": ("#" * (plain_yaml.MAX_CHARACTERS + 1), "longer than 1,048,576 characters"),
    "not closed": ("a: [", "not YAML: line 1, column 5: "),
}


@pytest.mark.parametrize(("text", "words"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_not_plain_data_is_refused_in_one_line(text: str, words: str):
    with pytest.raises(BappsmithError, match=words) as refused:
        load_yaml(text)
    message = str(refused.value)
    assert message.isprintable()
    assert len(message) < 500


@pytest.mark.parametrize("text", [LAUGHS, MERGES], ids=["aliases", "merges"])
def test_a_bomb_takes_little_memory(text: str):
    tracemalloc.start()
    with pytest.raises(BappsmithError):
        load_yaml(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50 << 20


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", None),
        ("# nothing\n", None),
        ("\ufeffa: 1", {"a": 1}),
        ("a: 2026-99-99\nb: 2026-01-01", {"a": "2026-99-99", "b": "2026-01-01"}),
        ("a: =\nb: <<", {"a": "=", "b": "<<"}),
        ("a: &x [1, 2.5, yes, null, text]\nb: *x", {k: [1, 2.5, True, None, "text"] for k in "ab"}),
        ("base: &b {a: 1, b: 2}\nown: {<<: *b, b: 3}", {"base": {"a": 1, "b": 2}, "own": {"a": 1, "b": 3}}),
        ("a: {x: 3, <<: [{x: 1, y: 1}, {y: 2, z: 2}]}", {"a": {"x": 3, "y": 1, "z": 2}}),
        ("'1': 0x10\n'on': 1_000", {"1": 16, "on": 1000}),
        ("a: " + "9" * 100, {"a": int("9" * 100)}),
        ("a: " + "[" * 63 + "]" * 63, {"a": yaml.safe_load("[" * 63 + "]" * 63)}),
    ],
)
def test_plain_data_is_read(text: str, data: object):
    assert load_yaml(text) == data


@pytest.mark.parametrize("name", shipped_recipes())
def test_shipped_recipes_are_read_as_pyyaml_reads_them(name: str):
    text = (files("bappsmith.manifests.recipe") / "shipped" / f"{name}.yaml").read_text(encoding="utf-8")
    assert load_yaml(text) == yaml.safe_load(text)


PLAIN_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**80), 10**80) | st.floats(allow_nan=False) | PLAIN_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN_TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_what_pyyaml_writes_is_read_back(data: object):
    assert load_yaml(yaml.safe_dump(data)) == data
