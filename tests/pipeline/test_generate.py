"""What `generate` refuses before it reads a photograph, and what it does not do twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline import generate as module
from bappsmith.pipeline.generate import PHOTOGRAPHS, generate
from bappsmith.pipeline.shard import ShardTask
from bappsmith.pipeline.sources import batch

from .test_run import tree

JPEG = {"operators": ["jpeg"], "length": [1]}


def tiny(photos: Path) -> Recipe:
    """Two shards of four items."""
    subsets = [{"path": f"2afc/train/{name}", "triplets": 4, "distort": JPEG} for name in ("a", "b")]
    return Recipe.from_dict({"name": "tiny", "patch": 32, "sources": {"path": str(photos)}, "subsets": subsets})


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the photographs that the index opens."""
    names: list[str] = []
    real = batch.read_photograph
    monkeypatch.setattr(batch, "read_photograph", lambda store, name: (names.append(name), real(store, name))[1])
    return names


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the photographs that the index decodes."""
    names: list[str] = []
    real = batch.decode
    monkeypatch.setattr(batch, "decode", lambda data, name, limit: (names.append(name), real(data, name, limit))[1])
    return names


def interrupted(recipe: Recipe, out: Path, shards: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is interrupted when so many shards are made."""
    real, left = module.make_shard, [shards]

    def make_shard(task: ShardTask) -> object:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return real(task)

    with monkeypatch.context() as patch:
        patch.setattr(module, "make_shard", make_shard)
        with pytest.raises(KeyboardInterrupt):
            generate(recipe, out)


@pytest.mark.parametrize(
    ("subset", "words"),
    [
        ({"distort": {"operators": ["jpg"]}}, "unknown operator 'jpg'"),
        ({"distort": {"families": ["blurr"]}}, "unknown family 'blurr'"),
        ({"distort": {**JPEG, "exclude": ["jpeg"]}}, "no chain of length 1"),
        ({"distort": {**JPEG, "length": [2]}}, "no chain of length 2"),
        ({"distort": JPEG, "judge": {"kind": "context", "ranking": ["contrast", "shift"]}}, "the ranking lacks jpeg"),
        (
            {"distort": JPEG, "judge": {"kind": "context", "ranking": ["jpg", "jpeg"]}},
            "unknown operator in the ranking 'jpg'",
        ),
        ({"distort": JPEG, "pairing": "different-operators"}, "needs two different operators"),
    ],
)
def test_an_impossible_recipe_is_refused_before_the_first_photograph_is_read(
    photos: Path, tmp_path: Path, opened: list[str], subset: dict[str, Any], words: str
):
    facts = {"name": "x", "patch": 32, "sources": {"path": str(photos)}}
    recipe = Recipe.from_dict({**facts, "subsets": [{"path": "2afc/train/a", "triplets": 4, **subset}]})
    with pytest.raises(BappsmithError, match=words):
        generate(recipe, tmp_path / "data")
    assert opened == []
    assert not (tmp_path / "data").exists()


def test_wrong_options_are_refused_before_the_first_photograph_is_read(photos: Path, tmp_path: Path, opened: list[str]):
    for options, words in (
        ({"form": "zip"}, "form must be"),
        ({"workers": 0}, "workers must be at least 1"),
        ({"plugins": [tmp_path / "none.py"]}, "none.py"),
        ({"workers": 2, "scheduler": "tcp://127.0.0.1:1"}, "give one of workers"),
    ):
        with pytest.raises(BappsmithError, match=words):
            generate(tiny(photos), tmp_path / "data", **options)  # type: ignore[arg-type]
    with pytest.raises(BappsmithError, match="lies inside the folder of the photographs"):
        generate(tiny(photos), photos / "data")
    assert opened == []


def test_a_resumed_run_opens_no_photograph_for_the_index(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
):
    out = tmp_path / "data"
    interrupted(tiny(photos), out, 1, monkeypatch)
    assert sorted(opened) == sorted(os.listdir(photos))
    assert (out / PHOTOGRAPHS).is_file()
    opened.clear()
    assert generate(tiny(photos), out).new_items == 4
    assert opened == []
    assert not (out / PHOTOGRAPHS).exists()
    generate(tiny(photos), tmp_path / "whole")
    assert tree(out) == tree(tmp_path / "whole")


@pytest.mark.parametrize("damage", ["lost", "flipped", "cut"])
def test_a_damaged_cache_is_made_again(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str], damage: str
):
    out = tmp_path / "data"
    interrupted(tiny(photos), out, 0, monkeypatch)
    cache = out / PHOTOGRAPHS
    whole = cache.read_bytes()
    opened.clear()
    if damage == "lost":
        cache.unlink()
    else:
        cache.write_bytes(whole[:-9] if damage == "cut" else whole.replace(b'"height": 9', b'"height": 8'))
        assert cache.read_bytes() != whole
    interrupted(tiny(photos), out, 0, monkeypatch)
    assert len(opened) == 5
    assert cache.read_bytes() == whole


def test_a_photograph_that_changed_meanwhile_is_noticed(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(photos, tmp_path / "photos")
    recipe, changed = tiny(tmp_path / "photos"), tmp_path / "photos" / "photo0.png"
    interrupted(recipe, tmp_path / "data", 0, monkeypatch)
    before = changed.stat()
    content = changed.read_bytes()
    shutil.copy(photos / "photo1.png", changed)
    with pytest.raises(BappsmithError, match="photographs differ"):
        generate(recipe, tmp_path / "data")
    # Equal size and time: the index does not see it, the shard does.
    changed.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(BappsmithError, match=r"photo0\.png in .* is not the file that was indexed"):
        generate(recipe, tmp_path / "data")


def test_a_finished_dataset_is_compared_without_decoding(photos: Path, tmp_path: Path, decoded: list[str]):
    shutil.copytree(photos, tmp_path / "photos")
    recipe, out = tiny(tmp_path / "photos"), tmp_path / "data"
    generate(recipe, out)
    before = tree(out)
    decoded.clear()
    assert generate(recipe, out).new_items == 0
    assert decoded == []
    assert tree(out) == before
    shutil.copy(photos / "photo1.png", tmp_path / "photos" / "photo0.png")
    with pytest.raises(BappsmithError, match="photographs differ"):
        generate(recipe, out)
    assert decoded == ["photo0.png"]


def test_one_cluster_serves_index_and_shards(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    started: list[int] = []
    calls: list[str] = []
    real = module.local_client

    @contextmanager
    def local_client(workers: int) -> Iterator[Any]:
        started.append(workers)
        with real(workers) as client:
            submit = client.map
            client.map = lambda function, *given, **named: (
                calls.append(function.args[0].__name__),
                submit(function, *given, **named),
            )[1]
            yield client

    monkeypatch.setattr(module, "local_client", local_client)
    monkeypatch.setattr(batch, "read_photograph", None)  # in this process none is read
    generate(tiny(photos), tmp_path / "data", workers=2)
    assert started == [2]
    assert list(dict.fromkeys(calls)) == ["index_batch", "make_shard"]
