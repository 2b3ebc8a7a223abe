"""Measure how far each operator changes a patch at several severities: the table of docs/calibration.md.

    python benchmarks/calibrate.py --photos ~/photos --trunk-weights alexnet.pth --head-weights lpips_v0.1_alex_lin.pth

Patches are natural, 64×64, each from another photograph: every other one is a crop of 64 px, the rest are crops of
128 px, halved by area averaging. Patches with a standard deviation below 12 levels are left out. Parameters that do not
depend on severity are drawn once per patch. Figures are medians over patches: LPIPS, and root mean square error in
levels of 255.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch

from bappsmith.distortions import Distortion, Draws, Image, operators
from bappsmith.lpips import LPIPS
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.pipeline.sources.index import SourceIndex, index_sources

SEVERITIES = (0.25, 0.5, 0.75, 1.0)


def natural(index: SourceIndex, count: int) -> list[Image]:
    """Cut patches from `count` different photographs."""
    order = sorted(index.photographs, key=lambda photo: photo.pixels_sha256)
    patches: list[Image] = []
    for i, photo in enumerate(order):
        draws, side = Draws(0, i), 128 if len(patches) % 2 else 64
        if min(photo.height, photo.width) < side or len(patches) == count:
            continue
        y, x = draws.integer(photo.height - side + 1), draws.integer(photo.width - side + 1)
        crop = index.read(photo)[y : y + side, x : x + side]
        patch = np.asarray(cv2.resize(crop, (64, 64), interpolation=cv2.INTER_AREA), np.uint8)
        if patch.std() >= 12:
            patches.append(patch)
    return patches


def tensor(images: list[Image]) -> torch.Tensor:
    """Convert images to float N×3×H×W in [-1, 1]."""
    return torch.from_numpy(np.stack(images).transpose(0, 3, 1, 2)).float() / 127.5 - 1


def row(op: Distortion, patches: list[Image], metric: LPIPS) -> str:
    """Measure one line of the table."""
    lpips, rmse = [], []
    for severity in SEVERITIES:
        # The same key at every severity: parameters that do not depend on severity are the same.
        distorted = [op.apply(p, **op.call(severity, Draws(7, i)).params) for i, p in enumerate(patches)]
        with torch.inference_mode():
            lpips.append(float(metric(tensor(patches), tensor(distorted)).median()))
        errors = [np.sqrt(np.mean((a.astype(float) - b) ** 2)) for a, b in zip(patches, distorted, strict=True)]
        rmse.append(float(np.median(errors)))
    figures = [f"{value:.3f}" for value in lpips] + [f"{value:.1f}" for value in rmse]
    return f"| {op.name} | {' | '.join(figures)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--trunk-weights", required=True)
    parser.add_argument("--head-weights", type=Path, required=True)
    parser.add_argument("--patches", type=int, default=60)
    options = parser.parse_args()
    metric = LPIPS("alex", trunk_weights=options.trunk_weights, head_weights=options.head_weights)
    patches = natural(index_sources(Sources(path=options.photos)), options.patches)
    print(f"{len(patches)} patches")
    print("| operator | LPIPS .25 | .5 | .75 | 1 | RMSE .25 | .5 | .75 | 1 |")
    print("|---|---|---|---|---|---|---|---|---|")
    for op in operators().values():
        print(row(op, patches, metric), flush=True)


if __name__ == "__main__":
    main()
