"""Reading weights from files that nobody vouches for: no code in them is run, and none takes more than its size."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from bappsmith.manifests.errors import BappsmithError


def read_state(path: str | Path, what: str) -> dict[str, Tensor]:
    """A state dict from a PyTorch file (`weights_only`) or a .safetensors file.

    Args:
        path: the file.
        what: what it should hold, for the error.

    Returns:
        Names → tensors, dense, on the CPU. Their values are not looked at: see `refuse_not_finite`.

    Raises:
        BappsmithError: there is no such file, or it is no state dict.
    """
    path = Path(path)
    if path.suffix == ".safetensors":
        state: Any = read_safetensors(path, what)
    else:
        state = load_pytorch(path, what)
    if not isinstance(state, dict) or not all(isinstance(k, str) and _is_dense(v) for k, v in state.items()):
        raise BappsmithError(
            f"{what} {path}: expected a state dict (names → dense tensors), found {type(state).__name__}"
        )
    return state


def read_safetensors(path: Path, what: str) -> dict[str, Tensor]:
    """The tensors of a .safetensors file.

    Raises:
        BappsmithError: there is no such file, or it is damaged.
    """
    if not path.is_file():
        raise BappsmithError(f"{what} {path}: no such file")
    try:
        return load_file(path)
    except Exception as error:  # beside its own error, safetensors raises several for types that torch lacks
        raise BappsmithError(f"{what} {path}: cannot be read ({_first_line(error)})") from error


def load_pytorch(path: Path, what: str) -> object:
    """The content of a file of `torch.save`, tensors and plain containers alone.

    Raises:
        BappsmithError: there is no such file, it is none of PyTorch, or it holds more than its size.
    """
    if not path.is_file():
        raise BappsmithError(f"{what} {path}: no such file")
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                # torch.save compresses nothing, but torch.load would decompress.
                if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
                    raise ValueError("it is compressed")
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise BappsmithError(f"{what} {path}: cannot be read ({_first_line(error)})") from error
    except Exception as error:  # torch.load raises many kinds on files that are not its own
        raise BappsmithError(f"{what} {path}: not a PyTorch weights file ({_first_line(error)})") from error


def refuse_not_finite(state: Mapping[str, Tensor], origin: str) -> None:
    """Refuse weights that would make every distance NaN.

    Args:
        state: names → tensors.
        origin: the file, for the error.

    Raises:
        BappsmithError: a value is NaN or infinite, or a variance is below 0.
    """
    for name, value in state.items():
        if not value.isfinite().all():
            raise BappsmithError(f"{origin}: {name} has values that are NaN or infinite; give weights without them")
        if name.endswith("running_var") and value.min() < 0:
            raise BappsmithError(f"{origin}: {name} has values below 0, which no variance is; give other weights")


def _is_dense(value: object) -> bool:
    """Whether this is an ordinary tensor, each of whose values takes memory of its own."""
    return (
        isinstance(value, Tensor)
        and value.layout == torch.strided
        and value.device.type == "cpu"
        and not value.is_quantized
        and not value.is_complex()
        and value.numel() * value.element_size() <= value.untyped_storage().nbytes()
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
