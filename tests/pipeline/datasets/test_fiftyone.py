"""Datasets in FiftyOne. It needs MongoDB and another OpenCV, so a stand-in of its public names takes its place.

The same calls were also run with FiftyOne 1.22.1 on a database in memory (mongomock).
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.pipeline.datasets.fiftyone import to_fiftyone


class Group:
    """A group, and the slices that samples take in it."""

    def element(self, name: str) -> tuple[Group, str]:
        return self, name


class FiftyOneDataset:
    """Samples by name of their group's slice."""

    known: dict[str, FiftyOneDataset] = {}  # noqa: RUF012

    def __init__(self, name: str) -> None:
        self.known[name] = self
        self.samples: list[dict[str, Any]] = []
        self.default: tuple[str, str] | None = None

    def add_group_field(self, field: str, default: str) -> None:
        self.default = (field, default)

    def add_samples(self, samples: list[dict[str, Any]]) -> None:
        self.samples += samples


@pytest.fixture
def fiftyone(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    FiftyOneDataset.known.clear()
    module = SimpleNamespace(
        Dataset=FiftyOneDataset, Group=Group, Sample=dict, dataset_exists=lambda name: name in FiftyOneDataset.known
    )
    monkeypatch.setitem(sys.modules, "fiftyone", module)
    return module


@pytest.mark.parametrize("form", FORMS)
def test_every_item_is_a_group(finished: dict[str, Path], tmp_path: Path, fiftyone: SimpleNamespace, form: Form):
    steps: list[tuple[str, int, int]] = []
    made = to_fiftyone(finished[form], "a", tmp_path / "images", progress=lambda *step: steps.append(step))
    data = Dataset(finished[form])
    assert made.default == ("item", "p0")  # JND has no ref
    assert steps[-1] == ("jnd/val/a", 5, 5)
    assert len(made.samples) == 526 * 3 + 5 * 2
    for sample in [*made.samples[:6], *made.samples[-4:]]:
        subset = data.sealed(sample["subset"])
        _, folder = sample["item"]
        pixels = subset[sample["index"]].images[folder]
        assert (np.asarray(Image.open(sample["filepath"])) == pixels).all()
        row = subset.row(sample["index"])
        assert sample["photo"] == row.plan.photo
        assert sample["judgment"] == subset.labels().shares[sample["index"]]
        assert sample["tags"] == [subset.path.split]
        if folder == "ref":
            assert "operators" not in sample
        else:
            chain = row.plan.chain0 if folder == "p0" else row.plan.chain1
            assert (sample["operators"], sample["severity"]) == (list(chain.names), chain.severity)
    groups = {id(sample["item"][0]) for sample in made.samples}
    assert len(groups) == 531


def test_subsets_can_be_chosen(finished: dict[str, Path], tmp_path: Path, fiftyone: SimpleNamespace):
    made = to_fiftyone(finished["tar"], "a", tmp_path / "images", subsets=["2afc/val/a"])
    assert {sample["subset"] for sample in made.samples} == {"2afc/val/a"}
    assert made.default == ("item", "ref")
    with pytest.raises(BappsmithError, match="FiftyOne has a dataset 'a'; give another name"):
        to_fiftyone(finished["tar"], "a", tmp_path / "images")
    with pytest.raises(BappsmithError, match="unknown subset"):
        to_fiftyone(finished["tar"], "b", tmp_path / "images", subsets=["2afc/val/z"])


def test_what_is_missing_is_named(
    finished: dict[str, Path], tmp_path: Path, fiftyone: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
):
    def unreachable(name: str) -> bool:
        raise RuntimeError("no\nmongod")

    monkeypatch.setattr(fiftyone, "dataset_exists", unreachable)
    with pytest.raises(BappsmithError, match=r"does not reach its database \(no mongod\)"):
        to_fiftyone(finished["tar"], "a", tmp_path / "images")
    monkeypatch.setitem(sys.modules, "fiftyone", None)
    with pytest.raises(BappsmithError, match="pip install fiftyone"):
        to_fiftyone(finished["tar"], "a", tmp_path / "images")
