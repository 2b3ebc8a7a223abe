"""Measure the distances of all pairs of images in one call, against calls of the metric pair by pair (extrapolated).

Images are 64×64 crops of natural pictures with noise. Memory is the growth of the process.

python benchmarks/all_pairs.py
"""

from __future__ import annotations

import argparse
import importlib.resources
import json
import time
from pathlib import Path

import numpy as np
import torch

from bappsmith.distortions.patches import natural_patches
from bappsmith.lpips import LPIPS
from bappsmith.lpips.data.subset import to_signed
from bappsmith.lpips.evaluation.all_pairs import all_pairs

CHECKED = 20
"""Queries whose distances are compared with those of calls."""


def peak() -> float:
    """Return the largest memory of this process so far, GiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    patches = np.stack(natural_patches(100, 64))
    chosen = rng.integers(len(patches), size=options.count)
    images = np.empty((options.count, 64, 64, 3), np.uint8)
    for k, patch in enumerate(chosen):
        noisy = np.roll(patches[patch], rng.integers(64, size=2), axis=(0, 1)) + rng.normal(0, 8, (64, 64, 3))
        images[k] = noisy.clip(0, 255)
    heads = Path(str(importlib.resources.files("lpips"))) / "weights" / "v0.1" / "alex.pth"
    metric = LPIPS("alex", trunk_weights=0, head_weights=heads)
    names = [str(k) for k in range(options.count)]
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again at what is in use
    before = peak()
    start = time.perf_counter()
    blocks = all_pairs(names, names, {"lpips": metric}, lambda name: images[int(name)])
    distances = np.concatenate([block.distances["lpips"] for block in blocks])
    took = time.perf_counter() - start
    grown = peak() - before

    with torch.inference_mode():
        batch, called, gap, seconds = 50, 0, 0.0, 0.0
        for query in range(CHECKED):
            others = rng.integers(options.count, size=batch)
            one = to_signed(torch.from_numpy(np.repeat(images[query][None], batch, axis=0)))
            two = to_signed(torch.from_numpy(images[others]))
            start = time.perf_counter()
            values = metric(one, two).flatten().numpy()
            seconds += time.perf_counter() - start
            called += batch
            found = distances[query, others]
            far = values > 1e-4
            gap = max(gap, float((np.abs(found - values)[far] / values[far]).max()))
    pairs = options.count**2
    extrapolated = seconds / called * pairs
    print(f"{options.count:,} × {options.count:,} distances in one call: {took:,.0f} s, {grown:.2f} GiB")
    print(f"by calls of {batch} pairs: {called / seconds:,.0f} a second, {extrapolated:,.0f} s for all (extrapolated)")
    print(f"ratio {extrapolated / took:,.0f}, largest relative difference {gap:.1e}")
    facts = {"count": options.count, "s": took, "gib": grown, "calls_s": extrapolated, "difference": gap}
    print(json.dumps({"benchmark": "all_pairs", **facts}))


if __name__ == "__main__":
    main()
