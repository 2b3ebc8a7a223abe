"""Measure how far networks of a bank and traditional operators change a patch: the table of docs/bank.md.

    python benchmarks/spread.py --photos ~/photos --bank bank --trunk-weights alexnet.pth \
        --head-weights lpips_v0.1_alex_lin.pth

Patches are those that severities are fitted on, of 64 px; each is distorted once by every operator and by every
network, at a severity drawn as recipes draw it. Deciles are over all of these: root mean square error in levels of 255,
SSIM, and LPIPS. The last column shows how single networks differ: the deciles of the medians of single operators or
networks.

Below the table, for what networks return without blending: how far they wash out greens, and the rim. Greens are pixels
whose green channel is at least 20 levels above both others; a network washes them out if their mean chroma (largest
minus smallest channel) falls below 0.7 of what it was. The rim is the root mean square error of the outermost pixels
over that of all others.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from bappsmith.distortions import Draws, Image, operators
from bappsmith.distortions.cnn.bank import read_bank
from bappsmith.distortions.cnn.denoiser import Denoiser
from bappsmith.distortions.cnn.loading import load_bank
from bappsmith.lpips import LPIPS, find_metric
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.pipeline.calibration.views import photograph_views
from bappsmith.pipeline.sources.index import index_sources

TRADITIONAL = ("photometric", "noise", "blur", "spatial", "compression")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--bank", required=True)
    parser.add_argument("--trunk-weights", required=True)
    parser.add_argument("--head-weights", type=Path, required=True)
    parser.add_argument("--patches", type=int, default=60)
    options = parser.parse_args()
    metric = LPIPS("alex", trunk_weights=options.trunk_weights, head_weights=options.head_weights)
    similarity = find_metric("ssim")
    views = photograph_views(index_sources(Sources(path=options.photos)), options.patches, 64)
    patches = [np.ascontiguousarray(view.centre) for view in views]
    bank = read_bank(options.bank)
    load_bank(options.bank)
    draws = Draws(7, 0)
    groups: dict[str, list[list[Image]]] = {"traditional operators": [], "reweighted_denoiser": []}
    groups |= {"untrained_network": [], "denoiser, per network": []}
    for name, op in operators().items():
        group = "traditional operators" if op.family in TRADITIONAL else name
        if name != "denoiser" and group in groups:
            groups[group].append([op(p, op.call(draws.uniform(), draws).params) for p in patches])
    denoiser = operators()["denoiser"]
    assert isinstance(denoiser, Denoiser)
    whole: list[list[Image]] = []
    for network in bank.networks:
        calls = [denoiser.call(draws.uniform(), draws).params | {"network": network.id} for _ in patches]
        groups["denoiser, per network"].append(denoiser.apply_batch(patches, calls))
        calls = [{**call, "corruption": 1.0, "level": network.error} for call in calls]
        whole.append(denoiser.apply_batch(patches, calls))
    print(f"{len(patches)} patches, {len(bank.networks)} networks; 10 %, 50 %, 90 %")
    print("| what | RMSE, levels | 1 - SSIM | LPIPS | medians of LPIPS |")
    print("|---|---|---|---|---|")
    before = tensor(patches)
    for group, members in groups.items():
        figures: list[list[NDArray[np.float64]]] = [[], [], []]
        for images in members:
            after = tensor(images)
            with torch.inference_mode():
                figures[0].append(((after - before).square().mean(dim=(1, 2, 3)).sqrt() * 127.5).double().numpy())
                figures[1].append(similarity(before, after).double().flatten().numpy())
                figures[2].append(metric(before, after).double().flatten().numpy())
        cells = [deciles(np.concatenate(values), digits) for values, digits in zip(figures, (1, 3, 3), strict=True)]
        cells.append(deciles(np.array([np.median(values) for values in figures[2]]), 3))
        print(f"| {group} ({len(members)}) | {' | '.join(cells)} |", flush=True)
    greens = np.array([green_chroma(images, patches) for images in whole])
    rims = np.array([rim(images, patches) for images in whole])
    print(f"{(greens < 0.7).sum()} of {len(whole)} networks wash out greens; chroma left: {deciles(greens, 2)}")
    print(f"rim: {deciles(rims, 2)}, at most {rims.max():.2f}")
    print(f"errors of networks, levels: {deciles(np.array([network.error for network in bank.networks]), 0)}")


def tensor(images: list[Image]) -> torch.Tensor:
    """Convert images to float N×3×H×W in [-1, 1]."""
    return torch.from_numpy(np.stack(images).transpose(0, 3, 1, 2)).float() / 127.5 - 1


def green_chroma(after: list[Image], before: list[Image]) -> float:
    """Return the mean chroma of the green pixels, as a share of what it was."""
    distorted, clean = (np.stack(images).astype(float) for images in (after, before))
    green = clean[..., 1] - np.maximum(clean[..., 0], clean[..., 2]) >= 20
    return float(np.ptp(distorted, axis=-1)[green].mean() / np.ptp(clean, axis=-1)[green].mean())


def rim(after: list[Image], before: list[Image]) -> float:
    """Return the root mean square error of the outermost pixels over that of all others."""
    errors = (np.stack(after).astype(float) - np.stack(before)) ** 2
    inner = errors[:, 1:-1, 1:-1]
    outer = (errors.sum() - inner.sum()) / (errors.size - inner.size)
    return float(np.sqrt(outer / inner.mean()))


def deciles(values: NDArray[np.float64], digits: int) -> str:
    """Format the percentiles 10, 50 and 90."""
    return ", ".join(f"{value:.{digits}f}" for value in np.percentile(values, [10, 50, 90]))


if __name__ == "__main__":
    main()
