"""The device that a network runs on."""

from __future__ import annotations

import pytest
import torch

from bappsmith.lpips.device import find_device
from bappsmith.manifests.errors import BappsmithError


def machine(monkeypatch: pytest.MonkeyPatch, devices: int) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: devices > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: devices)


def test_without_cuda_there_is_the_cpu(monkeypatch: pytest.MonkeyPatch):
    machine(monkeypatch, 0)
    assert find_device() == find_device("cpu") == find_device(torch.device("cpu")) == torch.device("cpu")
    for name in ("cuda", "cuda:0"):
        with pytest.raises(BappsmithError, match=f"^{name} was asked for, but torch sees no CUDA device; there is cpu"):
            find_device(name)


def test_with_cuda_the_first_device_is_the_default(monkeypatch: pytest.MonkeyPatch):
    machine(monkeypatch, 2)
    assert find_device() == find_device("cuda") == torch.device("cuda")
    assert find_device("cuda:1") == torch.device("cuda:1")
    assert find_device("cpu") == torch.device("cpu")
    with pytest.raises(BappsmithError, match=r"^cuda:2 was asked for, but torch sees only cuda:0, cuda:1; give one"):
        find_device("cuda:2")


@pytest.mark.parametrize("name", ["gpu", "mps", "cuda:", "cuda:-1", "cpu:1", "cuda:0\n", ""])
def test_another_name_is_refused(name: str):
    with pytest.raises(BappsmithError, match="is not known; give cpu, cuda, or cuda:N"):
        find_device(name)
