"""Choose the device that a network runs on."""

from __future__ import annotations

import re

import torch

from bappsmith.manifests.errors import BappsmithError


def find_device(device: str | torch.device | None = None) -> torch.device:
    """Return a device that this machine has.

    Args:
        device: "cpu", "cuda" (the first CUDA device), or "cuda:N". None: "cuda" if there is one, otherwise "cpu".

    Raises:
        BappsmithError: the name is none of these, or torch does not see this device.
    """
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device is None:
        return torch.device("cuda" if count else "cpu")
    name = str(device)
    if name == "cpu":
        return torch.device(name)
    if not re.fullmatch(r"cuda(:[0-9]{1,3})?", name):
        raise BappsmithError(f"device '{name}' is not known; give cpu, cuda, or cuda:N for device N")
    if not count:
        raise BappsmithError(f"{name} was asked for, but torch sees no CUDA device; there is cpu")
    if int(name.partition(":")[2] or 0) >= count:
        names = ", ".join(f"cuda:{number}" for number in range(count))
        raise BappsmithError(f"{name} was asked for, but torch sees only {names}; give one of these, or cpu")
    return torch.device(name)
