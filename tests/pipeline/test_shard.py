"""One shard: pixels on disk, one photograph in memory, and one readable line where something is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.folders import Folders
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline import generate as run
from bappsmith.pipeline import shard
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.rendering.crop import cut
from bappsmith.pipeline.shard import ShardTask, shard_count, shard_indices
from bappsmith.pipeline.sources import decoded


def test_a_subset_is_cut_into_shards_of_512_items():
    for count, sizes in ((1, [1]), (512, [512]), (513, [512, 1]), (1100, [512, 512, 76])):
        shards = [shard_indices(count, number) for number in range(shard_count(count))]
        assert [len(one) for one in shards] == sizes
        assert [index for one in shards for index in one] == list(range(count))


def test_pixels_on_disk_are_rgb_of_the_photograph(made: Path, photos: Path):
    row = Dataset(made).sealed("jnd/val/small").row(3)
    photograph = cv2.cvtColor(cv2.imread(str(photos / row.plan.photo)), cv2.COLOR_BGR2RGB)
    stored = cv2.cvtColor(cv2.imread(str(made / "jnd/val/small/p0/000003.png")), cv2.COLOR_BGR2RGB)
    assert (stored == cut(photograph, row.crop, 32, 0)).all()


def test_a_full_disk_is_one_readable_line(tmp_path: Path, tiny: Recipe, monkeypatch: pytest.MonkeyPatch):
    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Folders, "write", no_space)
    with pytest.raises(BappsmithError, match="disk full while writing shard 0 of 2afc/train/tiny"):
        generate(tiny, tmp_path / "full")
    monkeypatch.undo()
    assert generate(tiny, tmp_path / "full").new_items == 19


def test_a_photograph_that_changes_during_the_run_is_named(
    photos: Path, tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(photos, tmp_path / "photos")
    real = run.make_shard

    def change(task: ShardTask) -> object:
        for path in (tmp_path / "photos").iterdir():
            if path.name != "photo0.png":
                path.write_bytes((photos / "photo0.png").read_bytes())
        return real(task)

    monkeypatch.setattr(run, "make_shard", change)
    with pytest.raises(BappsmithError, match=r"photograph photo\d\.png .*is not the file that was indexed"):
        generate(tiny, tmp_path / "data", photos=tmp_path / "photos")
    assert not (tmp_path / "data" / "seal.json").exists()


def test_one_photograph_is_held_at_a_time_where_they_are_large(
    made_tiny: Path,
    tmp_path: Path,
    tiny: Recipe,
    monkeypatch: pytest.MonkeyPatch,
    tree: Callable[[Path], dict[str, str]],
):
    monkeypatch.setattr(decoded, "CACHE_BYTES", 1)
    held: list[int] = []
    real = shard.render

    def watch(records, read):
        state = read.__self__
        return real(records, lambda name: (read(name), held.append(len(state._decoded)))[0])

    monkeypatch.setattr(shard, "render", watch)
    generate(tiny, tmp_path / "out")
    assert set(held) == {1}
    assert tree(tmp_path / "out") == tree(made_tiny)
