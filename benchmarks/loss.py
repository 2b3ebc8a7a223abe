"""Measure a loss forward and backward: ours and the published package in turns, same trunk, heads and images.

Both are set to need no gradients of their own weights. Peak memory is the growth of a process of its own, which
runs one case with one of the two.

python benchmarks/loss.py
"""

from __future__ import annotations

import argparse
import importlib.resources
import json
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import torch

import lpips  # noqa: TID251 - the published package is what is compared with
from bappsmith.lpips import LPIPS

BARS = {"both": 1.0, "one": 1.3, "cached": 1.8}
"""Images with a gradient: both; only the output; only the output, with the features of the target kept."""


def metrics(net: str) -> tuple[LPIPS, torch.nn.Module]:
    heads = Path(str(importlib.resources.files("lpips"))) / "weights" / "v0.1" / f"{net}.pth"
    ours = LPIPS(net, trunk_weights=0, head_weights=heads).requires_grad_(False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses torchvision's deprecated arguments
        theirs = lpips.LPIPS(net=net, pnet_rand=True, verbose=False).requires_grad_(False)
    state = {name.removeprefix("features."): value for name, value in ours.trunk.state().items()}
    weights = {name: state[name.split(".", 1)[1]].contiguous() for name in theirs.net.state_dict()}
    theirs.net.load_state_dict(weights)
    return ours, theirs


def steps(
    case: str, ours: LPIPS, theirs: torch.nn.Module, batch: int, side: int
) -> dict[str, Callable[[], torch.Tensor]]:
    """Return who → function that runs forward and backward, and returns the gradient of the output."""
    target, output = torch.rand(2, batch, 3, side, side, generator=torch.Generator().manual_seed(0)) * 2 - 1
    against = ours.against(target) if case == "cached" else None

    def step(metric: torch.nn.Module) -> torch.Tensor:
        first = target.clone().requires_grad_(case == "both")
        second = output.clone().requires_grad_()
        distance = against(second) if against is not None and metric is ours else metric(first, second)
        distance.sum().backward()
        assert second.grad is not None
        return second.grad

    return {"ours": lambda: step(ours), "theirs": lambda: step(theirs)}


def peak(case: str, who: str, options: argparse.Namespace) -> float:
    """Run one case in a process of its own, and return the growth of its memory in MB."""
    command = [
        sys.executable,
        __file__,
        "--net",
        options.net,
        "--batch",
        str(options.batch),
        "--side",
        str(options.side),
    ]
    done = subprocess.run([*command, "--child", f"{case} {who}"], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", default="alex", choices=("alex", "squeeze", "vgg"))
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    ours, theirs = metrics(options.net)
    if options.child:
        case, who = options.child.split()
        step = steps(case, ours, theirs, options.batch, options.side)[who]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(3):
            step()
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
        return
    rows = []
    print(
        f"{'gradient':10}{'reference ms':>13}{'ours ms':>9}{'ratio':>7}{'bar':>6}{'gap':>9}"
        f"{'reference MB':>14}{'ours MB':>9}"
    )
    for case, bar in BARS.items():
        runs = steps(case, ours, theirs, options.batch, options.side)
        mine, other = runs["ours"](), runs["theirs"]()
        gap = float((mine - other).abs().max() / other.abs().max())
        times: dict[str, list[float]] = {who: [] for who in runs}
        for _ in range(options.rounds):
            for who, run in runs.items():
                start = time.perf_counter()
                run()
                times[who].append(1000 * (time.perf_counter() - start))
        took = {who: statistics.median(values) for who, values in times.items()}
        ratio = took["theirs"] / took["ours"]
        memory = {who: peak(case, who, options) for who in runs}
        print(
            f"{case:10}{took['theirs']:13.0f}{took['ours']:9.0f}{ratio:7.2f}{bar:6.1f}{gap:9.1e}"
            f"{memory['theirs']:14.0f}{memory['ours']:9.0f}",
            flush=True,
        )
        rows.append({"case": case, "ms": took, "ratio": ratio, "bar": bar, "gap": gap, "mb": memory})
    print(json.dumps({"benchmark": "loss", **{k: getattr(options, k) for k in ("net", "batch", "side")}, "rows": rows}))


if __name__ == "__main__":
    main()
