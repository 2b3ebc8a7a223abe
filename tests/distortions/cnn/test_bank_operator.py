"""The operators of a bank: the contract, and pixels that depend on nothing but the image and the parameters."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from bappsmith.distortions import Distortion, Draws, operator
from bappsmith.distortions.cnn.bank import read_bank
from bappsmith.distortions.cnn.bank_operator import BankOperator
from bappsmith.distortions.cnn.denoiser import Denoiser
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


def operators_with_networks(bank: Path) -> list[Distortion]:
    return [*(kind(read_bank(bank)) for kind in KINDS), operator("untrained_network")]


@pytest.mark.parametrize("which", range(3))
def test_a_result_does_not_depend_on_company_order_or_threads(which: int, bank: Path):
    op = operators_with_networks(bank)[which]
    images = [*PATCHES[:13], PATCHES[13][:40, :50].copy(), PATCHES[14][:9, :31].copy()]
    params = [op.call(0.7, Draws(k)).params for k in range(len(images))]
    together = op.apply_batch(images, params)
    order = np.random.default_rng(0).permutation(len(images))
    shuffled = op.apply_batch([images[i] for i in order], [params[i] for i in order])
    before = torch.get_num_threads()
    torch.set_num_threads(1 if before > 1 else 2)
    try:
        for position, i in enumerate(order):
            alone = op.apply(images[i], **params[i])
            assert (alone == together[i]).all()
            assert (shuffled[position] == together[i]).all()
    finally:
        torch.set_num_threads(before)
