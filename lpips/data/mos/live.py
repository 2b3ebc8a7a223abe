"""LIVE, release 2 (Sheikh, Sabir and Bovik 2006): scores and names in MATLAB files beside five folders of images."""

# pyright: reportMissingTypeStubs=false
# scipy has no stubs.

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.bounded import read_bounded

from .mos_set import MosItem, MosSet

MARKER = "refnames_all.mat"
SCORES = {"dmos_realigned.mat": "dmos_new", "dmos.mat": "dmos"}
"""File → its variable with scores. The first that exists is read."""
FOLDERS = {
    "jp2k": ("JPEG 2000", 227),
    "jpeg": ("JPEG", 233),
    "wn": ("white noise", 174),
    "gblur": ("Gaussian blur", 174),
    "fastfading": ("fast fading", 174),
}
"""Folder → type and number of images. Scores are in this order."""
MAX_BYTES = 2**18
"""Largest MATLAB file, bytes. Those of the set have a few KB; compressed, this many can grow a thousandfold."""


def read_live(root: Path) -> MosSet:
    """Read the folder of LIVE, release 2.

    Scores are DMOS, higher for worse images. Entries that `orgs` marks are copies of the reference; they are left out.

    Raises:
        BappsmithError: a MATLAB file is missing, damaged, or lacks a variable or entries.
    """
    file = next((name for name in SCORES if (root / name).exists()), None)
    if file is None:
        raise BappsmithError(f"{root}: LIVE has {' or '.join(SCORES)} beside {MARKER}; add one of them")
    count = sum(number for _, number in FOLDERS.values())
    scores = _variable(root / file, SCORES[file], count)
    copies = _variable(root / file, "orgs", count)
    references = _variable(root / MARKER, "refnames_all", count)
    items, start = [], 0
    for folder, (kind, number) in FOLDERS.items():
        for k in range(number):
            entry = start + k
            if not copies[entry]:
                name = str(np.ravel(references[entry])[0])
                items.append(
                    MosItem(root / "refimgs" / name, root / folder / f"img{k + 1}.bmp", float(scores[entry]), kind)
                )
        start += number
    return MosSet("LIVE", root, False, tuple(items))


def _variable(path: Path, name: str, count: int) -> NDArray[Any]:
    """Read a vector of a MATLAB file of version 5."""
    from scipy.io import loadmat

    data = read_bounded(path, MAX_BYTES)
    try:
        values = np.ravel(loadmat(io.BytesIO(data), variable_names=[name])[name])
    except KeyError:
        raise BappsmithError(f"{path}: no variable '{name}'; restore the file") from None
    except Exception as error:  # scipy raises many types for damaged files
        cause = " ".join(str(error).split())[:200]
        raise BappsmithError(f"{path}: not a readable MATLAB file of version 5 ({cause}); restore it") from error
    if len(values) != count:
        raise BappsmithError(f"{path}: '{name}' has {len(values):,} entries, LIVE has {count}; restore the file")
    return values
