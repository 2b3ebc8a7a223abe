"""Edges → photographs at 64×64: a small diffusion transformer, trained with noise loss alone, and with LPIPS beside it.

    python experiments/translation/translate.py --photos ~/photos --trunk-weights alexnet.pth \
        --head-weights lpips_v0.1_alex_lin.pth --out translation

The condition is what AlexNet's first three layers see in the edges of a photograph (Canny). Both networks start equal
and see the same patches, noise and noise levels in the same order. LPIPS compares the predicted clean image with the
photograph, with a weight that falls to 0 at noise alone. Both are measured on patches of photographs that were not
trained on: distances of drawn images to their photograph, with intervals that resample photographs, and the share of
patches on which LPIPS beside the noise loss is nearer. `--metric` adds metrics, such as a certified checkpoint. Run
again, it goes on after the last hundred steps, or with more `--steps`. On a GPU, run one process for each training with
`--only`, and then the same command without it for the tables. Written to --out: a file per training in `runs`,
`translation.json`, `translation.md`, and `translation.png` with rows of edges, photographs, and images drawn by both.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from diffusion_transformer import DiffusionTransformer, add_noise, noise_loss, sample
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import get_ema_multi_avg_fn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "loss"))

from command_line import run_script
from measure_images import differ, measure
from patches import Patches, cut_patches, picture
from saved_settings import content_of, keep_settings

from bappsmith.lpips import LPIPS, find_metric
from bappsmith.manifests.errors import BappsmithError

SAVED_EVERY = 100
"""Steps between two states on the disk."""
LOSSES = ("noise", "noise + LPIPS")
Metric = Callable[[Tensor, Tensor], Tensor]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--trunk-weights", required=True)
    parser.add_argument("--head-weights", required=True)
    parser.add_argument("--metric", action="append", default=[], help="another one to measure with; repeatable")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--patches", type=int, default=4000)
    parser.add_argument("--val", type=int, default=128, help="patches to measure on")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lpips", type=float, default=0.5, help="weight of LPIPS")
    parser.add_argument("--draw-steps", type=int, default=25)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", help="train this one and write no tables: noise-0, lpips-0, noise-1, …")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    options = parser.parse_args(arguments)
    settings = {name: getattr(options, name) for name in ("patches", "batch", "lpips")}
    settings |= {f"{part} weights": content_of(getattr(options, f"{part}_weights")) for part in ("trunk", "head")}
    only = parse_training(options.only) if options.only else None
    metric = LPIPS("alex", trunk_weights=options.trunk_weights, head_weights=options.head_weights)
    metric.requires_grad_(False).to(options.device)  # neither the loss nor the condition learns
    train, val = cut_patches(options.photos, options.patches, options.val)
    keep_settings(options.out / "runs", settings | {"pixels": train.content})
    conditioned = [Conditioned.of(patches, metric, options.device) for patches in (train, val)]
    if only:
        train_network(*only, conditioned[0], metric, options)
        return
    measures: dict[str, Metric] = {"LPIPS": metric}
    for name in ("ms_ssim", "haarpsi", "l2", *options.metric):
        found = find_metric(name, trunk_weights=options.trunk_weights)
        measures[Path(name).stem] = found.to(options.device) if isinstance(found, nn.Module) else found
    drawn: dict[str, list[Tensor]] = {loss: [] for loss in LOSSES}
    seconds: dict[str, float] = {}
    for seed in range(options.seeds):
        noise = torch.randn(val.images.shape, generator=torch.Generator().manual_seed(seed)).to(options.device)
        for loss in LOSSES:
            network, seconds[f"{loss}, seed {seed}"] = train_network(loss, seed, conditioned[0], metric, options)
            with torch.inference_mode():
                drawn[loss].append(sample(network, conditioned[1].condition.float(), noise, options.draw_steps))
    results = summarise(drawn, conditioned[1].images, val, measures) | {"seconds": seconds, "steps": options.steps}
    (options.out / "translation.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    (options.out / "translation.md").write_text(table(results), encoding="utf-8")
    print((options.out / "translation.md").read_text(encoding="utf-8"))
    shown = [draw_edges(val.images), val.images, *(images[0] for images in drawn.values())]
    picture([row[:12].cpu() for row in shown]).save(options.out / "translation.png")


def parse_training(name: str) -> tuple[str, int]:
    """Return loss and seed of a training, such as lpips-0.

    Raises:
        BappsmithError: the name has another form.
    """
    kind, _, seed = name.partition("-")
    if kind not in ("noise", "lpips") or not seed.isdecimal():
        raise BappsmithError(f"--only {name}: give noise-SEED or lpips-SEED, such as lpips-0")
    return LOSSES[kind == "lpips"], int(seed)


@dataclass(frozen=True)
class Conditioned:
    """Images on a device, N×3×64×64 in [-1, 1], and what `see` finds in their edges, N×64×832, in half precision."""

    images: Tensor
    condition: Tensor

    @classmethod
    def of(cls, patches: Patches, metric: LPIPS, device: str) -> Conditioned:
        with torch.inference_mode():
            parts = [see(metric, draw_edges(part).to(device)).half() for part in patches.images.split(64)]
        return cls(patches.images.to(device), torch.cat(parts))


def draw_edges(images: Tensor) -> Tensor:
    """Draw the edges of images, white on black, in the same form."""
    pixels = ((images + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    edges = [cv2.Canny(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), 80, 160) for image in pixels]
    return (torch.from_numpy(np.stack(edges)).float() / 127.5 - 1)[:, None].expand(-1, 3, -1, -1).contiguous()


def see(metric: LPIPS, edges: Tensor) -> Tensor:
    """Compute the features of edges on the grid of tokens: N×64×832, from the first three taps."""
    fine, middle, coarse = metric.activations(edges)[:3]
    fine = functional.pixel_unshuffle(functional.interpolate(fine, size=(16, 16), mode="bilinear"), 2)
    others = [functional.interpolate(tap, size=(8, 8), mode="bilinear") for tap in (middle, coarse)]
    return torch.cat([fine, *others], dim=1).flatten(2).transpose(1, 2)


def train_network(
    loss: str, seed: int, data: Conditioned, metric: LPIPS, options: argparse.Namespace
) -> tuple[nn.Module, float]:
    """Train, or go on. Return the running mean of the weights, and the seconds that training took in all.

    Raises:
        BappsmithError: an earlier run trained for more steps.
    """
    path = options.out / "runs" / f"{'lpips' if 'LPIPS' in loss else 'noise'}-{seed}.pt"
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = DiffusionTransformer(832).to(options.device)
    average = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.01)
    first, seconds = 0, 0.0
    if path.exists():
        state = torch.load(path, map_location=options.device, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        first, seconds = state["step"], state["seconds"]
    if first > options.steps:
        raise BappsmithError(
            f"{path} is after {first} steps, asked for {options.steps}; give --steps {first} or more, or choose "
            "another --out"
        )
    started = time.monotonic()
    for step in range(first, options.steps):
        optimiser.param_groups[0]["lr"] = 1e-3 * min(1, (step + 1) / 100)
        value = one_loss(network, loss, seed, step, data, metric, options)
        optimiser.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        keep = min(0.998, (step + 1) / (step + 10))
        with torch.no_grad():
            get_ema_multi_avg_fn(keep)(list(average.parameters()), list(network.parameters()), step)
        if (step + 1) % SAVED_EVERY == 0 or step + 1 == options.steps:
            state = {"network": network.state_dict(), "average": average.state_dict(), "step": step + 1}
            state |= {"optimiser": optimiser.state_dict(), "seconds": seconds + time.monotonic() - started}
            torch.save(state, path.with_suffix(".new"))
            path.with_suffix(".new").replace(path)
            print(f"{loss}, seed {seed}, step {step + 1}: {value.item():.3f}", flush=True)
    return average.eval(), seconds + time.monotonic() - started


def one_loss(
    network: nn.Module, loss: str, seed: int, step: int, data: Conditioned, metric: LPIPS, options: argparse.Namespace
) -> Tensor:
    """Compute the loss of a step. Seed and step alone decide its patches, noise and noise levels."""
    device = data.images.device
    generator = torch.Generator(device).manual_seed(1_000_003 * seed + step)
    rows = torch.randint(len(data.images), (options.batch,), generator=generator, device=device)
    images, condition = data.images[rows], data.condition[rows].float()
    times = torch.rand(len(rows), generator=generator, device=device)
    noise = torch.randn(images.shape, generator=generator, device=device)
    predicted = network(add_noise(images, times, noise), times, condition)
    value = noise_loss(images, predicted, times)
    if "LPIPS" in loss:
        value = value + options.lpips * (times * math.pi / 2).cos() * metric(images, predicted).flatten()
    return value.mean()


def summarise(
    drawn: dict[str, list[Tensor]], images: Tensor, val: Patches, measures: dict[str, Metric]
) -> dict[str, Any]:
    """Measure all drawn images; seeds are averaged patch by patch."""
    found: dict[str, Any] = {}
    for name, metric in measures.items():
        of_seeds = {loss: [measure(metric, images, each) for each in drawn[loss]] for loss in LOSSES}
        found[name] = differ({loss: np.mean(each, axis=0) for loss, each in of_seeds.items()}, val.photo, *LOSSES)
        before, after = of_seeds.values()
        found[name]["seeds"] = [float(np.mean(b - a)) for a, b in zip(before, after, strict=True)]
    return {"patches": len(val.images), "measures": found}


def table(results: dict[str, Any]) -> str:
    """Write the table in Markdown."""
    lines = [
        f"Distances of {results['patches']} drawn images to their photographs after {results['steps']:,} steps "
        "(smaller is nearer; 95 % intervals over photographs, in brackets the range over seeds):",
        "",
        f"| measure | {' | '.join(LOSSES)} | difference | LPIPS is nearer on |",
        "|---|---|---|---|---|",
    ]
    for name, row in results["measures"].items():
        means = " | ".join(f"{row['means'][loss]:.4f}" for loss in LOSSES)
        gap, share = row["difference"], row["preferred"]
        lines.append(
            f"| {name} | {means} | {gap['mean']:+.4f} ({gap['low']:+.4f} … {gap['high']:+.4f}) "
            f"[{min(row['seeds']):+.4f} … {max(row['seeds']):+.4f}] | "
            f"{100 * share['mean']:.0f} % ({100 * share['low']:.0f}–{100 * share['high']:.0f}) |"
        )
    lines += ["", "Training: " + ", ".join(f"{name} {value:.0f} s" for name, value in results["seconds"].items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    run_script(main)
