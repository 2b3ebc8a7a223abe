"""A network of a bank as it was trained, against its formula."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bappsmith.distortions.cnn.bank import read_bank
from bappsmith.distortions.cnn.corrupt import corrupt
from bappsmith.distortions.cnn.denoiser import Denoiser
from bappsmith.distortions.cnn.reconstruct import reconstruct
from bappsmith.distortions.cnn.weights import load_network
from bappsmith.distortions.patches import natural_patches

PATCH = natural_patches(1)[0]


@pytest.mark.parametrize("share", [0.4, 1.0, 3.0])
def test_severity_blends_what_the_network_returns(share: float, bank: Path):
    """By hand: x + w·(N(c(x)) - x), w at most 1."""
    read = read_bank(bank)
    network = read.networks[1]
    params = {"network": network.id, "level": share * network.error, "corruption": 0.4, "sub_seed": 7}
    result = Denoiser(read).apply(PATCH, **params)
    corrupted = corrupt(PATCH, network.spec.corruption, 0.4 * network.spec.amount, 7)
    output = (reconstruct(load_network(network), [corrupted])[0].astype(float) + 1) * 127.5
    expected = PATCH + min(share, 1) * (output - PATCH)
    assert np.abs(result - expected).max() <= 0.51
