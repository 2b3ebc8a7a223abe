"""What several test folders need: photographs made on the spot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bappsmith.distortions import registry


@pytest.fixture(autouse=True)
def registry_as_it_was() -> Iterator[None]:
    """Operators that a test registers are gone after it."""
    registry.operators()
    before = dict(registry._operators)
    yield
    registry._operators.clear()
    registry._operators.update(before)


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of five textured photographs of different shapes."""
    root = tmp_path_factory.mktemp("photos")
    for i, (height, width) in enumerate([(96, 128), (128, 96), (150, 150), (90, 200), (101, 103)]):
        rng = np.random.default_rng(i)
        coarse = rng.integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC).save(root / f"photo{i}.png")
    return root
