"""Compare each operator with the fastest equivalent in other libraries, in turns, on one thread.

    python benchmarks/operators.py [--only NAME ...] [--rounds N]

Operators are called as `op(image, params)`, which alone takes 1 µs, with parameters drawn at severity .5. Peers are
bare calls of OpenCV and numpy, functions of albumentations 2.0.8 and functionals of torchvision v2, with the same
parameters; they are in the table below and in `peers/*.py`, and operators without one are listed at the end. What
depends on the parameters (matrices, maps, noise) is made within the measured time on both sides; tensors are made
before. Peers mirror beyond the border, like ours where an image comes without surroundings, and warp without a
prefilter. Columns: µs of ours and of the fastest peer, their ratio, and the mean difference between both results in
levels of 255.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import torch
from collect_peers import Peer, collect_peers, without_peer
from scipy import fft
from torchvision.transforms.v2 import functional as tv

from bappsmith.distortions import Distortion, Draws, Image, operators
from bappsmith.distortions.patches import natural_patches
from bappsmith.distortions.random import uniform_field

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # or it asks the network for its newest version
import albucore as ac  # the arithmetic of albumentations
import albumentations.augmentations.pixel.functional as ap

MIRROR, BILINEAR = cv2.BORDER_REFLECT_101, tv.InterpolationMode.BILINEAR
SIZES = (64, 256)
DRAWS = 8


def grey_mix(i: Image, gain: float) -> Any:
    grey = cv2.cvtColor(cv2.cvtColor(i, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(i, gain, grey, 1 - gain, 0)


def scaled(i: Image, gain: float) -> Any:
    return cv2.addWeighted(i, gain, i, 0, (1 - gain) * sum(cv2.mean(i)[:3]) / 3)


def hue(i: Image, shift: float) -> Any:
    hsv = cv2.cvtColor(i, cv2.COLOR_RGB2HSV_FULL)
    hsv[..., 0] += np.uint8(round(256 * shift) % 256)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB_FULL)


def cast(p: Any) -> tuple[float, float, float]:
    blue, red = p.amount * math.cos(math.radians(p.hue)), p.amount * math.sin(math.radians(p.hue))
    return 1.402 * red, -0.344136 * blue - 0.714136 * red, 1.772 * blue


def gaussian(i: Image, sigma: float) -> Any:
    return cv2.add(i, cv2.randn(np.empty(i.shape, np.float32), 0, sigma), dtype=cv2.CV_8U)


def coloured(i: Image, sigma: float, beta: float) -> Any:
    white = cv2.randn(np.empty((3 * i.shape[0], i.shape[1]), np.float32), 0, sigma).reshape(3, *i.shape[:2])
    frequency = np.hypot(np.fft.fftfreq(i.shape[0])[:, None], np.fft.rfftfreq(i.shape[1]))
    frequency[0, 0] = 1
    amplitude = (frequency ** (-beta / 2)).astype(np.float32)
    amplitude[0, 0] = 0
    amplitude /= np.sqrt((amplitude * amplitude).mean())
    field = fft.irfft2(fft.rfft2(white) * amplitude, s=i.shape[:2])
    return cv2.add(i, cv2.merge(list(field)), dtype=cv2.CV_8U)


def checkerboard(i: Image, p: Any) -> Any:
    rows, columns = ((np.arange(n) + o) // p.cell for n, o in zip(i.shape, (p.row_phase, p.column_phase), strict=False))
    sign = (rows[:, None] + columns).astype(np.int16) % 2 * 2 - 1
    return cv2.add(i, cv2.cvtColor(sign.astype(np.float32) * p.amount, cv2.COLOR_GRAY2RGB), dtype=cv2.CV_8U)


def jpeg(i: Image, p: Any) -> Any:
    factor = getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{p.sampling.replace(':', '')}")
    settings = [cv2.IMWRITE_JPEG_QUALITY, p.quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
    data = cv2.imencode(".jpg", cv2.cvtColor(i, cv2.COLOR_RGB2BGR), settings)[1]
    return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def affine(i: Image, matrix: Any, dx: float = 0, dy: float = 0) -> Any:
    """Sample at matrix · (x, y) + (dx, dy), both from the centre."""
    (height, width), matrix = i.shape[:2], np.array(matrix)
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    full = np.column_stack([matrix, centre - matrix @ centre + (dx, dy)])
    return cv2.warpAffine(i, full, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=MIRROR)


def polar(length: float, angle: float) -> tuple[float, float]:
    return length * math.cos(math.radians(angle)), length * math.sin(math.radians(angle))


def amount_matrix(p: Any) -> Any:
    (rigid, elastic), reach = polar(1, p.blend), 2 * p.amount
    (a, b), (c, d) = polar(rigid, p.turn), polar(elastic, p.stretch)
    return [[1 + reach * (a + c), reach * (d - b)], [reach * (d + b), 1 + reach * (a - c)]]


def homography(i: Image, p: Any) -> Any:
    height, width = i.shape[:2]
    corners = np.array([(-0.5, -0.5), (width - 0.5, -0.5), (width - 0.5, height - 0.5), (-0.5, height - 0.5)])
    moved = corners + [polar(p.amount * min(height, width), getattr(p, f"angle_{corner}")) for corner in range(4)]
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), moved.astype(np.float32))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(i, matrix, (width, height), flags=flags, borderMode=MIRROR)


def knots(i: Image, p: Any, interpolation: int) -> Any:
    (height, width), side = i.shape[:2], min(i.shape[:2])
    field = uniform_field(p.knots_seed, (2, 5, 5)).transpose(1, 2, 0) * np.float32(p.amount * side)
    matrix = np.array([[2 / (width - 1), 0, 1], [0, 2 / (height - 1), 1]])
    moved = cv2.warpAffine(field, matrix, (width, height), flags=interpolation | cv2.WARP_INVERSE_MAP)
    moved += np.dstack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)))
    return cv2.remap(i, moved, None, cv2.INTER_LINEAR, borderMode=MIRROR)


def moved(i: Image, distance: float, angle: float) -> Any:
    dx, dy = (round(value) for value in polar(distance * min(i.shape[:2]), angle))
    return displaced(i, dx, dy)


def displaced(i: Image, dx: int, dy: int) -> Any:
    padded = cv2.copyMakeBorder(i, max(dy, 0), max(-dy, 0), max(dx, 0), max(-dx, 0), MIRROR)
    return padded[max(-dy, 0) :, max(-dx, 0) :][: i.shape[0], : i.shape[1]].copy()


def fringes(i: Image, p: Any) -> Any:
    (dx, dy), (red, green, blue) = polar(p.distance * min(i.shape[:2]), p.angle), cv2.split(i)
    return cv2.merge([affine(red, np.eye(2), -dx, -dy), green, affine(blue, np.eye(2), dx, dy)])


def chroma(p: Any) -> float:
    return 1 + p.amount if getattr(p, "direction", "less") == "more" else 1 - p.amount


def kernel(sigma: float) -> int:
    return 2 * math.ceil(3 * sigma) + 1


def bearing(i: Image, p: Any) -> Any:
    quarter, along = divmod(p.bearing, 2)
    reach, drift = 0.5 * math.sqrt(p.share) * min(i.shape[:2]), along - 1
    across, down = [(1, drift), (-drift, 1), (-1, -drift), (drift, -1)][int(quarter) % 4]
    return displaced(i, round(reach * across), round(reach * down))


def signed(p: Any, value: float, negative: str) -> float:
    return -value if p.direction == negative else value


GREY: dict[str, Peer] = {
    "cv2.addWeighted with grey": lambda i, t, p: grey_mix(i, chroma(p)),
    "torchvision adjust_saturation": lambda i, t, p: tv.adjust_saturation(t, chroma(p)),
    "albumentations saturation": lambda i, t, p: ap.adjust_saturation_torchvision(i, chroma(p)),
}


def noise(beta: float | None) -> dict[str, Peer]:
    return {
        "none; white noise and two FFTs": lambda i, t, p: coloured(i, p.sigma, p.beta if beta is None else beta),
    }


_PEERS: dict[str, dict[str, Peer]] = {
    "color_shift": {
        "cv2.add": lambda i, t, p: cv2.add(i, (*cast(p), 0)),
        "albumentations add": lambda i, t, p: ac.add(i, np.array(cast(p))),
    },
    "contrast": {
        "cv2.addWeighted": lambda i, t, p: scaled(i, p.factor if p.direction == "more" else 1 / p.factor),
        "torchvision adjust_contrast": lambda i, t, p: tv.adjust_contrast(
            t, p.factor if p.direction == "more" else 1 / p.factor
        ),
    },
    "desaturate": GREY,
    "saturation": GREY,
    "lightness_shift": {
        "cv2.add": lambda i, t, p: cv2.add(i, (*[signed(p, p.amount, "darker")] * 3, 0)),
        "albumentations add": lambda i, t, p: ac.add(i, signed(p, p.amount, "darker")),
    },
    "uniform_white_noise": {
        "cv2.randu": lambda i, t, p: cv2.add(
            i, cv2.randu(np.empty(i.shape, np.float32), -1.732 * p.sigma, 1.732 * p.sigma), dtype=cv2.CV_8U
        ),
    },
    "gaussian_white_noise": {
        "cv2.randn": lambda i, t, p: gaussian(i, p.sigma),
        "torchvision gaussian_noise": lambda i, t, p: tv.gaussian_noise(t, 0, p.sigma / 255),
    },
    "gaussian_colored_noise": noise(None),
    "violet_noise": noise(-2),
    "blue_noise": noise(-1),
    "pink_noise": noise(1),
    "brown_noise": noise(2),
    "checkerboard_artifact": {"none; numpy and cv2.add": lambda i, t, p: checkerboard(i, p)},
    "jpeg": {
        "cv2.imencode, no phase": lambda i, t, p: jpeg(i, p),
        "torchvision jpeg, no phase, 4:2:0": lambda i, t, p: tv.jpeg(t, p.quality),
    },
    "bilateral_blur": {"cv2.bilateralFilter": lambda i, t, p: cv2.bilateralFilter(i, 9, p.sigma_color, 3.0)},
    "gaussian_blur": {
        "cv2.GaussianBlur": lambda i, t, p: cv2.GaussianBlur(i, (0, 0), p.sigma),
        "torchvision gaussian_blur": lambda i, t, p: tv.gaussian_blur(t, [kernel(p.sigma)] * 2, [p.sigma] * 2),
    },
    "affine_warp": {"cv2.warpAffine": lambda i, t, p: affine(i, amount_matrix(p))},
    "homography": {"cv2.warpPerspective": lambda i, t, p: homography(i, p)},
    "linear_warp": {"cv2.warpAffine of knots, cv2.remap": lambda i, t, p: knots(i, p, cv2.INTER_LINEAR)},
    "cubic_warp": {"cv2.warpAffine of knots, cv2.remap": lambda i, t, p: knots(i, p, cv2.INTER_CUBIC)},
    "shift": {"cv2.copyMakeBorder": lambda i, t, p: moved(i, p.distance, p.angle)},
    "ghosting": {
        "cv2.addWeighted": lambda i, t, p: cv2.addWeighted(
            i, 1 - p.opacity, moved(i, p.distance, p.angle), p.opacity, 0
        ),
    },
    "chromatic_aberration": {"cv2.warpAffine of red and blue": lambda i, t, p: fringes(i, p)},
    "context_blur": {
        "cv2.GaussianBlur": lambda i, t, p: cv2.GaussianBlur(i, (11, 21), p.sigma),
        "torchvision gaussian_blur": lambda i, t, p: tv.gaussian_blur(t, [11, 21], [p.sigma] * 2),
    },
    "context_color": {
        "cv2.COLOR_RGB2HSV_FULL": lambda i, t, p: hue(i, signed(p, p.hue_shift, "backward")),
        "albumentations shift_hsv": lambda i, t, p: ap.shift_hsv(i, signed(p, 180 * p.hue_shift, "backward"), 0, 0),
        "torchvision adjust_hue": lambda i, t, p: tv.adjust_hue(t, signed(p, p.hue_shift, "backward")),
    },
    "context_darken": {
        "cv2.convertScaleAbs": lambda i, t, p: cv2.convertScaleAbs(i, alpha=p.brightness),
        "albumentations multiply": lambda i, t, p: ac.multiply(i, p.brightness),
        "torchvision adjust_brightness": lambda i, t, p: tv.adjust_brightness(t, p.brightness),
    },
    "context_rotate": {
        "cv2.warpAffine": lambda i, t, p: affine(i, turn(signed(p, p.angle, "counterclockwise"))),
        "torchvision rotate": lambda i, t, p: tv.rotate(t, -signed(p, p.angle, "counterclockwise"), BILINEAR),
    },
    "context_translate": {"cv2.copyMakeBorder": lambda i, t, p: bearing(i, p)},
    "context_zoom": {"cv2.warpAffine": lambda i, t, p: affine(i, np.eye(2) / p.factor)},
}
PEERS = collect_peers(Path(__file__).parent / "peers", _PEERS)
"""Operator → name of the peer → peer, given the image, the same as a tensor, and the parameters."""


def turn(angle: float) -> Any:
    cos, sin = polar(1, angle)
    return [[cos, sin], [-sin, cos]]


def row(op: Distortion, image: Image, rounds: int) -> dict[str, Any]:
    """Measure one operator and its peers on one image."""
    tensor = torch.from_numpy(image.transpose(2, 0, 1).copy())
    times: dict[str, list[float]] = {}
    differences: dict[str, list[float]] = {}
    for key in range(DRAWS):
        params = op.sample(0.5, Draws(key), image.shape[0])
        calls: dict[str, Callable[[], Any]] = {"ours": lambda p=params: op(image, p)}
        given = SimpleNamespace(**params)
        for name, peer in PEERS[op.name].items():
            calls[name] = lambda f=peer, p=given: f(image, tensor, p)
        results = {name: call() for name, call in calls.items()}
        for name, result in results.items():
            pixels = result.permute(1, 2, 0).numpy() if isinstance(result, torch.Tensor) else result
            differences.setdefault(name, []).append(float(np.abs(results["ours"].astype(float) - pixels).mean()))
        for _ in range(rounds):
            for name, call in calls.items():
                start = time.perf_counter()
                for _ in range(3):
                    call()
                times.setdefault(name, []).append((time.perf_counter() - start) / 3)
    medians = {name: 1e6 * statistics.median(values) for name, values in times.items()}
    fastest = min((name for name in medians if name != "ours"), key=medians.__getitem__)
    return {
        "operator": op.name,
        "side": image.shape[0],
        "peer": fastest,
        "ours_us": medians["ours"],
        "peer_us": medians[fastest],
        "ratio": medians["ours"] / medians[fastest],
        "difference": statistics.median(differences[fastest]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=list(PEERS), help="names of operators")
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    alone = without_peer(operators(), PEERS)
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    small = natural_patches(1)[0]
    large = np.asarray(
        cv2.resize(natural_patches(1, size=128)[0], (256, 256), interpolation=cv2.INTER_LINEAR), np.uint8
    )
    rows: list[dict[str, Any]] = []
    print("| operator | fastest peer | px | ours, µs | peer, µs | ratio | difference |")
    print("|---|---|---|---|---|---|---|")
    for name in options.only:
        for image in (small, large):
            figures = row(operators()[name], image, options.rounds)
            print(
                f"| {name} | {figures['peer']} | {figures['side']} | {figures['ours_us']:.1f} | "
                f"{figures['peer_us']:.1f} | {figures['ratio']:.2f} | {figures['difference']:.1f} |",
                flush=True,
            )
            rows.append(figures)
    print(f"\nWithout a peer: {', '.join(alone) or 'none'}")
    print(json.dumps({"benchmark": "operators", "rows": rows, "without_peer": alone}))


if __name__ == "__main__":
    main()
