"""Fit the yardstick of `bappsmith calibrate` to people's scores, and write how well it does on types left out.

    python experiments/people/yardstick.py dev.npz --out pipeline/calibration/people.json \
        --page docs/calibration.md --test test.npz

The files are those of `measures.py`. Columns of the tables: types left out (four folds; every type by a fit that has
not seen it): root mean square error of the cells' damage in points, Spearman's correlation, percentage of pairs of
cells ordered as people's means do, and of those whose types are both in one fold.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from command_line import run_script
from fit_people import BEST, IN_PLACES, WHOLE, Measures, fit_people, index, left_out
from kadid_types import TYPES
from measure import Interval, count_pairs, interval, rank_correlation, resample, same_fold
from numpy.typing import NDArray

from bappsmith.pipeline.calibration.people import PeopleFit

Array = NDArray[np.float64]

UNIT = "points of a mean opinion score from 5 (best) to 1: 4.65 less the mean"
SOURCE = "KADID-10k (Lin, Hosu and Saupe 2019): mean scores of 24 types × 5 levels, rebuilt on other photographs"
CHOSEN = ("covariances", "gmsd")
"""The combination that is written: the smallest error on types left out among those tried, without slow measures."""
DISPLACED = ("means",)
"""For operators that move the picture: spatial means of features hardly depend on the position."""
DRAWS = 400
"""Bootstrap samples of every interval."""
MARKS = ("<!-- yardstick: experiments/people/yardstick.py -->", "<!-- end of yardstick -->")
OTHERS = (
    ("l2",),
    ("ssim",),
    ("gmsd",),
    ("haarpsi",),
    ("fsim",),
    ("local",),
    ("means",),
    ("covariances",),
    ("local", "gmsd"),
    ("covariances", "haarpsi"),
    ("covariances", "gmsd", "haarpsi"),
    ("local", "means", "covariances", "gmsd"),
)


def load(path: Path) -> tuple[dict[int, Measures], Array, float]:
    """Return measures by side, people's means, and the probe of the trunk."""
    by_side: dict[int, dict[str, Array]] = {}
    with np.load(path) as file:
        for key in file.files:
            if "/" in key:
                side, name = key.split("/")
                by_side.setdefault(int(side), {})[name] = file[key]
        return dict(by_side), file["means"], float(file["probe"])


def error(damage: Array, means: Array, photos: Array | None = None, types: Array | None = None) -> Array:
    """Return the root mean square error of the cells' median damage, shape (draws,)."""
    if photos is None or types is None:
        photos, types = np.ones((1, len(damage))), np.ones((1, len(means)))
    errors = []
    for of_photos, of_types in zip(photos, types, strict=True):
        median = np.median(np.repeat(damage, of_photos.astype(int), axis=0), axis=0)
        squares = ((median - (BEST - means)) ** 2).mean(axis=1)
        errors.append(np.sqrt(np.average(squares, weights=of_types)))
    return np.array(errors)


def correlation(damage: Array, means: Array, photos: Array, types: Array) -> Array:
    """Return Spearman's correlation of resampled photographs and types, shape (draws,)."""
    draws = zip(photos.astype(int), types.astype(int), strict=True)
    return np.array(
        [
            rank_correlation(np.repeat(np.repeat(damage, p, axis=0), t, axis=1), np.repeat(means, t, axis=0))
            for p, t in draws
        ]
    )


def row(name: str, damage: Array, means: Array, chosen: Array) -> str:
    """Write a row: a measure, and how much better the chosen combination is."""
    draws = resample(len(damage), len(means), DRAWS)
    low_high = np.percentile(correlation(damage, means, *draws), (2.5, 97.5))
    columns = [
        name,
        f"{error(damage, means)[0]:.2f}",
        f"{rank_correlation(damage, means):.3f} ({low_high[0]:.3f} … {low_high[1]:.3f})",
    ]
    for among in (None, same_fold()):
        columns.append(_show(interval(count_pairs(damage, means, among), draws=DRAWS), ".1f"))
    if damage is chosen:
        columns += ["", ""]
    else:
        less = error(damage, means, *draws) - error(chosen, means, *draws)
        value = float((error(damage, means) - error(chosen, means))[0])
        columns.append(_show(Interval(value, *np.percentile(less, (2.5, 97.5))), "+.2f"))
        columns.append(_show(interval(count_pairs(chosen, means), count_pairs(damage, means), draws=DRAWS), "+.1f"))
    return f"| {' | '.join(columns)} |"


HEAD = (
    "| measures | error, points | SROCC | pairs, % | pairs within a fold, % | chosen: error less | pairs more |\n"
    "|---|---|---|---|---|---|---|"
)


def table(by_side: dict[int, Measures], means: Array) -> str:
    """Write the table of types left out, whole cells."""
    whole = {WHOLE: by_side[WHOLE]}
    chosen = left_out(whole, CHOSEN, means)[WHOLE]
    lines = [HEAD, row(f"**{' + '.join(CHOSEN)}**", chosen, means, chosen)]
    for names in OTHERS:
        lines.append(row(" + ".join(names), left_out(whole, names, means)[WHOLE], means, chosen))
    return "\n".join(lines)


def sizes_table(by_side: dict[int, Measures], means: Array) -> str:
    """Write the table of sizes, types left out."""
    lines = ["| side of the crop, px | error, points | SROCC | pairs, % |", "|---|---|---|---|"]
    for side, damage in left_out(by_side, CHOSEN, means).items():
        rows = [k for k, name in enumerate(TYPES) if side == WHOLE or name not in IN_PLACES]
        kept, of = damage[:, rows], means[rows]
        share = count_pairs(kept, of).share()[0]
        lines.append(f"| {side} | {error(kept, of)[0]:.2f} | {rank_correlation(kept, of):.3f} | {share:.1f} |")
    return "\n".join(lines)


def residuals_table(damage: Array, means: Array) -> str:
    """Write the largest differences of cells, and the mean difference of every type."""
    median = np.median(damage, axis=0)
    residual = median - (BEST - means)
    by_type = sorted(zip(TYPES, residual.mean(axis=1), strict=True), key=lambda pair: -abs(pair[1]))
    lines = ["| type | level | people's damage | yardstick | difference |", "|---|---|---|---|---|"]
    for cell in np.argsort(-np.abs(residual).ravel())[:12]:
        kind, level = divmod(int(cell), means.shape[1])
        people, ours = BEST - means[kind, level], median[kind, level]
        lines.append(f"| {TYPES[kind]} | {level + 1} | {people:.2f} | {ours:.2f} | {residual[kind, level]:+.2f} |")
    return "\n".join([*lines, "", "Mean over the levels of a type: " + _listed(by_type)])


def test_table(
    dev: dict[int, Measures], test: dict[int, Measures], means: Array, names: Sequence[tuple[str, ...]]
) -> str:
    """Write the table of photographs that nothing was chosen by: fits to all types of the others."""
    damages = {}
    for of in names:
        fit = fit_people({WHOLE: dev[WHOLE]}, of, means)
        damages[" + ".join(of)] = fit.damage(index(fit, test[WHOLE]).ravel(), WHOLE).reshape(-1, *means.shape)
    chosen = damages[" + ".join(CHOSEN)]
    return "\n".join([HEAD, *(row(name, damage, means, chosen) for name, damage in damages.items())])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measures", type=Path)
    parser.add_argument("--test", type=Path, help="measures of other photographs, looked at once")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--page", type=Path, required=True, help="what stands between its marks is replaced")
    options = parser.parse_args(arguments)
    by_side, means, probe = load(options.measures)
    fit = fit_people(by_side, CHOSEN, means)
    people = PeopleFit(
        unit=UNIT,
        source=SOURCE,
        probe=round(probe, 4),
        general=fit,
        displaced=fit_people(by_side, DISPLACED, means),
    )
    options.out.write_text(people.text(), encoding="utf-8")
    parts = [
        "Types left out, 16 photographs:", table(by_side, means),
        "Crops, types left out:", sizes_table(by_side, means),
        "Largest differences of the fit to all types (above 0: the yardstick minds more than people do):",
        residuals_table(fit.damage(index(fit, by_side[WHOLE]).ravel(), WHOLE).reshape(-1, *means.shape), means),
    ]  # fmt: skip
    if options.test:
        test = load(options.test)[0]
        names = [CHOSEN, *(one for one in OTHERS if len(one) == 1 and set(one) <= set(test[WHOLE]))]
        parts += [
            "16 further photographs, that nothing was chosen by; fits to all types of the first 16:",
            test_table(by_side, test, means, names),
        ]
    page = options.page.read_text(encoding="utf-8")
    before, rest = page.split(MARKS[0])
    _, after = rest.split(MARKS[1])
    text = "\n\n".join(parts)
    options.page.write_text(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{after}", encoding="utf-8")


def _show(value: Interval, form: str) -> str:
    return f"{value.value:{form}} ({value.low:{form}} … {value.high:{form}})"


def _listed(pairs: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {value:+.2f}" for name, value in pairs) + "."


if __name__ == "__main__":
    run_script(main)
