"""HTML of the status page. It holds numbers of people and no hash, so that it can be shown around a lab."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import PurePath
from typing import Any

REFRESH_SECONDS = 15
_MOST_PEOPLE = 1000


def status_page(status: dict[str, Any], seconds: int = REFRESH_SECONDS) -> str:
    """Return the page. It loads itself again, without a script.

    Args:
        status: `StudyStatus.to_json()`.
        seconds: until it loads itself again.
    """
    progress, left = status["progress"], status["time_left"]
    name = PurePath(status["study"]).name
    share = progress["votes"] / progress["wanted"] if progress["wanted"] else 0
    boxes = [
        ("items with all their votes", f"{progress['complete']:,} of {progress['items']:,}", ""),
        (
            "people",
            f"{progress['people']:,}",
            f"{progress['set_aside']:,} set aside, {progress['withdrawn']:,} withdrew",
        ),
        (
            "sessions",
            f"{progress['finished']:,} finished",
            f"{progress['sessions'] - progress['finished']:,} under way",
        ),
        ("questions out now", f"{progress['open']:,}", f"{progress['answers']:,} answers of every kind"),
        ("time left", _hours(left["hours"]), f"at {left['per_hour']:,} votes in the last hour"),
        ("work left", _hours(left["work_hours"]), "of people's attention"),
    ]
    parts = [
        f"<h1>{escape(name)}</h1>",
        f"<p>{progress['votes']:,} of {progress['wanted']:,} votes ({_whole_percent(share)})</p>",
        f'<progress max="{progress["wanted"]}" value="{progress["votes"]}" aria-label="votes"></progress>',
        "<dl>" + "".join(_box(*box) for box in boxes) + "</dl>",
        "<h2>Agreement and ceiling so far</h2>",
        _tasks(status["tasks"]),
        "<h2>People</h2>",
        _people(status["people"]),
        f"<footer>The page loads itself again every {seconds} s.</footer>",
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="refresh" content="{seconds}">\n<title>{escape(name)}: {_whole_percent(share)}</title>\n'
        '<link rel="icon" href="/static/icon.svg">\n<link rel="stylesheet" href="/static/status.css">\n'
        "</head>\n<body>\n<main>\n" + "\n".join(parts) + "\n</main>\n</body>\n</html>\n"
    )


def _box(label: str, figure: str, remark: str) -> str:
    small = f"<small>{escape(remark)}</small>" if remark else ""
    return f"<div><dt>{escape(label)}</dt><dd>{escape(figure)}{small}</dd></div>"


def _tasks(tasks: Sequence[dict[str, Any]]) -> str:
    if not tasks:
        return "<p>No item has votes yet.</p>"
    caption = (
        "Scores in %, with 95 % intervals, over items with two votes or more. The best predictor is what a metric "
        "could reach against these votes; a person is what one person scores against the others."
    )
    headings = ("task", "items", "Krippendorff’s α", "best predictor", "a person", "a person, as in BAPPS")
    rows = [
        (
            row["task"],
            f"{row['items']:,}",
            _estimate(row["alpha"], 1, 2),
            _estimate(row["best"], 100, 1),
            _estimate(row["human"], 100, 1),
            _estimate(row["published"], 100, 1),
        )
        for row in tasks
    ]
    return _table("agreement", caption, headings, rows)


def _people(people: Sequence[dict[str, Any]]) -> str:
    if not people:
        return "<p>Nobody has answered yet.</p>"
    shown = people[:_MOST_PEOPLE]
    caption = (
        "Times are medians. Left: share of answers for the left side. Others: share of the others’ votes agreed with."
    )
    if len(shown) < len(people):
        caption = f"The first {len(shown):,} of {len(people):,}. {caption}"
    headings = ("person", "task", "votes", "sentinels right", "time", "left", "repeats equal", "others", "set aside")
    rows = [
        (
            row["person"],
            row["task"],
            f"{row['votes']:,}",
            f"{row['sentinels_right']} of {row['sentinels']}",
            "–" if row["median_ms"] is None else f"{row['median_ms'] / 1000:.1f} s",
            _percent(row["left"]),
            f"{row['consistent']} of {row['repeats']}",
            _percent(row["agreement"]),
            _rule(row),
        )
        for row in shown
    ]
    return _table("people", caption, headings, rows)


def _rule(person: dict[str, Any]) -> str:
    if person["set_aside"] is None:
        return "no"
    details = [failure["detail"] for failure in person["failures"] if failure["rule"] == person["set_aside"]]
    return ": ".join([person["set_aside"], *details[:1]])


def _table(name: str, caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<p id="{name}-caption">{escape(caption)}</p>'
        f'<div class="table" tabindex="0" role="region" aria-labelledby="{name}-caption"><table class="{name}">'
        f"<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
    )


def _estimate(estimate: dict[str, float | None], scale: float, digits: int) -> str:
    value, low, high = (estimate[key] for key in ("value", "low", "high"))
    if value is None:
        return "–"
    if low is None or high is None:
        return f"{scale * value:.{digits}f}"
    return f"{scale * value:.{digits}f} ({scale * low:.{digits}f} to {scale * high:.{digits}f})"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def _whole_percent(share: float) -> str:
    return f"{int(100 * share)} %"  # 100 % only when all is there


def _hours(hours: float | None) -> str:
    if hours is None:
        return "unknown"
    if hours == 0:
        return "none"
    if hours < 1:
        return f"{max(1, round(60 * hours))} min"
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"
