"""Judgments as .npy files: one float32 of shape (1,) in [0, 1]."""

from __future__ import annotations

import io
import math
import struct

import numpy as np

from bappsmith.manifests.errors import BappsmithError

from .file import File, read_file

MAX_BYTES = 4096
"""Largest label file that is read. Files of this project have 132 bytes."""


def label_bytes(value: float) -> bytes:
    """Encode a judgment in [0, 1] as the content of its .npy file: float32, shape (1,)."""
    return _OWN_HEADER + struct.pack("<f", value)


def _npy_header() -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.zeros(1, "<f4"), version=(1, 0))
    return stream.getvalue()[:-4]


_OWN_HEADER = _npy_header()
"""Files that this project wrote begin so; numpy takes ten times as long to make it as to pack the value."""
LABEL_BYTES = len(_OWN_HEADER) + 4
"""Size of a judgment's file."""


def read_label(file: File) -> float:
    """Read a `judge` or `same` file. Shape (1,) and shape () are both accepted.

    Args:
        file: the .npy file.

    Returns:
        The share of votes, in [0, 1].

    Raises:
        BappsmithError: the file is not a .npy array of one number in [0, 1].
    """
    try:
        data = read_file(file, MAX_BYTES)
    except OSError as error:
        raise BappsmithError(f"{file}: not a readable .npy file ({error})") from error
    if len(data) == len(_OWN_HEADER) + 4 and data.startswith(_OWN_HEADER):
        value = float(struct.unpack_from("<f", data, len(_OWN_HEADER))[0])  # much faster than numpy
    else:
        value = _parse_npy(data, file)
    if not 0.0 <= value <= 1.0:
        raise BappsmithError(f"{file}: a judgment must be in [0, 1], found {value}; correct or remove the item")
    return value


def _parse_npy(data: bytes, file: File) -> float:
    """Read the one number of a .npy file. `numpy.load` would first allocate the size that the header claims."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, _, dtype = read_header[version](stream)
    except Exception as error:  # numpy parses the header as a Python literal, which can raise many types of errors
        raise BappsmithError(f"{file}: not a readable .npy file ({' '.join(str(error).split())[:120]})") from error
    if math.prod(shape) != 1 or dtype.kind not in "fiub":
        raise BappsmithError(f"{file}: expected one number, found {str(dtype)[:40]} of shape {str(shape)[:80]}")
    if len(data) - stream.tell() < dtype.itemsize:
        raise BappsmithError(f"{file}: not a readable .npy file (it ends before its number)")
    return float(np.frombuffer(data, dtype, count=1, offset=stream.tell())[0])
