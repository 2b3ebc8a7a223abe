"""Judgments of figures: what a judge must not return."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.subset_path import Kind
from bappsmith.pipeline.judging import Figures, Judge, JudgedItems
from bappsmith.pipeline.judging.judged_items import not_needed
from bappsmith.pipeline.judging.label import label


class Fixed(Judge):
    """Prefers by a fixed number."""

    value: float | None = 1.0

    def measure(self, items: JudgedItems) -> Figures:
        return {"x": np.zeros(3)}

    def prefer(self, figures: Figures, kind: Kind) -> NDArray[np.float64]:
        return np.full(3, np.nan if self.value is None else self.value)


def labelled(judge: Judge, figures: Figures):
    return label(judge, figures, "2afc", range(3), name="x", seed=0, subset="2afc/train/a")


def test_votes_of_a_thurstone_observer():
    labels = labelled(Fixed(value=1.0), {"x": np.zeros(3)})
    assert labels.shares.tolist() == pytest.approx([0.8413447460685429] * 3)  # Φ(1), from tables
    assert labels.votes.tolist() == [0, 0, 0]
    assert labels.weights.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("judge", "figures", "words"),
    [
        (Fixed(value=None), {"x": np.zeros(3)}, "gives preferences"),
        (Fixed(), {"x": np.array([0, np.nan, 1])}, "measured x .* not finite"),
        (Fixed(), {"x": np.zeros(2)}, "measured x .* missing"),
    ],
)
def test_a_judge_that_breaks_its_contract_is_named(judge: Judge, figures: Figures, words: str):
    with pytest.raises(BappsmithError, match=words) as refusal:
        labelled(judge, figures)
    assert "judge fixed" in str(refusal.value)


def test_reading_what_is_not_in_needs_is_refused():
    with pytest.raises(BappsmithError, match="add 'pixels' to its `needs`"):
        not_needed("pixels")()
