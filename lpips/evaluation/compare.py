"""Measure distances of given images: of one pair, or of two folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from bappsmith.lpips.cores import all_cores
from bappsmith.lpips.data.decode import Pixels
from bappsmith.lpips.data.subset import to_signed
from bappsmith.lpips.device import find_device
from bappsmith.lpips.precision import full_precision
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.bapps import files_by_stem

from .baselines import Metric

BATCH_PIXELS = 64 * 64 * 256
"""Pixels of a batch: 256 patches of 64×64, or one image of a megapixel."""


@dataclass(frozen=True)
class Compared:
    """The distances of one pair.

    Attributes:
        name: the path of a single pair, the stem of a pair in folders.
        distances: metric → distance.
    """

    name: str
    distances: dict[str, float]


def pair_up(one: Path, two: Path, suffixes: tuple[str, ...]) -> dict[str, tuple[Path, Path]]:
    """Pair two images, or the images of two folders by stem.

    Args:
        one: an image, or a folder that is searched recursively.
        two: another image or folder.
        suffixes: suffixes of images, in lower case.

    Returns:
        Name → (reference, image to compare).

    Raises:
        BappsmithError: a path is missing, one is a folder and the other is not, or a file has no partner.
    """
    for path in (one, two):
        if not path.exists():
            raise BappsmithError(f"{path}: no such file or folder")
    if one.is_dir() != two.is_dir():
        raise BappsmithError(f"{one} and {two}: give two images or two folders, not one of each")
    if not one.is_dir():
        return {str(two): (one, two)}
    references, partners = files_by_stem(one, suffixes), files_by_stem(two, suffixes)
    for folder, files, others in ((two, partners, references), (one, references, partners)):
        missing = sorted(set(others) - set(files))
        if missing:
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            raise BappsmithError(
                f"{folder}: no image for {', '.join(missing[:3])}{more}, which the other folder has; add it"
            )
    if not references:
        raise BappsmithError(f"{one}: no image found (looked for {', '.join(suffixes)})")
    return {stem: (references[stem], partners[stem]) for stem in sorted(references)}


def compare(
    pairs: Mapping[str, tuple[Path, Path]],
    metrics: Mapping[str, Metric],
    read: Callable[[Path], Pixels],
    *,
    device: str | torch.device | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Compared]:
    """Measure distances of pairs. Consecutive pairs of one size are batched.

    Args:
        pairs: name → (reference, image to compare).
        metrics: name → two float batches N×3×H×W in [-1, 1] to N distances.
        read: function from a path to uint8 H×W×3 RGB.
        device: see `find_device`.
        progress: called with (pairs done, all pairs).

    Raises:
        BappsmithError: a file cannot be read, or the two images of a pair differ in size.
    """
    device = find_device(device)
    compared: list[Compared] = []
    batch: list[tuple[str, Pixels, Pixels]] = []

    def flush() -> None:
        if not batch:
            return
        names, ones, twos = zip(*batch, strict=True)
        image0, image1 = (to_signed(torch.from_numpy(np.stack(side))).to(device) for side in (ones, twos))
        columns = {label: _distances(metric, image0, image1) for label, metric in metrics.items()}
        for k, name in enumerate(names):
            compared.append(Compared(name, {label: values[k] for label, values in columns.items()}))
        batch.clear()
        if progress:
            progress(len(compared), len(pairs))

    with all_cores(), full_precision(), torch.inference_mode():
        for metric in metrics.values():
            if isinstance(metric, torch.nn.Module):
                metric.to(device)
        for name, (first, second) in pairs.items():
            one, two = read(first), read(second)
            if one.shape != two.shape:
                sizes = " and ".join(f"{image.shape[1]}×{image.shape[0]}" for image in (one, two))
                raise BappsmithError(f"{first} and {second} differ in size: {sizes} px; resize one of them")
            full = (len(batch) + 1) * one.shape[0] * one.shape[1] > BATCH_PIXELS
            if batch and (full or batch[-1][1].shape != one.shape):
                flush()
            batch.append((name, one, two))
        flush()
    return compared


def _distances(metric: Metric, image0: torch.Tensor, image1: torch.Tensor) -> Sequence[float]:
    return metric(image0, image1).reshape(-1).tolist()
