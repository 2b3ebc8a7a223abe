"""The fixed embedding: orthonormal, non-expansive, and its constant is exact."""

from __future__ import annotations

import pytest
import torch

from bappsmith.lpips.robust.dct import dct_filters, dct_matrix, opponent_matrix
from bappsmith.lpips.robust.dct_metric import BLOCKS, POOLS, WIDTHS, DctMetric, gram
from bappsmith.lpips.robust.lipschitz_metric import Pixels
from bappsmith.manifests.errors import BappsmithError


def _random_metric(seed: int = 0) -> DctMetric:
    metric = DctMetric().double()
    with torch.no_grad():
        metric.weights.copy_(torch.rand(sum(WIDTHS), generator=torch.Generator().manual_seed(seed)) ** 4)
    metric.normalise()
    return metric


def _images(seed: int, side: int = 64) -> torch.Tensor:
    return torch.rand(3, 3, side, side, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 2 - 1


@pytest.mark.parametrize("size", BLOCKS)
def test_transforms_are_orthonormal(size: int) -> None:
    for matrix in (dct_matrix(size), opponent_matrix(), dct_filters(size).flatten(1)):
        torch.testing.assert_close(matrix @ matrix.T, torch.eye(len(matrix), dtype=torch.float64))


def test_equal_weights_of_the_coefficients_are_l2() -> None:
    one, two = _images(1), _images(2)
    torch.testing.assert_close(DctMetric().double()(one, two), Pixels()(one, two))


@pytest.mark.parametrize("side", [64, 50])
def test_distances_are_columns_times_weights_and_symmetric(side: int) -> None:
    metric, one, two = _random_metric(), _images(1, side), _images(2, side)
    torch.testing.assert_close(metric.columns(one, two) @ metric.weights, metric(one, two))
    torch.testing.assert_close(metric(two, one), metric(one, two))
    assert (metric(one, one) == 0).all()


def test_no_pair_exceeds_the_constant() -> None:
    metric = _random_metric()
    assert metric.lipschitz_constant() == pytest.approx(1, abs=1e-6)
    for seed in range(5):
        one, other = _images(seed), _images(seed + 100)
        for two in (other, one + 1e-4 * other):
            ratio = metric(one, two).sqrt() / Pixels()(one, two).sqrt()
            assert ratio.max() <= metric.lipschitz_constant()


@pytest.mark.parametrize("seed", range(3))
def test_the_constant_is_reached(seed: int) -> None:
    """The eigenvector of the largest eigenvalue in every block, around grey, is stretched by exactly L."""
    metric = _random_metric(seed)
    values, vectors = torch.linalg.eigh(gram(metric.weights.detach()))
    colour = int(values[:, -1].argmax())
    block = vectors[colour, :, -1].view(8, 8)
    image = opponent_matrix()[colour].view(1, 3, 1, 1) * block.repeat(8, 8)
    stretched = metric(image, 2 * image) / Pixels()(image, 2 * image)
    assert stretched.sqrt().item() == pytest.approx(metric.lipschitz_constant(), rel=1e-6)  # filters are float32


def test_images_of_another_form_are_refused_in_one_line() -> None:
    with pytest.raises(BappsmithError, match="N×3×H×W") as caught:
        DctMetric()(torch.zeros(1, 1, 64, 64), torch.zeros(1, 1, 64, 64))
    assert "\n" not in str(caught.value)
    assert len(POOLS) * len(BLOCKS) == len(WIDTHS)
