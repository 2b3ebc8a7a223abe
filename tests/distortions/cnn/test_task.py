"""The tasks of banks: found by name, with pairs that operators see in the same way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from bappsmith.distortions import Draws, operators
from bappsmith.distortions import operator as find_operator
from bappsmith.distortions.cnn.bank import read_bank
from bappsmith.distortions.cnn.denoiser import Denoiser
from bappsmith.distortions.cnn.loading import load_bank
from bappsmith.distortions.cnn.nets.network import Autoencoder
from bappsmith.distortions.cnn.nets.training import train_network
from bappsmith.distortions.cnn.task import all_tasks, find_task, task_names
from bappsmith.distortions.patches import natural_patches
from bappsmith.manifests.errors import BappsmithError

STEPS = (2, 2)


@pytest.mark.parametrize("name", task_names())
def test_a_task_is_whole(name: str):
    task = find_task(name)
    assert task.name == name
    assert tuple(kind.name for kind in task.operator_classes()) == task.operators
    assert {kind.task for kind in task.operator_classes()} == {name}
    specs = [task.spec(0, index, 0, features=True, steps=STEPS) for index in range(8)]
    assert {spec.task for spec in specs} == {name}
    assert specs == [task.spec(0, index, 0, features=True, steps=STEPS) for index in range(8)]
    assert len({spec.digest() for spec in specs}) == 8
    assert task.spec(0, 0, 1, features=True, steps=STEPS) != specs[0]
    assert not any(task.spec(0, index, 0, features=False, steps=STEPS).feature_weight for index in range(8))


@pytest.mark.parametrize("name", task_names())
def test_a_pair_fits_the_network_and_repeats(name: str):
    task = find_task(name)
    spec = task.spec(0, 0, 0, features=False, steps=STEPS)
    crop = natural_patches(1, 32 + 2 * task.margin)[0]
    received, clean = task.pair(spec, crop, Draws(3))
    assert received.shape == (32, 32, spec.inputs)
    assert received.dtype == np.float32
    assert clean.shape == (32, 32, 3)
    assert clean.dtype == np.uint8
    again = task.pair(spec, crop, Draws(3))
    assert np.array_equal(received, again[0])
    tensor = torch.from_numpy(received).movedim(-1, 0)[None]
    returned = Autoencoder(spec)(tensor)
    assert returned.shape == (1, spec.outputs, 32, 32)
    assert task.images(tensor, returned).shape == (1, 3, 32, 32)
    loss = task.pixel_loss(tensor, returned, torch.zeros(1, 3, 32, 32))
    assert loss.ndim == 0
    assert loss.requires_grad


@pytest.mark.parametrize("name", ["superres", "deblur"])
def test_a_network_that_restores_starts_near_its_input_and_is_kept(name: str):
    task = find_task(name)
    spec = task.spec(0, 0, 0, features=False, steps=STEPS)
    crops = natural_patches(8, 32 + 2 * task.margin)
    trained = train_network(spec, lambda draws, count: [crops[draws.integer(8)] for _ in range(count)])
    again = train_network(spec, lambda draws, count: [crops[draws.integer(8)] for _ in range(count)])
    assert trained.fault == ""
    assert trained.record == again.record
    received = torch.from_numpy(task.pair(spec, crops[0], Draws(0))[0]).movedim(-1, 0)[None]
    with torch.inference_mode():
        assert (trained.network(received) - received).abs().mean() < 0.1


def test_specs_of_the_first_task_are_written_as_before():
    spec = find_task("denoise").spec(0, 0, 0, features=False, steps=STEPS)
    assert not {"task", "inputs", "outputs", "residual"} & set(spec.to_json())
    assert find_task("superres").spec(0, 0, 0, features=False, steps=STEPS).to_json()["task"] == "superres"


def test_an_unknown_task_is_refused():
    with pytest.raises(BappsmithError, match=r"unknown task of a bank 'superes': did you mean 'superres'\?"):
        find_task("superes")


def test_no_two_tasks_share_the_name_of_an_operator():
    names = [name for task in all_tasks() for name in task.operators]
    assert len(set(names)) == len(names)
    assert not set(names) & set(operators())


def test_a_bank_of_another_task_is_refused_in_one_line(restoring_banks: dict[str, Path], bank: Path):
    superres = read_bank(restoring_banks["superres"])
    with pytest.raises(
        BappsmithError, match=r"'denoiser' needs a bank of task denoise, and .* is of task superres; make"
    ):
        Denoiser(superres)
    (kind,) = find_task("superres").operator_classes()
    with pytest.raises(BappsmithError, match=r"'superres_network' needs a bank of task superres, and .* task denoise"):
        kind(read_bank(bank))
    assert load_bank(restoring_banks["superres"]) == ["superres_network"]
    with pytest.raises(BappsmithError, match=r"unknown operator 'denoiser': .*task denoise.*superres\)") as refused:
        find_operator("denoiser")
    assert "\n" not in str(refused.value)
