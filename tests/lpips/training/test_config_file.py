"""Settings of a training in a YAML file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from bappsmith.lpips.robust.config import DEFAULTS, CertifiedConfig
from bappsmith.lpips.training.config import TrainConfig
from bappsmith.lpips.training.config_file import check_settings, config_text, read_config_file
from bappsmith.manifests.errors import BappsmithError

CONFIGS = (
    TrainConfig(),
    TrainConfig("vgg", taps=("features.3", "features.8"), forms=("local", "structure"), trunk_weights="näher.pth"),
    TrainConfig(mode="scratch", trunk_weights=None, epochs=3, learning_rate=1e-5, loss="binomial", weigh_votes=True),
    TrainConfig(trunk_weights=7, seed=2**62),
    *DEFAULTS.values(),
)


@pytest.mark.parametrize("config", CONFIGS)
def test_what_is_written_is_read_back(config: TrainConfig | CertifiedConfig, tmp_path: Path):
    path = tmp_path / "train.yaml"
    path.write_text(config_text(asdict(config)), encoding="utf-8")
    kind = type(config)
    assert kind(**check_settings(read_config_file(path), kind, "train.yaml")) == config


def test_a_number_may_be_written_as_people_do():
    assert check_settings({"learning_rate": "1e-4", "batch": 10.0}, TrainConfig, "f") == {
        "learning_rate": 1e-4,
        "batch": 10,
    }


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"batchs": 5}, "train.yaml: unknown setting 'batchs': did you mean 'batch'?"),
        ({"batch": "many"}, "train.yaml: setting 'batch' must be a whole number, found 'many'"),
        ({"batch": True}, "train.yaml: setting 'batch' must not be true or false, found True"),
        ({"batch": None}, "train.yaml: setting 'batch' must be a whole number, found None"),
        ({"mode": "fine"}, "train.yaml: setting 'mode' must be 'lin', 'tune' or 'scratch', found 'fine'"),
        ({"trunk_weights": [1]}, "train.yaml: setting 'trunk_weights' must be text or a whole number, found [1]"),
        ({"taps": 3}, "train.yaml: setting 'taps' must be a list, found 3"),
    ],
)
def test_a_wrong_setting_is_one_line(settings: dict[str, object], line: str):
    with pytest.raises(BappsmithError) as refused:
        check_settings(settings, TrainConfig, "train.yaml")
    assert str(refused.value).startswith(line)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a", "no settings"),
        ("", "no settings"),
        ("a: [", "not YAML"),
        ("a: !!python/name:os.system x", "not allowed"),
    ],
)
def test_a_file_of_another_kind_is_one_line(tmp_path: Path, text: str, words: str):
    path = tmp_path / "train.yaml"
    path.write_text(text)
    with pytest.raises(BappsmithError, match=words) as refused:
        read_config_file(path)
    assert str(refused.value).count("train.yaml") == 1
    with pytest.raises(BappsmithError, match=r"none\.yaml: cannot be read"):
        read_config_file(tmp_path / "none.yaml")
