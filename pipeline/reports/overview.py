"""The report of a dataset: counts, operators, judgments and contact sheets on one page."""

from __future__ import annotations

import html
import io
from collections import Counter, defaultdict
from pathlib import Path

from PIL import Image as PIL

from bappsmith.manifests.ledger import Ledger
from bappsmith.manifests.page import html_page, png_address
from bappsmith.manifests.schema.subset_path import SubsetPath

from .gallery import contact_sheet


def write_overview(dataset: str | Path, out: str | Path) -> Path:
    """Write a contact sheet per subset as PNG, and `index.html` that holds them all.

    Args:
        dataset: folder of a sealed dataset; nothing is written there.
        out: folder for the report.

    Returns:
        The path of index.html.

    Raises:
        BappsmithError: the dataset is not sealed.
    """
    ledger, out = Ledger(dataset), Path(out)
    seal = ledger.seal_data()
    out.mkdir(parents=True, exist_ok=True)
    sections = []
    for subset in seal["subsets"]:
        sheet = contact_sheet(dataset, subset)
        sheet.save(out / f"{subset.replace('/', '-')}.png")
        sections.append(_section(ledger, SubsetPath.parse(subset), _address(sheet)))
    context = html.escape(seal["recipe"]["context"])
    note = (
        f"Judgments are synthetic. Fingerprint {html.escape(seal['fingerprint'][:16])}. "
        "The patch judged the closer has a green frame."
    )
    page = html_page(seal["recipe"]["name"], f'<p>{context}</p><p class="note">{note}</p>{"".join(sections)}')
    path = out / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


def _section(ledger: Ledger, subset: SubsetPath, picture: str) -> str:
    count = total = 0
    used: Counter[str] = Counter()
    severities: defaultdict[str, float] = defaultdict(float)
    closer: defaultdict[str, float] = defaultdict(float)
    photographs = set()
    for row in ledger.rows(subset):
        count += 1
        total += row["judgment"]
        photographs.add(row["photo"])
        for side in (0, 1):
            share = row["judgment"] if side else 1 - row["judgment"]
            for name in filter(None, row[f"operators{side}"].split("+")):
                used[name] += 1
                severities[name] += row[f"severity{side}"]
                closer[name] += share if subset.kind == "2afc" else row["judgment"]
    verdict = "share of votes as the closer" if subset.kind == "2afc" else "share of votes “same”"
    table = "".join(
        f"<tr><td>{html.escape(name)}<td>{n:,}<td>{severities[name] / n:.2f}<td>{closer[name] / n:.2f}"
        for name, n in sorted(used.items())
    )
    return f"""<h2>{subset}</h2>
<p>{count:,} items from {len(photographs)} photographs; mean judgment {total / count:.3f}.</p>
<img alt="contact sheet of {subset}" src="{picture}">
<table><tr><th>operator<th>times used<th>mean total severity of its chains<th>{verdict}{table}</table>
"""


def _address(sheet: PIL.Image) -> str:
    stream = io.BytesIO()
    sheet.save(stream, "PNG")
    return png_address(stream.getvalue())
