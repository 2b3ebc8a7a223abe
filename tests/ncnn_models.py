"""Tiny models of ncnn, written by hand, and what they are to return."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAGIC = "7767517"
NEAREST = ("Input in 0 1 in", "Interp up 1 1 in out 0=1 1={0}.0 2={0}.0")
"""Layers that repeat each pixel `{0}` times along both sides."""


def write_model(root: Path, name: str, layers: tuple[str, ...], weights: bytes = b"") -> Path:
    """Write a pair of files, and return the .param file. A layer is `type name inputs outputs blobs … k=v …`."""
    fields = [layer.split() for layer in layers]
    blobs = sum(int(field[3]) for field in fields)
    root.mkdir(parents=True, exist_ok=True)
    lines = [MAGIC, f"{len(layers)} {blobs}", *layers, ""]
    (root / f"{name}.param").write_text("\n".join(lines), encoding="utf-8")
    (root / f"{name}.bin").write_bytes(weights)
    return root / f"{name}.param"


def write_nearest(root: Path, name: str, scale: int) -> Path:
    return write_model(root, name, tuple(layer.format(scale) for layer in NEAREST))


def kernels(scale: int) -> NDArray[np.float32]:
    """Weights of a convolution of 3×3 from three channels to 3·scale², random, near those that copy a pixel."""
    rng = np.random.default_rng(scale)
    weights = rng.normal(0, 0.02, (3 * scale**2, 3, 3, 3)).astype(np.float32)
    for output in range(3 * scale**2):
        weights[output, output // scale**2, 1, 1] += 1
    return weights


def write_shuffle(root: Path, name: str, scale: int) -> Path:
    """A convolution with these weights, whose outputs are the pixels of an enlarged image."""
    weights = kernels(scale)
    layers = (
        "Input in 0 1 in",
        f"Convolution conv 1 1 in many 0={len(weights)} 1=3 4=1 5=1 6={weights.size}",
        f"PixelShuffle shuffle 1 1 many out 0={scale}",
    )
    # Four bytes say that the weights are float32; the bias follows.
    return write_model(root, name, layers, bytes(4) + weights.tobytes() + bytes(4 * len(weights)))


def shuffled(image: NDArray[np.uint8], scale: int) -> NDArray[np.float64]:
    """What the model of `write_shuffle` returns, in levels, clipped."""
    height, width = image.shape[:2]
    padded = np.pad(image.astype(np.float64), ((1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
    many = np.einsum("hwcij,ocij->ohw", windows, kernels(scale).astype(np.float64))
    split = many.reshape(3, scale, scale, height, width)
    return np.clip(split.transpose(3, 1, 4, 2, 0).reshape(height * scale, width * scale, 3), 0, 255)
