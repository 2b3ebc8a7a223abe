"""The operators of a bank: the contract, and how severity is reached without exaggeration."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from bappsmith.distortions import Draws
from bappsmith.distortions.cnn.bank import read_bank
from bappsmith.distortions.cnn.bank_operator import BankOperator
from bappsmith.distortions.cnn.denoiser import Denoiser
from bappsmith.distortions.cnn.denoising_operator import weight_of
from bappsmith.distortions.cnn.reweighted_denoiser import ReweightedDenoiser
from bappsmith.distortions.conformance.contract import broken_clauses
from bappsmith.distortions.patches import natural_patches

PATCHES = natural_patches(24)
KINDS = (Denoiser, ReweightedDenoiser)


@pytest.mark.parametrize("kind", KINDS)
def test_operators_of_a_bank_keep_the_contract(kind: type[BankOperator], bank: Path):
    op = kind(read_bank(bank))
    assert op.family == "cnn"
    assert broken_clauses(op, PATCHES) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_bank_and_a_name_make_an_instance(kind: type[BankOperator], bank: Path):
    read = read_bank(bank)
    plain, soft = kind(read), kind(read, name="soft")
    assert (plain.name, soft.name) == (kind.name, "soft")
    assert soft.content == read.sha256
    assert soft.learnt_from == read.photographs
    assert list(soft.parameters) == [*kind.parameters, "network"]
    drawn = {soft.call(0.5, Draws(k)).params["network"] for k in range(40)}
    assert drawn == {network.id for network in read.networks}
    again = pickle.loads(pickle.dumps(soft))
    assert (again.name, again.content, again.parameters) == (soft.name, soft.content, soft.parameters)


@pytest.mark.parametrize("kind", KINDS)
def test_no_severity_exaggerates_what_a_network_does(kind: type[BankOperator], bank: Path):
    """Each result lies between the image and the network's output at full weight."""
    op = kind(read_bank(bank))
    for k, severity in enumerate(np.linspace(0.05, 1, 12)):
        params = op.sample(float(severity), Draws(k))
        network = op.networks[str(params["network"])]
        assert 0 < weight_of(network, float(params["level"])) <= 1
        partial = op(PATCHES[k], params).astype(int)
        full = op(PATCHES[k], {**params, "level": 1e9}).astype(int)
        image = PATCHES[k].astype(int)
        assert (partial >= np.minimum(image, full) - 1).all()
        assert (partial <= np.maximum(image, full) + 1).all()


def test_the_weight_makes_a_network_reach_the_level(bank: Path):
    network = read_bank(bank).networks[0]
    assert weight_of(network, network.error / 4) == pytest.approx(0.25)
    assert weight_of(network, network.error * 4) == 1
