"""Measure distances per second: ours and the published package in turns, with the same trunk, heads and batch.

python benchmarks/distances.py
"""

from __future__ import annotations

import argparse
import importlib.resources
import json
import statistics
import time
import warnings
from pathlib import Path

import torch

import lpips  # noqa: TID251 - the published package is what is compared with
from bappsmith.lpips import LPIPS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(f"{'net':10}{'batch':>6}{'size':>6}{'reference/s':>13}{'ours/s':>10}{'ratio':>7}{'largest difference':>20}")
    rows = []
    for net in ("alex", "squeeze", "vgg"):
        heads = Path(str(importlib.resources.files("lpips"))) / "weights" / "v0.1" / f"{net}.pth"
        ours = LPIPS(net, trunk_weights=0, head_weights=heads)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it uses torchvision's deprecated arguments
            theirs = lpips.LPIPS(net=net, pnet_rand=True, verbose=False)
        state = {name.removeprefix("features."): value for name, value in ours.trunk.state().items()}
        theirs.net.load_state_dict({name: state[name.split(".", 1)[1]] for name in theirs.net.state_dict()})
        for batch, side in ((1, 64), (50, 64), (2, 256)):
            image0, image1 = torch.rand(2, batch, 3, side, side, generator=torch.Generator().manual_seed(0)) * 2 - 1
            times: dict[str, list[float]] = {"ours": [], "theirs": []}
            with torch.inference_mode():
                gap = float((ours(image0, image1) - theirs(image0, image1)).abs().max())
                for _ in range(options.rounds):
                    for name, metric in (("ours", ours), ("theirs", theirs)):
                        start = time.perf_counter()
                        metric(image0, image1)
                        times[name].append(time.perf_counter() - start)
            mine, other = (batch / statistics.median(times[name]) for name in ("ours", "theirs"))
            print(
                f"{net:10}{batch:6}{side:6}{other:13,.0f}{mine:10,.0f}{mine / other:7.2f}{gap:20.1e}",
                flush=True,
            )
            rows.append(
                {
                    "net": net,
                    "batch": batch,
                    "side": side,
                    "reference": other,
                    "ours": mine,
                    "difference": gap,
                }
            )
    print(json.dumps({"benchmark": "distances", "rows": rows}))


if __name__ == "__main__":
    main()
