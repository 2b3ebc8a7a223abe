"""Which trained networks are kept."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions.cnn.nets import training
from bappsmith.distortions.cnn.spec import spec


@pytest.mark.parametrize(
    ("scale", "shift", "rim", "words"),
    [
        (1.0, 0.0, 0.0, "returns its input"),
        (0.0, 0.0, 0.0, "returns grey"),
        (-1.0, 0.0, 0.0, "something else"),
        (np.nan, 0.0, 0.0, "diverged"),
        (1.0, 0.1, 0.1, "draws a rim (error there 2.00 times"),
        (1.0, 0.1, 0.03, ""),
    ],
)
def test_a_network_is_rejected_by_what_it_returns(scale: float, shift: float, rim: float, words: str):
    """The output is the input times `scale` plus `shift`, and plus `rim` at the outermost pixels."""

    class Fake:
        spec = spec(0, 0, features=False).model_copy(update={"corruption": "none", "amount": 0.0})

        def __call__(self, images):  # type: ignore[no-untyped-def]
            output = images * scale + shift + rim
            output[:, :, 1:-1, 1:-1] -= rim
            return output

    patch = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    record = {"steps": 1, "loss": 1.0}
    trained = training._judge(Fake(), record, lambda draws, count: [patch] * count)  # type: ignore[arg-type]
    assert words in trained.fault
    assert bool(words) == bool(trained.fault)
