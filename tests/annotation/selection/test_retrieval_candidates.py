"""Unions of what metrics find, random floors, and their probabilities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bappsmith.annotation.selection.retrieval_candidates import retrieval_candidates
from bappsmith.lpips.evaluation.baselines import l2
from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.sources.decode import decode_file


def opposite(image0: torch.Tensor, image1: torch.Tensor) -> torch.Tensor:
    return -l2(image0, image1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve grey images; 00 and 00-copy are one file twice."""
    root = tmp_path_factory.mktemp("gallery")
    for k in range(12):
        Image.fromarray(np.full((20, 24, 3), 20 * k, np.uint8)).save(root / f"{k:02d}.png")
    (root / "00-copy.png").write_bytes((root / "00.png").read_bytes())
    return root


def choose(folder: Path, **settings):
    images = sorted(path.name for path in folder.iterdir())
    metrics = {"l2": l2, "opposite": opposite}
    return retrieval_candidates(folder, images, metrics, decode_file, size=16, **settings)


def test_the_union_of_what_metrics_find_and_a_random_floor(folder: Path):
    pairs = choose(folder, queries=13, top=2, random=3)
    assert len({pair.query for pair in pairs}) == 13
    assert len({(pair.query, pair.candidate) for pair in pairs}) == len(pairs) == 13 * 7
    assert not any(pair.share is not None or pair.query == pair.candidate for pair in pairs)
    of_two = {pair.candidate: pair.found_by for pair in pairs if pair.query == "02.png" and pair.found_by != "random"}
    assert set(of_two) == {"01.png", "03.png", "11.png", "10.png"}
    assert {of_two["01.png"], of_two["03.png"]} == {"l2:1", "l2:2"}  # equally far, in random order
    assert (of_two["11.png"], of_two["10.png"]) == ("opposite:1", "opposite:2")
    random = [pair for pair in pairs if pair.query == "02.png" and pair.found_by == "random"]
    assert [pair.inclusion for pair in random] == pytest.approx([3 / 8] * 3)
    assert {pair.inclusion for pair in pairs if pair.found_by != "random"} == {1}
    copies = {pair.candidate for pair in pairs if pair.query == "00.png"}
    assert "00-copy.png" not in copies


def test_both_metrics_may_find_one_candidate(folder: Path):
    pairs = choose(folder, queries=3, top=20, random=3, seed=1)
    assert len(pairs) == sum(11 if pair.startswith("00") else 12 for pair in {pair.query for pair in pairs})
    assert all(pair.found_by.count(":") == 2 and pair.inclusion == 1 for pair in pairs)


def test_the_seed_decides(folder: Path):
    assert choose(folder, queries=4, top=2, random=2, seed=3) == choose(folder, queries=4, top=2, random=2, seed=3)
    assert choose(folder, queries=4, top=2, random=2, seed=3) != choose(folder, queries=4, top=2, random=2, seed=4)


def test_probabilities_of_inclusion_are_those_of_many_seeds(folder: Path):
    times = 300
    counts = {"08.png": 0, "06.png": 0}
    for seed in range(times):
        drawn = {
            pair.candidate for pair in choose(folder, queries=13, top=1, random=2, seed=seed) if pair.query == "02.png"
        }
        for name in counts:
            counts[name] += name in drawn
    # The nearest, the farthest (00, 00-copy or 11: here 11), and 2 of 10 others.
    assert all(abs(count / times - 0.2) < 0.09 for count in counts.values())


def test_mistakes(folder: Path):
    with pytest.raises(BappsmithError, match="14 queries of 13 images; ask for 1 to 13"):
        choose(folder, queries=14)

    def broken(image0: torch.Tensor, image1: torch.Tensor) -> torch.Tensor:
        return torch.full((len(image0),), torch.nan)

    with pytest.raises(BappsmithError, match=r"metric broken gives no distance for 0"):
        retrieval_candidates(folder, ["00.png", "01.png"], {"broken": broken}, decode_file, queries=1)
