"""The scores of the quickstart as a table with a picture of the intervals."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping

from bappsmith.lpips.evaluation.evaluation import Score

from .findings import Findings

_GREY, _BLUE, _PALE = "#777", "#0b57d0", "#bbb"


def score_table(findings: Findings, described: Mapping[str, str]) -> str:
    """Write the table.

    Args:
        findings: what to show.
        described: metric → what it is, in a few words.
    """
    low = math.floor(100 * min(score.low for score in findings.scores)) / 100
    high = math.ceil(100 * findings.best) / 100
    rows = [_row(findings, score, described.get(score.metric, ""), (low, high)) for score in findings.scores]
    best = _line(findings.best, findings.best, findings.best, _GREY, (low, high), findings.trained.score)
    rows.append(
        "<tr><td class=name>best possible<small>always on the likelier side</small>"
        f"<td class=score>{percent(findings.best)}<td>{best}<td class=gap>"
    )
    return (
        '<table class="scores"><tr><th class=name>metric<th class=score>agreement'
        f"<th>{100 * low:.0f} … {100 * high:.0f} %<th class=gap>trained minus this{''.join(rows)}</table>"
    )


def percent(score: float) -> str:
    """Write a share in percent, such as 72.9 %."""
    return f"{100 * score:.1f} %"


def _row(findings: Findings, score: Score, words: str, ends: tuple[float, float]) -> str:
    last = score == findings.trained
    gap = ""
    if score.metric in findings.comparisons:
        one = findings.comparisons[score.metric]
        gap = f"{100 * one.gap:+.1f}<small>{100 * one.low:+.1f} … {100 * one.high:+.1f}</small>"
    picture = _line(score.low, score.score, score.high, _BLUE if last else _GREY, ends, findings.trained.score)
    kind = " class=trained" if last else ""
    return (
        f"<tr{kind}><td class=name>{html.escape(score.metric)}<small>{html.escape(words)}</small>"
        f"<td class=score>{percent(score.score)}<small>{100 * score.low:.1f} … {100 * score.high:.1f}</small>"
        f"<td>{picture}<td class=gap>{gap}"
    )


def _line(low: float, score: float, high: float, colour: str, ends: tuple[float, float], marked: float) -> str:
    """Draw a score with its interval, and a pale line where the trained metric is. Widths do not scale."""

    def place(value: float) -> str:
        return f"{100 * (value - ends[0]) / (ends[1] - ends[0]):.2f}"

    fixed = 'vector-effect="non-scaling-stroke"'
    dot = f'<path d="M{place(score)} 12h0" stroke="{colour}" stroke-width="9" stroke-linecap="round" {fixed}/>'
    return (
        f'<svg viewBox="0 0 100 24" preserveAspectRatio="none" role="presentation">'
        f'<path d="M{place(marked)} 0v24" stroke="{_PALE}" stroke-dasharray="3 3" {fixed}/>'
        f'<path d="M{place(low)} 12H{place(high)}" stroke="{colour}" stroke-width="2" {fixed}/>{dot}</svg>'
    )
