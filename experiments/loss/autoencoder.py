"""Small autoencoders and a network for super-resolution, trained with four losses: L1, L2, MS-SSIM, and LPIPS with L2.

    python experiments/loss/autoencoder.py --trunk-weights alexnet.pth --head-weights lpips_v0.1_alex_lin.pth --out loss

After *Learning to Generate Images with Perceptual Similarity Metrics* (Snell et al. 2017), in miniature and with LPIPS
beside. Every network is trained with every loss; start, patches and their order are the same for all losses. No network
sees a photograph of val in its training. Networks: three autoencoders (`networks.py`), the convolutional one with
stochastic codes, and super-resolution × 4. `--network` (repeatable) chooses some. Each is measured during its training
after `--mark` steps. Run again, it goes on with the next training. Written to --out: a file per training in `runs`,
`losses.json`, `losses.md`, and a picture per network with rows of originals and results. The tables have:

- every result measured by every loss, mean over seeds, and from which mark on each loss is best by its own measure;
- which of two results HaarPSI, which no network was trained with, finds nearer to the original, image by image, with
  intervals that resample photographs;
- how well a linear classifier tells from a code which of val's photographs a patch is of.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import get_ema_multi_avg_fn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from command_line import run_script
from measure_images import differ, measure
from networks import ARCHITECTURES, Architecture, Autoencoder, SuperResolution
from patches import Patches, cut_patches, picture
from saved_settings import content_of, keep_settings

from bappsmith.lpips import LPIPS
from bappsmith.lpips.evaluation.baselines import haarpsi, l2, ms_ssim

Loss = Callable[[Tensor, Tensor], Tensor]
STOCHASTIC, SUPER_RESOLUTION = "convolutional, stochastic", "super-resolution"
NETWORKS = (*ARCHITECTURES, STOCHASTIC, SUPER_RESOLUTION)
LOSSES = ("L1", "L2", "MS-SSIM", "LPIPS + L2")
OWN = {"L1": "L1", "L2": "L2", "MS-SSIM": "MS-SSIM", "LPIPS + L2": "LPIPS"}
"""Loss → the measure that it should be best by."""
DIVERGENCE = 1e-5
"""Weight of the divergence of stochastic codes, per code; small, so that codes stay informative."""
MARKS = (50, 100, 200, 400)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--net", default="alex")
    parser.add_argument("--trunk-weights", default="pretrained")
    parser.add_argument("--head-weights", required=True)
    parser.add_argument("--network", action="append", choices=NETWORKS, help="default: all")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--patches", type=int, default=4000)
    parser.add_argument("--val", type=int, default=200)
    parser.add_argument("--mark", type=int, action="append", help="steps after which to measure; the last one ends")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--width", type=int, default=12)
    parser.add_argument("--code", type=int, default=8, help="channels of the 8×8 code")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    options = parser.parse_args(arguments)
    options.mark = sorted(options.mark or MARKS)
    settings = {name: getattr(options, name) for name in ("patches", "val", "mark", "batch", "width", "code", "net")}
    settings |= {f"{part} weights": content_of(getattr(options, f"{part}_weights")) for part in ("trunk", "head")}
    metric = LPIPS(options.net, trunk_weights=options.trunk_weights, head_weights=options.head_weights)
    metric.requires_grad_(False).to(options.device)  # a loss does not learn
    cut = cut_patches(options.photos, options.patches, options.val)
    keep_settings(options.out / "runs", settings | {"pixels": " ".join(patches.content for patches in cut)})
    train, val = (Patches(patches.images.to(options.device), patches.photo) for patches in cut)
    results: dict[str, Any] = {}
    for network in options.network or NETWORKS:
        found: dict[tuple[str, int], dict[str, Any]] = {}
        for seed in range(options.seeds):
            for loss in LOSSES:
                file = options.out / "runs" / f"{network}-{loss}-{seed}.pt".replace(" ", "")
                if not file.exists():
                    torch.save(run(network, loss, seed, train, val, metric, options), file.with_suffix(".new"))
                    file.with_suffix(".new").replace(file)
                found[loss, seed] = torch.load(file, weights_only=True)
        results[network] = summarise(found, val, options)
        shown = [val.images.cpu(), *(found[loss, 0]["output"] for loss in LOSSES)]
        picture([row[:10] for row in shown]).save(options.out / f"{network.replace(', ', '-')}.png")
        (options.out / "losses.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
        (options.out / "losses.md").write_text(tables(results, options), encoding="utf-8")
    print((options.out / "losses.md").read_text(encoding="utf-8"))


def build(network: str, options: argparse.Namespace) -> nn.Module:
    if network == SUPER_RESOLUTION:
        return SuperResolution(options.width)
    if network == STOCHASTIC:
        return Autoencoder("convolutional", options.width, options.code, stochastic=True)
    architecture: Architecture = next(one for one in ARCHITECTURES if one == network)
    return Autoencoder(architecture, options.width, options.code)


def run(
    name: str, loss: str, seed: int, data: Patches, val: Patches, metric: LPIPS, options: argparse.Namespace
) -> dict[str, Any]:
    """Train one network with one loss, and measure the running mean of its weights at every mark.

    Returns:
        `measures`: mark → measure → distances of val, shape (N,); `output` at the end; `codes` of val; `seconds`.
    """

    def lpips_with_l2(target: Tensor, output: Tensor) -> Tensor:
        """Add L2, for colours to start from: LPIPS alone got stuck in one pattern for all images."""
        return metric(target, output).flatten() + l2(target, output)

    losses: dict[str, Loss] = {"L1": l1, "L2": l2, "MS-SSIM": ms_ssim, "LPIPS + L2": lpips_with_l2}
    measures: dict[str, Loss] = {"L1": l1, "L2": l2, "MS-SSIM": ms_ssim, "LPIPS": metric, "HaarPSI": haarpsi}
    generator = torch.Generator().manual_seed(seed)
    started = time.monotonic()
    marked: dict[int, dict[str, Tensor]] = {}
    output = val.images
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = build(name, options).to(options.device).to(memory_format=torch.channels_last)
        average = copy.deepcopy(network).eval()
        optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
        for step in range(options.mark[-1]):
            # Without a slow start and a bound, some networks died: they drew grey whatever they saw.
            optimiser.param_groups[0]["lr"] = 1e-3 * min(1, (step + 1) / 100)
            batch = data.images[torch.randint(len(data.images), (options.batch,), generator=generator)]
            restored, divergence = network(batch)
            value = (losses[loss](batch, restored) + DIVERGENCE * divergence).mean()
            optimiser.zero_grad()
            value.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            keep = min(0.98, (step + 1) / (step + 10))
            with torch.no_grad():
                get_ema_multi_avg_fn(keep)(list(average.parameters()), list(network.parameters()), step)
            if step + 1 in options.mark:
                with torch.inference_mode():
                    output = torch.cat([average(part)[0] for part in val.images.split(64)]).clamp(-1, 1)
                marked[step + 1] = {
                    key: torch.from_numpy(measure(one, val.images, output)) for key, one in measures.items()
                }
    result: dict[str, Any] = {"measures": marked, "output": output[:10].cpu(), "seconds": time.monotonic() - started}
    if isinstance(average, Autoencoder):
        with torch.inference_mode():
            result["codes"] = average.codes(val.images).cpu()
    own = marked[options.mark[-1]][OWN[loss]].mean()
    print(f"{name}, {loss}, seed {seed}: {OWN[loss]} {own:.4f}, {result['seconds']:.0f} s", flush=True)
    return result


def l1(image0: Tensor, image1: Tensor) -> Tensor:
    """Compute the mean absolute difference of RGB values in [-1, 1]."""
    return (image0 - image1).abs().mean(dim=(1, 2, 3))


def summarise(
    found: dict[tuple[str, int], dict[str, Any]], val: Patches, options: argparse.Namespace
) -> dict[str, Any]:
    """Summarise the trainings of one network."""
    seeds = range(options.seeds)
    names = list(found[LOSSES[0], 0]["measures"][options.mark[-1]])
    means = {
        mark: {
            loss: {name: [float(found[loss, s]["measures"][mark][name].mean()) for s in seeds] for name in names}
            for loss in LOSSES
        }
        for mark in options.mark
    }
    wins = {
        mark: {
            loss: [min(LOSSES, key=lambda other: table[other][OWN[loss]][s]) == loss for s in seeds] for loss in LOSSES
        }
        for mark, table in means.items()
    }
    final = {
        loss: np.mean([found[loss, s]["measures"][options.mark[-1]]["HaarPSI"].numpy() for s in seeds], axis=0)
        for loss in LOSSES
    }
    preferred = {f"{other} over {one}": differ(final, val.photo, one, other) for one, other in combinations(LOSSES, 2)}
    result: dict[str, Any] = {"means": means, "wins": wins, "preferred": preferred}
    result["seconds"] = {loss: sum(found[loss, s]["seconds"] for s in seeds) for loss in LOSSES}
    if "codes" in found[LOSSES[0], 0]:
        result["classified"] = {loss: [classify(found[loss, s]["codes"], val.photo) for s in seeds] for loss in LOSSES}
        result["chance"] = 1 / len(np.unique(val.photo))
    return result


def classify(codes: Tensor, photo: NDArray[np.intp]) -> float:
    """Return the share of patches whose photograph a linear classifier names; it learns on half of val's patches.

    Codes are standardised; logistic regression with weight decay, 300 steps. Patches of a photograph take turns.
    """
    turn = np.zeros(len(photo), dtype=np.intp)
    for number in np.unique(photo):
        turn[photo == number] = np.arange((photo == number).sum())
    learns = torch.from_numpy(turn % 2 == 0)
    labels = torch.from_numpy(np.unique(photo, return_inverse=True)[1])
    values = (codes - codes[learns].mean(0)) / (codes[learns].std(0) + 1e-6)
    weights = torch.zeros(values.shape[1], int(labels.max()) + 1, requires_grad=True)
    optimiser = torch.optim.Adam([weights], lr=0.01)
    for _ in range(300):
        loss = functional.cross_entropy(values[learns] @ weights, labels[learns]) + 1e-2 * weights.square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return float(((values[~learns] @ weights).argmax(1) == labels[~learns]).double().mean())


def tables(results: dict[str, Any], options: argparse.Namespace) -> str:
    """Write everything in Markdown."""
    lines: list[str] = []
    for network, found in results.items():
        last = options.mark[-1]
        table = found["means"][last]
        names = list(table[LOSSES[0]])
        classified = " | photograph named, %" if "classified" in found else ""
        seconds = sum(found["seconds"].values())
        lines += [
            f"## {network}: {options.seeds} seeds, {last} steps, {seconds:.0f} s",
            "",
            f"| trained with | {' | '.join(names)}{classified} |",
            f"|---|{'---|' * (len(names) + bool(classified))}",
        ]
        for loss in LOSSES:
            cells = [f"{np.mean(table[loss][name]):.4f}" for name in names]
            best = [np.mean(table[loss][name]) == min(np.mean(table[o][name]) for o in LOSSES) for name in names]
            cells = [f"**{cell}**" if wins else cell for cell, wins in zip(cells, best, strict=True)]
            cells += [f"{100 * np.mean(found['classified'][loss]):.0f}"] if classified else []
            lines.append(f"| {loss} | {' | '.join(cells)} |")
        if classified:
            lines += ["", f"Chance of naming a photograph: {100 * found['chance']:.0f} %."]
        lines += ["", "| best by its own measure, seeds after steps | " + " | ".join(map(str, options.mark)) + " |"]
        lines.append(f"|---|{'---|' * len(options.mark)}")
        for loss in LOSSES:
            counts = [f"{sum(found['wins'][mark][loss])} of {options.seeds}" for mark in options.mark]
            lines.append(f"| {loss} by {OWN[loss]} | {' | '.join(counts)} |")
        lines += ["", "| HaarPSI prefers | on, % of val |", "|---|---|"]
        for pair, row in found["preferred"].items():
            share = row["preferred"]
            lines.append(f"| {pair} | {100 * share['mean']:.0f} ({100 * share['low']:.0f}–{100 * share['high']:.0f}) |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    run_script(main)
