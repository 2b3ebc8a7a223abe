"""Figures as the field gives them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio

from bappsmith.lpips.evaluation.baselines import BASELINES
from bappsmith.lpips.evaluation.quantities import quantity


def test_the_figures_of_equal_images_are_those_of_the_field():
    one = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    best = {"l2": 0, "ssim": 1, "ms_ssim": 1, "fsim": 1, "gmsd": 0, "mdsi": 0, "vif": 0, "haarpsi": 1, "psnr": 200}
    assert best.keys() == BASELINES.keys()
    for name, value in best.items():
        shown = quantity(name)
        assert shown.from_distance(BASELINES[name](one, one).item()) == pytest.approx(value, abs=1e-4)
        assert shown.higher_is_more_alike == (value > 0)


def test_psnr_is_in_decibels():
    rng = np.random.default_rng(0)
    one, two = (rng.integers(0, 256, (16, 16, 3), np.uint8) for _ in range(2))
    batch = [torch.from_numpy(image / 127.5 - 1).movedim(-1, 0)[None].float() for image in (one, two)]
    shown = quantity("psnr").from_distance(BASELINES["psnr"](*batch).item())
    assert shown == pytest.approx(peak_signal_noise_ratio(one, two), abs=1e-3)
    assert quantity("psnr").heading == "PSNR, dB ↑"


def test_a_checkpoint_is_known_by_its_name():
    assert quantity("metric/last.safetensors").heading == "metric/last.safetensors ↓"
