"""The operators of docs/own-operators.md keep the contract, and make the same dataset on two workers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bappsmith.distortions.conformance import check_operator
from bappsmith.distortions.patches import natural_patches
from bappsmith.distortions.plugins import load_plugin
from bappsmith.distortions.random import Draws
from bappsmith.distortions.registry import operator
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.call import Chain
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.generate import generate

PAGE = (Path(__file__).parent.parent / "docs" / "own-operators.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
NAMES = {
    "double_image.py": ["double_image"],
    "late_exposure.py": ["late_exposure"],
    "underexposed.py": ["underexposed"],
    "transforms.py": ["camera_shake", "rubber", "sensor_noise"],
    "thumbnail.py": ["local_blur", "thumbnail"],
}
ALL_NAMES = sorted(name for names in NAMES.values() for name in names)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files of the page."""
    monkeypatch.setenv("NO_ALBUMENTATIONS_UPDATE", "1")
    paths = []
    for block in BLOCKS:
        named = re.match(r"# (\w+\.py)\n", block)
        if named:
            paths.append(tmp_path / named[1])
            paths[-1].write_text(block, encoding="utf-8")
    return paths


@pytest.mark.slow  # two libraries are imported
def test_the_operators_of_the_page_keep_the_contract(files: list[Path]) -> None:
    assert {file.name: sorted(load_plugin(file)) for file in files} == NAMES
    patches = natural_patches(12)
    for name in ALL_NAMES:
        assert check_operator(operator(name), patches) == [], name


def test_the_calls_of_the_page_work() -> None:
    (block,) = [block for block in BLOCKS if block.startswith("import bappsmith\n")]
    images = np.stack(natural_patches(2))
    import torch

    tensor = torch.from_numpy(images).permute(0, 3, 1, 2) / 255
    exec(
        block,
        {
            "image": images[0],
            "images": images,
            "tensor": tensor,
            "chain": Chain((operator("jpeg").call(0.5, Draws(0)),)),
        },
    )


@pytest.mark.slow
def test_two_workers_make_the_same_dataset_and_replay_is_exact(
    files: list[Path], photos: Path, tmp_path: Path, tree: Callable[[Path], dict[str, str]]
) -> None:
    files = [file for file in files if file.name != "late_exposure.py"]  # its photographs are frames of sequences
    expected = set(ALL_NAMES) - {"late_exposure"}
    distort = {"operators": sorted(expected), "length": [1, 2]}
    subsets = [
        {"path": "2afc/train/own", "triplets": 24, "distort": distort},
        {"path": "2afc/val/own", "triplets": 12, "distort": distort},
    ]
    sources = {"path": str(photos), "val_fraction": 0.4}
    recipe = Recipe.from_dict({"name": "own", "seed": 7, "patch": 32, "sources": sources, "subsets": subsets})
    generate(recipe, tmp_path / "one", plugins=files)
    generate(recipe, tmp_path / "two", plugins=files, workers=2)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    drawn: set[str] = set()
    for index in range(24):
        again = replay(tmp_path / "two", "2afc/train/own", index, photos=str(photos), plugins=files)
        assert again.exact, index
        assert not again.versions
        drawn |= {*again.record.chain0.names, *again.record.chain1.names}
    assert drawn == expected
    sealed = json.loads((tmp_path / "two" / "seal.json").read_text())
    assert {"albumentations", "albucore", "kornia", "torch", "torchvision"} <= set(sealed["versions"])
    hashes = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    assert sealed["plugins"] == {
        name: hashes[file] for file, names in NAMES.items() for name in names if name in expected
    }


RESIZING = """
from torchvision.transforms import v2
from bappsmith.distortions import Severity, register
from bappsmith.distortions.adapters import TorchvisionTransform

side = Severity(31, 8, "px", whole=True)
register(TorchvisionTransform("smaller", lambda side: v2.Resize(side), {"side": side}))
"""


def test_a_transform_that_resizes_ends_the_run_in_one_line(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "smaller.py").write_text(RESIZING, encoding="utf-8")
    subsets = [{"path": "2afc/train/own", "triplets": 4, "distort": {"operators": ["smaller"], "length": [1]}}]
    recipe = Recipe.from_dict({"name": "own", "patch": 32, "sources": {"path": str(photos)}, "subsets": subsets})
    with pytest.raises(BappsmithError, match=r"operator 'smaller': Resize must keep size and dtype, uint8") as error:
        generate(recipe, tmp_path / "out", plugins=[tmp_path / "smaller.py"])
    assert "\n" not in str(error.value)
