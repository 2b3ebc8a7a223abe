"""What a training can be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bappsmith.lpips.training.config import TrainConfig
from bappsmith.manifests.errors import BappsmithError

QUICK = TrainConfig(
    net="squeeze", mode="scratch", trunk_weights=None, epochs=2, decay_epochs=1, batch=10, learning_rate=1e-3
)


def test_learning_rate_is_constant_then_falls_in_equal_steps():
    rates = [TrainConfig().rate(epoch) for epoch in range(10)]
    assert rates[:5] == [1e-4] * 5
    assert rates[5:] == pytest.approx([1e-4 * k / 6 for k in (5, 4, 3, 2, 1)])


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "linear"},
        {"batch": 0},
        {"dropout": 1.0},
        {"epochs": 0, "decay_epochs": 0},
        {"trunk_weights": "x.pth"},
        {"distance": "cosine"},
        {"accumulate": 11},
        {"loss": "square"},
    ],
)
def test_impossible_configurations_are_refused(change: dict[str, object]):
    with pytest.raises(BappsmithError, match="training: "):
        replace(QUICK, **change)
