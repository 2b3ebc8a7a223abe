"""Nearest images of folders, and the files of all pairs."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from bappsmith.lpips.data.subset import to_signed
from bappsmith.lpips.evaluation.baselines import l2
from bappsmith.lpips.evaluation.neighbours import all_pairs_of_folders
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError


def read(path: Path) -> np.ndarray:
    image = cv2.imread(str(path))
    assert image is not None
    return np.ascontiguousarray(image[..., ::-1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    (tmp_path / "images" / "deep").mkdir(parents=True)
    images = rng.integers(0, 256, (5, 64, 64, 3), np.uint8)
    images[3] = images[1]
    for name, image in zip(("a", "b", "c", "deep/d", "e"), images, strict=True):
        cv2.imwrite(str(tmp_path / "images" / f"{name}.png"), image)
    return tmp_path / "images"


def measure(folder: Path, **options):
    metrics = options.pop("metrics", {"lpips": LPIPS("squeeze", trunk_weights=0), "l2": l2})
    return all_pairs_of_folders(folder, options.pop("two", None), metrics, read, suffixes=(".png",), **options)


def test_the_nearest_images_by_hand(folder: Path):
    found = measure(folder, nearest=2)
    assert [row.metric for row in found] == ["lpips"] * 10 + ["l2"] * 10
    nearest = {(row.metric, row.query): row for row in found if row.rank == 1}
    queries = sorted({row.query for row in found})
    assert len(queries) == 5
    for metric in ("lpips", "l2"):
        twins = nearest[metric, "b"], nearest[metric, queries[3]]
        assert [(row.candidate, row.distance) for row in twins] == [(queries[3], 0.0), ("b", 0.0)]
    assert all(row.query != row.candidate for row in found)
    alone = measure(folder / "deep", two=folder, nearest=9, metrics={"l2": l2})
    assert [row.rank for row in alone] == [1, 2, 3, 4, 5]
    assert alone[0].distance == alone[1].distance == 0


def test_the_files_of_all_pairs(folder: Path, tmp_path: Path):
    metric = LPIPS("squeeze", trunk_weights=0)
    rows = measure(folder, nearest=2, metrics={"lpips": metric}, out=tmp_path / "all.npy")
    matrix, names = np.load(tmp_path / "all.npy"), json.loads((tmp_path / "all.json").read_text())
    assert (matrix.shape, matrix.dtype, names["rows"]) == ((5, 5), np.float32, names["columns"])
    images = {path.stem: to_signed(torch.from_numpy(read(path)))[None] for path in folder.rglob("*.png")}
    with torch.inference_mode():
        for row, first in zip(matrix, names["rows"], strict=True):
            for value, second in zip(row, names["columns"], strict=True):
                pair = images[Path(first).name], images[Path(second).name]
                assert value == pytest.approx(metric(*pair).item(), rel=1e-6, abs=1e-9)
    assert measure(folder, nearest=2, metrics={"lpips": metric}, out=tmp_path / "near.parquet") == rows
    table = pq.read_table(tmp_path / "near.parquet")
    assert table.column_names == ["metric", "query", "candidate", "rank", "distance"]
    assert table["candidate"].to_pylist() == [row.candidate for row in rows]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.json", "all.npy", "images", "near.parquet"]


def test_what_cannot_be_done_is_refused_in_one_line(folder: Path, tmp_path: Path):
    with pytest.raises(BappsmithError, match=r"holds the distances of one metric, found lpips, l2"):
        measure(folder, out=tmp_path / "all.npy")
    with pytest.raises(BappsmithError, match=r"give FILE\.parquet"):
        measure(folder, out=tmp_path / "all.csv")
    with pytest.raises(BappsmithError, match="does not exist"):
        measure(folder, out=tmp_path / "nowhere" / "all.parquet")
    with pytest.raises(BappsmithError, match="all pairs need a folder"):
        measure(folder / "a.png")
    cv2.imwrite(str(folder / "f.png"), np.zeros((32, 64, 3), np.uint8))
    with pytest.raises(BappsmithError, match="differ in size: 64×64 and 64×32 px"):
        measure(folder)
    with pytest.raises(BappsmithError, match="no image found"):
        measure(tmp_path / "images" / "deep", two=tmp_path_empty(tmp_path))


def tmp_path_empty(tmp_path: Path) -> Path:
    empty = tmp_path / "empty"
    empty.mkdir()
    return empty
