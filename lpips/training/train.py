"""Train LPIPS on BAPPS subsets."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from bappsmith.lpips.cores import all_cores
from bappsmith.lpips.data.mixture import mix
from bappsmith.lpips.data.pack import Reduction
from bappsmith.lpips.data.subset import PackedSubset, SubsetSource, load_subset
from bappsmith.lpips.device import find_device
from bappsmith.lpips.evaluation.provenance import provenance
from bappsmith.lpips.model.checkpoint import read_facts
from bappsmith.lpips.precision import full_precision
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.progress import Progress, under
from bappsmith.manifests.store.atomic import sha256_file

from .config import TrainConfig
from .logger import TrainingLogger
from .schedule import schedule
from .stopping import VAL_SCORE, EpochScore, best_epoch, is_exhausted
from .trainer import Trainer
from .training_log import BEST, TrainingLog, TrainState, training_parts


@dataclass
class TrainResult:
    """The result of a training.

    Attributes:
        checkpoint: file with the metric of the best epoch by the score of `train`, else by val 2AFC; without both, of
            the last epoch.
        history: one dictionary per epoch: epoch, learning_rate, loss, train_2afc, val_2afc (in [0, 1]), and the score.
    """

    checkpoint: Path
    history: list[dict[str, Any]] = field(default_factory=list)


def train(
    config: TrainConfig,
    train_subsets: Sequence[SubsetSource],
    val_subsets: Sequence[SubsetSource] = (),
    *,
    out: str | Path,
    weights: Sequence[float] = (),
    lapses: Sequence[float] = (),
    score: EpochScore | None = None,
    cache: str | Path | None = None,
    reduction: Reduction = "exact",
    loggers: Sequence[TrainingLogger] = (),
    device: str | torch.device | None = None,
    progress: Progress | None = None,
) -> TrainResult:
    """Train a metric. Call it again with the same arguments to go on after an interruption.

    A resumed training gives the same weights as an uninterrupted one, bit for bit on a CPU. It writes
    `last.safetensors`, `best.safetensors` and `history.jsonl` to `out`, and `training.json` at the end. All arguments
    and data are checked before anything is written.

    Args:
        config: how to train.
        train_subsets: 2AFC subsets: folders, addresses, or loaded subsets.
        val_subsets: 2AFC subsets for validation after each epoch.
        out: folder for the results.
        weights: how often an epoch uses each training subset, see `Mixture`; none: 1 each.
        lapses: assumed share of random votes in each training subset; one: in all; none: 0. Not for the hinge loss.
        score: chooses the best epoch, and with `patience` the last one; None: the 2AFC score on val does.
        cache: folder for packed subsets; default: beside each dataset.
        reduction: how to reduce enlarged files, see `pack`.
        loggers: take the figures of every epoch, see `TrainingLogger`.
        device: see `find_device`.
        progress: see `Progress`.

    Raises:
        BappsmithError: data or weights are invalid, or `out` holds another training.
    """
    if config.loss == "hinge" and any(lapses):
        raise BappsmithError("training: lapses must be 0 with loss hinge, which is no likelihood; use rank or binomial")
    best_by = score.name if score else VAL_SCORE if val_subsets else None
    if config.patience is not None and best_by is None:
        raise BappsmithError("training: patience needs subsets for validation, or a score")
    chosen_device = find_device(device)
    training = TrainingLog(out)
    training.refuse_other_config(config)
    start = {} if config.start_from is None else {"start": _digest_of_checkpoint(config.start_from)}

    def load(source: SubsetSource) -> PackedSubset:
        name = Path(source).name if isinstance(source, str | Path) else source.name
        return load_subset(source, cache=cache, reduction=reduction, progress=under(f"pack {name}", progress))

    data = mix([load(source) for source in train_subsets], weights, lapses)
    val = mix([load(source) for source in val_subsets]) if val_subsets else None
    course = schedule(config, data.drawn)
    facts = {
        "config": asdict(config) | asdict(course),
        "data": [provenance(*used) for used in zip(data.subsets, data.weights, data.lapses, strict=True)],
        "val": [provenance(subset) for subset in val.subsets] if val else [],
        "best_by": best_by,
        **start,
    }
    training.refuse_misfit(training_parts(facts))
    state = training.state()
    if state is not None and state.weights is None:
        training.tidy()  # an earlier call may have been killed just before its end
        return TrainResult(training.folder / BEST, state.history)
    with all_cores(), full_precision():
        trainer = Trainer(config, data, val, chosen_device, progress, score)
        trainer.look_ahead()
        history: list[dict[str, Any]] = []
        if state is not None and state.weights is not None:
            try:
                trainer.load_state(state.weights)
                history = list(state.history)
            except Exception:  # optimisers raise many types of errors; a damaged state means: begin again
                trainer = Trainer(config, data, val, chosen_device, progress, score)
                trainer.look_ahead()
        with training.training(facts), _started(loggers, training.folder, facts):
            training.write_history(history)
            for epoch in range(len(history), course.all_epochs):
                if is_exhausted(history, best_by, config.patience):
                    break
                history.append(trainer.epoch(epoch))
                for logger in loggers:
                    logger.log(history[-1])
                last = epoch + 1 == course.all_epochs
                is_best = best_epoch(history, best_by) == epoch if best_by else last
                training.save(trainer.metric, TrainState(history, trainer.state()), facts, best=is_best)
            training.close(history, facts)
    return TrainResult(training.folder / BEST, history)


@contextmanager
def _started(loggers: Sequence[TrainingLogger], folder: Path, facts: dict[str, Any]) -> Generator[None]:
    """Start the loggers, and finish them at the end, also after an error."""
    try:
        for logger in loggers:
            logger.start(folder, facts)
        yield
    finally:
        for logger in loggers:
            logger.finish()


def _digest_of_checkpoint(path: str) -> str:
    """Hash the file of a checkpoint, hex, so that a training does not go on from another start."""
    read_facts(path)
    return sha256_file(Path(path))
