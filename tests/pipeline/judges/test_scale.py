"""The judge `scale`, against damages worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from bappsmith.distortions.random import Draws
from bappsmith.distortions.registry import operator
from bappsmith.distortions.severity_curve import SeverityCurve
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.manifests.schema.call import Chain, OperatorCall
from bappsmith.pipeline.judges.scale import Scale

from .judged import judged


def call(name: str, severity: float = 0.5, **params: object) -> OperatorCall:
    return OperatorCall(name, severity, params)


BLUR = Chain((call("gaussian_blur", sigma=1.0),))  # KADID-10k: mean 2.9111 at σ 1, so 4.65 - 2.9111 points
JPEG = Chain((call("jpeg", quality=24),))  # mean 3.8658
BOTH = Chain((*BLUR.calls, *JPEG.calls))


def test_means_of_people_become_probabilities_by_thurstone():
    labels = judged(Scale(noise=0.5, power=2.0), [(BLUR, JPEG), (JPEG, BLUR), (BOTH, BLUR)])
    blur, jpeg = 4.65 - 2.911, 4.65 - 3.866
    first = (blur - jpeg) / (np.sqrt(2) * 0.5)
    chain = (np.hypot(blur, jpeg) - blur) / (np.sqrt(2) * 0.5)
    assert labels.preferences == pytest.approx([first, -first, chain], abs=2e-3)
    assert labels.shares == pytest.approx(norm.cdf([first, -first, chain]), abs=1e-3)
    assert labels.shares.tolist() == labels.shares.astype(np.float32).tolist()  # as the files hold them
    damage = json.loads(labels.sources[0])["damage"]
    assert damage == pytest.approx([blur, jpeg], abs=1e-3)


def test_a_jnd_pair_at_the_threshold_looks_the_same_to_half():
    threshold = 4.65 - 2.911
    labels = judged(Scale(threshold=threshold, noise=0.3), [(Chain(), BLUR), (Chain(), JPEG)], "jnd")
    assert labels.shares[0] == pytest.approx(0.5, abs=2e-3)
    assert labels.shares[1] > 0.99


def test_what_nobody_sees_on_either_side_is_dropped():
    faint = Chain((call("gaussian_blur", sigma=0.1),))
    labels = judged(Scale(drop_below=0.1), [(faint, faint), (faint, BLUR), (Chain(), faint)])
    assert labels.dropped == ("unseen", "", "unseen")
    assert labels.weights.tolist() == [0, 1, 0]


def test_operators_without_anchors_take_the_damage_of_the_table(monkeypatch: pytest.MonkeyPatch):
    row = (0.1, 0.5, 1.0, 2.0, 3.0)
    positions = {64: (0.0, 0.25, 0.5, 0.75, 1.0)}
    monkeypatch.setattr(
        operator("shift"), "curve", SeverityCurve(declaration="x", positions=positions, damage={64: row})
    )
    moved = Chain((call("shift", 0.625, distance=0.1),))
    labels = judged(Scale(), [(moved, Chain())])
    assert json.loads(labels.sources[0])["damage"] == pytest.approx([1.5, 0.0])
    monkeypatch.setattr(operator("shift"), "curve", None)
    with pytest.raises(BappsmithError, match="knows no damage of shift"):
        judged(Scale(), [(moved, Chain())])
    subset = SubsetRecipe(path="2afc/train/a", triplets=3)
    with pytest.raises(BappsmithError, match=r"subset 2afc/train/a: judge scale knows no damage of shift; leave"):
        Scale().check(subset, ["jpeg", "shift"])
    Scale().check(subset, ["jpeg"])


def test_beyond_the_last_anchor_the_yardstick_goes_on():
    chains = [Chain((operator("contrast").call(s, Draws(1, 1), 64),)) for s in (0.5, 0.7, 0.8, 0.9, 1.0)]
    labels = judged(Scale(), [(chain, Chain()) for chain in chains])
    rising = [json.loads(source)["damage"][0] for source in labels.sources]
    assert rising == sorted(set(rising))  # KADID-10k has no contrast as strong as these


def test_anchors_of_a_persons_own_belong_to_what_is_judged_from(tmp_path: Path):
    assert Scale(anchors=str(tmp_path / "mine.json")).files == (tmp_path / "mine.json",)
    assert Scale().files == ()
