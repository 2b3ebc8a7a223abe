"""Write the page of the quickstart: triplets, what was learnt, the mistakes, and how to go on."""

from __future__ import annotations

import html
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from bappsmith.lpips.evaluation.evaluation import Evaluation
from bappsmith.lpips.evaluation.mistakes import worst_mistakes
from bappsmith.manifests.page import html_page
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.manifests.viewer.page import viewer_part, viewer_script, viewer_style

from .examples import choose_examples
from .figures import triplet_figures
from .findings import Findings, find, headline
from .table import percent, score_table

MISTAKES = 60
"""Triplets in the viewer at most."""
NETWORKS = 3
"""Triplets made by networks at the top of the page."""
_DESCRIBED = {
    "L2": "squared difference of pixels",
    "SSIM": "structural similarity, Wang et al. 2004",
    "untrained": "the same network before its training here",
    "published": "LPIPS with the heads that people’s votes trained",
    "bappsmith-alex": "the heads that ship with bappsmith",
}
_OWN_PICTURES = (
    "bappsmith generate bapps-traditional --photos ~/photos --out data --workers 2",
    "bappsmith train data --trunk-weights pretrained --out metric",
    "bappsmith evaluate data --metric l2 --metric metric/last.safetensors --report report.html",
)


def write_page(
    path: Path,
    evaluation: Evaluation,
    *,
    train: SealedSubset,
    val: SealedSubset,
    networks: SealedSubset,
    random_trunk: bool,
    links: Mapping[str, str],
) -> None:
    """Write the page. It needs no other file and no network; its links lead to files beside it.

    Args:
        path: of the page.
        evaluation: of `val` alone; its last metric is the trained one.
        train: the subset that the metric was trained on.
        val: the subset that it is scored on.
        networks: a subset of triplets that networks made.
        random_trunk: whether the trunk of the trained metric has random weights.
        links: text → address relative to the page.
    """
    findings = find(evaluation)
    photographs = len({row["photo"] for row in train.iterate("photo")})
    described = {
        **_DESCRIBED,
        findings.trained.metric: f"here, on {len(train):,} triplets of {photographs} photographs",
    }
    parts = [
        '<p class="lead">bappsmith turns photographs into triplets like these, with a label that says which of two '
        "distorted patches looks closer to the reference, and trains a metric on them.</p>"
        '<p class="note about">Green: the closer one, for so many of 100 observers. Labels are computed from the '
        "damage that people saw in each distortion (KADID-10k); no human judged these triplets. ✓: the metric agrees."
        "</p>",
        triplet_figures(val, choose_examples(val, 1), evaluation),
        f"<p>Distorted by small networks, which this command trained on {photographs} other photographs. The closer "
        "one is here the one of smaller severity; the scores below are without these.</p>",
        triplet_figures(networks, choose_examples(networks, 1)[:NETWORKS]),
        f"<h2>What was learnt</h2><p>{_learnt(findings)}</p>",
        score_table(findings, described),
        f"<p>{_trunk(random_trunk)}</p>",
    ]
    mistakes = worst_mistakes(evaluation, findings.trained.metric, MISTAKES)
    style, script = files("bappsmith.pipeline.quickstart").joinpath("page.css").read_text(encoding="utf-8"), ""
    if mistakes:
        parts.append(
            "<h2>Where it is wrong</h2><p>The triplets that the trained metric got wrong by the largest margin. Open "
            "one to flip between its patches.</p>"
        )
        parts.append(viewer_part(mistakes, evaluation.families))
        style, script = viewer_style() + style, viewer_script()
    commands = "".join(f"<code>{html.escape(command)}</code>" for command in _OWN_PICTURES)
    anchors = "".join(f'<li><a href="{html.escape(to)}">{html.escape(text)}</a>' for text, to in links.items())
    parts.append(
        f"<h2>With your own pictures</h2><pre>{commands}</pre><p>A click selects a line. The first makes 61,320 "
        "triplets and 4,800 pairs from a folder of photographs; the second downloads AlexNet’s weights (233 MB), or "
        "takes their file; the third scores on photographs that nothing was trained on.</p>"
        f"<h2>Look further</h2><ul class=links>{anchors}</ul>"
    )
    path.write_text(html_page("bappsmith quickstart", "".join(parts), style=style, script=script), encoding="utf-8")


def _learnt(findings: Findings) -> str:
    return html.escape(
        f"{headline(findings)} This says whether the 95 % interval of the difference, over photographs and their "
        f"triplets, holds no zero. No metric can score more than {percent(findings.best)}, because labels are not "
        "certain; chance is 50 %."
    )


def _trunk(random_trunk: bool) -> str:
    if random_trunk:
        return (
            "Only the weights of AlexNet’s channels were trained here; AlexNet itself is random. "
            "<code>bappsmith quickstart --trunk-weights pretrained</code> downloads what it learnt on ImageNet "
            "(233 MB), or takes a file, and adds the heads that ship with bappsmith to this table, and the published "
            "metric if the package lpips is installed."
        )
    return "All metrics but L2 and SSIM compare the features that AlexNet learnt on ImageNet."
