"""Tables of scores and figures of pairs, as they are printed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio

from bappsmith.cli import main
from bappsmith.cli.scores import print_scores
from bappsmith.lpips.evaluation.evaluation import Evaluation, Score


def test_long_names_are_whole_where_no_terminal_is(capsys: pytest.CaptureFixture[str]):
    names = ["2afc/val/" + "long-name-of-a-subset-" * 6, "runs/[red]of-today[1]/" + "metric-" * 12 + ".safetensors"]
    score = Score(names[0], names[1], "2AFC", 1000, 0.5, 0.4, 0.6)
    print_scores(Evaluation(scores=[score]))
    printed = capsys.readouterr().out
    assert all(name in printed for name in names)
    (row,) = [line for line in printed.splitlines() if names[0] in line]
    assert row.split() == [*names, "2AFC", "1,000", "50.0", "%", "40.0", "–", "60.0"]


def test_pairs_are_compared_in_the_fields_own_quantities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    one = np.random.default_rng(0).integers(100, 150, (32, 32, 3), np.uint8)
    two = one + np.uint8(7)
    for name, image in (("a.png", one), ("b.png", two)):
        Image.fromarray(image).save(tmp_path / name)

    def run(*more: str) -> str:
        command = [
            "bappsmith",
            "compare",
            tmp_path / "a.png",
            tmp_path / "b.png",
            "--metric",
            "psnr",
            "--metric",
            "ssim",
        ]
        monkeypatch.setattr(sys, "argv", [*map(str, command), *more])
        with pytest.raises(SystemExit):
            main.run()
        return capsys.readouterr().out

    psnr = peak_signal_noise_ratio(one, two)
    table = run()
    assert table.split()[:5] == ["PSNR,", "dB", "↑", "SSIM", "↑"]
    assert float(table.splitlines()[1].split()[1]) == pytest.approx(psnr, abs=1e-3)
    assert "↑ higher is more similar" in table
    figures = json.loads(run("--json"))
    assert figures["pairs"][0]["psnr"] == pytest.approx(psnr, abs=1e-3)
    assert 0.9 < figures["mean"]["ssim"] < 1
    assert figures["higher_is_more_alike"] == {"psnr": True, "ssim": True}
