"""Scores of the poster: of every cell on the test set and on people's scores, and differences between cells."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from cells import Scores
from measure import count_pairs
from measure import interval as people_interval
from numpy.typing import NDArray
from poster_cells import BACKBONES, DISTANCES, KINDS, Row

from bappsmith.lpips import PackedSubset, two_afc_scores
from bappsmith.lpips.evaluation.bootstrap import bootstrap, interval
from bappsmith.lpips.evaluation.origin import read_origin
from bappsmith.lpips.evaluation.scores import mean_statistic

Array = NDArray[np.float64]


def summarise(options: argparse.Namespace, test: PackedSubset, scores: Scores | None) -> dict[str, Any]:
    """Score all distances. Intervals resample photographs, and items within them; seeds are averaged item by item."""
    judge = test.labels.numpy().astype(np.float64)
    decided = judge != 0.5
    origin = read_origin(test)
    groups = origin.photo if origin else None
    two_afc: dict[Row, Array] = {}
    accuracy: dict[Row, Array] = {}
    people: dict[Row, Array] = {}
    seconds: dict[str, float] = {}
    for backbone, (net, _) in BACKBONES.items():
        for kind in KINDS:
            for distance in DISTANCES:
                paths = [options.out / "distances" / f"{net}-{kind}-{distance}-{k}.npz" for k in range(options.seeds)]
                files = [np.load(path) for path in paths if path.exists()]
                if files:
                    row = Row(backbone, kind, distance)
                    two_afc[row] = np.stack([two_afc_scores(file["d0"], file["d1"], judge) for file in files])
                    rounded = (judge[decided] > 0.5).astype(np.float64)
                    accuracy[row] = np.stack(
                        [two_afc_scores(file["d0"][decided], file["d1"][decided], rounded) for file in files]
                    )
                    people[row] = np.stack([file["people"] for file in files])
                    if distance == "fc":
                        seconds[f"{backbone}, {kind}"] = float(sum(file["seconds"] for file in files))
    drawn = {
        "2AFC": bootstrap(
            len(judge), {row: mean_statistic(each.mean(0)) for row, each in two_afc.items()}, groups=groups
        ),
        "accuracy": bootstrap(
            int(decided.sum()),
            {row: mean_statistic(each.mean(0)) for row, each in accuracy.items()},
            groups=groups[decided] if groups is not None else None,
        ),
    }
    rows = []
    for row in two_afc:
        entry: dict[str, Any] = {**row._asdict(), "seeds": len(two_afc[row])}
        for name, values in (("2AFC", two_afc[row]), ("accuracy", accuracy[row])):
            ends, each = interval(drawn[name][row]), values.mean(axis=1)
            entry[name] = {"score": each.mean(), "low": ends.low, "high": ends.high, "seeds": each.tolist()}
        if scores:
            entry["people"] = people_score(people[row], scores)
        rows.append(entry)
    best = {"2AFC": float(np.maximum(judge, 1 - judge).mean()), "test": len(judge), "decided": int(decided.sum())}
    return {
        "rows": rows,
        "ceiling": best,
        "findings": findings(two_afc, drawn["2AFC"], people, scores),
        "seconds": seconds,
    }


def people_score(distances: Array, scores: Scores) -> dict[str, Any]:
    """Score each seed. The score and the ends of its interval are means over seeds.

    The interval of a seed resamples photographs and types.
    """
    each = [people_interval(count_pairs(one, scores.means)) for one in distances]
    value = float(np.mean([one.value for one in each])) / 100
    reach = [np.mean([getattr(one, end) for one in each]) / 100 for end in ("low", "high")]
    return {"score": value, "low": float(reach[0]), "high": float(reach[1]), "seeds": [one.value / 100 for one in each]}


def findings(
    items: dict[Row, Array], drawn: dict[Row, Array], people: dict[Row, Array], scores: Scores | None
) -> list[dict[str, Any]]:
    """Compute paired differences: of weights at every distance, and of distances at every weights."""
    contrasts: list[tuple[str, Row, Row]] = []
    for backbone in BACKBONES:
        contrasts += [
            (
                f"{backbone}, {DISTANCES[d]}: pretrained − random",
                Row(backbone, "pretrained", d),
                Row(backbone, "random", d),
            )
            for d in DISTANCES
        ]
        for kind in KINDS:
            for one, other in (("lpips", "cosine"), ("fc", "lpips")):
                text = f"{backbone}, {kind}: {DISTANCES[one]} − {DISTANCES[other]}"
                contrasts.append((text, Row(backbone, kind, one), Row(backbone, kind, other)))
    found = []
    for text, one, other in contrasts:
        if one in drawn and other in drawn:
            ends = interval(drawn[one] - drawn[other])
            entry = {
                "contrast": text,
                "gap": float(items[one].mean() - items[other].mean()),
                **_ends(ends.low, ends.high),
            }
            if scores:
                pairs = [count_pairs(people[row][0], scores.means) for row in (one, other)]
                theirs = people_interval(*pairs)
                entry["people"] = {"gap": theirs.value / 100, **_ends(theirs.low / 100, theirs.high / 100)}
            found.append(entry)
    return found


def _ends(low: float, high: float) -> dict[str, float]:
    return {"low": low, "high": high}
