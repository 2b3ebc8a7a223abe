"""What docs/training.md shows for other libraries works as shown."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from bappsmith.lpips import LPIPS, save_checkpoint, save_pretrained

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "training.md").read_text(encoding="utf-8")


def block(word: str) -> str:
    """The code block that holds a word."""
    return next(text for text in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if word in text)


@pytest.fixture
def metric(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LPIPS:
    """A metric, also as the folder my-metric in the working directory."""
    monkeypatch.chdir(tmp_path)
    metric = LPIPS("alex", trunk_weights=0, taps=("features.1",))
    save_pretrained(metric, "my-metric")
    return metric


def images() -> tuple[torch.Tensor, torch.Tensor]:
    drawn = torch.Generator().manual_seed(0)
    return torch.rand(2, 3, 32, 32, generator=drawn), torch.rand(2, 3, 32, 32, generator=drawn)


def stand_in_for_pyiqa(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set up the names that the snippet uses, as pyiqa 0.1.16 has them."""
    classes: dict[str, Any] = {}
    configs: dict[str, Any] = {}

    class Registry:
        def register(self) -> Any:
            return lambda made: classes.setdefault(made.__name__, made)

    def create_metric(name: str, device: str) -> torch.nn.Module:
        options = dict(configs[name]["metric_opts"])
        return classes[options.pop("type")](**options).to(device)

    names = {
        "pyiqa": {"create_metric": create_metric},
        "pyiqa.default_model_configs": {"DEFAULT_CONFIGS": configs},
        "pyiqa.utils": {},
        "pyiqa.utils.registry": {"ARCH_REGISTRY": Registry()},
    }
    for name, content in names.items():
        module = ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)


def test_the_snippet_for_pyiqa_registers_a_metric(metric: LPIPS, monkeypatch: pytest.MonkeyPatch):
    if find_spec("pyiqa") is None:  # no requirement of the tests: it brings transformers and bitsandbytes
        stand_in_for_pyiqa(monkeypatch)
    space: dict[str, Any] = {}
    exec(block("import pyiqa"), space)
    x, y = images()
    assert torch.equal(space["iqa"](x, y), metric(x, y, normalize=True).flatten())
    config = space["DEFAULT_CONFIGS"]["bappsmith"]
    assert (config["metric_mode"], config["lower_better"]) == ("FR", True)


def test_the_snippet_for_torchmetrics(metric: LPIPS):
    pytest.importorskip("torchmetrics")
    space: dict[str, Any] = {}
    exec(block("PerceptualDistance(metric"), space)
    x, y = images()
    space["distance"].update(x, y)
    assert space["distance"].compute().item() == pytest.approx(metric(x, y, normalize=True).mean().item(), rel=1e-5)
    space["score"].update(x, x, y, torch.tensor([1.0, 0.0]))
    assert space["score"].compute().item() == 0.5


def test_the_snippet_for_folders(metric: LPIPS):
    Path("metric").mkdir()
    save_checkpoint("metric/best.safetensors", metric, {})
    space: dict[str, Any] = {}
    exec(block("save_pretrained(load_metric"), space)
    x, y = images()
    assert torch.equal(space["metric"](x, y), metric(x, y))


def test_the_logger_shown_is_one(capsys: pytest.CaptureFixture[str]):
    space: dict[str, Any] = {}
    exec(block("class PrintLogger"), space)
    logger = space["PrintLogger"]()
    logger.start(Path("metric"), {"config": {"net": "alex"}})
    logger.log({"epoch": 1, "loss": 0.5})
    logger.finish()
    assert capsys.readouterr().out == "metric alex\n{'epoch': 1, 'loss': 0.5}\ndone\n"
