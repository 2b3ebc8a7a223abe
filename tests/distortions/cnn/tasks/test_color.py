"""Classes of chroma, their loss, and the operator of a bank."""

from __future__ import annotations

import numpy as np
import torch

from bappsmith.distortions.cnn.tasks.color import TASK
from bappsmith.distortions.patches import natural_views
from bappsmith.distortions.random import Draws

SPEC = TASK.spec(0, 0, 0, features=False, steps=(1, 2))
CLASSES = 49


def received(luma: torch.Tensor) -> torch.Tensor:
    return torch.stack((luma, luma, luma, torch.zeros_like(luma)), dim=1)


def test_the_likely_class_gives_its_chroma_and_the_luma_stays():
    luma = torch.linspace(-0.3, 0.3, 64).reshape(1, 8, 8)
    scores = -torch.ones(1, CLASSES, 8, 8)
    scores[:, 7 * 4 + 2] = 1  # Cb +32, Cr -32
    image = TASK.images(received(luma), scores)
    weights = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
    assert torch.allclose((image * weights).sum(dim=1), luma, atol=1e-5)
    assert torch.allclose(image[:, 2] - luma, torch.tensor(1.772 * 32 / 127.5), atol=1e-3)
    assert torch.allclose(image[:, 0] - luma, torch.tensor(-1.402 * 32 / 127.5), atol=1e-3)


def test_equal_scores_give_grey():
    luma = torch.zeros(1, 4, 4)
    assert torch.allclose(
        TASK.images(received(luma), torch.zeros(1, CLASSES, 4, 4)), torch.zeros(1, 3, 4, 4), atol=1e-5
    )


def test_the_loss_is_least_at_the_true_classes_and_rare_ones_weigh_more():
    grey = torch.zeros(1, 3, 16, 16)
    clean = grey.clone()
    clean[:, 0, :2, :2] += 0.9  # a small red spot
    luma = (clean * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(dim=1)
    sepia = torch.zeros(1, CLASSES, 16, 16)
    sepia[:, 24] = 1
    found = sepia.clone()
    reds = TASK.images(received(luma), sepia)
    assert torch.allclose(reds[:, 0], reds[:, 1], atol=1e-2)
    found[:, 24, :2, :2] = -1
    found[:, 23:28, :2, :2] = 0.5
    gain = TASK.pixel_loss(received(luma), sepia, clean) - TASK.pixel_loss(received(luma), found, clean)
    wrong = sepia.clone()
    wrong[:, 24, 8:10, 8:10] = -1
    wrong[:, 23:28, 8:10, 8:10] = 0.5
    harm = TASK.pixel_loss(received(luma), wrong, clean) - TASK.pixel_loss(received(luma), sepia, clean)
    assert gain > 4 * harm > 0


def test_pairs_hold_luma_the_colour_of_hints_and_the_patch():
    margin = TASK.margin
    crop = natural_views(1, 32, margin)[0].image
    given, patch = TASK.pair(SPEC, crop, Draws(3))
    assert given.shape == (32, 32, 4)
    assert np.array_equal(patch, crop[margin:-margin, margin:-margin])
    luma = patch.astype(float) @ (0.299, 0.587, 0.114)
    assert np.abs((given[..., :3] @ (0.299, 0.587, 0.114) + 1) * 127.5 - luma).max() <= 0.51
    assert set(np.unique(given[..., 3])) == {0.0, 1.0}
    colour, true = (
        image - image.mean(axis=2, keepdims=True) for image in (given[..., :3] * 127.5, patch.astype(float))
    )
    spread, grey = np.abs(colour - true).mean(), np.abs(true).mean()
    assert spread < 0.7 * grey
    assert (SPEC.inputs, SPEC.outputs) == (4, CLASSES)
