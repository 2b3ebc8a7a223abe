"""Read and write weights. Files are untrusted: no code in them is run, and memory is bounded by their size."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.atomic import atomic_write_bytes


def read_state(path: str | Path, what: str) -> dict[str, Tensor]:
    """Read a state dict from a PyTorch file (`weights_only`) or a .safetensors file.

    Args:
        path: the file.
        what: name of the expected content, for the error.

    Returns:
        Name → dense tensor on the CPU. Values are not checked; see `refuse_not_finite`.

    Raises:
        BappsmithError: the file is missing, or is not a state dict.
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
    """Read the tensors of a .safetensors file.

    Args:
        path: the file.
        what: name of the expected content, for the error.

    Raises:
        BappsmithError: the file is missing or damaged.
    """
    if not path.is_file():
        raise BappsmithError(f"{what} {path}: no such file")
    try:
        return load_file(path)
    except Exception as error:  # safetensors also raises other errors, for types that torch lacks
        raise BappsmithError(f"{what} {path}: cannot be read ({_first_line(error)})") from error


def write_safetensors(path: str | Path, state: Mapping[str, Tensor], header: dict[str, str]) -> None:
    """Write weights with a readable header. Equal weights and headers give equal bytes.

    Args:
        path: a name that ends in .safetensors. The file appears when it is complete.
        state: name → tensor on any device.
        header: name → text.

    Raises:
        BappsmithError: the folder of the file does not exist.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise BappsmithError(f"{path}: folder {path.parent} does not exist; make it first")
    stored = {name: value.detach().cpu().contiguous() for name, value in state.items()}
    atomic_write_bytes(path, sorted_header(save(stored, metadata=header)))


def sorted_header(data: bytes) -> bytes:
    """Return a .safetensors file with sorted keys in its header: safetensors orders metadata keys at random."""
    end = 8 + int.from_bytes(data[:8], "little")
    text = json.dumps(json.loads(data[8:end]), sort_keys=True, separators=(",", ":")).encode()
    text = text.ljust(-(-len(text) // 8) * 8)  # tensors begin at a multiple of 8, as safetensors requires
    return len(text).to_bytes(8, "little") + text + data[end:]


def load_pytorch(path: Path, what: str) -> object:
    """Read a file of `torch.save` that holds only tensors and plain containers.

    Args:
        path: the file.
        what: name of the expected content, for the error.

    Raises:
        BappsmithError: the file is missing, is not a PyTorch file, or is compressed.
    """
    if not path.is_file():
        raise BappsmithError(f"{what} {path}: no such file")
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                # torch.save never compresses, but torch.load would decompress.
                if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
                    raise ValueError("it is compressed")
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise BappsmithError(f"{what} {path}: cannot be read ({_first_line(error)})") from error
    except Exception as error:  # torch.load raises many types of errors for other files
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
            raise BappsmithError(f"{origin}: {name} has values below 0, but variances must not; give other weights")


def _is_dense(value: object) -> bool:
    """Whether this is an ordinary tensor whose values do not share memory."""
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
