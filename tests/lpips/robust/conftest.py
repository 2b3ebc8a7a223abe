"""A loaded subset and trained metrics."""

from __future__ import annotations

from pathlib import Path

import pytest

from bappsmith.lpips.data.mixture import mix
from bappsmith.lpips.data.subset import PackedSubset, load_subset
from bappsmith.lpips.robust.config import CertifiedConfig
from bappsmith.lpips.robust.dct_metric import DctMetric
from bappsmith.lpips.robust.train import fit


@pytest.fixture(scope="session")
def loaded(few: tuple[Path, Path]) -> PackedSubset:
    """20 triplets of 32 px."""
    return load_subset(few[1])


@pytest.fixture(scope="session")
def quick() -> CertifiedConfig:
    return CertifiedConfig("dct", robustness=1.0, epochs=3, batch=10, learning_rate=0.1)


@pytest.fixture(scope="session")
def trained(few: tuple[Path, Path], quick: CertifiedConfig) -> DctMetric:
    metric = DctMetric()
    fit(metric, quick, mix([load_subset(few[0])]))
    return metric
