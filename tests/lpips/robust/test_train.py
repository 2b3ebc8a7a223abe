"""Training of certified metrics, and their files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from bappsmith.lpips.data.mixture import mix
from bappsmith.lpips.data.subset import PackedSubset, load_subset
from bappsmith.lpips.evaluation.evaluate import evaluate
from bappsmith.lpips.evaluation.metrics import find_metric
from bappsmith.lpips.model.checkpoint import load_lpips, load_metric, read_facts
from bappsmith.lpips.robust.certify import certify
from bappsmith.lpips.robust.checkpoint import FORMAT, save_certified
from bappsmith.lpips.robust.config import DEFAULTS, CertifiedConfig
from bappsmith.lpips.robust.dct_metric import DctMetric
from bappsmith.lpips.robust.fit_state import FitState
from bappsmith.lpips.robust.lipschitz_metric import LipschitzMetric
from bappsmith.lpips.robust.train import fit, train_certified
from bappsmith.manifests.errors import BappsmithError


def test_a_training_learns_the_rule_and_can_be_repeated(
    tmp_path: Path, tiny: tuple[Path, Path], quick: CertifiedConfig
) -> None:
    config = replace(quick, epochs=10)
    result = train_certified(config, [tiny[0]], [tiny[1]], out=tmp_path / "one")
    again = train_certified(config, [tiny[0]], [tiny[1]], out=tmp_path / "two")
    assert result.checkpoint.read_bytes() == again.checkpoint.read_bytes()
    assert result.history[-1]["val_2afc"] > 0.9
    assert train_certified(config, [tiny[0]], [tiny[1]], out=tmp_path / "one").history == result.history
    with pytest.raises(BappsmithError, match="holds another training"):
        train_certified(replace(config, seed=1), [tiny[0]], [tiny[1]], out=tmp_path / "one")


@pytest.mark.parametrize("killed_after", [1, 2, 3])
def test_resuming_gives_the_weights_of_an_uninterrupted_training(
    tmp_path: Path, few: tuple[Path, Path], quick: CertifiedConfig, killed_after: int
) -> None:
    whole = train_certified(quick, [few[0]], [few[1]], out=tmp_path / "whole")
    epochs: list[int] = []

    def stop(what: str, done: int, total: int) -> None:
        if what == "epochs":
            epochs.append(done)
            if done == killed_after:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_certified(quick, [few[0]], [few[1]], out=tmp_path / "parts", progress=stop)
    torch.rand(3)  # the global random state is nobody's business
    parts = train_certified(
        quick, [few[0]], [few[1]], out=tmp_path / "parts", progress=lambda what, done, _: _note(epochs, what, done)
    )
    assert epochs == [1, 2, 3]  # none is repeated
    assert parts.history == whole.history
    for name in ("best.safetensors", "history.jsonl"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    files = [{path.name for path in (tmp_path / run).iterdir()} for run in ("whole", "parts")]
    assert files[0] == files[1]


def test_a_damaged_state_means_begin_again(tmp_path: Path, few: tuple[Path, Path], quick: CertifiedConfig) -> None:
    def stop(what: str, done: int, _: int) -> None:
        if what == "epochs" and done == 2:
            raise KeyboardInterrupt

    whole = train_certified(quick, [few[0]], out=tmp_path / "whole")
    for damage in (b"", b"no state", FitState([], [torch.zeros(3)], {}).to_bytes()):
        out = tmp_path / f"parts-{len(damage)}"
        with pytest.raises(KeyboardInterrupt):
            train_certified(quick, [few[0]], out=out, progress=stop)
        (state,) = out.rglob("*.pt")
        state.write_bytes(damage)
        parts = train_certified(quick, [few[0]], out=out)
        assert parts.checkpoint.read_bytes() == whole.checkpoint.read_bytes()


def test_a_file_is_a_metric_like_the_others(
    tmp_path: Path, tiny: tuple[Path, Path], trained: DctMetric, loaded: PackedSubset
) -> None:
    save_certified(tmp_path / "m.safetensors", trained, {"data": [], "val": []})
    metric = find_metric(str(tmp_path / "m.safetensors"))
    assert isinstance(metric, LipschitzMetric)
    assert metric.lipschitz_constant() == pytest.approx(1, abs=1e-5)
    assert np.array_equal(certify(metric, loaded).distances, certify(trained, loaded).distances)
    assert read_facts(tmp_path / "m.safetensors") == {"data": [], "val": []}
    evaluation = evaluate([tiny[1]], {"m": metric}, resamples=10)
    assert 0 <= evaluation.scores[0].score <= 1
    with pytest.raises(BappsmithError, match="a certified metric"):
        load_lpips(tmp_path / "m.safetensors")


def test_more_robustness_gives_larger_radii(tiny: tuple[Path, Path], quick: CertifiedConfig) -> None:
    radii = []
    for robustness in (0.0, 10.0):
        metric = DctMetric()
        fit(metric, replace(quick, epochs=10, robustness=robustness), mix([load_subset(tiny[0])]))
        radii.append(np.median(certify(metric, load_subset(tiny[1])).radii.ref))
    assert radii[1] > radii[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.fill_(float("nan")), "NaN or infinite"),
        (lambda w: w[0].fill_(-1), "below 0"),
        (lambda w: w.fill_(0), "all weights are 0"),
    ],
)
def test_damaged_weights_are_refused_in_one_line(
    tmp_path: Path, trained: DctMetric, change: object, message: str
) -> None:
    path = tmp_path / "m.safetensors"
    weights = trained.weights.detach().clone()
    change(weights)  # type: ignore[operator]
    save_file({"weights": weights}, path, metadata={"format": FORMAT, "net": "dct", "facts": "{}"})
    with pytest.raises(BappsmithError, match=message) as caught:
        load_metric(path)
    assert "\n" not in str(caught.value)


def test_other_embeddings_and_shapes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    for net, message in (("fourier", "unknown embedding"), ("dct", "do not fit")):
        save_file({"weights": torch.ones(3)}, path, metadata={"format": FORMAT, "net": net, "facts": "{}"})
        with pytest.raises(BappsmithError, match=message):
            load_metric(path)


@pytest.mark.parametrize(
    ("field", "value"), [("robustness", -1.0), ("epochs", 0), ("batch", 0), ("learning_rate", 0.0), ("seed", -1)]
)
def test_bad_settings_are_refused(field: str, value: float) -> None:
    with pytest.raises(BappsmithError, match=field):
        replace(DEFAULTS["dct"], **{field: value})


@pytest.mark.slow
def test_learnt_convolutions_are_one_lipschitz(tmp_path: Path, few: tuple[Path, Path], quick: CertifiedConfig) -> None:
    pytest.importorskip("orthogonium")
    from bappsmith.lpips.robust.constant import measure_constant

    config = replace(quick, embedding="sll", learning_rate=0.05, epochs=2)
    result = train_certified(config, [few[0]], out=tmp_path / "sll")
    metric = load_metric(result.checkpoint)
    assert isinstance(metric, LipschitzMetric)
    measured = measure_constant(metric, load_subset(few[1])).to_json()
    assert max(measured.values()) <= metric.lipschitz_constant() * (1 + 1e-5)
    assert load_file(result.checkpoint)["scales"].sum(dim=0).max().item() == pytest.approx(1)


def _note(epochs: list[int], what: str, done: int) -> None:
    if what == "epochs":
        epochs.append(done)
