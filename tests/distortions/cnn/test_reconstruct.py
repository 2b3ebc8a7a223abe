"""What a network returns depends on the image alone, and no work is done for images that are not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from bappsmith.distortions import Distortion, Draws, operator
from bappsmith.distortions.cnn import reconstruct as module
from bappsmith.distortions.cnn.bank import read_bank
from bappsmith.distortions.cnn.denoiser import Denoiser
from bappsmith.distortions.cnn.nets.network import Autoencoder
from bappsmith.distortions.cnn.reconstruct import reconstruct
from bappsmith.distortions.cnn.reweighted_denoiser import ReweightedDenoiser
from bappsmith.distortions.cnn.spec import spec
from bappsmith.distortions.patches import natural_patches

PATCHES = natural_patches(24)


def operators_with_networks(bank: Path) -> list[Distortion]:
    return [*(kind(read_bank(bank)) for kind in (Denoiser, ReweightedDenoiser)), operator("untrained_network")]


@pytest.mark.parametrize("which", range(3))
def test_a_result_does_not_depend_on_company_order_or_threads(which: int, bank: Path):
    op = operators_with_networks(bank)[which]
    images = [*PATCHES[:13], PATCHES[13][:40, :50].copy(), PATCHES[14][:9, :31].copy()]
    params = [op.call(0.7, Draws(k)).params for k in range(len(images))]
    for values in params[:13]:  # large groups of one network
        values["network"] = params[int(values["network"] == params[0]["network"]) - 1]["network"]
    together = op.apply_batch(images, params)
    order = np.random.default_rng(0).permutation(len(images))
    shuffled = op.apply_batch([images[i] for i in order], [params[i] for i in order])
    before = torch.get_num_threads()
    torch.set_num_threads(1 if before > 1 else 2)
    try:
        for position, i in enumerate(order):
            alone = op.apply(images[i], **params[i])
            assert (alone == together[i]).all()
            assert (shuffled[position] == together[i]).all()
    finally:
        torch.set_num_threads(before)


def random_images(count: int, height: int = 64, width: int = 64) -> list[NDArray[np.float32]]:
    return list(np.random.default_rng(0).uniform(-1, 1, (count, height, width, 3)).astype(np.float32))


@pytest.mark.parametrize("index", range(24))
def test_every_kind_of_network_returns_the_same_bits_for_any_size_of_group(index: int):
    network = Autoencoder(spec(3, index, features=False)).requires_grad_(False).eval()
    images = random_images(7)
    alone = [reconstruct(network, [image])[0] for image in images]
    for count in (2, 4, 7):
        for one, other in zip(reconstruct(network, images[:count]), alone, strict=False):
            assert (one == other).all()


class Counting(torch.nn.Module):
    """A network that records its batches, and returns other bits for a batch if `exact` is False."""

    def __init__(self, exact: bool) -> None:
        super().__init__()
        self.spec = spec(0, 0, features=False).model_copy(update={"first_width": 4, "largest_width": 9 - exact})
        self.exact = exact
        self.batches: list[int] = []

    def forward(self, images: Tensor) -> Tensor:
        self.batches.append(len(images))
        return images / 2 if self.exact or len(images) == 1 else images / 2 + 1e-6


@pytest.mark.parametrize(("exact", "expected"), [(True, [4, 4, 1, 1]), (False, [1] * 10)])
def test_batches_run_only_where_they_give_the_bits_of_single_images(
    exact: bool, expected: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_exact", {})
    network, images = Counting(exact), random_images(10)
    reconstruct(network, images[:4])  # type: ignore[arg-type]
    network.batches.clear()
    outputs = reconstruct(network, images)  # type: ignore[arg-type]
    assert network.batches == expected
    assert all((output == image / 2).all() for output, image in zip(outputs, images, strict=True))


def test_sides_that_the_network_cannot_halve_are_padded_and_cut(bank: Path):
    network = Autoencoder(spec(3, 1, features=False)).requires_grad_(False).eval()
    for height, width in ((1, 1), (9, 31), (65, 70)):
        (output,) = reconstruct(network, random_images(1, height, width))
        assert output.shape == (height, width, 3)
