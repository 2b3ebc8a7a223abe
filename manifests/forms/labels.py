"""Judgments as .npy files: one float32 of shape (1,) in [0, 1]."""

from __future__ import annotations

import io
import struct

import numpy as np

from bappsmith.manifests.errors import BappsmithError

from .file import File


def label_bytes(value: float) -> bytes:
    """A judgment as the content of its .npy file: float32, shape (1,)."""
    return _OWN_HEADER + struct.pack("<f", value)


def _npy_header() -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.zeros(1, "<f4"), version=(1, 0))
    return stream.getvalue()[:-4]


_OWN_HEADER = _npy_header()
"""Files that this project wrote begin so; numpy takes ten times as long to make it as to pack the value."""


def read_label(path: File) -> float:
    """Read a `judge` or `same` file; shape (1,) and 0-d are both accepted.

    Returns:
        The share of votes, in [0, 1].

    Raises:
        BappsmithError: the file is no .npy array of one number in [0, 1] (NaN included).
    """
    try:
        data = path.read_bytes()
        if len(data) == len(_OWN_HEADER) + 4 and data.startswith(_OWN_HEADER):
            array = np.frombuffer(data, "<f4", offset=len(_OWN_HEADER))  # several times as fast as np.load
        else:
            array = np.load(io.BytesIO(data), allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BappsmithError(f"{path}: not a readable .npy file ({error})") from error
    if not isinstance(array, np.ndarray) or array.size != 1 or array.dtype.kind not in "fiub":
        raise BappsmithError(f"{path}: expected one number, found {getattr(array, 'shape', type(array))}")
    value = float(array.reshape(()))
    if not 0.0 <= value <= 1.0:
        raise BappsmithError(f"{path}: a judgment lies in [0, 1], found {value}")
    return value
