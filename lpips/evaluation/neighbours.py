"""Find the nearest images of every image of a folder, and write the distances of all pairs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bappsmith.lpips.data.decode import Pixels
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.bapps import files_by_stem
from bappsmith.manifests.store.atomic import atomic_write_bytes

from .all_pairs import all_pairs
from .baselines import Metric


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One of the nearest images of a query.

    Attributes:
        metric: name of the metric.
        query: stem of the query.
        candidate: stem of the near image.
        rank: 1 for the nearest.
        distance: of the two.
    """

    metric: str
    query: str
    candidate: str
    rank: int
    distance: float


def all_pairs_of_folders(
    one: Path,
    two: Path | None,
    metrics: Mapping[str, Metric],
    read: Callable[[Path], Pixels],
    *,
    suffixes: tuple[str, ...],
    nearest: int = 5,
    out: Path | None = None,
    device: str | torch.device | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Neighbour]:
    """Measure all images of a folder against all of it, or of another folder, and find the nearest ones.

    Args:
        one: folder of queries, searched recursively. All images have one size.
        two: folder of images to compare with; None: `one`, where an image is no neighbour of itself.
        metrics: name → two float batches N×3×H×W in [-1, 1] to N distances.
        read: function from a path to uint8 H×W×3 RGB.
        suffixes: suffixes of images, in lower case.
        nearest: number of neighbours of each query.
        out: FILE.parquet: a table of the neighbours with the attributes of `Neighbour` as columns. FILE.npy: the
            distances of all pairs, float32, one row per query, for a single metric; FILE.json beside it has the stems
            of rows and columns.
        device: see `find_device`.
        progress: called with (pairs done, all pairs).

    Returns:
        Metric by metric, query by query, the nearest first.

    Raises:
        BappsmithError: a folder or its images are missing, images differ in size, a distance is NaN, or `out` does not
            fit.
    """
    if out is not None:
        _refuse_out(out, metrics)
    folders = [one] if two is None else [one, two]
    found = [_images(folder, suffixes) for folder in folders]
    queries, gallery = list(found[0]), list(found[-1])
    # Both folders may have an image of one name.
    paths = {f"{k}{stem}": path for k, files in enumerate(found) for stem, path in files.items()}
    blocks = all_pairs(
        [f"0{stem}" for stem in queries],
        [f"{len(found) - 1}{stem}" for stem in gallery],
        metrics,
        lambda name: read(paths[name]),
        device=device,
        progress=progress,
    )
    neighbours: dict[str, list[Neighbour]] = {name: [] for name in metrics}
    matrix = np.empty((len(queries), len(gallery)) if out is not None and out.suffix == ".npy" else (0, 0), np.float32)
    first = 0
    for block in blocks:
        rows = range(first, first + len(block.queries))
        for metric, distances in block.distances.items():
            if not np.isfinite(distances).all():
                raise BappsmithError(f"metric {metric} gives no distance for an image of {one}; leave out this metric")
            if len(matrix):
                matrix[first : rows.stop] = distances
            for row, distance in zip(rows, distances, strict=True):
                near = _nearest(distance, nearest, None if two is not None else row)
                neighbours[metric] += [
                    Neighbour(metric, queries[row], gallery[k], rank, float(distance[k]))
                    for rank, k in enumerate(near.tolist(), start=1)
                ]
        first = rows.stop
    rows_of_all = [row for of_metric in neighbours.values() for row in of_metric]
    if out is not None and out.suffix == ".npy":
        _write_matrix(out, matrix, queries, gallery)
    elif out is not None:
        _write_table(out, rows_of_all)
    return rows_of_all


def _nearest(distances: NDArray[np.float32], count: int, itself: int | None) -> NDArray[np.intp]:
    """Return the positions of the nearest images; of equal distances, the first ones."""
    order = np.argsort(distances, kind="stable")
    return order[order != itself][:count] if itself is not None else order[:count]


def _images(folder: Path, suffixes: tuple[str, ...]) -> dict[str, Path]:
    if not folder.is_dir():
        raise BappsmithError(f"{folder}: all pairs need a folder of images; give one, or two")
    files = files_by_stem(folder, suffixes)
    if not files:
        raise BappsmithError(f"{folder}: no image found (looked for {', '.join(suffixes)})")
    return {stem: files[stem] for stem in sorted(files)}


def _refuse_out(out: Path, metrics: Mapping[str, Metric]) -> None:
    if out.suffix not in (".npy", ".parquet"):
        raise BappsmithError(f"{out}: give FILE.parquet for the nearest images, or FILE.npy for all distances")
    if out.suffix == ".npy" and len(metrics) > 1:
        raise BappsmithError(f"{out}: holds the distances of one metric, found {', '.join(metrics)}; give one")
    if not out.resolve().parent.is_dir():
        raise BappsmithError(f"{out}: folder {out.parent} does not exist; make it first")


def _write_matrix(out: Path, matrix: NDArray[Any], queries: Sequence[str], gallery: Sequence[str]) -> None:
    unfinished = out.with_name(f"{out.name}.unfinished")
    with unfinished.open("wb") as stream:
        np.save(stream, matrix)
    names = {"rows": list(queries), "columns": list(gallery)}
    atomic_write_bytes(out.with_suffix(".json"), json.dumps(names).encode())
    unfinished.replace(out)


def _write_table(out: Path, rows: Sequence[Neighbour]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            ("metric", pa.string()),
            ("query", pa.string()),
            ("candidate", pa.string()),
            ("rank", pa.int32()),
            ("distance", pa.float32()),
        ]
    )
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist([asdict(row) for row in rows], schema=schema), sink)
    atomic_write_bytes(out, sink.getvalue().to_pybytes())
