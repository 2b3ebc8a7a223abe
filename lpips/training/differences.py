"""Compute the input of the heads for a whole subset once, so that a fixed trunk need not run again every epoch.

A distance is linear in the heads: d = Σ_c w_c · m_c. m_c is the squared difference of channel c, averaged over space.
Training the heads of a fixed trunk needs only m.

Dropout drops single squared differences x at rate p and divides the others by 1 - p, before the average over the h·w
positions. That keeps the mean m_c and adds the variance p/(1 - p) · v_c, with v_c = Σ x² / (h·w)². This module stores
m_c and s_c = √v_c. Training draws m_c + √(p/(1 - p)) · s_c · ε, with ε standard normal. Mean and variance of every
channel, and so of every distance, are the same. A distance is a sum of thousands of such terms, so it is nearly normal
in both cases.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from bappsmith.lpips.data.mapped import load_mapped, read_facts_of, sole_writer, write_mapped
from bappsmith.lpips.data.mixture import by_part
from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError

FORMAT = "bappsmith-differences-3"
BATCH = 50
"""Triplets per run of the trunk and per thread: 150 images."""


@dataclass(frozen=True)
class Differences:
    """Squared differences of p0 and p1 from ref, for every triplet of a 2AFC subset; see the module's text.

    Attributes:
        mean: m, float32 N×2×C, with the C channels of all taps.
        spread: s, float32 N×2×C.
    """

    mean: Tensor
    spread: Tensor


def differences(
    metric: LPIPS,
    subset: PackedSubset,
    *,
    device: torch.device | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Differences:
    """Compute the differences of a subset, or map the file of an earlier run. They do not depend on judgments.

    The file is beside the packed copy of the subset: in the cache folder, or beside the dataset.

    Args:
        metric: its trunk is used, not its heads.
        subset: a 2AFC subset.
        device: device of the trunk; default: the CPU.
        progress: called with (triplets done, all triplets).

    Raises:
        BappsmithError: the file cannot be written, or is not the differences of this subset.
    """
    trunk = _digest(metric)
    path = subset.cache.with_name(f"{subset.cache.stem}.{trunk[:12]}.differences.safetensors")
    wanted = {"format": FORMAT, "trunk": trunk, "pixels_sha256": subset.pixels_sha256}
    if read_facts_of(path) != wanted:
        try:
            with sole_writer(path):
                if read_facts_of(path) != wanted:  # another process may have written it meanwhile
                    _compute(metric, subset, path, wanted, device, progress)
        except OSError as error:
            raise BappsmithError(
                f"the differences of {subset.root} cannot be written to {path.parent} ({error.strerror or error}); "
                "choose another folder with --cache"
            ) from error
    arrays, _ = load_mapped(path)
    shape = (len(subset), 2, sum(metric.trunk.channels))
    if {name: (array.dtype, tuple(array.shape)) for name, array in arrays.items()} != dict.fromkeys(
        ("mean", "spread"), (torch.float32, shape)
    ):
        raise BappsmithError(f"{path}: not the differences of {len(subset):,} triplets; remove this file")
    return Differences(arrays["mean"], arrays["spread"])


def _compute(
    metric: LPIPS,
    subset: PackedSubset,
    path: Path,
    facts: dict[str, str],
    device: torch.device | None,
    progress: Callable[[int, int], None] | None,
) -> None:
    count, channels = len(subset), sum(metric.trunk.channels)
    shape = (count, 2, channels)
    # On a CPU, parallel batches with one thread each are faster than one batch at a time with all threads.
    threads = torch.get_num_threads() if device is None or device.type == "cpu" else 1
    tensors = {"mean": ("F32", shape), "spread": ("F32", shape)}
    with write_mapped(path, tensors) as (arrays, header), ThreadPoolExecutor(threads) as pool:

        def work(start: int) -> int:
            if threads > 1:
                torch.set_num_threads(1)  # of this thread
            end = min(start + BATCH, count)
            with torch.inference_mode():
                images = subset.signed(start, end)
                taps = [tap.chunk(3) for tap in metric.features(torch.cat(images).to(device))]
                for side in (0, 1):
                    mean, spread = moments([tap[0] for tap in taps], [tap[1 + side] for tap in taps])
                    arrays["mean"][start:end, side] = mean.cpu().numpy()
                    arrays["spread"][start:end, side] = spread.cpu().numpy()
            return end

        try:
            for done in pool.map(work, range(0, count, BATCH)):
                if progress:
                    progress(done, count)
        finally:
            torch.set_num_threads(threads if threads > 1 else torch.get_num_threads())
        header |= facts


def moments(features0: Sequence[Tensor], features1: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Compute m and s of the module's text.

    Args:
        features0: one N×C×h×w tensor per tap.
        features1: the same for the other images.

    Returns:
        m and s, each N×C, with the channels of all taps.
    """
    means: list[Tensor] = []
    spreads: list[Tensor] = []
    for tap0, tap1 in zip(features0, features1, strict=True):
        square = (tap0 - tap1).square_()
        positions = square.shape[2] * square.shape[3]
        means.append(square.mean(dim=(2, 3)))
        spreads.append(square.square_().sum(dim=(2, 3)).sqrt_() / positions)
    return torch.cat(means, dim=1), torch.cat(spreads, dim=1)


def _digest(metric: LPIPS) -> str:
    """Hash everything that decides features: weights, taps and input scaling."""
    digest = hashlib.sha256(f"{metric.net} {metric.trunk.taps} {metric.version}".encode())
    for name, value in metric.trunk.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().data)
    return digest.hexdigest()


def gather(parts: Sequence[Differences], positions: Tensor) -> tuple[Tensor, Tensor]:
    """Collect mean and spread of triplets by their positions (int64, shape (N,)) in concatenated parts: each N×2×C."""
    if len(parts) == 1:
        return parts[0].mean[positions], parts[0].spread[positions]
    shape = (len(positions), *parts[0].mean.shape[1:])
    mean, spread = torch.empty(shape), torch.empty(shape)
    for k, members, local in by_part(positions, [len(part.mean) for part in parts]):
        mean[members], spread[members] = parts[k].mean[local], parts[k].spread[local]
    return mean, spread
