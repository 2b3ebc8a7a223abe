"""Reading weights from files that nobody vouches for: no code in them is run."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from bappsmith.manifests.errors import BappsmithError


def read_state(path: str | Path, what: str) -> dict[str, Tensor]:
    """A state dict from a PyTorch file (`weights_only`) or a .safetensors file.

    Args:
        path: the file.
        what: what it should hold, for the error.

    Returns:
        Names → tensors, on the CPU.

    Raises:
        BappsmithError: there is no such file, or it is no state dict.
    """
    path = Path(path)
    if not path.is_file():
        raise BappsmithError(f"{what} {path}: no such file")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError) as error:
        raise BappsmithError(f"{what} {path}: cannot be read ({_first_line(error)})") from error
    except Exception as error:  # torch.load raises many kinds on files that are not its own
        raise BappsmithError(f"{what} {path}: not a PyTorch weights file ({_first_line(error)})") from error
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise BappsmithError(f"{what} {path}: expected a state dict (names → tensors), found {type(state).__name__}")
    return state


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
