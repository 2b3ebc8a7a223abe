"""Compare the operators of the set `kadid10k` with the mean scores that people gave to KADID-10k's own images.

    python experiments/people/preset.py --photos ~/photos --scores kadid_dmos_by_type_level.csv \
        --trunk-weights alexnet.pth

Every operator distorts patches of 192×256 px at each of its levels, with the photograph around them. Damage is that of
the yardstick of `bappsmith calibrate`, fitted in four folds: that of a type by a fit that has not seen the type. Prints
Spearman's correlation of damage and scores over all types and levels with a bootstrap interval, each type's mean
damage beside people's, and the types and levels that differ most.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from cells import HEIGHT, LEVELS, WIDTH, held_out, read_scores, window
from command_line import run_script
from fit_people import BEST, WHOLE, left_out
from kadid_types import TYPES
from measure import rank_correlation, resample
from measures import measure_crops
from numpy.typing import NDArray
from yardstick import CHOSEN, DRAWS, correlation

from bappsmith.distortions import Draws, View, operator
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.schema.call import Params
from bappsmith.pipeline.sources.decode import decode_file

CONTRASTS = ((0.3, "more"), (0.15, "more"), (0.0, "more"), (-0.4, "less"), (-0.6, "less"))
"""Amount and direction of each level."""
MEAN_SHIFTS = ((38, "lighter"), (20, "lighter"), None, (20, "darker"), (38, "darker"))
"""The same. The third changes nothing."""
SIGNED = {"contrast_change": CONTRASTS, "mean_shift": MEAN_SHIFTS}


def params_of(name: str, level: int, draws: Draws) -> Params | None:
    """Draw the parameters of a type at a level from 1 to 5; None: nothing is changed."""
    op = operator(f"kadid10k_{name}")
    given: Params = {}
    if name in SIGNED:
        level_of_type = SIGNED[name][level - 1]
        if level_of_type is None:
            return None
        given = dict(zip(("amount", "direction"), level_of_type, strict=True))
    return op.sample(level / LEVELS, draws, HEIGHT, given)


def distorted(whole: NDArray[np.uint8], photo: int) -> NDArray[np.uint8]:
    """Distort the middle of a photograph's window by every type at every level, uint8 120×192×256×3."""
    margin = (whole.shape[0] - HEIGHT) // 2
    top, left = margin, (whole.shape[1] - WIDTH) // 2
    around = whole[top - margin : top + HEIGHT + margin, left - margin : left + WIDTH + margin]
    view = View(np.ascontiguousarray(around), margin, (HEIGHT, WIDTH))
    results = []
    for row, name in enumerate(TYPES):
        for level in range(1, LEVELS + 1):
            params = params_of(name, level, Draws(photo, LEVELS * row + level))
            results.append(view.centre if params is None else operator(f"kadid10k_{name}")(view, params))
    return np.stack(results)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--scores", type=Path, required=True, help="CSV with name, level, generator_param, mean_dmos")
    parser.add_argument("--count", type=int, default=16, help="photographs of the keyed choice")
    parser.add_argument("--skip", type=int, default=0, help="photographs of the keyed order to leave out before")
    parser.add_argument("--trunk-weights", default="pretrained")
    options = parser.parse_args(arguments)
    trunk = LPIPS("alex", trunk_weights=options.trunk_weights, forms=("local", "structure"))
    means = read_scores(options.scores).means
    columns: dict[str, list[NDArray[np.float64]]] = {name: [] for name in CHOSEN}
    for number, photo in enumerate(held_out(options.photos, options.count, options.skip)):
        whole = window(decode_file(options.photos / photo), photo)
        reference = whole[(whole.shape[0] - HEIGHT) // 2 :, (whole.shape[1] - WIDTH) // 2 :][:HEIGHT, :WIDTH]
        cells = distorted(whole, number)
        parts = [measure_crops(trunk, reference, cells[k : k + LEVELS], CHOSEN) for k in range(0, len(cells), LEVELS)]
        for name in CHOSEN:
            columns[name].append(np.stack([part[name] for part in parts]))
    measures = {name: np.stack(values).clip(0) for name, values in columns.items()}
    damage = left_out({WHOLE: measures}, CHOSEN, means)[WHOLE]
    print(table(damage, means))


def table(damage: NDArray[np.float64], means: NDArray[np.float64]) -> str:
    """Write correlation, types and the largest differences in Markdown.

    Args:
        damage: of all cells, shape (photographs, types, levels).
        means: people's scores, shape (types, levels).
    """
    low, high = np.percentile(correlation(damage, means, *resample(len(damage), len(means), DRAWS)), (2.5, 97.5))
    lines = [
        f"SROCC over types and levels: {rank_correlation(damage, means):.3f} ({low:.3f} … {high:.3f})",
        "",
        "| type | people's damage by level | damage, type left out | mean difference |",
        "|---|---|---|---|",
    ]
    people, ours = BEST - means, np.median(damage, axis=0)
    for row in np.argsort(-np.abs((ours - people).mean(axis=1))):
        by_level = (", ".join(f"{value:.1f}" for value in values[row]) for values in (people, ours))
        lines.append(f"| {TYPES[row]} | {' | '.join(by_level)} | {(ours[row] - people[row]).mean():+.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    run_script(main)
