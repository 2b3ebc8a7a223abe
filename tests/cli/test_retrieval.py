"""The commands `select-pairs` and `evaluate --protocol retrieval`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bappsmith.lpips.data.retrieval.read import read_pairs

from .commands import error


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    """Two views each of ten pictures."""
    root = tmp_path / "gallery"
    root.mkdir()
    rng = np.random.default_rng(0)
    for k in range(10):
        coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8))
        for view, size in (("a", (48, 40)), ("b", (64, 44))):
            coarse.resize(size, Image.Resampling.BICUBIC).save(root / f"{k}{view}.png")
    return root


def test_from_a_folder_to_scores(bappsmith, gallery: Path, tmp_path: Path):
    small = ("--size", 32)
    ran = bappsmith("select-pairs", "gallery", "--queries", 20, "--top", 2, "--random", 2, *small, "--out", "pairs.csv")
    assert ran.status == 0
    assert "20 queries from 20 images" in ran.out
    assert "random 40, queries 20" in ran.out
    with (tmp_path / "pairs.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert {row["votes"] for row in rows} == {"0"}
    assert "no pair is similar by most votes, among 0 judged" in error(
        bappsmith("evaluate", "gallery", "--protocol", "retrieval", "--pairs", "pairs.csv")
    )
    for row in rows:
        row |= {"votes": "3", "similar": str(3 * (row["query"][0] == row["candidate"][0]))}
    with (tmp_path / "judged.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    options = ("--protocol", "retrieval", "--pairs", "judged.csv", "--metric", "ssim", "--metric", "l2", *small)
    ran = bappsmith("evaluate", "gallery", *options, "-k", 1, "--gallery", "--report", "r.html")
    assert ran.status == 0
    lines = [line.split()[1:] for line in ran.out.splitlines() if line.split()[:2] == ["judged.csv", "l2"]]
    assert ["l2", "HR@1", "20", "100.0", "%", "100.0", "–", "100.0"] in lines
    assert ["l2", "judged@1", "20", "100.0", "%", "100.0", "–", "100.0"] in lines
    assert "judged.csv: images were scaled to 32×32 px" in ran.out
    assert (tmp_path / "r.html").exists()
    as_json = json.loads(bappsmith("evaluate", "gallery", *options, "--json").out)
    protocols = {row["protocol"] for row in as_json["scores"]}
    areas = {"ROC-AUC", "PR-AUC", "ROC-AUC weighted", "PR-AUC weighted"}
    assert protocols == {*areas, *(f"{name}@{k}" for name in ("HR", "MRR", "P") for k in (5, 9))}


def test_mistakes(bappsmith, gallery: Path, tmp_path: Path):
    (tmp_path / "pairs.csv").write_text("query,candidate,share\n0a.png,../x.png,1\n")
    retrieval = ("--protocol", "retrieval", "--pairs", "pairs.csv")
    assert "pairs.csv: line 2: candidate '../x.png' leaves the folder" in error(
        bappsmith("evaluate", "gallery", *retrieval)
    )
    assert "needs one folder of images and its labelled pairs" in error(bappsmith("evaluate", *retrieval))
    assert "needs one folder" in error(bappsmith("evaluate", "gallery", "gallery", *retrieval))
    assert "needs one folder" in error(bappsmith("evaluate", "gallery", *retrieval[:2]))
    assert "only --protocol retrieval uses labelled pairs" in error(
        bappsmith("evaluate", "gallery", "--pairs", "pairs.csv")
    )
    (tmp_path / "pairs.csv").write_text("query,candidate,share\n0a.png,0b.png,1\n")
    assert "--labels and --selection concern subsets" in error(
        bappsmith("evaluate", "gallery", *retrieval, "--labels", "people")
    )
    assert "nowhere: no such folder" in error(bappsmith("evaluate", "nowhere", *retrieval))
    assert "--out pairs.csv: exists, and may hold votes" in error(
        bappsmith("select-pairs", "gallery", "--queries", 1, "--out", "pairs.csv")
    )
    assert "folder nowhere does not exist" in error(
        bappsmith("select-pairs", "gallery", "--queries", 1, "--out", "nowhere/p.csv")
    )
    assert "21 queries of 20 images" in error(bappsmith("select-pairs", "gallery", "--queries", 21, "--out", "p.csv"))
    assert not (tmp_path / "p.csv").exists()


def test_votes_are_for_the_pairs_that_were_asked_about(bappsmith, gallery: Path, tmp_path: Path):
    lines = ["query,candidate", *(f"{k}a.png,{k}b.png" for k in range(10))]
    (tmp_path / "pairs.csv").write_text("\n".join(lines))
    (tmp_path / "votes.csv").write_text("subset,index,person,choice\nsimilar,3,one,similar\n")
    ran = bappsmith("annotate", "import", "votes.csv", "gallery", "--pairs", "pairs.csv")
    assert "pairs-study: 1 answers imported" in ran.out
    votes = ("annotate", "votes", "gallery", "--pairs", "pairs.csv", "--out", "judged.parquet")
    assert "judged.parquet: 10 pairs, 9 without votes" in bappsmith(*votes).out
    assert [pair.votes for pair in read_pairs(tmp_path / "judged.parquet", gallery).pairs] == [0] * 3 + [1] + [0] * 6
    (tmp_path / "pairs.csv").write_text("\n".join([lines[0], *lines[:0:-1]]))
    assert "gallery is not what pairs-study began with" in error(bappsmith(*votes))
