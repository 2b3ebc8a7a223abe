"""Triplets on the fly are those that are written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

import bappsmith
from bappsmith.lpips.data.torch_view import TorchView
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe


@pytest.mark.parametrize("path", ["2afc/train/small", "2afc/val/small", "jnd/val/small"])
def test_a_stream_gives_what_generate_writes(made: Path, small: Recipe, path: str):
    stream, written = bappsmith.TripletStream(small, subset=path), bappsmith.Dataset(made)[path]
    assert len(stream) == len(written)
    for index in (len(written) - 1, 0, 13, -3):
        one, other = stream[index], written[index]
        assert (one.stem, one.judgment) == (other.stem, other.judgment)
        assert list(one.images) == list(other.images)
        assert all(np.array_equal(one.images[folder], other.images[folder]) for folder in one.images)
    with pytest.raises(IndexError, match=f"{path} has {len(stream)} items"):
        stream[len(stream)]


def test_torch_loads_a_stream_and_a_dataset_alike(made: Path, small: Recipe):
    stream = bappsmith.TripletStream(small, subset="2afc/val/small")
    batches = [
        next(iter(DataLoader(TorchView(items), batch_size=4)))
        for items in (stream, bappsmith.Dataset(made)["2afc/val/small"])
    ]
    assert {name: (tuple(value.shape), value.dtype) for name, value in batches[0].items()} == {
        **dict.fromkeys(("ref", "p0", "p1"), ((4, 3, 32, 32), torch.float32)),
        "judge": ((4,), torch.float32),
    }
    assert all(torch.equal(batches[0][name], batches[1][name]) for name in batches[0])
    assert batches[0]["ref"].min() >= -1
    assert batches[0]["ref"].max() <= 1


def test_a_recipe_of_several_subsets_needs_a_choice(small: Recipe):
    with pytest.raises(BappsmithError, match="several subsets; give one of 2afc/train/small, 2afc/val/small"):
        bappsmith.TripletStream(small)
    with pytest.raises(BappsmithError, match="did you mean '2afc/val/small'"):
        bappsmith.TripletStream(small, subset="2afc/val/smal")
