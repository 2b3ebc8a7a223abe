"""Learn the filters of `superres_learnt_filters` from the photographs inside scikit-image.

    python experiments/learnt_filters/learn.py --out distortions/restoration/super_resolution/learnt_filters.npz

Every photograph is reduced and enlarged at each factor with drawn blur, noise and phase, and turned by quarters and
mirrored. For each bucket and phase, least squares with a weak pull towards the unchanged pixel give the filter that
brings the luma back. The hashes of the photographs are written beside the filters.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np
from command_line import run_script

from bappsmith.distortions import Draws, operator
from bappsmith.distortions.restoration.super_resolution.gradient_hash import (
    BUCKETS,
    TAPS,
    buckets,
    phases,
    surroundings,
)
from bappsmith.distortions.restoration.super_resolution.interpolation import interpolated
from bappsmith.distortions.restoration.super_resolution.reduction import Reduction, reduce_view
from bappsmith.distortions.view import View
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.pipeline.sources.index import index_sources

MARGIN = 30
PULL = 500.0
"""Weight of the unchanged pixel, in squared levels: as much as a few surroundings."""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--passes", type=int, default=8, help="draws per photograph and factor")
    parser.add_argument("--side", type=int, default=256, help="side of the part of a photograph that is used, px")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    index = index_sources(Sources(path=options.photos))
    photographs = [index.read(photo) for photo in index.photographs]
    filters = {str(factor): learn(photographs, factor, options.passes, options.side) for factor in (2, 3, 4)}
    np.savez_compressed(options.out, **filters)
    hashes = sorted(photo.pixels_sha256 for photo in index.photographs)
    options.out.with_suffix(".photographs.txt").write_text("\n".join(hashes) + "\n", encoding="utf-8")


def learn(photographs: list[np.ndarray], factor: int, passes: int, side: int) -> np.ndarray:
    """Return the filters of one factor, float16 buckets×phases×taps."""
    taps = TAPS * TAPS
    count = BUCKETS * factor * factor
    products, targets = np.zeros((count, taps, taps)), np.zeros((count, taps))
    declared = operator("superres_bicubic")
    for number, photograph in enumerate(photographs):
        for turn in range(passes):
            draws = Draws(number, turn)
            whole = min(side, *photograph.shape[:2])
            top, left = (draws.integer(length - whole + 1) for length in photograph.shape[:2])
            crop = np.rot90(photograph[top : top + whole, left : left + whole], turn)
            crop = np.ascontiguousarray(crop[:, ::-1] if turn & 1 else crop)
            p = declared.draw(0.5, draws)
            reduction = Reduction(factor, p["blur"], p["noise"], (p["phase_y"], p["phase_x"]), p["sub_seed"])
            inner = whole - 2 * MARGIN
            small = reduce_view(View(crop, MARGIN, (inner, inner)), reduction)
            luma = cv2.cvtColor(interpolated(small.image, factor, cv2.INTER_CUBIC), cv2.COLOR_RGB2GRAY)
            luma = luma.astype(np.float32)
            wanted = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32)[MARGIN:-MARGIN, MARGIN:-MARGIN]
            which = small.cut(buckets(luma, factor) * factor * factor + phases(luma.shape, factor)).ravel()
            around, wanted = small.cut(surroundings(luma)).reshape(-1, taps), wanted.ravel()
            for number_of_filter in np.unique(which):
                rows = around[which == number_of_filter]
                products[number_of_filter] += rows.T @ rows
                targets[number_of_filter] += wanted[which == number_of_filter] @ rows
    unchanged = np.zeros(taps)
    unchanged[taps // 2] = 1
    products += PULL * np.eye(taps)
    solved = np.linalg.solve(products, (targets + PULL * unchanged)[..., None])[..., 0]
    return solved.reshape(BUCKETS, factor * factor, taps).astype(np.float16)


if __name__ == "__main__":
    run_script(main)
