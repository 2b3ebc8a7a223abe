"""The training procedure of the published code, written from its description, with modules of the published package.

Every epoch decodes every PNG with Pillow, resizes it, and runs the trunk four times per triplet (the reference patch
twice). Heads, ranking network and loss are those of the package `lpips` 0.1.4.
"""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

import lpips  # noqa: TID251 - the published package is what is compared with
from bappsmith.lpips.model.backbones import Trunk


class ReferenceDataset(Dataset[tuple[Tensor, Tensor, Tensor, Tensor]]):
    """Pair files by sorted order; apply Resize(64), ToTensor and Normalize(.5, .5)."""

    def __init__(self, root: Path) -> None:
        self.files = [sorted((root / name).iterdir()) for name in ("ref", "p0", "p1", "judge")]
        half = (0.5, 0.5, 0.5)
        self.transform = transforms.Compose(
            [transforms.Resize(64), transforms.ToTensor(), transforms.Normalize(half, half)]
        )

    def __len__(self) -> int:
        return len(self.files[0])

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        ref, p0, p1 = (self.transform(Image.open(folder[index]).convert("RGB")) for folder in self.files[:3])
        return ref, p0, p1, torch.from_numpy(np.load(self.files[3][index])).reshape(1, 1, 1)


def reference_loader(root: Path, workers: int, shuffle: bool = True) -> DataLoader:  # type: ignore[type-arg]
    """Load batches of 50."""
    return DataLoader(ReferenceDataset(root), batch_size=50, shuffle=shuffle, num_workers=workers)


def reference_metric(net: str, trunk: Trunk) -> lpips.LPIPS:
    """Return the published module in training mode, with the weights of our trunk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses torchvision's deprecated arguments
        metric = lpips.LPIPS(
            net=net, pretrained=False, pnet_rand=True, use_dropout=True, eval_mode=False, verbose=False
        )
    ours = {name.removeprefix("features."): value for name, value in trunk.state().items()}
    metric.net.load_state_dict({name: ours[name.split(".", 1)[1]] for name in metric.net.state_dict()})
    return metric


def train_reference(net: str, trunk: Trunk, root: Path, workers: int, epochs: int = 5) -> tuple[float, Tensor]:
    """Train heads for `epochs` at 1e-4, and for as many with a rate that falls linearly.

    Returns:
        Seconds, and the concatenated heads.
    """
    start = time.perf_counter()
    metric, rank = reference_metric(net, trunk), lpips.BCERankingLoss()
    heads = [lin.model[-1].weight for lin in metric.lins]
    optimiser = torch.optim.Adam([*heads, *rank.net.parameters()], lr=1e-4, betas=(0.5, 0.999))
    loader = reference_loader(root, workers)
    for epoch in range(2 * epochs):
        for group in optimiser.param_groups:
            group["lr"] = 1e-4 * min(1.0, (2 * epochs - epoch) / (epochs + 1))
        for ref, p0, p1, judge in loader:
            d0, d1 = metric(ref, p0), metric(ref, p1)
            loss = rank(d0, d1, judge * 2 - 1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            with torch.no_grad():
                for head in heads:
                    head.clamp_(min=0)
        print(f"  reference: epoch {epoch + 1} at {time.perf_counter() - start:.0f} s", flush=True)
    return time.perf_counter() - start, torch.cat([head.detach().flatten() for head in heads])
