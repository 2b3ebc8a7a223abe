"""What a training can be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bappsmith.lpips.training.config import TrainConfig
from bappsmith.manifests.errors import BappsmithError

from .test_train import QUICK


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
        {"forms": ()},
        {"forms": ("structure", "local")},
        {"forms": ("texture",)},
        {"forms": ("structure",), "distance": "fc"},
    ],
)
def test_impossible_configurations_are_refused(change: dict[str, object]):
    with pytest.raises(BappsmithError, match="training: "):
        replace(QUICK, **change)


def test_an_error_names_one_field_and_its_value():
    with pytest.raises(BappsmithError) as refused:
        replace(QUICK, batch=0)
    assert str(refused.value) == "training: batch must be at least 1; found 0"
    with pytest.raises(BappsmithError) as refused:
        replace(QUICK, trunk_weights="x.pth")
    assert str(refused.value).startswith("training: trunk_weights must be None in mode scratch")
    assert str(refused.value).endswith("; found 'x.pth'")


@pytest.mark.parametrize("field", ["learning_rate", "dropout", "margin", "ordering_weight"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_figures_that_are_not_finite_are_refused(field: str, value: float):
    with pytest.raises(BappsmithError, match=f"training: {field} must be .*found {value}"):
        replace(QUICK, **{field: value})
