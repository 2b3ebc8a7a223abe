"""Operators of a bank: the contract, and pixels that depend on nothing but the image and the parameters."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from bappsmith.distortions import Draws, operator, operators
from bappsmith.distortions.cnn.bank import read_bank
from bappsmith.distortions.cnn.corrupt import corrupt
from bappsmith.distortions.cnn.denoiser import blend, load_bank
from bappsmith.distortions.cnn.reconstruct import reconstruct
from bappsmith.distortions.conformance import check_operator
from bappsmith.distortions.patches import natural_patches
from bappsmith.distortions.registry import foreign_sources, load_plugin
from bappsmith.manifests.errors import BappsmithError

PATCHES = natural_patches(24)
NAMES = ("denoiser", "reweighted_denoiser")


@pytest.mark.parametrize("name", NAMES)
def test_operators_of_a_bank_keep_the_contract(name: str, bank: Path):
    load_bank(bank)
    assert operator(name).family == "cnn"
    assert check_operator(operator(name), PATCHES) == []


@pytest.mark.parametrize("name", [*NAMES, "untrained_network"])
def test_a_result_does_not_depend_on_company_order_or_threads(name: str, bank: Path):
    load_bank(bank)
    op = operator(name)
    images = [*PATCHES[:13], PATCHES[13][:40, :50].copy(), PATCHES[14][:9, :31].copy()]
    params = [op.call(0.7, Draws(k)).params for k in range(len(images))]
    together = op.apply_batch(images, params)
    order = np.random.default_rng(0).permutation(len(images))
    shuffled = op.apply_batch([images[i] for i in order], [params[i] for i in order])
    before = torch.get_num_threads()
    torch.set_num_threads(1 if before > 1 else 2)
    try:
        for place, i in enumerate(order):
            alone = op.apply(images[i], **params[i])
            assert (alone == together[i]).all()
            assert (shuffled[place] == together[i]).all()
    finally:
        torch.set_num_threads(before)


def test_severity_blends_what_the_network_returns(bank: Path):
    """By hand: x + gain·strength·(N(c(x)) - x)."""
    load_bank(bank)
    op = operator("denoiser")
    network = read_bank(bank).networks[1]
    assert [one.gain for one in read_bank(bank).networks] == pytest.approx([20 / 15, 0.8, 0.5])
    params = {"network": network.id, "strength": 0.5, "corruption": 0.4, "sub_seed": 7}
    found = op.apply(PATCHES[0], **params)
    seen = corrupt(PATCHES[0], network.spec.corruption, 0.4 * network.spec.amount, 7)
    made = (reconstruct(op.load(network.id), [seen])[0].astype(float) + 1) * 127.5  # type: ignore[attr-defined]
    expected = PATCHES[0] + 0.5 * 0.8 * (made - PATCHES[0])
    assert np.abs(found - np.clip(expected, 0, 255)).max() <= 0.51
    assert (blend(PATCHES[0], np.zeros(PATCHES[0].shape, np.float32), 0.0) == PATCHES[0]).all()


@pytest.mark.parametrize("kind", ["white_noise", "pink_noise", "color_removal", "downsampling"])
def test_corruption_grows_with_its_amount(kind: str):
    plain = corrupt(PATCHES[0], "none", 0.5, 0)
    assert (plain == PATCHES[0].astype(np.float32) / np.float32(127.5) - 1).all()
    errors = [np.abs(corrupt(PATCHES[0], kind, amount, 3) - plain).mean() for amount in (0.0, 0.2, 0.4, 0.7)]
    assert errors[0] == 0
    assert (np.diff(errors) > 0).all()
    if kind.endswith("noise"):
        assert (corrupt(PATCHES[0], kind, 0.3, 1) != corrupt(PATCHES[0], kind, 0.3, 2)).any()


def test_loading_a_bank_is_light_and_another_bank_takes_its_place(bank: Path, tmp_path: Path):
    code = (
        "import sys; from bappsmith.distortions import load_plugin, operators;"
        "before = set(operators()); print(sorted(load_plugin(sys.argv[1])), 'denoiser' in before, 'torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(bank)], capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "['denoiser', 'reweighted_denoiser'] False False", run.stderr
    load_plugin(bank)
    first = operators()["denoiser"]
    other = shutil.copytree(bank, tmp_path / "other")
    index = json.loads((other / "bank.json").read_text())
    index["networks"].pop()
    (other / "bank.json").write_text(json.dumps(index))
    load_plugin(other)
    second = operators()["denoiser"]
    assert len(second.parameters["network"].options) == len(first.parameters["network"].options) - 1  # type: ignore[union-attr]
    assert foreign_sources(["denoiser"])["denoiser"] == read_bank(other).sha256 != read_bank(bank).sha256


def test_a_bank_that_is_none_or_was_damaged_is_refused(bank: Path, tmp_path: Path):
    with pytest.raises(BappsmithError, match=r"is no bank \(bank\.json is missing\)"):
        load_plugin(tmp_path)
    copy = shutil.copytree(bank, tmp_path / "copy")
    (copy / "networks" / "001.safetensors").unlink()
    with pytest.raises(BappsmithError, match=r"001\.safetensors is missing"):
        load_plugin(copy)
    other = (bank / "networks" / "000.safetensors").read_bytes()
    (copy / "networks" / "001.safetensors").write_bytes(other)
    load_plugin(copy)
    params = operator("denoiser").call(0.5, Draws(0)).params
    with pytest.raises(BappsmithError, match="not the file that its bank was made with"):
        operator("denoiser").apply(PATCHES[0], **{**params, "network": read_bank(copy).networks[1].id})
    for text in ("[]", "{", '{"format": "bappsmith-bank-1", "photographs": [], "networks": [{}]}'):
        (copy / "bank.json").write_text(text)
        with pytest.raises(BappsmithError, match=r"bank\.json"):
            load_plugin(copy)
