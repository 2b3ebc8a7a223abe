"""Write one self-contained HTML page about metrics on a dataset."""

from __future__ import annotations

import html
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from bappsmith.manifests.page import html_page, png_address

from . import plots
from .breakdown import PartScore
from .evaluation import CORRELATIONS, RAMPS, Comparison, Evaluation, Score, shown
from .scores import two_afc_scores

_ABOUT_MOS = (
    '<p class="note">People’s scores: SROCC and KROCC are rank correlations, 1 for a metric that orders as people do; '
    "PLCC is the linear correlation after a logistic fit; pairs is the share of pairs of one reference, with clearly "
    "different scores, in people’s order. Intervals: bootstrap over references and types. By type, correlations are "
    "within the type, pairs have at least one image of it. Images are not resized.</p>"
)
_ABOUT_RETRIEVAL = (
    '<p class="note">Labelled pairs: ROC-AUC is the probability that a similar pair is nearer than a different one, '
    "PR-AUC the average precision, both over judged pairs. HR@k: share of queries with a similar candidate among the k "
    "nearest judged ones; MRR@k: mean of 1 / rank of the nearest similar one, 0 beyond k; P@k: share of similar ones. "
    "“Gallery”: all images are ranked, and unjudged ones count as not similar; judged@k: share of the k nearest that "
    "was judged. Intervals: bootstrap over queries.</p>"
)
_ABOUT_RAMPS = (
    '<p class="note">Ramps: photographs distorted by one operator at severities .2, .4, .6, .8 and 1. Ladders: share '
    "whose distances rise at every step. Steps: share of steps at which they rise. Intervals: bootstrap over "
    "photographs and operators.</p>"
)


def write_report(
    path: str | Path,
    evaluation: Evaluation,
    *,
    title: str,
    notes: Sequence[str] = (),
    history: Sequence[dict[str, Any]] = (),
    mistakes: int = 8,
) -> None:
    """Write scores with intervals, the training curve, scores by part, and the mistakes of the last metric.

    Args:
        path: of the HTML file.
        evaluation: the scores to show.
        title: heading.
        notes: paragraphs below it.
        history: of a training, one dictionary per epoch, see `TrainResult`.
        mistakes: number of triplets to show per 2AFC subset.
    """
    last = evaluation.metrics[-1]
    parts = [f"<p>{html.escape(note)}</p>" for note in (*notes, *evaluation.notes)]
    parts += ["<h2>Scores</h2>", _scores(evaluation.scores), _picture(plots.scores(evaluation.scores, last))]
    parts.append(
        '<p class="note">2AFC: mean share of votes that agree with the metric; ties count half (Zhang et al. 2018). '
        "“human” lets every voter agree with themselves, as in that paper; “human unbiased” is the agreement of two "
        "different voters, over items with at least two votes. JND mAP: average precision of small distance as a "
        "detector of “same”. Intervals: 95 %, percentile bootstrap "
        "over photographs if a manifest names them, otherwise over items.</p>"
    )
    if evaluation.mos:
        parts.append(_ABOUT_MOS)
    if evaluation.retrieval:
        parts.append(_ABOUT_RETRIEVAL)
    if any(score.subset == RAMPS for score in evaluation.scores):
        parts.append(_ABOUT_RAMPS)
    if evaluation.comparisons:
        parts += [f"<h2>{html.escape(last)} against the others</h2>", _comparisons(evaluation.comparisons)]
    if history:
        parts += ["<h2>Training</h2>", _picture(plots.history(history))]
    for name, subset in evaluation.subsets.items():
        escaped = html.escape(name)
        shown = [part for part in evaluation.parts if part.subset == name]
        if shown:
            parts += [f"<h2>Scores on parts of {escaped}</h2>", _picture(plots.heat_map(shown))]
        if name in evaluation.origins:
            figure = plots.distance_by_severity(evaluation.origins[name], evaluation.distances[name, last], last)
            if figure is not None:
                parts += [f"<h2>Distance over severity on {escaped}</h2>", _picture(figure)]
        if subset.kind == "2afc":
            parts.append(_mistakes(evaluation, name, last, mistakes))
    for name, scored in evaluation.mos.items():
        figure = plots.scores_by_distance(scored, evaluation.distances[name, last][0], last)
        parts += [f"<h2>People's scores on {html.escape(name)}</h2>", _picture(figure)]
        parts += _heat_maps(evaluation.parts, name, ("SROCC", "pairs"))
    parts += _heat_maps(evaluation.parts, RAMPS, ("ladders", "steps"))
    Path(path).write_text(html_page(title, "".join(parts)), encoding="utf-8")


def _heat_maps(parts: Sequence[PartScore], name: str, protocols: Sequence[str]) -> list[str]:
    """Draw the scores on parts of a set, one picture per protocol."""
    sections = []
    for protocol in protocols:
        shown = [part for part in parts if (part.subset, part.protocol) == (name, protocol)]
        if shown:
            unit = "× 100" if protocol in CORRELATIONS else "%"
            heading = f"<h2>{protocol}, {unit}, on parts of {html.escape(name)}</h2>"
            sections += [heading, _picture(plots.heat_map(shown))]
    return sections


def _scores(scores: Sequence[Score]) -> str:
    rows = (
        (
            s.subset,
            s.metric,
            s.protocol,
            f"{s.count:,}",
            shown(s.score, s.protocol) + ("" if s.protocol in CORRELATIONS else " %"),
            f"{shown(s.low, s.protocol)} – {shown(s.high, s.protocol)}",
        )
        for s in scores
    )
    return _table(("subset", "metric", "protocol", "items", "score", "95 % interval"), rows)


def _comparisons(comparisons: Sequence[Comparison]) -> str:
    rows = (
        (
            c.subset,
            f"minus {c.other}",
            c.protocol,
            shown(c.gap, c.protocol, sign=True),
            f"{shown(c.low, c.protocol, sign=True)} – {shown(c.high, c.protocol, sign=True)}",
            f"{c.p:.3f}",
        )
        for c in comparisons
    )
    heads = ("subset", "difference", "protocol", "points", "95 % interval, paired", "p of no difference")
    return _table(heads, rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table. The first two columns are text, the others figures."""
    body = "".join(
        "<tr>" + "".join(f"<td{' class=words' * (k < 2)}>{html.escape(cell)}" for k, cell in enumerate(row))
        for row in rows
    )
    head = "".join(f"<th{' class=words' * (k < 2)}>{name}" for k, name in enumerate(heads))
    return f"<table><tr>{head}{body}</table>"


def _mistakes(evaluation: Evaluation, name: str, metric: str, count: int) -> str:
    """Show the triplets that the metric got wrong by the largest margin."""
    subset = evaluation.subsets[name]
    d0, d1 = evaluation.distances[name, metric]
    judge = subset.labels.numpy()
    lost = np.maximum(judge, 1 - judge) - two_afc_scores(d0, d1, judge)
    order = np.argsort(-lost * np.abs(d0 - d1))[:count]
    origin = evaluation.origins.get(name)
    figures = []
    for index in order[lost[order] > 0]:
        pictures = "".join(_patch(subset.image(folder, index)) for folder in subset.folders)
        lines = [f"#{subset.stems[index]} · votes for p1 {judge[index]:.2f} · d0 {d0[index]:.3f}, d1 {d1[index]:.3f}"]
        if origin is not None:
            for side, chain in enumerate(origin.operators[index]):
                lines.append(f"p{side}: {' + '.join(chain)}, severity {origin.severity[index, side]:.2f}")
        caption = "<br>".join(html.escape(line.replace("_", " ")) for line in lines)
        figures.append(f"<figure>{pictures}<figcaption>{caption}</figcaption></figure>")
    heading = f"<h2>Worst mistakes of {html.escape(metric)} on {html.escape(name)}</h2>"
    legend = '<p class="note">Each: reference, p0, p1.</p>' if figures else "<p>None.</p>"
    return heading + legend + "".join(figures)


def _patch(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> str:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return f'<img width="128" height="128" alt="" src="{png_address(stream.getvalue())}">'


def _picture(figure: Figure) -> str:
    return f'<img alt="" src="{png_address(plots.png(figure))}">'
