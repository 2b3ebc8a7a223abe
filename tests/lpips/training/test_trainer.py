"""Steps of a training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bappsmith.lpips.data.mixture import mix
from bappsmith.lpips.data.subset import load_subset
from bappsmith.lpips.evaluation.distances import distances
from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.lpips.model.checkpoint import load_metric
from bappsmith.lpips.model.forms import Form, widths
from bappsmith.lpips.training.train import train
from bappsmith.lpips.training.trainer import Trainer

from .test_train import QUICK, Folders


@pytest.mark.parametrize("forms", [("local",), ("local", "structure")])
def test_lin_from_differences_is_the_training_on_images(
    few: Folders, tmp_path: Path, trunk_file: Path, forms: tuple[Form, ...]
):
    """Without dropout, one epoch of lin equals steps that run trunk and all on every batch."""
    config = replace(
        QUICK, mode="lin", trunk_weights=str(trunk_file), dropout=0.0, epochs=1, decay_epochs=0, forms=forms
    )
    train(config, [few[0]], out=tmp_path / "run")
    found = load_metric(tmp_path / "run" / "last.safetensors").head_state()
    trainer = Trainer(config, mix([load_subset(few[0])]), None, torch.device("cpu"), None)
    trainer.look_ahead()
    trainer.differences = None
    trainer.epoch(0)
    for name, value in trainer.metric.head_state().items():
        torch.testing.assert_close(found[name], value, atol=2e-5, rtol=1e-3)


def test_every_form_starts_with_the_same_share_and_a_resumed_training_keeps_the_scales(few: Folders, tmp_path: Path):
    config = replace(QUICK, forms=("local", "mean", "structure"), taps=("features.1",))
    data = mix([load_subset(few[0], cache=tmp_path)])
    trainer, resumed = (Trainer(config, data, None, torch.device("cpu"), None) for _ in range(2))
    trainer.look_ahead()
    with torch.no_grad():
        columns = trainer.columns(torch.arange(20), 0.0).flatten(0, 1) * trainer.metric.units
    sizes = [sum(widths((form,), trainer.metric.trunk.channels)) for form in ("local", "mean", "structure")]
    assert [part.sum(1).mean().item() for part in columns.split(sizes, dim=1)] == pytest.approx([1, 1, 1], rel=1e-4)
    trainer.step(torch.arange(10))
    resumed.load_state(trainer.state())
    assert torch.equal(resumed.metric.units, trainer.metric.units)


def test_dropout_is_of_local_alone(few: Folders, tmp_path: Path, trunk_file: Path):
    config = replace(QUICK, mode="lin", trunk_weights=str(trunk_file), forms=("local", "mean", "structure"))
    trainer = Trainer(config, mix([load_subset(few[0], cache=tmp_path)]), None, torch.device("cpu"), None)
    trainer.look_ahead()
    local = sum(trainer.metric.trunk.channels)
    positions = torch.arange(3)
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        for columns in (trainer.look_up, trainer.compute):
            whole, dropped = columns(positions, 0.0), columns(positions, 0.5)
            assert (whole[..., :local] != dropped[..., :local]).float().mean() > 0.5
            assert torch.equal(whole[..., local:], dropped[..., local:])


def gradients(trainer: Trainer, positions: torch.Tensor) -> dict[str, torch.Tensor]:
    """What a step would change, without changing it."""
    trainer.optimiser.step = lambda: None  # type: ignore[method-assign]
    trainer.metric.clamp_heads = lambda: None  # type: ignore[method-assign]
    trainer.step(positions)
    named = [*trainer.metric.named_parameters(), *trainer.rank.named_parameters(prefix="rank")]
    return {name: value.grad.clone() for name, value in named if value.grad is not None}


@pytest.mark.parametrize(
    ("mode", "loss"),
    [
        ("lin", "rank"),
        *(
            pytest.param(*both, marks=pytest.mark.slow)
            for both in (("lin", "hinge"), ("tune", "hinge"), ("tune", "rank"), ("tune", "binomial"))
        ),
        *(pytest.param("scratch", loss, marks=pytest.mark.slow) for loss in ("rank", "hinge")),
    ],
)
def test_parts_of_a_batch_give_the_gradients_of_the_whole(
    mode: str, loss: str, tiny: Folders, trunk_file: Path, tmp_path: Path
):
    """Also where the batch's score calls for the ordering term and a part's does not, and the other way round."""
    subset = load_subset(tiny[0], cache=tmp_path)
    trunk = None if mode == "scratch" else str(trunk_file)
    config = replace(QUICK, mode=mode, trunk_weights=trunk, loss=loss, dropout=0.0, batch=12)
    (d0, d1) = distances(Trainer(config, mix([subset]), None, torch.device("cpu"), None).metric, subset)
    right = two_afc_scores(d0, d1, subset.labels)
    wrong_ones, right_ones = np.flatnonzero(right == 0), np.flatnonzero(right == 1)
    # Three parts of four: the first is all right, the others all wrong. The score of the batch is 1/3. And reversed.
    for kinds in ((right_ones, wrong_ones, wrong_ones), (wrong_ones, right_ones, right_ones)):
        chosen = [kind[4 * k : 4 * k + 4] for k, kind in enumerate(kinds)]
        positions = torch.from_numpy(np.concatenate(chosen))
        assert len(positions) == 12
        results = []
        for parts in (1, 3):
            trainer = Trainer(replace(config, accumulate=parts), mix([subset]), None, torch.device("cpu"), None)
            trainer.look_ahead()
            results.append(gradients(trainer, positions))
        assert results[0].keys() == results[1].keys()
        for name, whole in results[0].items():
            scale = whole.abs().max().item()
            torch.testing.assert_close(results[1][name], whole, atol=1e-4 * scale + 1e-9, rtol=1e-3)


def test_parts_are_seen_twice_with_the_same_dropout(few: Folders, tmp_path: Path):
    config = replace(QUICK, batch=12, accumulate=3, dropout=0.5)
    trainer = Trainer(config, mix([load_subset(few[0], cache=tmp_path)]), None, torch.device("cpu"), None)
    real = trainer.distances
    with torch.random.fork_rng():
        torch.manual_seed(0)
        seen: list[torch.Tensor] = []

        def watched(part: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            d0, d1 = real(part)
            seen.append(torch.stack((d0, d1)).detach())
            return d0, d1

        trainer.distances = watched  # type: ignore[method-assign]
        trainer.step(torch.arange(12))
    first, second = seen[:3], seen[3:]
    assert all(torch.equal(one, two) for one, two in zip(first, second, strict=True))
    assert not torch.equal(seen[0], torch.stack(real(torch.arange(4))).detach())  # it was there


@pytest.mark.slow
def test_training_in_parts_is_training(few: Folders, tmp_path: Path):
    config = replace(QUICK, epochs=1, decay_epochs=0, dropout=0.0)
    losses = [
        train(replace(config, accumulate=parts), [few[0]], out=tmp_path / str(parts)).history[0]["loss"]
        for parts in (1, 3)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)
