"""Photographs for training, for a test that no training sees, and for people's scores, divided by their names."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError

SUFFIXES = {".png", ".jpg", ".jpeg"}


def divide(photos: Path, out: Path, *, test: float, left_out: Sequence[str] = ()) -> tuple[Path, Path]:
    """Make two folders of links: photographs of training and photographs of the test.

    The order of the SHA-256 of the paths inside the folder divides them, so that a photograph stays on its side.

    Args:
        photos: folder of photographs.
        out: folder for `training` and `test`.
        test: share of the test, in (0, 1).
        left_out: paths inside `photos` that go to neither.

    Returns:
        The two folders.

    Raises:
        BappsmithError: there are fewer than three photographs.
    """
    names = {path.relative_to(photos).as_posix() for path in photos.rglob("*") if path.suffix.lower() in SUFFIXES}
    order = sorted(names - set(left_out), key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    if len(order) < 3:
        raise BappsmithError(f"{photos} has {len(order)} photographs for training and test, which need at least 3")
    count = min(max(2, round(test * len(order))), len(order) - 1)
    for folder, chosen in (("test", order[:count]), ("training", order[count:])):
        for name in chosen:
            link = out / folder / name
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.is_symlink():
                link.symlink_to((photos / name).resolve())
    return out / "training", out / "test"
