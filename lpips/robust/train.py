"""Train a certified metric on BAPPS subsets."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bappsmith.lpips.cores import all_cores, one_core
from bappsmith.lpips.data.mixture import Mixture, mix
from bappsmith.lpips.data.pack import Reduction
from bappsmith.lpips.data.subset import PackedSubset, SubsetSource, load_subset
from bappsmith.lpips.evaluation.provenance import provenance
from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.lpips.precision import full_precision
from bappsmith.lpips.training.train import TrainResult
from bappsmith.manifests.progress import Progress, under
from bappsmith.manifests.store.atomic import remove_partials
from bappsmith.manifests.work_log import TRAINING, WorkLog

from .checkpoint import make_metric, save_certified
from .config import CertifiedConfig
from .dct_metric import DctMetric
from .fit_state import FitState, read_fit_state
from .learner import DctLearner, Learner, SllLearner
from .losses import radius_loss, ratio_loss
from .sll_metric import SllMetric

HISTORY, BEST = "history.jsonl", "best.safetensors"
_GROUP = "epochs"
VALIDATED_AT_ONCE = 200
"""Triplets whose embeddings are in memory together."""


def train_certified(
    config: CertifiedConfig,
    train_subsets: Sequence[SubsetSource],
    val_subsets: Sequence[SubsetSource] = (),
    *,
    out: str | Path,
    cache: str | Path | None = None,
    reduction: Reduction = "exact",
    progress: Progress | None = None,
) -> TrainResult:
    """Train a certified metric. Call it again with the same arguments to go on after an interruption.

    A resumed training gives the same weights as an uninterrupted one, bit for bit. It writes `best.safetensors`, the
    metric after the last epoch, and `history.jsonl` to `out`, and `training.json` at the end. All arguments and data
    are checked before anything is written.

    Args:
        config: how to train.
        train_subsets: 2AFC subsets: folders, addresses, or loaded subsets.
        val_subsets: 2AFC subsets for a score after each epoch.
        out: folder for the results.
        cache: folder for packed subsets; default: beside each dataset.
        reduction: how to reduce enlarged files, see `pack`.
        progress: see `Progress`.

    Raises:
        BappsmithError: data are invalid, a package is missing, or `out` holds another training.
    """

    def load(source: SubsetSource) -> PackedSubset:
        name = Path(source).name if isinstance(source, str | Path) else source.name
        return load_subset(source, cache=cache, reduction=reduction, progress=under(f"pack {name}", progress))

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)  # orthogonium draws the first weights of its layers
        metric = make_metric(config.embedding)
    data = mix([load(source) for source in train_subsets])
    val = mix([load(source) for source in val_subsets]) if val_subsets else None
    facts: dict[str, Any] = {
        "config": asdict(config),
        "data": [provenance(subset) for subset in data.subsets],
        "val": [provenance(subset) for subset in val.subsets] if val else [],
    }
    parts = {name: json.dumps(value) for name, value in facts.items()}
    log = WorkLog(out, TRAINING)
    log.refuse_misfit(parts)
    if log.finished:
        log.tidy()
        return TrainResult(Path(out) / BEST, log.read_final()["history"])
    entry = log.entry(_GROUP, 0, "pt")
    with log.at_work(parts, facts), full_precision():
        for name in (HISTORY, BEST):
            remove_partials(Path(out) / name)

        def record(state: FitState) -> None:
            log.record(_GROUP, 0, "pt", state.to_bytes())

        history = fit(metric, config, data, val, progress, state=read_fit_state(Path(out) / entry), record=record)
        save_certified(Path(out) / BEST, metric, {**facts, "history": history})
        log.store.write(HISTORY, "".join(json.dumps(row) + "\n" for row in history).encode())
        log.finish({**facts, "history": history}, parts)
    return TrainResult(Path(out) / BEST, history)


def fit(
    metric: DctMetric | SllMetric,
    config: CertifiedConfig,
    data: Mixture,
    val: Mixture | None = None,
    progress: Progress | None = None,
    *,
    state: FitState | None = None,
    record: Callable[[FitState], None] | None = None,
) -> list[dict[str, Any]]:
    """Train a metric in memory, and divide its weights so that its Lipschitz constant is 1.

    Args:
        metric: is changed.
        config: how to train.
        data: triplets to train on.
        val: triplets for a score after each epoch.
        progress: see `Progress`.
        state: of an equal training, to go on from; None, or one that does not fit: begin.
        record: called with the state after each epoch.

    Returns:
        One row per epoch: epoch, learning_rate, loss, train_2afc, val_2afc (in [0, 1]).
    """
    learner = DctLearner(metric) if isinstance(metric, DctMetric) else SllLearner(metric)
    with all_cores():
        distances = learner.load(data, under("images", progress))
        of_val = learner.load(val, under("images of val", progress)) if val else None
    optimiser = torch.optim.Adam(learner.parameters, lr=config.learning_rate)
    history = _restore(state, learner, optimiser) if state else []
    weights = data.item_weights(votes=True)
    # The steps of the fixed embedding are too small to share between cores.
    with one_core() if config.embedding == "dct" else all_cores():
        for epoch in range(len(history), config.epochs):
            rate = config.learning_rate * (1 + math.cos(math.pi * epoch / config.epochs)) / 2
            optimiser.param_groups[0]["lr"] = rate
            seed = int.from_bytes(hashlib.sha256(f"{config.seed}/{epoch}".encode()).digest()[:7], "little")
            loss, scores, order = 0.0, [], data.order(torch.Generator().manual_seed(seed))
            for positions in order.split(config.batch):
                optimiser.zero_grad()
                d0, d1, between = distances(positions)
                judge, squared = data.labels[positions], learner.squared_constant()
                step_loss = ratio_loss(d0, d1, judge, weights[positions])
                if config.robustness:
                    radii = radius_loss(d0, d1, between, judge, weights[positions], squared)
                    step_loss = step_loss + config.robustness * radii
                step_loss.backward()
                optimiser.step()
                learner.after_step()
                loss += step_loss.item() * len(positions)
                scores.append(two_afc_scores(d0.detach(), d1.detach(), judge))
            row = {
                "epoch": epoch + 1,
                "learning_rate": rate,
                "loss": loss / len(order),
                "train_2afc": float(np.concatenate(scores).mean()),
            }
            history.append(row | ({"val_2afc": _validate(of_val, val)} if val and of_val else {}))
            if record:
                parameters = [parameter.detach() for parameter in learner.parameters]
                record(FitState(history, parameters, optimiser.state_dict()))
            if progress:
                progress("epochs", epoch + 1, config.epochs)
    metric.normalise()
    return history


@torch.no_grad()
def _restore(state: FitState, learner: Learner, optimiser: torch.optim.Optimizer) -> list[dict[str, Any]]:
    """Bring learner and optimiser to a state. Return its history; nothing, and no change, if the state does not fit."""
    if [value.shape for value in state.parameters] != [parameter.shape for parameter in learner.parameters]:
        return []
    try:
        optimiser.load_state_dict(state.optimiser)
    except (LookupError, TypeError, ValueError):
        return []
    for parameter, value in zip(learner.parameters, state.parameters, strict=True):
        parameter.copy_(value)
    learner.after_step()
    return list(state.history)


def _validate(distances: Callable[[Tensor], Tensor], val: Mixture) -> float:
    with torch.inference_mode():
        parts = [distances(positions) for positions in torch.arange(len(val)).split(VALIDATED_AT_ONCE)]
    d0, d1, _ = torch.cat(parts, dim=1)
    return float(two_afc_scores(d0, d1, val.labels).mean())
