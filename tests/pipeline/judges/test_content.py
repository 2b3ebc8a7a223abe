"""The judge `content`: an operator's damage, moved by the picture."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bappsmith.distortions.plugins import use_plugins
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judge import read_judge
from bappsmith.pipeline.datasets.judge import judge_dataset
from bappsmith.pipeline.judging.cell_residuals import cell_residuals
from bappsmith.pipeline.judging.registry import judge_source, make_judge

from .patches import of_images, swapped, triplets

DAMAGED = '''
from bappsmith.pipeline.judging import Judge, register_judge


@register_judge
class Damaged(Judge):
    """Damage is ten times the severity."""

    def measure(self, items):
        return {"damage": 10 * items.severities}

    def prefer(self, figures, kind):
        return (figures["damage"][:, 0] - figures["damage"][:, 1]) / 2

    def drop(self, figures, kind):
        return tuple("mild" if row.max() < 1 else "" for row in figures["damage"])
'''
SETTINGS = ["of=damaged", "metrics=[l2, gmsd]", "gain=3"]


@pytest.fixture
def damaged(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "damaged.py"
    file.write_text(DAMAGED)
    use_plugins([file])
    yield file
    use_plugins([])


def test_the_damage_is_moved_by_the_mean_residual(damaged: Path):
    judge = make_judge(read_judge("content", SETTINGS))
    assert judge.learning
    images, severities = triplets(80), np.random.default_rng(3).uniform(0.1, 1, (80, 2))
    severities[0] = 0.05
    figures = judge.measure(of_images(images, severities=severities))
    z = np.zeros((80, 2))
    for name in ("l2", "gmsd"):
        flat = figures[f"distance.{name}"].reshape(-1)
        z += cell_residuals(flat, severities.reshape(-1), np.zeros(160), 1e-6).reshape(80, 2) / 2
    moved = 10 * severities + 3 * z
    np.testing.assert_allclose(judge.prefer(figures, "2afc"), (moved[:, 0] - moved[:, 1]) / 2)
    turned = judge.measure(of_images(swapped(images), severities=severities[:, ::-1]))
    np.testing.assert_allclose(judge.prefer(turned, "2afc"), -judge.prefer(figures, "2afc"), atol=1e-3)
    without = make_judge(read_judge("content", [*SETTINGS[:2], "gain=0"]))
    np.testing.assert_allclose(without.prefer(figures, "2afc"), 5 * (severities[:, 0] - severities[:, 1]))
    figures["identical"][1] = 1
    assert judge.drop(figures, "2afc") == ("mild", "identical") + ("",) * 78


def test_a_finished_dataset_is_judged_and_the_file_of_the_inner_judge_counts(
    damaged: Path, finished: dict[str, Path], tmp_path: Path
):
    root = shutil.copytree(finished["tar"], tmp_path / "data")
    spec = read_judge("content", SETTINGS)
    assert judge_source(make_judge(spec)) is not None
    judge_dataset(root, spec, "new", plugins=[damaged])
    labels = Dataset(root)["2afc/train/a"].labels("new")
    severities = Dataset(root)["2afc/train/a"].columns("severity0", "severity1")
    plain = 5 * (np.array(severities["severity0"]) - np.array(severities["severity1"]))
    assert labels.preferences is not None
    moved = np.abs(labels.preferences - plain)
    assert 0 < np.median(moved) < 3
    assert not np.array_equal(labels.preferences, plain)


def test_a_judge_without_damage_is_refused(damaged: Path):
    judge = make_judge(read_judge("content", ["of=severity", "metrics=[l2]"]))
    with pytest.raises(BappsmithError, match="severity measures severities; use of=scale"):
        judge.measure(of_images(triplets(2)))


def test_a_metric_named_twice_is_refused(damaged: Path):
    with pytest.raises(BappsmithError, match="metric l2 is named twice"):
        make_judge(read_judge("content", ["of=damaged", "metrics=[l2, l2]"]))
