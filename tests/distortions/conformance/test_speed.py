"""Time of an operator over that of a library's call. How large it is, no test can say."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bappsmith.distortions import Draws, operator, operators
from bappsmith.distortions.conformance import relative_time
from bappsmith.distortions.patches import natural_patches

NAMED = {
    "avif": 20,
    "bilateral_blur": 2,
    "context_blur": 2,
    "gaussian_blur": 2,
    "jpeg": 20,
    "jpeg2000": 20,
    "median_blur": 2,
    "nonlocal_means": 2,
    "webp": 20,
}
"""Operator → largest mean difference from its library's call, in levels. Codecs have another grid there."""


def test_operators_without_a_call_have_no_time() -> None:
    assert relative_time(operator("pink_noise"), 64) is None


def test_the_number_of_threads_stays() -> None:
    before = cv2.getNumThreads()
    ratio = relative_time(operator("gaussian_blur"), 64)
    assert ratio is not None
    assert ratio > 0
    assert cv2.getNumThreads() == before


@pytest.mark.parametrize("name", NAMED)
def test_the_call_of_the_library_does_the_same(name: str) -> None:
    op, patch = operator(name), natural_patches(1)[0]
    params = op.sample(0.5, Draws(0))
    call = op.library_call(patch, params)
    assert call is not None
    assert np.abs(call.astype(int) - op(patch, params))[8:-8, 8:-8].mean() < NAMED[name]


def test_all_calls_are_named_here() -> None:
    patch = natural_patches(1)[0]
    named = {name for name, op in operators().items() if op.library_call(patch, op.sample(0.5, Draws(0))) is not None}
    assert named == set(NAMED)
