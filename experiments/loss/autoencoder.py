"""One small autoencoder, trained with three losses: squared error, MS-SSIM, and LPIPS with squared error.

    python experiments/loss/autoencoder.py --trunk-weights alexnet.pth --head-weights lpips_v0.1_alex_lin.pth --out loss

After *Learning to Generate Images with Perceptual Similarity Metrics* (Snell et al. 2017), in miniature and with LPIPS
beside. Network, patches, order and number of steps are the same for all three. Written to --out: `losses.png` with
rows of reconstructions, and `losses.md` with every result measured by every loss, on photographs not trained on.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from bappsmith.distortions import Draws
from bappsmith.lpips import LPIPS
from bappsmith.lpips.data.subset import to_signed
from bappsmith.lpips.evaluation.baselines import l2, ms_ssim
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.pipeline.sources.index import index_sources
from bappsmith.pipeline.sources.split import split_photographs

Loss = Callable[[Tensor, Tensor], Tensor]


def patches(photos: str, count: int) -> tuple[Tensor, Tensor]:
    """Cut train and val patches from different photographs: float N×3×64×64 in [-1, 1], reduced from 64 … 192 px."""
    index = index_sources(Sources(path=photos))
    sides = split_photographs(index.photographs, 0.2, 0)
    tensors = []
    for photographs, wanted in ((sides["train"], count), (sides["val"], max(8, count // 10))):
        cut = []
        for k, photo in enumerate(photographs):
            pixels, draws = index.read(photo), Draws(0, k)
            for _ in range(-(-wanted // len(photographs))):
                side = min(64 + draws.integer(129), *pixels.shape[:2])
                y, x = (draws.integer(length - side + 1) for length in pixels.shape[:2])
                crop = pixels[y : y + side, x : x + side]
                cut.append(cv2.resize(crop, (64, 64), interpolation=cv2.INTER_AREA))
        # Photographs take turns, so that the first few show different ones.
        order = np.arange(len(cut)).reshape(len(photographs), -1).T.ravel()[:wanted]
        tensors.append(to_signed(torch.from_numpy(np.stack(cut)[order])))
    return tensors[0], tensors[1]


def autoencoder(width: int, code: int) -> nn.Sequential:
    """Build an autoencoder: 64×64×3 → 8×8×code → 64×64×3."""

    def block(into: int, out: int) -> list[nn.Module]:
        return [nn.Conv2d(into, out, 3, padding=1), nn.ReLU()]

    layers: list[nn.Module] = [*block(3, width)]
    for level in range(3):
        wide = width * 2**level
        layers += [nn.Conv2d(wide, 2 * wide, 4, stride=2, padding=1), nn.ReLU(), *block(2 * wide, 2 * wide)]
    layers += [nn.Conv2d(8 * width, code, 1), *block(code, 8 * width)]
    for level in (2, 1, 0):
        wide = width * 2**level
        layers += [nn.Upsample(scale_factor=2), *block(2 * wide, wide), *block(wide, wide)]
    return nn.Sequential(*layers, nn.Conv2d(width, 3, 3, padding=1), nn.Tanh())


def train(loss: Loss, data: Tensor, options: argparse.Namespace) -> nn.Sequential:
    """Train the same network on the same batches with any loss."""
    generator = torch.Generator().manual_seed(options.seed)
    with torch.random.fork_rng():
        torch.manual_seed(options.seed)
        network = autoencoder(options.width, options.code).to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=options.steps)
    for _ in range(options.steps):
        batch = data[torch.randint(len(data), (options.batch,), generator=generator)]
        value = loss(batch, network(batch)).mean()
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        schedule.step()
    return network.eval()


def picture(rows: list[Tensor]) -> Image.Image:
    """Draw rows of patches, enlarged twice."""
    grid = torch.cat([torch.cat(list(row), dim=2) for row in rows], dim=1)
    pixels = ((grid + 1) * 127.5).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
    return Image.fromarray(pixels.repeat(2, axis=0).repeat(2, axis=1))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--net", default="alex")
    parser.add_argument("--trunk-weights", default="pretrained")
    parser.add_argument("--head-weights", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--patches", type=int, default=4000)
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--width", type=int, default=12)
    parser.add_argument("--code", type=int, default=8, help="channels of the 8×8 code")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    metric = LPIPS(options.net, trunk_weights=options.trunk_weights, head_weights=options.head_weights)
    metric.requires_grad_(False)  # a loss does not learn

    def lpips_with_l2(target: Tensor, output: Tensor) -> Tensor:
        """Add L2, for colours to start from: LPIPS alone got stuck in one pattern for all images."""
        return metric(target, output).flatten() + l2(target, output)

    measures: dict[str, Loss] = {"L2": l2, "MS-SSIM": ms_ssim, "LPIPS": metric}
    losses: dict[str, Loss] = {"L2": l2, "MS-SSIM": ms_ssim, "LPIPS + L2": lpips_with_l2}
    data, val = patches(options.photos, options.patches)
    shown, lines = (
        [val[:10]],
        [f"| trained with | {' | '.join(measures)} |", f"|---|{'---|' * len(measures)}"],
    )
    for name, loss in losses.items():
        network = train(loss, data, options)
        with torch.inference_mode():
            output = network(val)
            figures = [float(measure(val, output).mean()) for measure in measures.values()]
        shown.append(output[:10])
        lines.append(f"| {name} | {' | '.join(f'{value:.4f}' for value in figures)} |")
        print(lines[-1], flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    picture(shown).save(options.out / "losses.png")
    (options.out / "losses.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
