"""Training LPIPS on BAPPS subsets: one loop, from the judgments to the weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bappsmith.lpips.cores import all_cores
from bappsmith.lpips.data.mixture import Mixture, mix
from bappsmith.lpips.data.pack import Reduction
from bappsmith.lpips.data.subset import PackedSubset, load_subset
from bappsmith.lpips.evaluation.distances import distances
from bappsmith.lpips.evaluation.origin import provenance
from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.lpips.model.checkpoint import save_checkpoint
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.progress import Progress, under
from bappsmith.manifests.store.atomic import atomic_write

from .config import TrainConfig
from .differences import Differences, differences, gather
from .rank import RankNet, hinge_loss, ordering_loss, rank_loss
from .tensorboard import board


@dataclass
class TrainResult:
    """What came out.

    Attributes:
        checkpoint: the best epoch's metric by val 2AFC, or the last one's where there was no val.
        history: one dictionary per epoch: loss, train and val 2AFC, learning rate.
    """

    checkpoint: Path
    history: list[dict[str, Any]] = field(default_factory=list)


def train(
    config: TrainConfig,
    train_roots: Sequence[str | Path],
    val_roots: Sequence[str | Path] = (),
    *,
    out: str | Path,
    weights: Sequence[float] = (),
    cache: str | Path | None = None,
    reduction: Reduction = "exact",
    tensorboard: bool = False,
    progress: Progress | None = None,
) -> TrainResult:
    """Train a metric; call again with the same arguments to go on after an interruption.

    Resuming gives the weights of an uninterrupted training, bit for bit on a CPU. Written to `out`:
    `last.safetensors`, `best.safetensors`, `history.jsonl`, and `state.pt` for going on.

    Args:
        config: how to train.
        train_roots: 2AFC subset folders.
        val_roots: 2AFC subset folders for validation after each epoch.
        out: folder for the results.
        weights: how often an epoch sees each training subset, see `Mixture`; none: 1 each.
        cache: folder for packed subsets; default: beside each dataset.
        reduction: of enlarged files, see `pack`.
        tensorboard: also write `out`/tensorboard.
        progress: see `Progress`.

    Raises:
        BappsmithError: data or weights do not fit, or `out` holds another training.
    """
    out = Path(out)

    def load(root: str | Path) -> PackedSubset:
        return load_subset(root, cache=cache, reduction=reduction, progress=under(f"pack {Path(root).name}", progress))

    data = mix([load(root) for root in train_roots], weights)
    val = mix([load(root) for root in val_roots]) if val_roots else None
    facts = {
        "config": asdict(config),
        "data": [provenance(s, w) for s, w in zip(data.subsets, data.weights, strict=True)],
        "val": [provenance(subset) for subset in val.subsets] if val else [],
    }
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with all_cores(), board(out / "tensorboard" if tensorboard else None) as log:
        trainer = _Trainer(config, data, val, device, progress)
        history = trainer.resume(out, facts)
        out.mkdir(parents=True, exist_ok=True)
        for epoch in range(len(history), config.all_epochs):
            history.append(trainer.epoch(epoch))
            log(history[-1])
            best = max(history, key=lambda row: row.get("val_2afc", row["epoch"]))
            # Without val the best is the last of all.
            new_best = history[-1] is best and (val is not None or epoch + 1 == config.all_epochs)
            for name in ("last", "best") if new_best else ("last",):
                save_checkpoint(out / f"{name}.safetensors", trainer.metric, {**facts, "history": history})
            trainer.save(out, history, facts)
            lines = "".join(json.dumps(row) + "\n" for row in history)
            (out / "history.jsonl").write_text(lines, encoding="utf-8")
    return TrainResult(out / "best.safetensors", history)


class _Trainer:
    """Metric, rank net and optimiser of one training, and the triplets in the form that its mode needs."""

    def __init__(
        self,
        config: TrainConfig,
        data: Mixture,
        val: Mixture | None,
        device: torch.device,
        progress: Progress | None,
    ) -> None:
        self.config, self.data, self.val, self.device, self.progress = config, data, val, device, progress
        trunk = config.seed if config.trunk_weights is None else config.trunk_weights
        self.metric = LPIPS(config.net, taps=config.taps, trunk_weights=trunk)
        self.metric.start_heads(config.distance, torch.Generator().manual_seed(config.seed))
        self.rank = RankNet(torch.Generator().manual_seed(config.seed))
        self.metric.to(device).to(memory_format=torch.channels_last)
        self.rank.to(device)
        learned = [*self.metric.head_parameters(), *self.rank.parameters()]
        self.metric.trunk.requires_grad_(config.mode != "lin")
        if config.mode != "lin":
            learned += list(self.metric.trunk.parameters())
        self.optimiser = torch.optim.Adam(learned, lr=config.learning_rate, betas=(0.5, 0.999), fused=True)
        # lin: the trunk runs here, once, and never again.
        self.seen = self._differences(data) if config.mode == "lin" else None
        self.seen_val = self._differences(val) if config.mode == "lin" and val else None

    def epoch(self, epoch: int) -> dict[str, Any]:
        """Train for one epoch and validate; everything random in it comes from (seed, epoch)."""
        config = self.config
        for group in self.optimiser.param_groups:
            group["lr"] = config.rate(epoch)
        seed = int.from_bytes(hashlib.sha256(f"{config.seed}/{epoch}".encode()).digest()[:7], "little")
        order = self.data.order(torch.Generator().manual_seed(seed))
        loss, scores = 0.0, []
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(seed)  # dropout
            for positions in order.split(config.batch):
                step_loss, step_scores = self.step(positions)
                loss += step_loss * len(positions)
                scores.append(step_scores)
                if self.progress:
                    done = epoch * len(order) + sum(map(len, scores))
                    self.progress("triplets", done, config.all_epochs * len(order))
        row = {
            "epoch": epoch + 1,
            "learning_rate": config.rate(epoch),
            "loss": loss / len(order),
            "train_2afc": float(np.concatenate(scores).mean()),
        }
        return row | ({"val_2afc": self.validate()} if self.val else {})

    def step(self, positions: Tensor) -> tuple[float, np.ndarray[Any, np.dtype[np.float64]]]:
        """One step of the optimiser: mean loss, and the 2AFC score of every triplet before it."""
        self.optimiser.zero_grad()
        loss, scores = 0.0, []
        for part in positions.tensor_split(self.config.accumulate):
            d0, d1, judge = self.look_up(part) if self.seen else self.look(part)
            part_scores = two_afc_scores(d0.detach().cpu(), d1.detach().cpu(), judge.cpu())
            part_loss = self.loss(d0, d1, judge, part_scores.mean()) * (len(part) / len(positions))
            part_loss.backward()
            loss += part_loss.item()
            scores.append(part_scores)
        self.optimiser.step()
        self.metric.clamp_heads()
        return loss, np.concatenate(scores)

    def look(self, positions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """d0, d1 and judgments of triplets, from their pixels; the trunk sees ref, p0 and p1 in one batch."""
        pixels, judge = self.data.take(positions)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            found = [tap.chunk(3) for tap in self.metric.features(pixels.to(self.device))]
        ref, *sides = ([tap[k] for tap in found] for k in range(3))
        d0, d1 = (self.metric.weigh(self.metric.differences(ref, side, self.config.dropout)) for side in sides)
        return d0, d1, judge.to(self.device)

    def look_up(self, positions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """d0, d1 and judgments of triplets, from their differences, with the noise that dropout amounts to."""
        mean, spread, judge = (tensor.to(self.device) for tensor in gather(self.seen or (), positions))
        rate = self.config.dropout
        if rate:
            mean = mean.addcmul(spread, torch.randn_like(mean), value=(rate / (1 - rate)) ** 0.5)
        d0, d1 = self.metric.weigh(mean.flatten(0, 1)).view(-1, 2).unbind(1)
        return d0, d1, judge

    def loss(self, d0: Tensor, d1: Tensor, judge: Tensor, score: float) -> Tensor:
        """Mean loss of a batch with this 2AFC score."""
        if self.config.loss == "hinge":
            return hinge_loss(d0, d1, judge, self.config.margin)
        loss = rank_loss(self.rank(d0, d1), judge)
        if self.config.ordering_weight and score <= 0.5:
            loss = loss + self.config.ordering_weight * ordering_loss(d0, d1, judge)
        return loss

    def validate(self) -> float:
        """2AFC score on all of val, every triplet counting the same."""
        scores = []
        for k, subset in enumerate(self.val.subsets if self.val else ()):
            if self.seen_val:
                with torch.inference_mode():
                    weighed = self.metric.weigh(self.seen_val[k].mean.flatten(0, 1).to(self.device))
                d0, d1 = weighed.view(-1, 2).unbind(1)
            else:
                d0, d1 = map(torch.from_numpy, distances(self.metric, subset, device=self.device))
            scores.append(two_afc_scores(d0.cpu(), d1.cpu(), subset.labels))
        return float(np.concatenate(scores).mean())

    def save(self, out: Path, history: list[dict[str, Any]], facts: dict[str, Any]) -> None:
        """Write what going on needs; put in place whole."""
        state = {
            "facts": json.dumps(facts),
            "history": history,
            "metric": self._learned(self.metric.state_dict()),
            "rank": self.rank.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        with atomic_write(out / "state.pt") as partial:
            torch.save(state, partial)

    def resume(self, out: Path, facts: dict[str, Any]) -> list[dict[str, Any]]:
        """Load an earlier state, if there is one, and return its history.

        Raises:
            BappsmithError: `out` holds another training.
        """
        path = out / "state.pt"
        if not path.is_file():
            return []
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
            there = json.loads(state["facts"])
        except Exception as error:  # torch.load raises many kinds on damaged files
            raise BappsmithError(f"{path}: damaged; remove {out} to train anew") from error
        # As JSON, where a tuple is a list.
        now = json.loads(json.dumps(facts))
        differing = [
            f"{key} ({there['config'].get(key)} there, {value} now)"
            for key, value in now["config"].items()
            if there["config"].get(key) != value
        ]
        for what, name in (("data", "the training data or its weights"), ("val", "the validation data")):
            if [_identity(one) for one in there[what]] != [_identity(one) for one in now[what]]:
                differing.append(name)
        if differing:
            raise BappsmithError(
                f"{out} holds another training: {', '.join(differing)}; choose another folder for --out"
            )
        self.metric.load_state_dict({**self.metric.state_dict(), **state["metric"]})
        self.rank.load_state_dict(state["rank"])
        self.optimiser.load_state_dict(state["optimiser"])
        return state["history"]

    def _learned(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """Without the trunk where it stays as it is."""
        fixed = self.config.mode == "lin"
        return {name: value for name, value in state.items() if not (fixed and name.startswith("trunk."))}

    def _differences(self, mixture: Mixture) -> list[Differences]:
        found = []
        for subset in mixture.subsets:
            report = under(f"trunk on {subset.name}", self.progress)
            found.append(differences(self.metric, subset, device=self.device, progress=report))
        return found


def _identity(data: dict[str, Any]) -> tuple[Any, ...]:
    """What makes data the same data, wherever it lies."""
    return data["content"], data.get("weight")
