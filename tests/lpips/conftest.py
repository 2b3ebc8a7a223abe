"""A tiny dataset whose rule is easy (blur is worse than noise), and metrics with random heads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from bappsmith.lpips.model.forms import Form
from bappsmith.lpips.model.lpips import LPIPS, Distance
from bappsmith.manifests.forms.form import storage
from bappsmith.manifests.forms.item import StoredItem
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.store.local import LocalStore


def _write_subset(root: Path, count: int, seed: int, side: int = 64) -> Path:
    """Noise of random strength against blur of random strength; the noisy patch is always the closer."""
    rng = np.random.default_rng(seed)
    where = SubsetPath.parse(f"2afc/{'train' if seed == 0 else 'val'}/tiny")
    for folder in where.folders:
        (root / str(where) / folder).mkdir(parents=True)
    for index in range(count):
        coarse = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        ref = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
        noisy = np.clip(ref + rng.normal(0, rng.uniform(5, 40), ref.shape), 0, 255).astype(np.uint8)
        blurred = cv2.GaussianBlur(ref, (0, 0), rng.uniform(2, 6))
        judge = float(rng.integers(2))
        p0, p1 = (blurred, noisy) if judge else (noisy, blurred)
        files = where.files(index)
        for folder, image in (("ref", ref), ("p0", p0), ("p1", p1)):
            cv2.imwrite(str(root / files[folder]), image)
        (root / files["judge"]).write_bytes(label_bytes(judge))
    return root / str(where)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(train, val) subset folders of 60 and 40 triplets."""
    root = tmp_path_factory.mktemp("tiny")
    return _write_subset(root, 60, 0), _write_subset(root, 40, 1)


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(train, val) subset folders of 20 triplets of 32 px: for trainings that need not learn."""
    root = tmp_path_factory.mktemp("few")
    return _write_subset(root, 20, 0, side=32), _write_subset(root, 20, 1, side=32)


@pytest.fixture(scope="session")
def with_heads() -> Callable[..., LPIPS]:
    """Makes a metric of a kind, with unequal random heads."""

    def make(net: str, kind: Distance, seed: int = 2, forms: tuple[Form, ...] = ("local",)) -> LPIPS:
        metric = LPIPS(net, trunk_weights=seed, forms=forms)
        generator = torch.Generator().manual_seed(seed)
        metric.start_heads(kind, generator)
        with torch.no_grad():
            for head in metric.head_parameters():
                head.mul_(torch.rand(head.shape, generator=generator))
        return metric

    return make


@pytest.fixture(scope="session")
def write_subset() -> Callable[..., Path]:
    """Writes a subset such as those of `tiny`: (root, count, seed, side) → its folder."""
    return _write_subset


@pytest.fixture(scope="session")
def write_packed() -> Callable[..., Path]:
    """Writes a subset in form packed, as `generate` does."""

    def write(root: Path, side: int = 8, labels: tuple[float, ...] = (0.0, 0.25, 1.0)) -> Path:
        rng, where = np.random.default_rng(0), SubsetPath.parse("2afc/val/tiny")
        stored = storage("packed", LocalStore(root), where, len(labels), side)
        stored.begin()
        pixels = [{f: rng.integers(0, 256, (side, side, 3), np.uint8) for f in ("ref", "p0", "p1")} for _ in labels]
        stored.write(0, [StoredItem(k, {}, label_bytes(label), pixels[k]) for k, label in enumerate(labels)])
        stored.finish()
        return root / str(where)

    return write
