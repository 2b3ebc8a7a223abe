"""Baselines against scikit-image and piq."""

from __future__ import annotations

from pathlib import Path

import piq
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from bappsmith.lpips.data.subset import PackedSubset, load_subset, to_signed
from bappsmith.lpips.evaluation.baselines import BASELINES, MS_SSIM_WEIGHTS, l2, ms_ssim, psnr, ssim, vif
from bappsmith.manifests.errors import BappsmithError

Folders = tuple[Path, Path]


def pictures(subset: PackedSubset, folder: str, count: int = 40) -> torch.Tensor:
    return to_signed(subset.pixels[:count, subset.folders.index(folder)])


def test_ssim_is_that_of_scikit_image(tiny: Folders):
    subset = load_subset(tiny[1])
    found = 1 - ssim(pictures(subset, "ref", 8), pictures(subset, "p1", 8))
    for i in range(8):
        _, full = structural_similarity(
            subset.image("ref", i),
            subset.image("p1", i),
            channel_axis=2,
            data_range=255,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            full=True,
        )
        assert found[i].item() == pytest.approx(full[5:-5, 5:-5].mean(), abs=2e-4)


def test_l2_is_the_mean_square(tiny: Folders):
    subset = load_subset(tiny[1])
    one, two = pictures(subset, "ref"), pictures(subset, "p0")
    expected = ((one.double() - two.double()) ** 2).mean(dim=(1, 2, 3))
    torch.testing.assert_close(l2(one, two).double(), expected, atol=1e-6, rtol=1e-5)


def noisy(levels: tuple[float, ...], side: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
    """A smooth picture, once per level, and the same with noise of that level."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(1, 3, 8, 8, generator=generator) * 1.6 - 0.8
    picture = torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic").clamp(-1, 1)
    noise = torch.randn(1, 3, side, side, generator=generator)
    worse = torch.cat([(picture + level * noise).clamp(-1, 1) for level in levels])
    return picture.expand(len(levels), -1, -1, -1), worse


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_are_least_for_equal_images_and_grow_with_noise(name: str):
    one, two = noisy((0.0, 0.02, 0.1, 0.4))
    found = BASELINES[name](one, two)
    assert found.shape == (4,)
    assert found.dtype == torch.float32
    assert (found.diff() > 0).all()
    assert found[0].item() == pytest.approx(-200.0 if name == "psnr" else 0.0, abs=1e-5)


@pytest.mark.parametrize("name", sorted({*BASELINES} - {"vif", "mdsi"}))
def test_baselines_are_symmetric(name: str):
    one, two = noisy((0.02, 0.1))
    torch.testing.assert_close(BASELINES[name](one, two), BASELINES[name](two, one))


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_of_a_pair_does_not_depend_on_its_batch(name: str):
    one, two = noisy((0.02, 0.1, 0.4))
    alone = torch.cat([BASELINES[name](one[k : k + 1], two[k : k + 1]) for k in range(3)])
    torch.testing.assert_close(BASELINES[name](one, two), alone, atol=2e-6, rtol=2e-6)


@pytest.mark.parametrize("name", sorted({*BASELINES} - {"l2", "psnr"}))
def test_baselines_refuse_images_that_are_too_small(name: str):
    with pytest.raises(BappsmithError, match=r"needs images of at least (\d+)×\1 px, found 7×7"):
        BASELINES[name](torch.zeros(1, 3, 7, 7), torch.zeros(1, 3, 7, 7))


def test_psnr_is_that_of_scikit_image_and_ranks_as_l2(tiny: Folders):
    subset = load_subset(tiny[1])
    ref, p1 = pictures(subset, "ref"), pictures(subset, "p1")
    expected = [
        peak_signal_noise_ratio(subset.image("ref", k), subset.image("p1", k), data_range=255) for k in range(40)
    ]
    assert (-psnr(ref, p1)).tolist() == pytest.approx(expected, abs=1e-3)
    assert psnr(ref, p1).argsort().tolist() == l2(ref, p1).argsort().tolist()


def test_vif_takes_the_reference_first_and_more_contrast_is_no_likeness():
    one, two = noisy((0.1,))
    expected = piq.vif_p((two + 1) / 2, (one + 1) / 2, reduction="none")  # piq: the distorted image first
    torch.testing.assert_close(vif(one, two), 1 - expected)
    more = (one * 1.2).clamp(-1, 1)
    assert piq.vif_p((more + 1) / 2, (one + 1) / 2) > 1
    assert vif(one, more).item() > 0


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("value", [-1.0, 0.3])
def test_baselines_are_defined_for_images_without_structure(name: str, value: float):
    plain = torch.full((1, 3, 64, 64), value)
    assert BASELINES[name](plain, plain).isfinite().all()


def test_psnr_tells_the_least_difference_from_none():
    one = torch.zeros(1, 3, 64, 64)
    two = one.clone()
    two[0, 0, 0, 0] += 2 / 255
    # One value of 12,288 off by a level: 10·log10(255²·12288) = 89.03 dB.
    assert psnr(one, two).item() == pytest.approx(-89.03, abs=0.01)


@pytest.mark.parametrize(("side", "scales"), [(64, 3), (161, 5), (160, 4), (11, 1)])
def test_ms_ssim_takes_the_scales_that_fit(side: int, scales: int):
    one, two = noisy((0.1,), side)
    weights = torch.tensor(MS_SSIM_WEIGHTS[:scales])
    expected = 1 - piq.multi_scale_ssim((one + 1) / 2, (two + 1) / 2, scale_weights=weights, reduction="none")
    torch.testing.assert_close(ms_ssim(one, two), expected, atol=1e-5, rtol=1e-4)
