"""The public door: one image, batches, tensors, chains, and what it refuses."""

from __future__ import annotations

import doctest
import importlib
import subprocess
import sys

import numpy as np
import pytest

import bappsmith
from bappsmith.distortions import Draws, apply_chain, operator
from bappsmith.distortions.patches import natural_patches
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Chain

PATCHES = np.stack(natural_patches(3))
PAIRS = [("gaussian_blur", 0.3), ("uniform_white_noise", 0.6)]


def test_the_examples_of_the_docstring_work() -> None:
    result = doctest.testmod(importlib.import_module("bappsmith.distortions.distort"))
    assert result.attempted > 10
    assert result.failed == 0


def test_one_operator_gives_the_pixels_of_its_call() -> None:
    expected = operator("jpeg")(PATCHES[0], operator("jpeg").sample(0.7, Draws(5)))
    assert np.array_equal(bappsmith.distort(PATCHES[0], "jpeg", severity=0.7, seed=5), expected)


def test_each_image_of_a_batch_has_its_own_draws() -> None:
    same = np.stack([PATCHES[0]] * 3)
    one, two, three = bappsmith.distort(same, "uniform_white_noise", seed=5)
    assert np.array_equal(one, bappsmith.distort(PATCHES[0], "uniform_white_noise", seed=5))
    assert not np.array_equal(one, two)
    assert not np.array_equal(two, three)
    assert np.array_equal(bappsmith.distort(same[:2], "uniform_white_noise", seed=5)[1], two)


def test_pairs_are_a_chain_and_a_chain_draws_nothing() -> None:
    draws = Draws(9)
    chain = Chain(tuple(operator(name).call(severity, draws) for name, severity in PAIRS))
    expected = apply_chain(PATCHES[1], chain)
    assert np.array_equal(bappsmith.distort(PATCHES[1], PAIRS, seed=9), expected)
    both = bappsmith.distort(PATCHES[:2], chain, seed=100)
    assert np.array_equal(both[1], expected)


def test_nothing_to_do_returns_a_copy() -> None:
    for by, severity in (("jpeg", 0), ([], None), (Chain(), None)):
        result = bappsmith.distort(PATCHES[0], by, severity=severity)
        assert np.array_equal(result, PATCHES[0])
        assert not np.shares_memory(result, PATCHES)
    assert bappsmith.distort(PATCHES[:0], "jpeg").shape == (0, 64, 64, 3)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_tensors_give_the_pixels_of_arrays(dtype: str) -> None:
    import torch

    exact = torch.from_numpy(PATCHES).permute(0, 3, 1, 2).double() / 255
    tensor = exact.to(getattr(torch, dtype))
    before = tensor.clone()
    result = bappsmith.distort(tensor, PAIRS, seed=3)
    assert (result.dtype, result.shape) == (tensor.dtype, tensor.shape)
    # Half precision holds 8 bits of [0, 1] to within half a level, bfloat16 does not.
    levels = PATCHES if dtype != "bfloat16" else (tensor.float() * 255).round().byte().permute(0, 2, 3, 1).numpy()
    expected = torch.from_numpy(bappsmith.distort(levels, PAIRS, seed=3)).permute(0, 3, 1, 2).float() / 255
    assert torch.equal(result, expected.to(tensor.dtype))
    assert torch.equal(tensor, before)
    assert result.is_contiguous()
    assert torch.equal(bappsmith.distort(tensor[0], PAIRS, seed=3), result[0])
    assert bappsmith.distort(tensor[:0], PAIRS).shape == (0, 3, 64, 64)


def test_a_tensor_with_gradient_is_taken_without() -> None:
    import torch

    tensor = torch.full((1, 3, 16, 16), 0.5, requires_grad=True)
    assert not bappsmith.distort(tensor, "jpeg").requires_grad


@pytest.mark.parametrize(
    ("images", "came"),
    [
        (PATCHES.astype(np.float32), r"found float32 \(3, 64, 64, 3\)"),
        (PATCHES[..., 0], r"found uint8 \(3, 64, 64\)"),
        (PATCHES.transpose(0, 3, 1, 2), r"found uint8 \(3, 3, 64, 64\)"),
        (PATCHES[:, :0], r"found uint8 \(3, 0, 64, 3\)"),
        ([PATCHES[0]], "found list"),
        (None, "found NoneType"),
    ],
)
def test_other_arrays_are_named(images: object, came: str) -> None:
    with pytest.raises(BappsmithError, match=rf"expected uint8 H×W×3 or N×H×W×3 \(RGB\), or a torch tensor.*{came}$"):
        bappsmith.distort(images, "jpeg")


@pytest.mark.parametrize(
    ("change", "came"),
    [
        (lambda t: t.float() / 255 * 2 - 1, r"values must be in \[0, 1\], found -1 to .*\(tensor \+ 1\) / 2"),
        (lambda t: t.float(), r"values must be in \[0, 1\], found .* to 2\d\d"),
        (lambda t: t.float() * float("nan"), r"values must be in \[0, 1\], found nan"),
        (lambda t: t, r"expected floats.*found torch\.uint8 \(3, 3, 64, 64\)"),
        (lambda t: t[:, :1].float() / 255, r"3×H×W or N×3×H×W, found torch\.float32 \(3, 1, 64, 64\)"),
        (lambda t: t.permute(0, 2, 3, 1).float() / 255, r"found torch\.float32 \(3, 64, 64, 3\)"),
        (lambda t: t[None].float() / 255, r"found torch\.float32 \(1, 3, 3, 64, 64\)"),
    ],
)
def test_other_tensors_are_named(change, came: str) -> None:
    import torch

    tensor = change(torch.from_numpy(PATCHES).permute(0, 3, 1, 2))
    with pytest.raises(BappsmithError, match=rf"^tensor to distort: .*{came}") as error:
        bappsmith.distort(tensor, "jpeg")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("by", "severity", "message"),
    [
        ("jpg", None, r"unknown operator 'jpg'.*jpeg"),
        ("jpeg", 1.5, r"severity must be in \[0, 1\], found 1\.5"),
        ("jpeg", "high", r"pairs \(name, severity\), found \('jpeg', 'high'\)"),
        (PAIRS, 0.5, "a chain has its own severities; leave out severity"),
        (Chain(), 0.5, "a chain has its own severities; leave out severity"),
        (["jpeg"], None, r"pairs \(name, severity\), found 'jpeg'"),
        (("jpeg", 0.5), None, r"pairs \(name, severity\), found 'jpeg'"),
        (None, None, r"a list of pairs \(name, severity\), found None"),
        ([("jpeg", 0.5), ("jpg", 0.5)], None, "unknown operator 'jpg'"),
    ],
)
def test_other_orders_are_named(by: object, severity: object, message: str) -> None:
    with pytest.raises(BappsmithError, match=message):
        bappsmith.distort(PATCHES, by, severity=severity)


def test_arrays_do_not_import_torch() -> None:
    code = """
import sys, numpy, bappsmith
bappsmith.distort(numpy.zeros((2, 16, 16, 3), numpy.uint8), "jpeg")
print("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
