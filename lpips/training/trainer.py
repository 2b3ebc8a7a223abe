"""One training: metric, rank net, optimiser, and its steps."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bappsmith.lpips.data.mixture import Mixture
from bappsmith.lpips.evaluation.distances import distances
from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.lpips.model.forms import split
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.progress import Progress, under

from .config import TrainConfig
from .differences import Differences, differences, gather, gather_spread
from .rank import RankNet, hinge_loss, ordering_loss, rank_loss

SCALED_OVER = 1000
"""Triplets, evenly spaced over the training data, whose pairs decide the scales of the forms."""
VALIDATED_AT_ONCE = 1000
"""Triplets whose cached differences are in memory together."""


class Trainer:
    """Metric, rank net and optimiser of one training, and its triplets in the form that its mode needs.

    Args:
        config: settings of the training.
        data: triplets to train on.
        val: triplets for validation; None: no validation.
        device: device for metric and rank net.
        progress: see `Progress`.
    """

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
        self.metric = LPIPS(config.net, taps=config.taps, trunk_weights=trunk, forms=config.forms)
        self.metric.start_heads(config.distance, torch.Generator().manual_seed(config.seed))
        self.rank = RankNet(torch.Generator().manual_seed(config.seed))
        self.metric.to(device).to(memory_format=torch.channels_last)
        self.rank.to(device)
        learned = [*self.metric.head_parameters(), *self.rank.parameters()]
        self.metric.trunk.requires_grad_(config.mode != "lin")
        if config.mode != "lin":
            learned += list(self.metric.trunk.parameters())
        self.optimiser = torch.optim.Adam(learned, lr=config.learning_rate, betas=(0.5, 0.999), fused=True)
        self.differences: list[Differences] | None = None
        self.val_differences: list[Differences] | None = None

    def look_ahead(self) -> None:
        """Prepare the first step: refuse too small images; in mode lin, run the trunk on all data; scale the forms.

        Raises:
            BappsmithError: images are too small, or differences cannot be written.
        """
        with torch.inference_mode():
            self.metric.activations(self.data.take(torch.tensor([0]))[0][:1].to(self.device))
        if self.config.mode == "lin":
            self.differences = self._differences(self.data)
            self.val_differences = self._differences(self.val) if self.val else None
        if self.config.forms != ("local",):
            spaced = torch.linspace(0, len(self.data) - 1, min(len(self.data), SCALED_OVER)).long()
            with torch.inference_mode():
                parts = [self.columns(part, dropout=0.0) for part in spaced.split(self.config.batch)]
            self.metric.scale_forms(torch.cat(parts).flatten(0, 1))

    def epoch(self, epoch: int) -> dict[str, Any]:
        """Train for one epoch and validate. Only (seed, epoch) decides its random numbers.

        Args:
            epoch: number of the epoch, from 0.

        Returns:
            A row of the history, see `TrainResult`.
        """
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

    def step(self, positions: Tensor) -> tuple[float, NDArray[np.float64]]:
        """Take one step. Return the mean loss, and the 2AFC score of every triplet before the step, shape (N,)."""
        self.optimiser.zero_grad()
        if self.differences is None and self.config.accumulate > 1:
            loss, scores = self.backward_in_parts(positions)
        else:
            d0, d1 = self.distances(positions)
            loss, scores = self.loss(d0, d1, self.data.labels[positions])
            loss.backward()
        self.optimiser.step()
        self.metric.clamp_heads()
        return loss.item(), scores

    def backward_in_parts(self, positions: Tensor) -> tuple[Tensor, NDArray[np.float64]]:
        """Compute gradients of a whole batch with the activations of one part in memory at a time (Gao et al. 2021).

        A first run without gradients gives all distances. The loss of the batch gives the gradient of each distance. A
        second run backpropagates these through the trunk, part by part, with the same dropout.
        """
        parts = positions.tensor_split(self.config.accumulate)
        random_states, first = [], []
        for part in parts:
            random_states.append(self._random_state())
            with torch.no_grad():
                first.append(torch.stack(self.distances(part)))
        d0, d1 = (side.requires_grad_() for side in torch.cat(first, dim=1).unbind())
        loss, scores = self.loss(d0, d1, self.data.labels[positions])
        loss.backward()
        gradients = torch.stack([side.grad if side.grad is not None else torch.zeros_like(side) for side in (d0, d1)])
        for part, state, gradient in zip(
            parts, random_states, gradients.tensor_split(self.config.accumulate, dim=1), strict=True
        ):
            self._set_random_state(state)
            torch.stack(self.distances(part)).backward(gradient)
        return loss, scores

    def distances(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Compute d0 and d1 of triplets, each of shape (N,), with dropout."""
        columns = self.columns(positions, self.config.dropout)
        d0, d1 = self.metric.weigh(columns.flatten(0, 1)).view(-1, 2).unbind(1)
        return d0, d1

    def columns(self, positions: Tensor, dropout: float) -> Tensor:
        """Compute the input of the heads for p0 and p1 of triplets, N×2×K, from pixels or from cached differences."""
        return self.compute(positions, dropout) if self.differences is None else self.look_up(positions, dropout)

    def compute(self, positions: Tensor, dropout: float) -> Tensor:
        """Compute the input of the heads from pixels. The trunk gets ref, p0 and p1 in one batch."""
        pixels, _ = self.data.take(positions)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            features = self.metric.features(pixels.to(self.device))
        ref, *sides = split(features, [len(positions)] * 3)
        return torch.stack([self.metric.differences(ref, side, dropout) for side in sides], dim=1)

    def look_up(self, positions: Tensor, dropout: float) -> Tensor:
        """Take the input of the heads from cached differences, with noise that is equivalent to dropout."""
        columns = gather(self.differences or (), self.metric.forms, positions).to(self.device)
        if dropout and "local" in self.metric.forms:
            spread = gather_spread(self.differences or (), positions).to(self.device)
            local = columns[..., : spread.shape[2]]
            local.addcmul_(spread, torch.randn_like(spread), value=(dropout / (1 - dropout)) ** 0.5)
        return columns

    def loss(self, d0: Tensor, d1: Tensor, judge: Tensor) -> tuple[Tensor, NDArray[np.float64]]:
        """Compute the mean loss of a batch, and the 2AFC score of each triplet, shape (N,)."""
        scores = two_afc_scores(d0.detach().cpu(), d1.detach().cpu(), judge)
        judge = judge.to(self.device)
        if self.config.loss == "hinge":
            return hinge_loss(d0, d1, judge, self.config.margin), scores
        loss = rank_loss(self.rank(d0, d1), judge)
        if self.config.ordering_weight and scores.mean() <= 0.5:
            loss = loss + self.config.ordering_weight * ordering_loss(d0, d1, judge)
        return loss, scores

    def validate(self) -> float:
        """Compute the 2AFC score on all of val, in [0, 1]. Every triplet counts equally."""
        scores = []
        for k, subset in enumerate(self.val.subsets if self.val else ()):
            if self.val_differences:
                with torch.inference_mode():
                    cached, forms = self.val_differences[k], self.metric.forms
                    parts = [
                        self.metric.weigh(cached.columns(forms, rows).flatten(0, 1).to(self.device))
                        for rows in torch.arange(len(cached)).split(VALIDATED_AT_ONCE)
                    ]
                d0, d1 = torch.cat(parts).view(-1, 2).unbind(1)
            else:
                d0, d1 = map(torch.from_numpy, distances(self.metric, subset, device=self.device))
            scores.append(two_afc_scores(d0.cpu(), d1.cpu(), subset.labels))
        return float(np.concatenate(scores).mean())

    def state(self) -> dict[str, Any]:
        """Return everything that a resumed training needs; without the trunk, if it is fixed."""
        fixed = self.config.mode == "lin"
        metric = self.metric.state_dict()
        return {
            "metric": {name: value for name, value in metric.items() if not (fixed and name.startswith("trunk."))},
            "units": self.metric.units,
            "rank": self.rank.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore what `state` returned."""
        self.metric.load_state_dict({**self.metric.state_dict(), **state["metric"]})
        self.metric.units.copy_(state["units"])
        self.rank.load_state_dict(state["rank"])
        self.optimiser.load_state_dict(state["optimiser"])

    def _random_state(self) -> list[Tensor]:
        cuda = [torch.cuda.get_rng_state(self.device)] if self.device.type == "cuda" else []
        return [torch.get_rng_state(), *cuda]

    def _set_random_state(self, state: list[Tensor]) -> None:
        torch.set_rng_state(state[0])
        for of_device in state[1:]:
            torch.cuda.set_rng_state(of_device, self.device)

    def _differences(self, mixture: Mixture) -> list[Differences]:
        results = []
        for subset in mixture.subsets:
            report = under(f"trunk on {subset.name}", self.progress)
            results.append(differences(self.metric, subset, device=self.device, progress=report))
        return results
