"""Operators of banks of tasks `color` and `interpolate`, with networks that nobody trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bappsmith.distortions import operator
from bappsmith.distortions.base import Distortion
from bappsmith.distortions.cnn.loading import load_bank
from bappsmith.distortions.conformance.contract import broken_clauses
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.distortions.random import Draws
from bappsmith.pipeline.planning.degradation import partners


def operators_of(bank: Path) -> list[Distortion]:
    return [operator(name) for name in load_bank(bank)]


@pytest.mark.parametrize("task", ["color", "interpolate"])
@pytest.mark.slow
def test_they_keep_the_contract(task: str, restoring_banks: dict[str, Path]):
    for op in operators_of(restoring_banks[task]):
        broken = broken_clauses(op, natural_patches(12))
        assert not [line for line in broken if "more severity is milder" not in line]


def test_color_keeps_the_luma(restoring_banks: dict[str, Path]):
    (op,) = operators_of(restoring_banks["color"])
    view = natural_views(1, 64, 20)[0]
    result = op(view, op.draw(0.5, Draws(1)))
    luma = (one.astype(float) @ (0.299, 0.587, 0.114) for one in (result, view.centre))
    clear = (result > 2).all(axis=2) & (result < 253).all(axis=2)
    assert np.abs(next(luma) - next(luma))[clear].max() < 1.6


def test_real_and_made_up_frames_go_through_one_network(restoring_banks: dict[str, Path]):
    made_up, real = operators_of(restoring_banks["interpolate"])
    assert (made_up.name, real.name) == ("interpolation_network", "sequence_network")
    view = natural_views(1, 64, 70)[0]
    params = {**made_up.draw(0.5, Draws(1)), "distance": 0.0}
    still = replace(view, frames=(view.image, view.image))
    named = {"before": "a", "after": "b", "network": params["network"]}
    assert np.array_equal(made_up(view, params), real(still, named))


@pytest.mark.parametrize(("task", "others"), [("color", "nearest_hint"), ("interpolate", "average_frames")])
def test_they_can_be_given_what_plain_algorithms_are_given(task: str, others: str, restoring_banks: dict[str, Path]):
    op = operators_of(restoring_banks[task])[0]
    assert others in partners([op.name, others])[op.name]
