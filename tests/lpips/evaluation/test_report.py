"""The report of an evaluation."""

from __future__ import annotations

import warnings
from pathlib import Path

from bappsmith.lpips.evaluation.baselines import l2, ssim
from bappsmith.lpips.evaluation.evaluate import evaluate
from bappsmith.lpips.evaluation.report import write_report

Folders = tuple[Path, Path]


def test_the_report_holds_everything_in_one_file(tiny: Folders, tmp_path: Path):
    evaluation = evaluate([tiny[1]], {"<b>l2": l2, "ssim": ssim}, resamples=20)
    history = [
        {"epoch": 1, "loss": 1.0, "train_2afc": 0.5, "val_2afc": 0.6},
        {"epoch": 2, "loss": 0.5, "train_2afc": 0.7, "val_2afc": 0.8},
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_report(tmp_path / "r.html", evaluation, title="A & B", notes=["one"], history=history)
        write_report(tmp_path / "bare.html", evaluation, title="A", history=[history[0], {**history[1]}])
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Scores on parts of" not in page  # no manifest tells
    assert "A &amp; B" in page
    assert "&lt;b&gt;l2" in page
    assert "<b>l2" not in page
    assert "http:" not in page
    assert "https:" not in page
    for score in evaluation.scores:
        assert f"{100 * score.score:.1f} %" in page
    assert page.count('id="viewer-data"') == 1
    assert page.count('id="atlas-') == 1


def test_the_report_of_a_generated_dataset_shows_what_scores_are_made_of(generated: Path, tmp_path: Path):
    roots = [generated / "2afc/val/g", generated / "jnd/val/g"]
    evaluation = evaluate(roots, {"l2": l2, "ssim": ssim}, resamples=20)
    write_report(tmp_path / "r.html", evaluation, title="G")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count("Scores on parts of") == page.count("Distance over severity") == 2
    assert "minus l2" in page
    assert '"name":"gaussian_blur","family":"other"' in page  # the viewer of mistakes knows how they were made
    assert f"bappsmith replay {generated} 2afc/val/g" in page
