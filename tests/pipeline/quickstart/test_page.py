"""The page at the end of the quickstart."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from bappsmith.lpips.evaluation.baselines import l2, ssim
from bappsmith.lpips.evaluation.evaluate import evaluate
from bappsmith.manifests.dataset import Dataset
from bappsmith.pipeline.quickstart.findings import find
from bappsmith.pipeline.quickstart.page import write_page


@pytest.fixture(scope="module")
def page(made_tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    dataset = Dataset(made_tiny)
    evaluation = evaluate([made_tiny / "2afc/train/tiny"], {"L2": l2, "trained": ssim}, resamples=20)
    path = tmp_path_factory.mktemp("page") / "index.html"
    write_page(
        path,
        evaluation,
        train=dataset.sealed("2afc/train/tiny"),
        val=dataset.sealed("2afc/train/tiny"),
        networks=dataset.sealed("2afc/val/tiny"),
        random_trunk=True,
        links={"A & B": "report.html"},
    )
    return path


def test_the_page_needs_no_other_file(page: Path):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"https?:", text)
    assert set(re.findall(r'src="(\w+):', text)) == {"data"}
    assert '<a href="report.html">A &amp; B</a>' in text
    assert "--trunk-weights" in text


def test_scores_are_those_of_the_evaluation(made_tiny: Path, page: Path):
    text = page.read_text(encoding="utf-8")
    evaluation = evaluate([made_tiny / "2afc/train/tiny"], {"L2": l2, "trained": ssim}, resamples=20)
    for score in evaluation.scores:
        assert f"{100 * score.score:.1f} %" in text
    labels = Dataset(made_tiny)["2afc/train/tiny"].labels().shares
    findings = find(evaluation)
    assert findings.best == pytest.approx(np.maximum(labels, 1 - labels).mean())
    assert f"{100 * findings.best:.1f} %" in text


def test_a_phone_shows_it_without_scrolling_sideways(page: Path, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    shown = context.new_page()
    messages: list[str] = []
    shown.on("console", lambda message: messages.append(message.text))
    shown.goto(page.as_uri())
    assert shown.evaluate("document.documentElement.scrollWidth") == 390
    assert shown.locator(".triplet").first.bounding_box()["y"] < 500
    assert messages == []
    context.close()
