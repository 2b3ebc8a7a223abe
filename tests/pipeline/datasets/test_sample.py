"""A share of a dataset's items."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.datasets.info import info
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.sample import sample
from bappsmith.pipeline.datasets.verify import verify

TRAIN = "2afc/train/some"
Pixels = Callable[[Path, str], list[tuple[bytes, ...]]]


def test_a_sample_keeps_pixels_order_and_where_items_came_from(
    made: Path, photos: Path, tmp_path: Path, pixels: Pixels
):
    sample(made, tmp_path / "few", 0.1, seed=3)
    sample(made, tmp_path / "other", 0.1, seed=4)
    facts = info(tmp_path / "few")
    assert facts["subsets"][TRAIN]["items"] == 52
    assert facts["name"] == "some-sample"
    assert verify(tmp_path / "few", pixels=3, photos=str(photos)).remade == 3 + 1 + 1
    rows = list(Dataset(tmp_path / "few").sealed(TRAIN).rows())
    assert [row.index for row in rows] == list(range(52))
    origins = [row.origin for row in rows if row.origin]
    indices = [origin.index for origin in origins]
    assert len(indices) == 52
    assert indices == sorted(indices)
    assert {(origin.fingerprint, origin.subset) for origin in origins} == {(Dataset(made).run.fingerprint(), TRAIN)}
    whole = pixels(made, TRAIN)
    assert pixels(tmp_path / "few", TRAIN) == [whole[index] for index in indices]
    assert pixels(tmp_path / "other", TRAIN) != pixels(tmp_path / "few", TRAIN)
    assert replay(tmp_path / "few", TRAIN, 7, photos=str(photos)).exact
    with pytest.raises(BappsmithError, match="selection differs"):
        sample(made, tmp_path / "few", 0.1, seed=4)


def test_of_what_was_sampled_items_still_say_where_they_were_first_made(made: Path, photos: Path, tmp_path: Path):
    sample(made, tmp_path / "few", 0.1, seed=3)
    sample(tmp_path / "few", tmp_path / "fewer", 0.5, form="tar")
    assert replay(tmp_path / "fewer", TRAIN, 11, photos=str(photos)).exact
    facts = info(tmp_path / "fewer")
    assert facts["name"] == "some-sample-sample"
    assert [parent["name"] for parent in facts["parents"]] == ["some"]


@pytest.mark.parametrize("fraction", [0.0, -1.0, 1.5, float("nan")])
def test_shares_that_are_none_are_refused(made: Path, tmp_path: Path, fraction: float):
    with pytest.raises(BappsmithError, match=r"fraction must be in \(0, 1\]"):
        sample(made, tmp_path / "x", fraction)
    assert not (tmp_path / "x").exists()
