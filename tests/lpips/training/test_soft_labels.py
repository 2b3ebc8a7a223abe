"""Trainings on votes, weights and lapses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bappsmith.lpips.data.mixture import mix
from bappsmith.lpips.data.subset import PackedSubset, load_subset
from bappsmith.lpips.model.checkpoint import load_metric, read_facts
from bappsmith.lpips.training.config import TrainConfig
from bappsmith.lpips.training.stopping import EpochScore
from bappsmith.lpips.training.train import train
from bappsmith.lpips.training.trainer import Trainer
from bappsmith.manifests.errors import BappsmithError

from .test_train import QUICK, Folders

ONCE = replace(QUICK, epochs=1, decay_epochs=0, taps=("features.1",))


def voted(folder: Path, seed: int) -> PackedSubset:
    """The first 20 items of a subset, with k of n votes and random weights, some of them 0."""
    subset, count = load_subset(folder), 20
    rng = np.random.default_rng(seed)
    votes = rng.integers(1, 9, count)
    return replace(
        subset,
        pixels=subset.pixels[:count],
        stems=subset.stems[:count],
        labels=torch.from_numpy((rng.binomial(votes, 0.7) / votes).astype(np.float32)),
        votes=torch.from_numpy(votes.astype(np.int32)),
        weights=torch.from_numpy(rng.choice([0.0, 0.5, 1.0, 3.0], count).astype(np.float32)),
    )


def without_weight_0(subset: PackedSubset) -> PackedSubset:
    keep = subset.weights > 0
    return replace(
        subset,
        **{name: getattr(subset, name)[keep] for name in ("pixels", "labels", "votes", "weights")},
        stems=tuple(stem for stem, kept in zip(subset.stems, keep.tolist(), strict=True) if kept),
    )


@pytest.mark.parametrize("loss", ["rank", "binomial", "hinge"])
def test_items_of_weight_0_are_as_if_they_did_not_exist(loss: str, few: Folders, tmp_path: Path):
    given = [voted(folder, seed) for seed, folder in enumerate(few)]
    config = replace(ONCE, loss=loss, weigh_votes=True)
    results = []
    for name, (data, val) in {"all": given, "few": [without_weight_0(subset) for subset in given]}.items():
        result = train(config, [data, val], [val], out=tmp_path / name)
        metric = load_metric(result.checkpoint)
        results.append((result.history, {**metric.trunk.state(), **metric.head_state()}))
    assert results[0][0] == results[1][0]
    assert all(torch.equal(value, results[1][1][name]) for name, value in results[0][1].items())


def test_a_step_takes_the_likelihood_of_all_votes(tiny: Folders, trunk_file: Path):
    """One item of n votes costs what n items of one vote cost: k for p1, and n - k for p0."""
    subset = load_subset(tiny[0])
    config = replace(ONCE, mode="lin", trunk_weights=str(trunk_file), loss="binomial", dropout=0.0)
    n, k = 4, 3
    once = replace(
        subset, labels=torch.full((60,), k / n), votes=torch.full((60,), n, dtype=torch.int32), weights=torch.ones(60)
    )
    gradients = []
    for data, repeated in ((once, 1), (replace(once, votes=torch.zeros(60, dtype=torch.int32)), n)):
        trainer = Trainer(config, mix([data]), None, torch.device("cpu"), None)
        d0, d1 = trainer.distances(torch.arange(5))
        if repeated == n:
            trainer.data.labels[:n] = torch.tensor([1.0, 1.0, 1.0, 0.0])
            d0, d1 = d0[:1].expand(n), d1[:1].expand(n)
            loss, _ = trainer.loss(d0, d1, torch.arange(n))
        else:
            loss, _ = trainer.loss(d0[:1], d1[:1], torch.tensor([0]))
        loss.backward()
        heads = [head.grad for head in trainer.metric.head_parameters()]
        gradients.append((loss.item(), torch.cat([gradient for gradient in heads if gradient is not None])))
    assert gradients[0][0] == pytest.approx(gradients[1][0], rel=1e-5)
    torch.testing.assert_close(gradients[0][1], gradients[1][1], rtol=1e-4, atol=1e-8)


@pytest.mark.slow
def test_the_binomial_loss_learns_without_a_term_for_the_order(tiny: Folders, tmp_path: Path):
    config = replace(QUICK, net="alex", epochs=6, loss="binomial", ordering_weight=0.0)
    result = train(config, [tiny[0]], [tiny[1]], out=tmp_path / "run")
    assert max(row["val_2afc"] for row in result.history) >= 0.9


def test_everything_together_resumes_to_equal_files(few: Folders, tmp_path: Path, trunk_file: Path):
    lin = replace(ONCE, mode="lin", trunk_weights=str(trunk_file))
    start = train(lin, [few[0]], out=tmp_path / "lin", cache=tmp_path / "cache").checkpoint
    config = TrainConfig(
        net="squeeze",
        taps=("features.1",),
        mode="tune",
        trunk_weights=str(trunk_file),
        start_from=str(start),
        epochs=3,
        patience=2,
        batch=5,
        loss="binomial",
    )
    data = [voted(few[0], 0), voted(few[1], 2)]
    drawn = mix(data, [1, 0.5]).drawn
    score = EpochScore("less_weight", lambda metric: -sum(head.sum().item() for head in metric.head_parameters()))

    def run(name: str, stop_after: int = 10**9) -> None:
        def progress(what: str, done: int, total: int) -> None:
            if what == "triplets" and done > stop_after:
                raise KeyboardInterrupt

        train(
            config,
            data,
            [voted(few[1], 1)],
            out=tmp_path / name,
            weights=[1, 0.5],
            lapses=[0.05, 0],
            score=score,
            progress=progress,
        )

    run("whole")
    with pytest.raises(KeyboardInterrupt):
        run("parts", drawn + 5)
    torch.rand(3)  # the global random state does not matter
    run("parts")
    for path in sorted((tmp_path / "whole").glob("*.*")):
        assert path.read_bytes() == (tmp_path / "parts" / path.name).read_bytes(), path.name


def test_what_the_rule_chose_is_recorded(tiny: Folders, tmp_path: Path, trunk_file: Path):
    config = replace(ONCE, mode="lin", trunk_weights=str(trunk_file), epochs=None, decay_epochs=1, learning_rate=None)
    config = replace(config, batch=60)
    result = train(config, [tiny[0]], out=tmp_path / "run", cache=tmp_path / "cache", lapses=[0.1])
    facts = read_facts(result.checkpoint)
    assert {
        key: facts["config"][key] for key in ("epochs", "decay_epochs", "learning_rate", "trunk_learning_rate")
    } == {
        "epochs": 39,
        "decay_epochs": 1,
        "learning_rate": 1e-3,
        "trunk_learning_rate": None,
    }
    assert facts["data"][0]["lapse"] == 0.1
    assert len(result.history) == 40
    # The same numbers, given, are the same training.
    given = replace(config, epochs=39, learning_rate=1e-3)
    assert (
        train(given, [tiny[0]], out=tmp_path / "run", cache=tmp_path / "cache", lapses=[0.1]).history == result.history
    )
    with pytest.raises(
        BappsmithError, match="another training: the training data, its votes, weights or lapses differ"
    ):
        train(config, [tiny[0]], out=tmp_path / "run", cache=tmp_path / "cache")


def test_other_votes_or_weights_are_other_data(few: Folders, tmp_path: Path):
    subset = load_subset(few[0])
    train(ONCE, [subset], out=tmp_path / "run")
    more = replace(subset, votes=subset.votes + 1)
    with pytest.raises(
        BappsmithError, match="another training: the training data, its votes, weights or lapses differ"
    ):
        train(ONCE, [more], out=tmp_path / "run")


def test_lapses_are_not_for_the_hinge_loss(few: Folders, tmp_path: Path):
    with pytest.raises(BappsmithError, match=r"^training: lapses must be 0 with loss hinge"):
        train(replace(ONCE, loss="hinge"), [few[0]], out=tmp_path / "run", lapses=[0.1])
