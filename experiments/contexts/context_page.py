"""Tables and plots of all finished rankings, with intervals over rankings and photographs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from context_data import COMMON, CONTEXT, PATCHES, SAME_CHAIN, load_data
from context_task import BASELINE, VARIANTS, RankingResult, read_result
from matplotlib.figure import Figure
from numpy.typing import NDArray
from rankings import name_of
from scipy.stats import binomtest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "robust"))

from human_triplets import groups_of

from bappsmith.lpips.evaluation.bootstrap import bootstrap, crossed_bootstrap, interval
from bappsmith.lpips.evaluation.correlation import srocc_statistic
from bappsmith.lpips.evaluation.opinion_scores import MIN_GAP
from bappsmith.lpips.evaluation.pair_accuracy import pair_statistic, pair_sums
from bappsmith.lpips.evaluation.scores import Statistic, mean_statistic

RESAMPLES = 1000
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its 95 % interval, in per cent unless said otherwise."""

    value: float
    low: float
    high: float

    def show(self, form: str = ".1f") -> str:
        """Write value and interval."""
        return f"{self.value:{form}} ({self.low:{form}} … {self.high:{form}})"


@dataclass(frozen=True)
class Summary:
    """What one variant of one net did over its rankings.

    Attributes:
        net: the trunk.
        variant: one of `VARIANTS`.
        rankings: names.
        before, after: 2AFC score on the frozen test of each ranking's context, shape (R,), of the untrained metric and
            of this one.
        clear: rankings whose own gain is above 0 with its whole interval (over photographs).
        figures: name → value with interval: improved, gain, correlation, sets before and after, and differences.
        seconds: to train, median over rankings.
        measured: seconds to measure, median over rankings.
    """

    net: str
    variant: str
    rankings: tuple[str, ...]
    before: Values
    after: Values
    clear: int
    figures: dict[str, Estimate]
    seconds: float
    measured: float


def summarise(out: Path) -> list[Summary]:
    """Summarise all variants that have results."""
    summaries = []
    for net in sorted(path.name for path in (out / "results").iterdir()):
        of_variant = {variant: _results(out / "results" / net / variant) for variant in VARIANTS}
        baseline = of_variant[BASELINE]
        for variant, results in of_variant.items():
            both = {name: (baseline[name], result) for name, result in results.items() if name in baseline}
            if both and variant != BASELINE:
                summaries.append(_summary(out, net, variant, both))
    return summaries


def _results(folder: Path) -> dict[str, RankingResult]:
    results = [read_result(file) for file in sorted(folder.glob("*.safetensors"))]
    return {name_of(tuple(result.facts["ranking"])): result for result in results}  # type: ignore[arg-type]


def _summary(out: Path, net: str, variant: str, both: dict[str, tuple[RankingResult, RankingResult]]) -> Summary:
    data = load_data(out)
    figures: dict[str, Estimate] = {}
    means: dict[str, tuple[Values, Values]] = {}
    clear = 0
    for name, subset in data.tests.items():
        before, after = (np.stack([pair[k].scores[name] for pair in both.values()]).astype(float) for k in (0, 1))
        photo = groups_of(subset)
        photo = np.zeros(len(subset), np.intp) if photo is None else photo
        means[name] = before.mean(axis=1), after.mean(axis=1)
        figures |= _mean_figures(name, before, after, photo)
        if name == CONTEXT:
            gains: dict[int, Statistic] = {k: mean_statistic(gain) for k, gain in enumerate(after - before)}
            drawn = bootstrap(len(photo), gains, groups=photo, resamples=RESAMPLES)
            clear = sum(interval(values).low > 0 for values in drawn.values())
    if all(len(result.people) for pair in both.values() for result in pair):
        figures |= _people_figures(out, both)
    before, after = means[CONTEXT]
    improved = binomtest(int((after > before).sum()), len(before)).proportion_ci(method="exact")
    share = 100 * float((after > before).mean())
    figures["improved"] = Estimate(share, 100 * improved.low, 100 * improved.high)
    figures["correlation"] = _correlation(before, after)
    seconds = [[float(pair[1].facts["seconds"][key]) for pair in both.values()] for key in ("train", "measure")]  # type: ignore[index]
    train, measure = (float(np.median(values)) for values in seconds)
    return Summary(net, variant, tuple(both), 100 * before, 100 * after, clear, figures, train, measure)


def _mean_figures(name: str, before: Values, after: Values, photo: NDArray[np.intp]) -> dict[str, Estimate]:
    """Means over rankings and triplets (R×N). Intervals draw rankings and photographs."""
    rankings = np.repeat(np.arange(len(before)), before.shape[1])
    values = {"before": before, "after": after, "gain": after - before}
    statistics: dict[str, Statistic] = {key: mean_statistic(value.ravel()) for key, value in values.items()}
    drawn = crossed_bootstrap([rankings, np.tile(photo, len(before))], statistics, resamples=RESAMPLES)
    return {f"{name} {key}": _estimate(float(value.mean()), drawn[key]) for key, value in values.items()}


def _people_figures(out: Path, both: dict[str, tuple[RankingResult, RankingResult]]) -> dict[str, Estimate]:
    """Protocol `mos`, mean over rankings: pairs in people's order and SROCC. Intervals draw types, photographs and
    rankings."""
    data = load_data(out)
    damage, photo, kind = (values.ravel() for values in (data.damage, data.photo, data.kind))
    least = MIN_GAP * float(damage.std())
    statistics: dict[tuple[str, int, int], Statistic] = {}
    for number, pair in enumerate(both.values()):
        for k, result in enumerate(pair):
            distance = result.people.ravel().astype(float)
            statistics["pairs", number, k] = pair_statistic(pair_sums(distance, damage, photo, least))
            statistics["SROCC", number, k] = srocc_statistic(distance, damage)
    drawn = crossed_bootstrap([photo, kind], statistics, resamples=RESAMPLES // 5)
    everything = np.ones((1, len(damage)))
    count = len(both)
    draws = len(next(iter(drawn.values())))
    chosen = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), draws) / count  # draws×R
    figures = {}
    for protocol in ("pairs", "SROCC"):
        value, values = [], []
        for k in (0, 1):
            value.append(np.mean([statistics[protocol, n, k](everything)[0] for n in range(count)]))
            values.append((chosen * np.stack([drawn[protocol, n, k] for n in range(count)], axis=1)).sum(axis=1))
        for key, one, many in (
            ("before", value[0], values[0]),
            ("after", value[1], values[1]),
            ("gain", value[1] - value[0], values[1] - values[0]),
        ):
            figures[f"people {protocol} {key}"] = _estimate(float(one), many)
    return figures


def _correlation(before: Values, after: Values) -> Estimate:
    """Pearson's r of scores before and after; the interval draws rankings. Not in per cent."""
    if len(before) < 3:
        return Estimate(float("nan"), float("nan"), float("nan"))
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(before), (RESAMPLES, len(before)))
    values = np.array([_pearson(before[rows], after[rows]) for rows in drawn])
    ends = interval(values)
    return Estimate(_pearson(before, after), ends.low, ends.high)


def _pearson(first: Values, second: Values) -> float:
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def _estimate(value: float, drawn: Values) -> Estimate:
    ends = interval(drawn)
    return Estimate(100 * value, 100 * ends.low, 100 * ends.high)


def to_json(summaries: Sequence[Summary]) -> list[dict[str, Any]]:
    """Return everything as JSON values."""
    return [
        {
            "net": one.net,
            "variant": one.variant,
            "clearly_improved": one.clear,
            "seconds_to_train": round(one.seconds, 2),
            "seconds_to_measure": round(one.measured, 2),
            "figures": {
                name: {key: round(value, 4) for key, value in vars(figure).items()}
                for name, figure in one.figures.items()
            },
            "rankings": [
                {"ranking": name, "before": round(before, 2), "after": round(after, 2)}
                for name, before, after in zip(one.rankings, one.before.tolist(), one.after.tolist(), strict=True)
            ],
        }
        for one in summaries
    ]


def to_markdown(summaries: Sequence[Summary]) -> str:
    """Write the tables."""
    lines = [
        "# Contexts",
        "",
        "2AFC, %, on frozen test sets whose photographs are in no training, with 95 % intervals over rankings and "
        "photographs. Before: the untrained metric.",
        "",
        "## The context itself",
        "",
        "| net | variant | rankings | improved, % | clearly | before | after | gain | least … most | r(before, after) "
        "| s to train |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in summaries:
        gains = one.after - one.before
        f = one.figures
        lines.append(
            f"| {one.net} | {one.variant} | {len(one.rankings)} | {f['improved'].show()} | {one.clear} | "
            f"{f[f'{CONTEXT} before'].show()} | {f[f'{CONTEXT} after'].show()} | {f[f'{CONTEXT} gain'].show('+.1f')} | "
            f"{gains.min():+.1f} … {gains.max():+.1f} | {f['correlation'].show('.2f')} | {one.seconds:.1f} |"
        )
    lines += ["", "## Common sense", ""]
    sets = {COMMON: "common sense", SAME_CHAIN: "one chain, two severities"}
    if any(f"{PATCHES} gain" in one.figures for one in summaries):
        sets |= {PATCHES: "people's triplets"}
    if any("people pairs gain" in one.figures for one in summaries):
        sets |= {"people pairs": "people's scores, pairs", "people SROCC": "people's scores, SROCC × 100"}
    lines.append(f"| net | variant | {' | '.join(f'{name}: before → after | change' for name in sets.values())} |")
    lines.append(f"|---|---|{'---|---|' * len(sets)}")
    for one in summaries:
        cells = []
        for name in sets:
            before, after, gain = (one.figures.get(f"{name} {key}") for key in ("before", "after", "gain"))
            if before is None or after is None or gain is None:
                cells += ["", ""]
            else:
                cells += [f"{before.value:.1f} → {after.value:.1f}", gain.show("+.1f")]
        lines.append(f"| {one.net} | {one.variant} | {' | '.join(cells)} |")
    lines += _shared(summaries)
    return "\n".join(lines) + "\n"


def _shared(summaries: Sequence[Summary]) -> list[str]:
    """Compare the variants of a net on the rankings that all of them have, because means over others differ."""
    lines: list[str] = []
    for net in dict.fromkeys(one.net for one in summaries):
        of_net = [one for one in summaries if one.net == net]
        shared = [name for name in of_net[0].rankings if all(name in one.rankings for one in of_net)]
        if len(of_net) < 2 or not shared:
            continue
        after = {one.variant: dict(zip(one.rankings, one.after.tolist(), strict=True)) for one in of_net}
        before = dict(zip(of_net[0].rankings, of_net[0].before.tolist(), strict=True))
        hardest = min(shared, key=lambda name: before[name])
        lines += [
            "",
            f"## {net}: the {len(shared)} rankings that all variants have",
            "",
            f"| variant | mean | hardest before: {hardest} |",
            "|---|---|---|",
            f"| untrained | {np.mean([before[name] for name in shared]):.1f} | {before[hardest]:.1f} |",
        ]
        for variant, scores in after.items():
            lines.append(f"| {variant} | {np.mean([scores[name] for name in shared]):.1f} | {scores[hardest]:.1f} |")
    return lines


def plot(summaries: Sequence[Summary]) -> Figure:
    """Draw, for each ranking, its score before against after, and its gain against its score before."""
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for number, one in enumerate(summaries):
        label = f"{one.net} {one.variant} ({len(one.rankings)})"
        style = {"s": 12, "color": f"C{number}", "alpha": 0.7, "linewidths": 0}
        left.scatter(one.before, one.after, label=label, **style)
        right.scatter(one.before, one.after - one.before, **style)
    left.axline((50, 50), slope=1, color="#bbbbbb", linewidth=1)
    right.axhline(0, color="#bbbbbb", linewidth=1)
    left.set(xlabel="untrained, 2AFC, %", ylabel="trained on the context, 2AFC, %")
    right.set(xlabel="untrained, 2AFC, %", ylabel="gain, points")
    left.legend(frameon=False, fontsize=7)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    return figure
