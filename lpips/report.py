"""One self-contained HTML page about trained and untrained metrics on a dataset."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from ..manifests.page import html_page, png_address
from .evaluate import Evaluation, Score
from .scores import two_afc_scores

_BLUE, _GREY = "#1f5fa8", "#777777"


def write_report(
    path: str | Path,
    evaluation: Evaluation,
    *,
    title: str,
    notes: Sequence[str] = (),
    history: Sequence[dict[str, Any]] = (),
    mistakes: int = 8,
) -> None:
    """Write scores with intervals, the training curve, and the worst mistakes of the last metric.

    Args:
        path: of the HTML file.
        evaluation: what to show.
        title: heading.
        notes: paragraphs below it.
        history: of a training, one dictionary per epoch.
        mistakes: number of triplets to show per 2AFC subset.
    """
    last = list(evaluation.distances)[-1][1]
    parts = [f"<p>{html.escape(note)}</p>" for note in (*notes, *evaluation.notes)]
    parts += ["<h2>Scores</h2>", _table(evaluation.scores), _image(_score_plot(evaluation.scores, last))]
    parts.append(
        '<p class="note">2AFC: mean share of votes that the metric agrees with, ties counting one half (Zhang et al. 2018). '
        "JND mAP: average precision of small distance as a detector of “same”. Intervals: 95 %, percentile bootstrap over items.</p>"
    )
    if history:
        parts += ["<h2>Training</h2>", _image(_history_plot(history))]
    for name, subset in evaluation.subsets.items():
        if subset.kind == "2afc":
            parts.append(_mistakes(evaluation, name, last, mistakes))
    Path(path).write_text(html_page(title, "".join(parts)), encoding="utf-8")


def _table(scores: Sequence[Score]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(s.subset)}<td class=words>{html.escape(s.metric)}<td>{s.protocol}<td>{s.count:,}"
        f"<td>{100 * s.score:.1f} %<td>{100 * s.low:.1f} – {100 * s.high:.1f}"
        for s in scores
    )
    return f"<table><tr><th>subset<th class=words>metric<th>protocol<th>items<th>score<th>95 % interval{rows}</table>"


def _score_plot(scores: Sequence[Score], last: str) -> Figure:
    """A dot with its interval per score, grouped by subset."""
    figure = Figure(figsize=(8.5, 0.8 + 0.36 * len(scores)), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(scores))[::-1]
    for place, s in zip(places, scores, strict=True):
        colour = _BLUE if s.metric == last else _GREY
        axes.errorbar(
            100 * s.score,
            place,
            xerr=[[100 * (s.score - s.low)], [100 * (s.high - s.score)]],
            fmt="o",
            color=colour,
            capsize=3,
        )
    axes.set_yticks(places, [f"{s.subset}  {s.metric}" for s in scores])
    axes.axvline(50, color="#bbbbbb", linewidth=1, linestyle="--")
    axes.set_xlabel("score, % (2AFC: 50 is chance)")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _history_plot(history: Sequence[dict[str, Any]]) -> Figure:
    figure = Figure(figsize=(8.5, 3.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in history]
    left.plot(epochs, [row["loss"] for row in history], "o-", color=_GREY)
    left.set(xlabel="epoch", ylabel="training loss")
    right.plot(
        epochs, [100 * row["train_2afc"] for row in history], "o-", color=_GREY, label="train, with dropout"
    )
    if "val_2afc" in history[0]:
        right.plot(epochs, [100 * row["val_2afc"] for row in history], "o-", color=_BLUE, label="val")
    right.set(xlabel="epoch", ylabel="2AFC, %")
    right.legend(frameon=False)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.get_major_locator().set_params(integer=True)
    return figure


def _mistakes(evaluation: Evaluation, name: str, metric: str, count: int) -> str:
    """Triplets that the metric got wrong with the largest margin."""
    subset = evaluation.subsets[name]
    d0, d1 = evaluation.distances[name, metric]
    judge = subset.labels.numpy()
    lost = np.maximum(judge, 1 - judge) - two_afc_scores(d0, d1, judge)
    order = np.argsort(-lost * np.abs(d0 - d1))[:count]
    figures = []
    for index in order:
        if lost[index] <= 0:
            break
        pictures = "".join(_patch(subset.images[folder][index].numpy()) for folder in ("ref", "p0", "p1"))
        caption = f"ref, p0, p1 · votes for p1 {judge[index]:.2f} · d0 {d0[index]:.3f}, d1 {d1[index]:.3f}"
        figures.append(f"<figure>{pictures}<figcaption>#{index:06d} {caption}</figcaption></figure>")
    return f"<h2>Worst mistakes of {html.escape(metric)} on {html.escape(name)}</h2>{''.join(figures) or '<p>None.</p>'}"


def _patch(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> str:
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))).save(stream, "PNG")
    return f'<img width="128" height="128" alt="" src="{png_address(stream.getvalue())}">'


def _image(figure: Figure) -> str:
    stream = io.BytesIO()
    FigureCanvasAgg(figure).print_png(stream)
    return f'<img alt="" src="{png_address(stream.getvalue())}">'
