"""Compute the input of the heads for a whole subset once, so that a fixed trunk need not run again every epoch.

A distance is linear in the heads: d = Σ_c w_c · m_c. For form "local", m_c is the squared difference of channel c,
averaged over space; see `lpips.model.forms` for the others. Training the heads of a fixed trunk needs only m. The
columns of all forms are computed together and kept in one file, because the trunk takes most of the time: a training
with other forms runs no trunk.

Dropout drops single squared differences x of form "local" at rate p and divides the others by 1 - p, before the
average over the h·w positions. That keeps the mean m_c and adds the variance p/(1 - p) · v_c, with v_c = Σ x² / (h·w)².
This module stores m_c and s_c = √v_c. Training draws m_c + √(p/(1 - p)) · s_c · ε, with ε standard normal. Mean and
variance of every channel, and so of every distance, are the same. A distance is a sum of thousands of such terms, so it
is nearly normal in both cases. The other forms have no dropout.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from bappsmith.lpips.data.mapped import load_mapped, read_facts_of, sole_writer, write_mapped
from bappsmith.lpips.data.mixture import by_part
from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.lpips.model.forms import FORMS, Form, compare, prepare, split, widths
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError

FORMAT = "bappsmith-differences-4"
SPREAD = "spread"
BATCH = 50
"""Triplets per run of the trunk and per thread: 150 images."""


@dataclass(frozen=True)
class Differences:
    """The input of the heads for p0 and p1 against ref, for every triplet of a 2AFC subset; see the module's text.

    Attributes:
        of_form: m of every form, float32 N×2×K, with its columns of all taps.
        spread: s of form "local", float32 N×2×C.
    """

    of_form: dict[Form, Tensor]
    spread: Tensor

    def __len__(self) -> int:
        return len(self.spread)

    def columns(self, forms: Sequence[Form], positions: Tensor) -> Tensor:
        """Copy the columns of these forms of the triplets at some positions: N×2×K."""
        parts = [self.of_form[form][positions] for form in forms]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=2)


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
    expected = {name: (torch.float32, shape) for name, shape in _shapes(metric, len(subset)).items()}
    if {name: (array.dtype, tuple(array.shape)) for name, array in arrays.items()} != expected:
        raise BappsmithError(f"{path}: not the differences of {len(subset):,} triplets; remove this file")
    return Differences({form: arrays[form] for form in FORMS}, arrays[SPREAD])


def _shapes(metric: LPIPS, count: int) -> dict[str, tuple[int, ...]]:
    """Return name → shape of the arrays in the file."""
    channels = metric.trunk.channels
    return {form: (count, 2, sum(widths((form,), channels))) for form in FORMS} | {SPREAD: (count, 2, sum(channels))}


def _compute(
    metric: LPIPS,
    subset: PackedSubset,
    path: Path,
    facts: dict[str, str],
    device: torch.device | None,
    progress: Callable[[int, int], None] | None,
) -> None:
    count = len(subset)
    # On a CPU, parallel batches with one thread each are faster than one batch at a time with all threads.
    threads = torch.get_num_threads() if device is None or device.type == "cpu" else 1
    tensors = {name: ("F32", shape) for name, shape in _shapes(metric, count).items()}
    with write_mapped(path, tensors) as (arrays, header), ThreadPoolExecutor(threads) as pool:

        def work(start: int) -> int:
            if threads > 1:
                torch.set_num_threads(1)  # of this thread
            end = min(start + BATCH, count)
            with torch.inference_mode():
                images = subset.signed(start, end)
                features = prepare(metric.activations(torch.cat(images).to(device)), FORMS)
                ref, *sides = split(features, [end - start] * 3)
                for k, side in enumerate(sides):
                    for form in FORMS:
                        columns = compare({form: ref[form]}, {form: side[form]})
                        arrays[form][start:end, k] = columns.cpu().numpy()
                    arrays[SPREAD][start:end, k] = spread(ref["local"], side["local"]).cpu().numpy()
            return end

        try:
            for done in pool.map(work, range(0, count, BATCH)):
                if progress:
                    progress(done, count)
        finally:
            torch.set_num_threads(threads if threads > 1 else torch.get_num_threads())
        header |= facts


def spread(features0: Sequence[Tensor], features1: Sequence[Tensor]) -> Tensor:
    """Compute s of the module's text, N×C, with the channels of all taps.

    Args:
        features0: of form "local", one N×C×h×w tensor per tap.
        features1: the same for the other images.
    """
    spreads: list[Tensor] = []
    for tap0, tap1 in zip(features0, features1, strict=True):
        fourth = (tap0 - tap1).square_().square_()
        spreads.append(fourth.sum(dim=(2, 3)).sqrt_() / (fourth.shape[2] * fourth.shape[3]))
    return torch.cat(spreads, dim=1)


def _digest(metric: LPIPS) -> str:
    """Hash everything that decides features: weights, taps and input scaling."""
    digest = hashlib.sha256(f"{metric.net} {metric.trunk.taps} {metric.version}".encode())
    for name, value in metric.trunk.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().data)
    return digest.hexdigest()


def gather(parts: Sequence[Differences], forms: Sequence[Form], positions: Tensor) -> Tensor:
    """Collect the columns of these forms of triplets by their positions (int64, shape (N,)) in concatenated parts.

    Returns:
        N×2×K, a copy.
    """
    return _collect([partial(part.columns, forms) for part in parts], [len(part) for part in parts], positions)


def gather_spread(parts: Sequence[Differences], positions: Tensor) -> Tensor:
    """Collect the spread of triplets by their positions (int64, shape (N,)) in concatenated parts: N×2×C."""
    return _collect([part.spread.__getitem__ for part in parts], [len(part) for part in parts], positions)


def _collect(take: Sequence[Callable[[Tensor], Tensor]], lengths: Sequence[int], positions: Tensor) -> Tensor:
    if len(take) == 1:
        return take[0](positions)
    rows: Tensor | None = None
    for k, members, local in by_part(positions, lengths):
        values = take[k](local)
        rows = values.new_empty((len(positions), *values.shape[1:])) if rows is None else rows
        rows[members] = values
    return torch.empty(0) if rows is None else rows
