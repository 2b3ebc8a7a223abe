"""bank list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bappsmith.distortions.cnn.bank import read_bank


def test_networks_are_listed_whole_where_no_terminal_is(bappsmith, bank: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "40")
    networks = read_bank(bank).networks
    lines = bappsmith("bank", "list", bank).out.splitlines()
    for network in networks:
        words = [network.id, network.spec.corruption, network.spec.upsampling, network.spec.normalization]
        assert any(all(word in line for word in words) for line in lines)
    assert [row["id"] for row in json.loads(bappsmith("bank", "list", bank, "--json").out)] == [n.id for n in networks]
