"""Cells of KADID-10k on other photographs: a type of distortion at one of five levels, with people's mean score.

The photographs are never seen by a training whose metric is measured here: `held_out` lists them by name.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from kadid_types import TYPES, distort
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.sources.decode import decode_file

HEIGHT, WIDTH, LEVELS = 192, 256, 5
WHOLE = (384, 512)
"""Height and width of KADID-10k's images, px."""

OF_THE_WHOLE = frozenset({"color_quantization", "jpeg2000", "non_eccentricity_patch", "quantization"})
"""Types that a crop would get more strongly or weakly than the whole image: their parameter counts colours or patches
of the whole, or bytes with a header. They distort 384×512 px, and the middle is cut from these."""


class Scores(NamedTuple):
    """People's scores and the generator's parameters, float64 of shape (24, 5): `TYPES` × levels."""

    parameters: NDArray[np.float64]
    means: NDArray[np.float64]


class Cell(NamedTuple):
    """A photograph's crop and its distorted form; images are uint8 RGB 192×256×3, `level` is from 1 to 5."""

    photo: str
    type: str
    level: int
    reference: NDArray[np.uint8]
    distorted: NDArray[np.uint8]
    mean: float


def read_scores(path: Path) -> Scores:
    """Read mean scores (5: no damage seen, 1: worst) from a CSV with columns name, level, generator_param, mean_dmos.

    Raises:
        BappsmithError: the file lacks a cell.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = {(row["name"], int(row["level"])): row for row in csv.DictReader(file)}
    wanted = [(name, level) for name in TYPES for level in range(1, LEVELS + 1)]
    missing = [cell for cell in wanted if cell not in rows]
    if missing:
        name, level = missing[0]
        raise BappsmithError(f"{path} has no row for {name}, level {level} (missing rows: {len(missing)})")
    columns = (np.array([float(rows[cell][name]) for cell in wanted]) for name in ("generator_param", "mean_dmos"))
    return Scores(*(column.reshape(len(TYPES), LEVELS) for column in columns))


def held_out(folder: Path, count: int = 16, skip: int = 0) -> list[str]:
    """List photographs in an order that depends on their names alone: sorted by SHA-256 of the path inside the folder.

    Grey photographs are left out, because types of colour do nothing to them.

    Raises:
        BappsmithError: there are fewer than `skip + count` photographs.
    """
    files = (path for path in folder.rglob("*") if path.suffix.lower() in {".png", ".jpg", ".jpeg"})
    names = sorted((path.relative_to(folder).as_posix() for path in files), key=_digest)
    chosen: list[str] = []
    for name in names:
        if len(chosen) == skip + count:
            break
        image = decode_file(folder / name)
        if np.ptp(image, axis=2).any() and image.shape[0] >= WHOLE[0] and image.shape[1] >= WHOLE[1]:
            chosen.append(name)
    if len(chosen) < skip + count:
        raise BappsmithError(
            f"{folder} has {len(chosen)} photographs in colour of 512×384 px or more, asked for {skip + count}"
        )
    return chosen[skip:]


def window(image: NDArray[np.uint8], photo: str) -> NDArray[np.uint8]:
    """Cut 384×512 px at a place that depends on the photograph's name."""
    rng = np.random.default_rng(_key(photo, "window"))
    y, x = (int(rng.integers(side - size + 1)) for side, size in zip(image.shape, WHOLE, strict=False))
    return image[y : y + WHOLE[0], x : x + WHOLE[1]]


def middle(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut 192×256 px from the middle of 384×512."""
    top, left = (WHOLE[0] - HEIGHT) // 2, (WHOLE[1] - WIDTH) // 2
    return image[top : top + HEIGHT, left : left + WIDTH].copy()


def cells(folder: Path, photos: Sequence[str], scores: Scores) -> Iterator[Cell]:
    """Make the cells of the photographs in order: photograph, type, level. Random types are keyed by these three."""
    for photo in photos:
        whole = window(decode_file(folder / photo), photo)
        reference = middle(whole)
        for row, name in enumerate(TYPES):
            for column in range(LEVELS):
                rng = np.random.default_rng(_key(photo, name, str(column + 1)))
                parameter = scores.parameters[row, column]
                if name in OF_THE_WHOLE:
                    distorted = middle(distort(whole, name, parameter, rng))
                else:
                    distorted = distort(reference, name, parameter, rng)
                yield Cell(photo, name, column + 1, reference, distorted, scores.means[row, column])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _key(*parts: str) -> int:
    return int(_digest("|".join(parts)), 16)
