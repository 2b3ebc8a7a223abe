"""Compare the training of heads to the same val 2AFC score: ours and the procedure of the published code.

    python benchmarks/train_lin.py DATASET/2afc/train/NAME DATASET/2afc/val/NAME --trunk-weights alexnet.pth

Ours starts without any cache: its time contains packing the PNGs and running the trunk once. Both train 5 + 5 epochs
with Adam at 1e-4 and batches of 50, without validation during training.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import torch
from reference import train_reference

from bappsmith.lpips import LPIPS, TrainConfig, load_metric, load_subset, train, two_afc_scores
from bappsmith.lpips.evaluation.distances import distances
from bappsmith.lpips.model.backbones import Trunk


def score(metric: LPIPS, root: Path, cache: Path) -> float:
    subset = load_subset(root, cache=cache)
    d0, d1 = distances(metric, subset)
    return float(two_afc_scores(d0, d1, subset.labels).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("val", type=Path)
    parser.add_argument("--net", default="alex")
    parser.add_argument("--trunk-weights", required=True)
    parser.add_argument("--workers", type=int, default=2, help="of the reference's loader")
    parser.add_argument("--rounds", type=int, default=3, help="of ours, each without caches; the median counts")
    parser.add_argument("--epochs", type=int, default=5, help="at the full rate, and as many after these")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="bappsmith-benchmark-"))
    try:
        config = TrainConfig(
            net=options.net,
            trunk_weights=options.trunk_weights,
            epochs=options.epochs,
            decay_epochs=options.epochs,
            learning_rate=1e-4,
        )
        rounds = []
        for _ in range(options.rounds):  # the reference runs once: its many epochs already average the noise
            shutil.rmtree(work)
            start = time.perf_counter()
            train(config, [options.train], out=work / "run", cache=work / "cache")
            rounds.append(time.perf_counter() - start)
        ours_s = statistics.median(rounds)
        start = time.perf_counter()
        train(config, [options.train], out=work / "again", cache=work / "cache")
        again_s = time.perf_counter() - start
        ours = score(load_metric(work / "run" / "last.safetensors"), options.val, work / "cache")
        print(
            f"  ours: {ours_s:.1f} s, {again_s:.1f} s with existing caches, {100 * ours:.2f} %",
            flush=True,
        )
        trunk = Trunk(options.net, options.trunk_weights)
        reference_s, heads = train_reference(options.net, trunk, options.train, options.workers, options.epochs)
        metric = LPIPS(options.net, trunk_weights=options.trunk_weights)
        parts = heads.split(metric.trunk.channels)
        metric.load_heads({f"lin{k}.model.1.weight": w.view(1, -1, 1, 1) for k, w in enumerate(parts)}, "reference")
        reference = score(metric, options.val, work / "cache")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{'':12}{'s':>10}{'val 2AFC, %':>14}")
    print(f"{'reference':12}{reference_s:10.1f}{100 * reference:14.2f}")
    print(f"{'ours':12}{ours_s:10.1f}{100 * ours:14.2f}")
    print(f"{'ours, again':12}{again_s:10.1f}")
    print(f"ours takes 1/{reference_s / ours_s:.1f} of the time (bar: 1/20)")
    figures = {
        "reference_s": reference_s,
        "ours_s": rounds,
        "again_s": again_s,
        "reference": reference,
        "ours": ours,
    }
    print(json.dumps({"benchmark": "train_lin", "threads": torch.get_num_threads(), **figures}))


if __name__ == "__main__":
    main()
