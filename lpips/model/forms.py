"""Forms: the ways in which a metric compares the features of two images. A metric has one form or several.

Every form gives columns: numbers ≥ 0 per pair of images, which are 0 for equal images. Columns are the only input of
the heads. They stand in this order, whatever the order in which the forms were named; C is the number of channels of
all taps:

- "local" (LPIPS, Zhang et al. 2018): C columns, one per channel: mean over space of (x̂ - ŷ)², for features of length 1
  over channels at every position.
- "mean": C columns: (m̂x - m̂y)², for the means over space, brought to length 1 over the channels of a tap.
- "structure" (after DISTS, Ding et al. 2020): C columns for means μ over space, then C for variances σ² and
  covariances σxy over space. DISTS has 1 - (2μxμy + c) / (μx² + μy² + c) and 1 - (2σxy + c) / (σx² + σy² + c). These
  are (μx - μy)² / (μx² + μy² + c) and σ²(x - y) / (σx² + σy² + c), which is computed here: it is exactly 0 for equal
  images, never below 0, and its gradients are finite. Columns are divided by the number of channels of their tap.
- "covariance": the second half of "structure" alone, C columns. Both cannot be named together.

A form without heads is the sum of its columns. Per tap, "local" and "mean" add at most 2 (for features ≥ 0), and
"structure" adds the average of its terms over the channels, for means and for covariances.

Both take the features as the trunk gives them, as DISTS does, and statistics of the whole map. That predicts people's
scores better than features of length 1, and than statistics of parts of the map; docs/training.md has figures. The
choice is made in `prepare`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from bappsmith.manifests.errors import BappsmithError

from .unit_difference import mean_square_unit_difference

Form = Literal["local", "mean", "structure", "covariance"]
FORMS: tuple[Form, ...] = ("local", "mean", "structure", "covariance")
"""All forms, in the order of their columns."""

Features: TypeAlias = dict[Form, list[Tensor]]
"""What each form compares: tensors with the images in the first dimension; see `prepare`."""

BLOCKS: dict[Form, tuple[str, ...]] = {
    "local": ("lin{}.model.1.weight",),
    "mean": ("mean{}.weight",),
    "structure": ("structure{}.means.weight", "structure{}.covariances.weight"),
    "covariance": ("structure{}.covariances.weight",),
}
"""Blocks of columns of each form: names of their heads, with the number of the tap. Those of "local" are published."""

STABILITY = 1e-6
"""The constant c of `structure` (Ding et al. 2020, reference code)."""


def check_forms(forms: Sequence[str]) -> tuple[Form, ...]:
    """Return the forms in the order of their columns.

    Raises:
        BappsmithError: there is none, one is unknown, one is named twice, or "covariance" stands beside "structure",
            which holds it.
    """
    if not forms or isinstance(forms, str) or not set(forms) <= set(FORMS) or len(set(forms)) < len(forms):
        raise BappsmithError(f"forms must be one or more of {', '.join(FORMS)}, each once; found {forms!r}")
    if {"structure", "covariance"} <= set(forms):
        raise BappsmithError("form 'structure' holds the columns of form 'covariance'; name only one of them")
    return tuple(form for form in FORMS if form in forms)


def widths(forms: Sequence[Form], channels: Sequence[int]) -> list[int]:
    """Return the number of columns of every block: form by form, in each its one or two blocks, in each the taps.

    Args:
        forms: forms, in the order of their columns.
        channels: number of channels of each tap.
    """
    return [width for form in forms for _ in BLOCKS[form] for width in channels]


def head_shapes(forms: Sequence[Form], channels: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """Return names and shapes of linear heads, in the order of the columns; see `widths`."""
    return {
        name.format(k): (1, width, 1, 1) if form == "local" else (width,)
        for form in forms
        for name in BLOCKS[form]
        for k, width in enumerate(channels)
    }


def prepare(activations: Sequence[Tensor], forms: Sequence[Form]) -> Features:
    """Compute once per image what the forms compare, in float32.

    Args:
        activations: N×C×h×w features as the trunk gives them, one tensor per tap.
        forms: forms of the metric.

    Returns:
        "local": features of length 1 over channels, N×C×h×w, one per tap. "mean": means over space, of length 1 over
        channels, N×C×1×1, one per tap. "structure" and "covariance": three per tap: features less their means,
        N×C×h×w, means, N×C, and variances, N×C.
    """
    features: Features = {}
    for form in forms:
        match form:
            case "local":
                features[form] = [unit_normalise(tap) for tap in activations]
            case "mean":
                features[form] = [unit_normalise(tap.float().mean(dim=(2, 3), keepdim=True)) for tap in activations]
            case "structure" | "covariance":
                features[form] = [tensor for tap in activations for tensor in _statistics(tap.float())]
    return features


def _statistics(tap: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    # torch.var takes ten times as long on channels_last, and E[x²] - μ² loses digits.
    mean = tap.mean(dim=(2, 3), keepdim=True)
    centred = tap - mean
    return centred, mean.flatten(1), centred.square().mean(dim=(2, 3))


def split(features: Features, sizes: Sequence[int]) -> list[Features]:
    """Split the features of a batch of images into those of smaller batches of these sizes."""
    parts: list[Features] = [{} for _ in sizes]
    for form, tensors in features.items():
        pieces = [tensor.split(list(sizes)) for tensor in tensors]
        for k, part in enumerate(parts):
            part[form] = [of_tensor[k] for of_tensor in pieces]
    return parts


def compare(features0: Features, features1: Features, dropout: float = 0.0) -> Tensor:
    """Compute the columns of pairs of images.

    Args:
        features0: of the first images, from `prepare`.
        features1: of the second images, for the same forms.
        dropout: probability to drop a squared difference of form "local", before its average over space. The other
            forms have no dropout: they compare statistics of the whole map, where no single position can be dropped.

    Returns:
        N×K float32, in the order of this module's text.
    """
    columns = [
        column
        for form in FORMS
        if form in features0
        for column in _COMPARISONS[form](features0[form], features1[form], dropout)
    ]
    return torch.cat(columns, dim=1)


def compare_activations(taps0: Sequence[Tensor], taps1: Sequence[Tensor], forms: Sequence[Form]) -> Tensor:
    """Compute the columns of pairs of images without dropout, faster than `prepare` and `compare` and with less memory.

    Args:
        taps0: features of the first images as the trunk gives them, N×C×h×w, one tensor per tap.
        taps1: those of the second images; one of both may have N = 1.
        forms: forms of the metric, in the order of their columns.

    Returns:
        N×K float32.
    """
    columns: list[Tensor] = []
    others = tuple(form for form in forms if form != "local")
    if "local" in forms:
        columns += [mean_square_unit_difference(a.float(), b.float()) for a, b in zip(taps0, taps1, strict=True)]
    if others:
        columns.append(compare(prepare(taps0, others), prepare(taps1, others)))
    return torch.cat(columns, dim=1)


def _local(taps0: Sequence[Tensor], taps1: Sequence[Tensor], dropout: float) -> list[Tensor]:
    columns: list[Tensor] = []
    for tap0, tap1 in zip(taps0, taps1, strict=True):
        square = (tap0 - tap1).square()
        if dropout:
            square = functional.dropout(square, dropout)
        columns.append(square.mean(dim=(2, 3)))
    return columns


def _mean(taps0: Sequence[Tensor], taps1: Sequence[Tensor], dropout: float) -> list[Tensor]:
    return [(tap0 - tap1).square().flatten(1) for tap0, tap1 in zip(taps0, taps1, strict=True)]


def _structure(taps0: Sequence[Tensor], taps1: Sequence[Tensor], dropout: float) -> list[Tensor]:
    means: list[Tensor] = []
    for mean0, mean1 in zip(taps0[1::3], taps1[1::3], strict=True):
        scale = (mean0.square() + mean1.square() + STABILITY) * mean0.shape[1]
        means.append((mean0 - mean1).square() / scale)
    return means + _covariance(taps0, taps1, dropout)


def _covariance(taps0: Sequence[Tensor], taps1: Sequence[Tensor], dropout: float) -> list[Tensor]:
    covariances: list[Tensor] = []
    for k in range(0, len(taps0), 3):
        (centred0, _, variance0), (centred1, _, variance1) = taps0[k : k + 3], taps1[k : k + 3]
        apart = (centred0 - centred1).square().mean(dim=(2, 3))
        covariances.append(apart / ((variance0 + variance1 + STABILITY) * variance0.shape[1]))
    return covariances


_COMPARISONS = {"local": _local, "mean": _mean, "structure": _structure, "covariance": _covariance}


def unit_normalise(features: Tensor) -> Tensor:
    """Divide N×C×h×w features by their length over channels plus 1e-10 (reference code), in float32.

    If all channels are 0, the result and its gradient are 0. The plain formula would give a gradient of NaN.
    """
    features = features.float()
    length = torch.linalg.vector_norm(features, dim=1, keepdim=True)
    silent = length == 0
    return features * torch.where(silent, 0.0, 1.0 / (length + silent + 1e-10))
