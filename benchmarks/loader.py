"""Measure triplets per second of the loader alone: packed and mapped, and PNGs decoded by the published procedure.

    python benchmarks/loader.py DATASET/2afc/train/NAME

Both give shuffled batches of 50 as floats in [-1, 1]. They take turns; packing is timed separately.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path

import torch
from reference import reference_loader

from bappsmith.lpips.data.mixture import mix
from bappsmith.lpips.data.subset import load_subset


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--workers", type=int, default=2, help="of the reference's loader")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=100, help="of the reference in a round")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="bappsmith-benchmark-"))
    try:
        start = time.perf_counter()
        data = mix([load_subset(options.root, cache=work)])
        packing = len(data) / (time.perf_counter() - start)
        ours, reference = [], []
        loader = reference_loader(options.root, options.workers)
        for round_ in range(options.rounds):
            order = data.order(torch.Generator().manual_seed(round_))
            start = time.perf_counter()
            for positions in order.split(50):
                data.take(positions)
            ours.append(len(order) / (time.perf_counter() - start))
            batches = iter(loader)
            next(batches)  # the first waits for the workers to start
            start = time.perf_counter()
            triplets = sum(len(batch[0]) for batch in islice(batches, options.batches))
            reference.append(triplets / (time.perf_counter() - start))
            del batches
    finally:
        shutil.rmtree(work, ignore_errors=True)
    mine, theirs = statistics.median(ours), statistics.median(reference)
    print(f"{'':12}{'triplets/s':>12}")
    print(f"{'reference':12}{theirs:12,.0f}")
    print(f"{'packing':12}{packing:12,.0f}   (once)")
    print(f"{'ours':12}{mine:12,.0f}   {mine / theirs:.0f} × the reference (bar: 20 ×)")
    print(json.dumps({"benchmark": "loader", "reference": reference, "packing": packing, "ours": ours}))


if __name__ == "__main__":
    main()
