"""Write the overview of a dataset: counts, operators, judgments and contact sheets on one page."""

from __future__ import annotations

import html
import io
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from PIL import Image as PIL

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.forms.item import SHARD
from bappsmith.manifests.page import html_page, png_address
from bappsmith.manifests.progress import Progress
from bappsmith.manifests.sealed_subset import SealedSubset

from .gallery import contact_sheet

OVERVIEW = "overview.html"
"""Name of the page."""


def write_overview(root: str | Path, out: str | Path, progress: Progress | None = None) -> Path:
    """Write a contact sheet per subset as PNG, and `overview.html` with all of them.

    Args:
        root: folder or address of a finished dataset; nothing is written there.
        out: folder for the report.
        progress: called with ("items", done, total).

    Returns:
        The path of overview.html.

    Raises:
        BappsmithError: the dataset is not finished.
    """
    dataset, out = Dataset(root), Path(out)
    seal = dataset.finished
    out.mkdir(parents=True, exist_ok=True)
    sections = []
    done, total = 0, sum(seal.subsets.values())
    report = progress or (lambda what, done, total: None)
    report("items", done, total)
    for subset in dataset.subsets():
        sheet = contact_sheet(root, subset.name)
        sheet.save(out / f"{subset.name.replace('/', '-')}.png")
        sections.append(_section(subset, lambda number: report("items", done + number, total), _address(sheet)))  # noqa: B023
        done += len(subset)
    report("items", done, total)
    context = html.escape(seal.recipe.context)
    note = (
        f"Judgments are synthetic. Fingerprint {html.escape(seal.fingerprint[:16])}. "
        "The patch that was judged closer has a green frame."
    )
    page = html_page(seal.recipe.name, f'<p>{context}</p><p class="note">{note}</p>{"".join(sections)}')
    path = out / OVERVIEW
    path.write_text(page, encoding="utf-8")
    return path


def _section(subset: SealedSubset, report: Callable[[int], None], picture: str) -> str:
    shares = subset.labels().shares
    times_used: Counter[str] = Counter()
    severities: defaultdict[str, float] = defaultdict(float)
    closer: defaultdict[str, float] = defaultdict(float)
    photographs = set()
    for row in subset.iterate("index", "photo", "operators0", "operators1", "severity0", "severity1"):
        if row["index"] % SHARD == 0:
            report(row["index"])
        share = float(shares[row["index"]])
        photographs.add(row["photo"])
        for side in (0, 1):
            for_side = share if side or subset.kind == "jnd" else 1 - share
            for name in filter(None, row[f"operators{side}"].split("+")):
                times_used[name] += 1
                severities[name] += row[f"severity{side}"]
                closer[name] += for_side
    verdict = "share of votes as the closer" if subset.kind == "2afc" else "share of votes “same”"
    table = "".join(
        f"<tr><td>{html.escape(name)}<td>{n:,}<td>{severities[name] / n:.2f}<td>{closer[name] / n:.2f}"
        for name, n in sorted(times_used.items())
    )
    return f"""<h2>{subset.name}</h2>
<p>{len(subset):,} items from {len(photographs)} photographs; mean judgment {shares.mean():.3f}.</p>
<img alt="contact sheet of {subset.name}" src="{picture}">
<table><tr><th>operator<th>times used<th>mean total severity of its chains<th>{verdict}{table}</table>
"""


def _address(sheet: PIL.Image) -> str:
    stream = io.BytesIO()
    sheet.save(stream, "PNG")
    return png_address(stream.getvalue())
