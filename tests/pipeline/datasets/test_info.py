"""What a dataset is, in figures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from bappsmith.pipeline.datasets.info import info


def test_figures_are_those_of_the_files(made_tiny: Path, photos: Path):
    facts = info(made_tiny)
    assert (facts["name"], facts["form"], facts["parents"]) == ("tiny", "folders", [])
    assert facts["photographs"] == len(list(photos.iterdir()))
    assert facts["labellings"] == {"active": "recipe", "names": ["recipe"]}
    assert facts["versions"]["opencv-python"].startswith(cv2.__version__)
    assert {path: one["items"] for path, one in facts["subsets"].items()} == {
        "2afc/train/tiny": 8,
        "2afc/val/tiny": 6,
        "jnd/val/tiny": 5,
    }
    for path, label in (("2afc/train/tiny", "judge"), ("jnd/val/tiny", "same")):
        labels = [np.load(file).item() for file in sorted((made_tiny / path / label).iterdir())]
        assert np.isclose(facts["subsets"][path]["judgment"], np.mean(labels))
    # Of JND, p0 is not distorted: one chain of one or two operators for each pair.
    assert 5 <= sum(facts["subsets"]["jnd/val/tiny"]["operators"].values()) <= 10
