"""Training LPIPS on a BAPPS dataset: one loop, from the photographs' judgments to the weights."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from ..manifests.errors import BappsmithError
from .checkpoint import save_checkpoint
from .data import Subset, join, load_subset
from .distances import distances
from .model import LPIPS
from .rank import RankNet, ordering_loss, rank_loss
from .scores import two_afc_scores

Progress = Callable[[str, int, int], None]
"""Called with (what, done, total)."""


@dataclass(frozen=True)
class TrainConfig:
    """How to train. Defaults are those of Zhang et al. 2018 and its code, where published.

    Attributes:
        net: trunk: "alex", "vgg" or "squeeze".
        mode: "lin" (trunk fixed, heads trained), "tune" (both trained), "scratch" (both, from a random trunk).
        trunk_weights: file or "pretrained" to start from; scratch: None, the trunk comes from the seed.
        epochs: epochs at the full learning rate.
        decay_epochs: epochs after these, over which the learning rate falls linearly to 0.
        batch: triplets per step.
        learning_rate: of Adam, β (0.5, 0.999).
        dropout: share of squared differences left out of the heads in training.
        ordering_weight: weight of the term that turns the distance the right way up; 0 leaves it out
            (Pihlgren et al. 2023: 10; needed for synthetic judges).
        seed: of the random trunk, the rank net, the order of triplets and dropout.
    """

    net: str = "alex"
    mode: Literal["lin", "tune", "scratch"] = "lin"
    trunk_weights: str | None = "pretrained"
    epochs: int = 5
    decay_epochs: int = 5
    batch: int = 50
    learning_rate: float = 1e-4
    dropout: float = 0.5
    ordering_weight: float = 10.0
    seed: int = 0

    def __post_init__(self) -> None:
        allowed = {
            "mode is lin, tune or scratch": self.mode in ("lin", "tune", "scratch"),
            "mode scratch starts from the seed, without trunk weights": self.mode != "scratch"
            or not self.trunk_weights,
            "modes lin and tune start from trunk weights": self.mode == "scratch" or bool(self.trunk_weights),
            "epochs and decay_epochs are at least 0, and together at least 1": min(
                self.epochs, self.decay_epochs
            )
            >= 0
            and self.epochs + self.decay_epochs >= 1,
            "batch is at least 1": self.batch >= 1,
            "learning_rate is above 0": self.learning_rate > 0,
            "dropout lies in [0, 1)": 0 <= self.dropout < 1,
            "ordering_weight is at least 0": self.ordering_weight >= 0,
            "seed lies in [0, 2^63)": 0 <= self.seed < 2**63,
        }
        for rule, kept in allowed.items():
            if not kept:
                raise BappsmithError(f"training: {rule}; found {self}")

    @property
    def all_epochs(self) -> int:
        """Number of epochs."""
        return self.epochs + self.decay_epochs

    def rate(self, epoch: int) -> float:
        """Learning rate in an epoch, from 0: constant, then in equal steps towards 0."""
        left = self.all_epochs - epoch
        return self.learning_rate * min(1.0, left / (self.decay_epochs + 1))


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
        progress: see `Progress`.

    Raises:
        BappsmithError: data or weights do not fit, or `out` holds another training.
    """
    out = Path(out)
    data, val = _load(train_roots), _load(val_roots) if val_roots else None
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with all_cores():
        trainer = _Trainer(config, data, device)
        history = trainer.resume(out, _digest(data))
        out.mkdir(parents=True, exist_ok=True)
        for epoch in range(len(history), config.all_epochs):
            row = trainer.epoch(epoch, data, progress)
            if val is not None:
                row["val_2afc"] = score(trainer.metric, val, device)
            history.append(row)
            facts = {"config": asdict(config), "data": _provenance(train_roots), "history": history}
            if val is None or row is max(
                (r for r in history if "val_2afc" in r), key=lambda r: r["val_2afc"]
            ):
                save_checkpoint(out / "best.safetensors", trainer.metric, facts)
            save_checkpoint(out / "last.safetensors", trainer.metric, facts)
            trainer.save(out, history, _digest(data))
            (out / "history.jsonl").write_text(
                "".join(json.dumps(r) + "\n" for r in history), encoding="utf-8"
            )
    return TrainResult(out / "best.safetensors", history)


class _Trainer:
    """Metric, rank net and optimiser of one training."""

    def __init__(self, config: TrainConfig, data: Subset, device: torch.device) -> None:
        self.config, self.device = config, device
        trunk = config.seed if config.mode == "scratch" else config.trunk_weights
        self.metric = LPIPS(config.net, trunk_weights=trunk if trunk is not None else config.seed)
        self.metric.start_heads()
        self.rank = RankNet(torch.Generator().manual_seed(config.seed))
        self.metric.to(device).to(memory_format=torch.channels_last)
        self.rank.to(device)
        self.metric.trunk.requires_grad_(config.mode != "lin")
        self.heads = list(self.metric.heads or ())
        learned = [p for p in (*self.metric.parameters(), *self.rank.parameters()) if p.requires_grad]
        self.optimiser = torch.optim.Adam(learned, lr=config.learning_rate, betas=(0.5, 0.999), fused=True)

    def epoch(self, epoch: int, data: Subset, progress: Progress | None) -> dict[str, Any]:
        """Train for one epoch; everything random in it comes from (seed, epoch)."""
        config = self.config
        for group in self.optimiser.param_groups:
            group["lr"] = config.rate(epoch)
        seed = int.from_bytes(hashlib.sha256(f"{config.seed}/{epoch}".encode()).digest()[:7], "little")
        order = torch.randperm(len(data), generator=torch.Generator().manual_seed(seed))
        losses, scores = [], []
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(seed)  # dropout
            for images, judge in data.batches(config.batch, order):
                loss, d0, d1 = self.step(images, judge.to(self.device))
                losses.append(loss * len(judge))
                scores.append(two_afc_scores(d0, d1, judge))
                if progress:
                    done = epoch * len(data) + sum(map(len, scores))
                    progress("triplets", done, config.all_epochs * len(data))
        return {
            "epoch": epoch + 1,
            "learning_rate": config.rate(epoch),
            "loss": sum(losses) / len(data),
            "train_2afc": float(np.concatenate(scores).mean()),
        }

    def step(self, images: dict[str, Tensor], judge: Tensor) -> tuple[float, Tensor, Tensor]:
        """One step of the optimiser. The trunk sees ref, p0 and p1 in one batch."""
        stacked = torch.cat([images[name] for name in ("ref", "p0", "p1")])
        stacked = stacked.to(self.device, memory_format=torch.channels_last)
        with torch.set_grad_enabled(self.config.mode != "lin"):
            found = [f.chunk(3) for f in self.metric.features(stacked)]
        d0, d1 = (
            torch.stack(
                [
                    layer.mean(dim=(1, 2, 3))
                    for layer in self.metric.distance(
                        [f[0] for f in found], [f[side] for f in found], self.config.dropout
                    )
                ]
            ).sum(dim=0)
            for side in (1, 2)
        )
        loss = rank_loss(self.rank(d0, d1), judge)
        near, far = d0.detach(), d1.detach()
        if self.config.ordering_weight and two_afc_scores(near.cpu(), far.cpu(), judge.cpu()).mean() <= 0.5:
            loss = loss + self.config.ordering_weight * ordering_loss(d0, d1, judge)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        with torch.no_grad():
            for head in self.heads:  # the heads alone: a trunk may have 1×1 convolutions of its own
                head.clamp_(min=0)
        return loss.item(), near.cpu(), far.cpu()

    def save(self, out: Path, history: list[dict[str, Any]], digest: str) -> None:
        """Write what going on needs; put in place whole."""
        state = {
            "config": asdict(self.config),
            "data": digest,
            "history": history,
            "metric": self.metric.state_dict(),
            "rank": self.rank.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        torch.save(state, out / "state.pt.partial")
        os.replace(out / "state.pt.partial", out / "state.pt")

    def resume(self, out: Path, digest: str) -> list[dict[str, Any]]:
        """Load an earlier state, if there is one, and return its history.

        Raises:
            BappsmithError: `out` holds another training.
        """
        path = out / "state.pt"
        if not path.is_file():
            return []
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
        except Exception as error:  # torch.load raises many kinds on damaged files
            raise BappsmithError(f"{path}: damaged; remove {out} to train anew") from error
        mine = asdict(self.config)
        differing = [
            f"{k} ({state['config'].get(k)} there, {v} now)"
            for k, v in mine.items()
            if state["config"].get(k) != v
        ]
        if state["data"] != digest:
            differing.append("the training data")
        if differing:
            raise BappsmithError(
                f"{out} holds another training: {', '.join(differing)}; choose another folder for --out"
            )
        self.metric.load_state_dict(state["metric"])
        self.rank.load_state_dict(state["rank"])
        self.optimiser.load_state_dict(state["optimiser"])
        return state["history"]


def score(metric: LPIPS, subset: Subset, device: torch.device) -> float:
    """2AFC score of a metric on a subset in memory."""
    d0, d1 = distances(metric, subset, device=device)
    return float(two_afc_scores(d0, d1, subset.labels).mean())


@contextmanager
def all_cores() -> Iterator[None]:
    """Let torch use every core this process may run on, and put its setting back.

    A Dask cluster that lived in this process before may have left it with one.
    """
    before = torch.get_num_threads()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(cores)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _load(roots: Sequence[str | Path]) -> Subset:
    if not roots:
        raise BappsmithError("training needs at least one 2afc/train subset")
    data = join([load_subset(root) for root in roots])
    if data.kind != "2afc":
        raise BappsmithError(f"{roots[0]}: training takes 2AFC subsets (ref, p0, p1, judge), found a JND one")
    return data


def _digest(data: Subset) -> str:
    digest = hashlib.sha256(data.labels.numpy().tobytes())
    for name in sorted(data.images):
        digest.update(data.images[name].numpy().data)
    return digest.hexdigest()


def _provenance(roots: Sequence[str | Path]) -> list[dict[str, str]]:
    """Name of each subset, with recipe and fingerprint where the dataset is a sealed one."""
    found = []
    for root in map(Path, roots):
        seal = (
            root.resolve().parents[2] / "seal.json" if len(root.resolve().parents) > 2 else root / "seal.json"
        )
        sealed = json.loads(seal.read_bytes()) if seal.is_file() else {}
        recipe = {"recipe": sealed["recipe"]["name"], "fingerprint": sealed["fingerprint"]} if sealed else {}
        found.append({"subset": "/".join(root.resolve().parts[-3:]), **recipe})
    return found
