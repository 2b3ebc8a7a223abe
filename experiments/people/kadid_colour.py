"""Colour, brightness and contrast of KADID-10k (Lin, Hosu and Saupe 2019).

Each function takes a float64 image H×W×3 in [0, 1] and returns one; values outside of [0, 1] are clipped by the caller.
"""

from __future__ import annotations

import math
import warnings

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from scipy.interpolate import CubicSpline
from skimage.color import hsv2rgb, lab2rgb, rgb2hsv, rgb2lab

Image = NDArray[np.float64]


def color_diffusion(image: Image, amount: float) -> Image:
    """Blur the colours a and b of CIELAB with σ 1.5 · amount + 2 px and multiply them by `amount`."""
    lab = rgb2lab(image)
    sigma = 1.5 * amount + 2
    side = 2 * math.ceil(2 * sigma) + 1
    blurred = cv2.GaussianBlur(lab[..., 1:], (side, side), sigma, borderType=cv2.BORDER_REFLECT)
    return from_lab(np.dstack([lab[..., :1], amount * blurred]))


def color_shift(image: Image, amount: float, rng: np.random.Generator) -> Image:
    """Move the green channel by `amount` px, blended in where the image has edges (gradients, blurred with σ 4 px)."""
    green = image[..., 1]
    dy, dx = np.gradient(image @ [0.2989, 0.5870, 0.1140])
    edges = cv2.GaussianBlur(np.hypot(dx, dy), (17, 17), 4, borderType=cv2.BORDER_REFLECT)
    span = max(float(np.ptp(edges)), 1e-12)
    edges = (edges - edges.min()) / span
    edges = edges.clip(*np.percentile(edges, (1, 99)))
    direction = rng.random(2)
    down, right = np.round(direction / np.hypot(*direction) * amount).astype(int)
    height, width = green.shape
    moved = np.pad(green, ((down, 0), (right, 0)), mode="edge")[:height, :width]
    return np.dstack([image[..., 0], moved * edges + green * (1 - edges), image[..., 2]])


def color_quantization(image: Image, colours: float) -> Image:
    """Reduce the image to `colours` colours of least variance (Heckbert's boxes, Wu's cuts), with error diffusion."""
    pixels = np.round(image * 255).astype(np.uint8)
    table = np.round(minimum_variance_palette(pixels.reshape(-1, 3), round(colours))).astype(np.uint8)
    palette = Pillow.new("P", (1, 1))
    palette.putpalette(np.vstack([table, np.repeat(table[:1], 256 - len(table), axis=0)]).tobytes())
    mapped = Pillow.fromarray(pixels).quantize(palette=palette, dither=Pillow.Dither.FLOYDSTEINBERG)
    return np.asarray(mapped.convert("RGB")) / 255


def minimum_variance_palette(pixels: NDArray[np.uint8], count: int) -> NDArray[np.float64]:
    """Choose colours: cut the box of colours with the greatest variance in two where that leaves the least, and again.

    Args:
        pixels: uint8 RGB, shape (N, 3).
        count: number of colours.

    Returns:
        Mean colour of each box, shape (count,) × 3; fewer rows if the pixels have fewer colours, at 5 bits a channel.
    """
    codes = (pixels >> 3).astype(np.intp) @ [1024, 32, 1]
    weight = np.bincount(codes, minlength=32768)
    used = np.flatnonzero(weight)
    sums = np.stack([np.bincount(codes, pixels[:, channel], 32768) for channel in range(3)], axis=1)
    weight, colour = weight[used].astype(np.float64), sums[used] / weight[used, None]
    boxes = [(_spread(weight, colour), np.arange(len(used)))]
    while len(boxes) < count and max(spread for spread, _ in boxes) > 0:
        index = max(range(len(boxes)), key=lambda number: boxes[number][0])
        members = boxes.pop(index)[1]
        mean = np.average(colour[members], axis=0, weights=weight[members])
        channel = int((weight[members] @ (colour[members] - mean) ** 2).argmax())
        members = members[np.argsort(colour[members, channel], kind="stable")]
        mass, moment = (np.cumsum(weight[members] * part) for part in (1, colour[members, channel]))
        between = moment[:-1] ** 2 / mass[:-1] + (moment[-1] - moment[:-1]) ** 2 / (mass[-1] - mass[:-1])
        cut = int(between.argmax()) + 1
        boxes += [(_spread(weight[part], colour[part]), part) for part in (members[:cut], members[cut:])]
    return np.array([np.average(colour[members], axis=0, weights=weight[members]) for _, members in boxes])


def _spread(weight: NDArray[np.float64], colour: NDArray[np.float64]) -> float:
    if len(weight) == 1:
        return 0.0
    mean = np.average(colour, axis=0, weights=weight)
    return float((weight @ (colour - mean) ** 2).sum())


def color_saturation1(image: Image, factor: float) -> Image:
    """Multiply the saturation of HSV by `factor`; below 0 hues become their complement."""
    hue, saturation, value = np.moveaxis(rgb2hsv(image), -1, 0)
    full = hsv2rgb(np.dstack([hue, saturation, np.ones_like(value)]))
    return value[..., None] * (1 - factor * (1 - full))


def color_saturation2(image: Image, factor: float) -> Image:
    """Multiply the colours a and b of CIELAB by `factor`."""
    return from_lab(rgb2lab(image) * [1, factor, factor])


def brighten(image: Image, amount: float) -> Image:
    """Raise mid-grey by amount / 2, in RGB (two thirds) and in CIELAB's lightness (one third)."""
    lab = rgb2lab(image)
    lab[..., 0] = 100 * _curve(lab[..., 0] / 100, 0.5 + amount / 2)
    return (2 * _curve(image, 0.5 + amount / 2) + from_lab(lab)) / 3


def darken(image: Image, amount: float) -> Image:
    """Lower mid-grey by amount / 2, in RGB."""
    return _curve(image, 0.5 - amount / 2)


def mean_shift(image: Image, amount: float) -> Image:
    """Add `amount` to all values."""
    return image + amount


def contrast_change(image: Image, amount: float) -> Image:
    """Put a smooth curve through .3 → .25 - amount/4, .5 → .5 and .7 → .75 + amount/4. At -.2 it changes nothing."""
    curve = CubicSpline([0, 0.3, 0.5, 0.7, 1], [0, 0.25 - amount / 4, 0.5, 0.75 + amount / 4, 1])
    return curve(image).clip(0, 1)


def quantization(image: Image, thresholds: float) -> Image:
    """Cut values at Otsu's thresholds of all channels; each class takes its upper threshold, the ends 0 and 1."""
    levels = np.round(image * 255).astype(np.intp)
    cuts = otsu_thresholds(np.bincount(levels.ravel(), minlength=256), round(thresholds))
    values = np.array([0, *cuts[1:], 255]) / 255
    return values[np.searchsorted(cuts, levels, side="left")]


def otsu_thresholds(histogram: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Find the `count` thresholds that leave the least variance within classes (Otsu 1979), exactly.

    Args:
        histogram: number of pixels of each of the levels 0 to 255.
        count: number of thresholds.

    Returns:
        The highest level of each class but the last, increasing, shape (count,).
    """
    level = np.arange(256.0)
    mass, first, second = (
        np.concatenate([[0], np.cumsum(histogram * moment)]) for moment in (np.ones(256), level, level**2)
    )
    start, end = np.ogrid[:256, 1:257]
    weight = mass[end] - mass[start]
    spread = second[end] - second[start] - (first[end] - first[start]) ** 2 / np.maximum(weight, 1)
    cost = np.where(start < end, spread, np.inf)  # cost[a, b]: levels a to b in one class
    best = cost[0]
    starts = []
    for _ in range(count):
        total = np.concatenate([[np.inf], best[:-1]])[:, None] + cost
        starts.append(total.argmin(axis=0))
        best = total.min(axis=0)
    cuts, end_level = [], 255
    for start_of in reversed(starts):
        end_level = start_of[end_level] - 1
        cuts.append(end_level)
    return np.array(cuts[::-1])


def _curve(values: Image, middle: float) -> Image:
    """Apply the parabola through (0, 0), (.5, middle), (1, 1), clipped to [0, 1]."""
    bend = 2 - 4 * middle
    return (bend * values**2 + (1 - bend) * values).clip(0, 1)


def from_lab(lab: Image) -> Image:
    """Convert CIELAB to RGB, clipped to [0, 1]."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # colours outside of sRGB are meant to be clipped
        return lab2rgb(lab)
