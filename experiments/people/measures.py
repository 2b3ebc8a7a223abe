"""Measure cells and crops of them by every candidate for the yardstick, and write the values to a file.

    python experiments/people/measures.py --photos ~/photos --scores kadid_dmos_by_type_level.csv \
        --trunk-weights alexnet.pth --out dev.npz
    python experiments/people/measures.py … --skip 16 --whole-only --out test.npz

`yardstick.py` fits to such files. Crops of 64 and 128 px are cut from the finished cells, four and two per photograph,
at keyed places with some contrast.
"""

from __future__ import annotations

import argparse
import sys
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from cells import HEIGHT, LEVELS, WIDTH, cells, held_out, read_scores
from command_line import run_script
from fit_people import WHOLE
from kadid_types import TYPES
from numpy.typing import NDArray

from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.pipeline.calibration.measures import DEEP, MEASURES, measure, probe
from bappsmith.pipeline.calibration.views import FLAT
from bappsmith.pipeline.rendering.render import contrast

CROPS = {WHOLE: 1, 128: 2, 64: 4}
"""Shorter side in px → crops per photograph."""
OF_CROPS = (*DEEP, "gmsd")
"""Measures of crops: those that can become the yardstick's. Whole cells get all."""


def places(reference: NDArray[np.uint8], photo: int, side: int) -> list[tuple[int, int]]:
    """Draw places of crops that hardly overlap and are not flat; shorter lists of places are filled with the last."""
    rng = np.random.default_rng([photo, side])
    chosen: list[tuple[int, int]] = []
    for _ in range(1000):
        y, x = int(rng.integers(HEIGHT - side + 1)), int(rng.integers(WIDTH - side + 1))
        apart = all(abs(y - top) + abs(x - left) >= side // 2 for top, left in chosen)
        if apart and contrast(reference[y : y + side, x : x + side]) >= FLAT:
            chosen.append((y, x))
        if len(chosen) == CROPS[side]:
            break
    return chosen + chosen[-1:] * (CROPS[side] - len(chosen))


def measure_crops(
    trunk: LPIPS, reference: NDArray[np.uint8], distorted: NDArray[np.uint8], names: tuple[str, ...]
) -> dict[str, NDArray[np.float64]]:
    """Measure one reference against N distorted images; name → shape (N,)."""
    first, second = (
        torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 127.5 - 1
        for images in (np.broadcast_to(reference, distorted.shape), distorted)
    )
    return measure(names, trunk, first, second)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--scores", type=Path, required=True, help="CSV with name, level, generator_param, mean_dmos")
    parser.add_argument("--count", type=int, default=16, help="photographs of the keyed choice")
    parser.add_argument("--skip", type=int, default=0, help="photographs of the keyed order to leave out before")
    parser.add_argument("--whole-only", action="store_true", help="no crops")
    parser.add_argument("--trunk-weights", default="pretrained")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    trunk = LPIPS("alex", trunk_weights=options.trunk_weights, forms=("local", "structure"))
    scores = read_scores(options.scores)
    photos = held_out(options.photos, options.count, options.skip)
    columns: dict[str, list[NDArray[np.float64]]] = {}
    of_photos = groupby(cells(options.photos, photos, scores), key=lambda cell: cell.photo)
    for number, (_, of_photo) in enumerate(of_photos):
        rows = list(of_photo)
        reference, distorted = rows[0].reference, np.stack([cell.distorted for cell in rows])
        for side in (WHOLE,) if options.whole_only else CROPS:
            names = MEASURES if side == WHOLE else OF_CROPS
            spots = [(0, 0)] if side == WHOLE else places(reference, number, side)
            for y, x in spots:
                down, across = (slice(None),) * 2 if side == WHOLE else (slice(y, y + side), slice(x, x + side))
                crop, crops = reference[down, across], distorted[:, down, across]
                parts = [measure_crops(trunk, crop, crops[k : k + LEVELS], names) for k in range(0, len(crops), LEVELS)]
                for name in names:
                    values = np.stack([part[name] for part in parts]).reshape(len(TYPES), LEVELS)
                    columns.setdefault(f"{side}/{name}", []).append(values)
        print(f"{number + 1} of {len(photos)} photographs", flush=True)
    arrays = {key: np.stack(values).clip(0) for key, values in columns.items()}
    np.savez_compressed(options.out, means=scores.means, probe=probe(trunk), **arrays)


if __name__ == "__main__":
    run_script(main)
