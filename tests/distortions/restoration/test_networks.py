"""Operators of banks of tasks `color` and `interpolate`, with networks that nobody trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import save_file

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.cnn.bank import FORMAT, INDEX, read_bank
from bappsmith.distortions.cnn.nets.network import Autoencoder
from bappsmith.distortions.cnn.task import find_task
from bappsmith.distortions.conformance.contract import broken_clauses
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.distortions.random import Draws
from bappsmith.manifests.sealed_json import sealed_bytes
from bappsmith.manifests.store.atomic import sha256_file
from bappsmith.pipeline.planning.degradation import partners


def operators_of(task_name: str, root: Path) -> list[Distortion]:
    task = find_task(task_name)
    (root / "networks").mkdir()
    entries = []
    for number in range(2):
        spec = task.spec(0, number, 0, features=False, steps=(1, 2))
        file = root / f"networks/{number:03d}.safetensors"
        save_file(Autoencoder(spec).eval().state_dict(), file)
        record = {"error": 5.0, "contrast": 1.0}
        entries.append(
            {"file": f"networks/{file.name}", "sha256": sha256_file(file), "spec": spec.to_json(), "record": record}
        )
    index = {"format": FORMAT, "task": task_name, "photographs": [], "networks": entries}
    (root / INDEX).write_bytes(sealed_bytes(index))
    return [kind(read_bank(root)) for kind in task.operator_classes()]


@pytest.mark.parametrize("task", ["color", "interpolate"])
@pytest.mark.slow
def test_they_keep_the_contract(task: str, tmp_path: Path):
    for op in operators_of(task, tmp_path):
        broken = broken_clauses(op, natural_patches(12))
        assert not [line for line in broken if "more severity is milder" not in line]


def test_color_keeps_the_luma(tmp_path: Path):
    (op,) = operators_of("color", tmp_path)
    view = natural_views(1, 64, 20)[0]
    result = op(view, op.draw(0.5, Draws(1)))
    luma = (one.astype(float) @ (0.299, 0.587, 0.114) for one in (result, view.centre))
    clear = (result > 2).all(axis=2) & (result < 253).all(axis=2)
    assert np.abs(next(luma) - next(luma))[clear].max() < 1.6


def test_real_and_made_up_frames_go_through_one_network(tmp_path: Path):
    made_up, real = operators_of("interpolate", tmp_path)
    assert (made_up.name, real.name) == ("interpolation_network", "sequence_network")
    view = natural_views(1, 64, 70)[0]
    params = {**made_up.draw(0.5, Draws(1)), "distance": 0.0}
    still = replace(view, frames=(view.image, view.image))
    named = {"before": "a", "after": "b", "network": params["network"]}
    assert np.array_equal(made_up(view, params), real(still, named))


@pytest.mark.parametrize(("task", "others"), [("color", "nearest_hint"), ("interpolate", "average_frames")])
def test_they_can_be_given_what_plain_algorithms_are_given(task: str, others: str, tmp_path: Path):
    from bappsmith.distortions.registry import register

    op = operators_of(task, tmp_path)[0]
    register(op)
    assert others in partners([op.name, others])[op.name]
