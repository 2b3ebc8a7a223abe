"""A network with perturbed weights, against its formula."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch

from bappsmith.distortions.cnn.bank import read_bank
from bappsmith.distortions.cnn.corrupt import corrupt
from bappsmith.distortions.cnn.reconstruct import reconstruct
from bappsmith.distortions.cnn.reweighted_denoiser import ReweightedDenoiser
from bappsmith.distortions.cnn.weights import load_network
from bappsmith.distortions.patches import natural_patches
from bappsmith.distortions.random import normal_field

PATCH = natural_patches(1)[0]


def test_every_convolution_is_perturbed_and_the_bank_is_not(bank: Path):
    read = read_bank(bank)
    entry = read.networks[0]
    before = {name: value.clone() for name, value in load_network(entry).state_dict().items()}
    params = {"network": entry.id, "level": entry.error, "spread": 0.2, "sub_seed": 5}
    result = ReweightedDenoiser(read).apply(PATCH, **params)
    assert all((value == before[name]).all() for name, value in load_network(entry).state_dict().items())
    perturbed = copy.deepcopy(load_network(entry))
    weights = [weight for weight in perturbed.parameters() if weight.ndim == 4]
    noise = torch.from_numpy(normal_field(5, (sum(weight.numel() for weight in weights),)))
    for weight, part in zip(weights, torch.split(noise, [weight.numel() for weight in weights]), strict=True):
        weight.mul_(1 + 0.2 * part.view_as(weight))
    output = (reconstruct(perturbed, [corrupt(PATCH, "none", 0.0, 0)])[0].astype(float) + 1) * 127.5
    assert np.abs(result - output).max() <= 0.51
