"""The seal: what it says, and what it cannot say."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.seal import read_seal
from bappsmith.manifests.sealed_json import DamagedError, sealed_bytes
from bappsmith.manifests.store.local import LocalStore


@pytest.fixture
def content(finished: dict[str, Path]) -> dict[str, Any]:
    data = json.loads((finished["tar"] / "seal.json").read_text())
    del data["sha256_of_the_rest"]
    return data


def written(root: Path, content: dict[str, Any]) -> LocalStore:
    (root / "seal.json").write_bytes(sealed_bytes(content))
    return LocalStore(root)


def test_a_size_stands_beside_every_hash_and_both_are_those_of_the_files(finished: dict[str, Path]):
    for form, root in finished.items():
        files = read_seal(LocalStore(root)).files
        assert set(files) >= {"README.md", "recipe.yaml", "sources.json", "croissant.json"}
        for name, file in files.items():
            data = (root / name).read_bytes()
            assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest()), (form, name)
        # Files of several items are among them; those of one item stand in the manifest.
        inside = [name for name in files if name.startswith(("2afc", "jnd"))]
        assert len(inside) == {"folders": 0, "tar": 4, "packed": 3, "parquet": 4}[form]


def test_counts_and_labellings_are_those_of_the_recipe(finished: dict[str, Path]):
    seal = read_seal(LocalStore(finished["tar"]))
    assert {str(path): count for path, count in seal.subsets.items()} == {
        "2afc/train/a": 520,
        "2afc/val/a": 6,
        "jnd/val/a": 5,
    }
    assert all(isinstance(path, SubsetPath) for path in seal.subsets)
    assert (seal.active, seal.labellings) == ("recipe", ("recipe",))
    assert seal.run(LocalStore(finished["tar"])).fingerprint() == seal.fingerprint


def without(*keys: str) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        for key in keys[:-1]:
            data = data[key]
        del data[keys[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without("recipe"), "KeyError"),
        (without("fingerprint"), "KeyError"),
        (without("labels", "active"), "KeyError"),
        (without("files", "README.md", "size"), "KeyError"),
        (without("subsets", "jnd/val/a"), "its counts differ from those of its recipe"),
        (lambda data: data["subsets"].update({"2afc/train/a": 519}), "its counts differ"),
        (lambda data: data["subsets"].update({"2afc/train/b": 1}), "its counts differ"),
        (lambda data: data["subsets"].update({"elsewhere": 1}), "is damaged"),
        (lambda data: data["labels"].update(active="other"), "active labelling is not one of its labellings"),
        (lambda data: data.update(labels=None), "TypeError"),
        (lambda data: data.update(files=[]), "AttributeError"),
        (lambda data: data["recipe"].update(seed="none"), "is damaged"),
    ],
)
def test_what_cannot_be_is_one_line(
    tmp_path: Path, content: dict[str, Any], change: Callable[[dict[str, Any]], None], words: str
):
    changed = copy.deepcopy(content)
    change(changed)
    with pytest.raises(DamagedError, match=words) as refused:
        read_seal(written(tmp_path, changed))
    assert "\n" not in str(refused.value)
    assert "restore it from a copy" in str(refused.value)


def test_photographs_that_do_not_match_the_fingerprint_are_refused(
    tmp_path: Path, finished: dict[str, Path], content: dict[str, Any]
):
    store = written(tmp_path, content)
    listing = (finished["tar"] / "sources.json").read_bytes()
    taller = listing.replace(b'"height": 96', b'"height": 97')
    assert taller != listing
    for change, words in (
        (None, "is missing or damaged"),
        (b"", "has another size"),
        (listing + b" ", "has another size"),
        (b"[".ljust(len(listing)), "is missing or damaged"),
        (b"[]".ljust(len(listing)), "is missing or damaged"),
        (taller, "does not match the seal"),
    ):
        if change is not None:
            (tmp_path / "sources.json").write_bytes(change)
        with pytest.raises(DamagedError, match=rf"sources\.json {words}"):
            read_seal(store).run(store)
    (tmp_path / "sources.json").write_bytes(listing)
    assert read_seal(store).run(store).fingerprint() == content["fingerprint"]
