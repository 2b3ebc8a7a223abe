"""One shard: plan, render, write, enter. Making it twice gives the same bytes."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from ..distortions.base import Image
from ..distortions.registry import load_plugin
from ..manifests.bapps import LABEL_FOLDER, SubsetPath, label_bytes
from ..manifests.errors import BappsmithError
from ..manifests.ledger import Ledger
from ..manifests.triplet import Photograph, TripletRecord
from .plan import SHARD, Planner
from .provenance import check_worker
from .render import Rendered, render
from .sources import SourceIndex

CACHE_BYTES = 256 << 20
"""Decoded photographs kept by a worker between shards."""


@dataclass(frozen=True, slots=True)
class ShardTask:
    """All a worker is told; the rest it reads from the dataset's `.bappsmith/run.json`.

    Attributes:
        root: the dataset's folder.
        fingerprint: of the run, so that a worker never serves an old one from memory.
        photos: the folder that names of photographs start from.
        plugins: paths of plugin files.
        subset: which subset.
        shard: which shard of it.
    """

    root: str
    fingerprint: str
    photos: str
    plugins: tuple[str, ...]
    subset: str
    shard: int


class Finished(NamedTuple):
    """A shard that is on disk and in the ledger.

    Attributes:
        items: number of items in it.
        made: whether they were made now; otherwise they stood there, and were checked.
    """

    items: int
    made: bool


def shard_indices(count: int, shard: int) -> range:
    """Indices of a shard of a subset of `count` items."""
    return range(shard * SHARD, min((shard + 1) * SHARD, count))


def shard_count(count: int) -> int:
    """Number of shards of a subset of `count` items."""
    return -(-count // SHARD)


def make_shard(task: ShardTask) -> Finished:
    """Make one shard and enter it into the ledger; the function every worker runs.

    A shard that was entered before is checked, file by file, and made again if one is not as it was.

    Raises:
        BappsmithError: this process has other libraries or operators than the run, a photograph
            changed, an operator broke its contract, or the disk is full.
    """
    cv2.setNumThreads(1)
    workshop = _workshop(task.root, task.fingerprint, task.photos, task.plugins)
    subset = SubsetPath.parse(task.subset)
    planner = workshop.planners[subset]
    indices = shard_indices(planner.subset.count, task.shard)
    if workshop.ledger.intact(subset, task.shard, task.fingerprint):
        return Finished(len(indices), False)
    records = [planner.plan(index) for index in indices]
    rendered = render(records, workshop.read)
    scratch = workshop.ledger.work / f"tmp-{uuid.uuid4().hex}"
    try:
        rows = _write(workshop.ledger.root, scratch, subset, records, rendered)
        workshop.ledger.enter(subset, task.shard, rows, task.fingerprint)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BappsmithError(
                f"disk full while writing shard {task.shard} of {subset} to {task.root}; free some space and run "
                "the same command again, finished shards are kept"
            ) from None
        raise BappsmithError(f"cannot write shard {task.shard} of {subset}: {error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Finished(len(records), True)


def _write(
    root: Path,
    scratch: Path,
    subset: SubsetPath,
    records: Sequence[TripletRecord],
    rendered: Sequence[Rendered],
) -> list[dict[str, Any]]:
    """Write files to a scratch folder, move them into place, and return the manifest's rows."""
    scratch.mkdir(parents=True)
    for folder in subset.folders:
        (root / str(subset) / folder).mkdir(parents=True, exist_ok=True)
    rows, moves = [], []
    for record, result in zip(records, rendered, strict=True):
        contents, hashes = item_files(subset, record, result)
        for folder, place in subset.files(record.index).items():
            partial = f"{scratch}/{folder}-{record.index}"
            _write_file(partial, contents[folder])
            moves.append((partial, f"{root}/{place}"))
        rows.append({**record.to_row(), "crop": result.crop, **hashes})
    for partial, place in moves:
        os.replace(partial, place)
    return rows


def _write_file(path: str, data: bytes) -> None:
    """Plain system calls: opening through `open` costs as much again as creating the file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        written = 0
        while written < len(data):
            written += os.write(descriptor, data[written:])
    finally:
        os.close(descriptor)


def item_files(
    subset: SubsetPath, record: TripletRecord, rendered: Rendered
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The files of one item, folder → content, and their hashes under the manifest's column names."""
    contents = {folder: encode_png(image) for folder, image in rendered.images.items()}
    hashes = {f"pixels_{f}": hashlib.sha256(image.tobytes()).digest() for f, image in rendered.images.items()}
    contents[LABEL_FOLDER[subset.kind]] = label_bytes(record.judgment)
    return contents, hashes | {f"file_{f}": hashlib.sha256(data).digest() for f, data in contents.items()}


def encode_png(image: Image) -> bytes:
    """PNG by OpenCV without any level flag, which takes its fast path; uint8 H×W×3 RGB in."""
    done, data = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    if not done:
        raise BappsmithError("OpenCV could not encode a PNG")
    return data.tobytes()


def read_png(path: Path) -> Image:
    """Decode a file that `encode_png` wrote, uint8 H×W×3 RGB.

    Raises:
        BappsmithError: not a readable image.
    """
    try:
        data = np.fromfile(path, dtype=np.uint8)
    except OSError as error:
        raise BappsmithError(f"{path}: cannot be opened ({error.strerror or error})") from error
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if image is None:
        raise BappsmithError(f"{path}: not a readable image")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)


class _Workshop:
    """What a process keeps between the shards of one run: planners and decoded photographs."""

    def __init__(self, root: str, photos: str, plugins: tuple[str, ...]) -> None:
        for plugin in plugins:
            load_plugin(plugin)
        self.ledger = Ledger(root)
        self._run = self.ledger.run()
        self._by_name = {photo.name: photo for photo in self._run.photographs}
        self._sources = SourceIndex(Path(photos), self._run.photographs)
        self._decoded: OrderedDict[str, Image] = OrderedDict()
        self._bytes = 0
        recipe = self._run.recipe
        try:
            self.planners = {s.where: Planner(recipe, s, self._run.photographs) for s in recipe.subsets}
        except BappsmithError as error:  # in the process that started the run, the same went well
            raise BappsmithError(
                f"a worker does not know all operators of this run: {error} Pass the file that defines them as a plugin"
            ) from error
        check_worker(self._run, self.planners.values())

    def read(self, name: str) -> Image:
        """A decoded photograph; the least recently used are dropped beyond `CACHE_BYTES`."""
        if name not in self._decoded:
            photo: Photograph = self._by_name[name]
            coming = photo.height * photo.width * 3
            while self._decoded and self._bytes + coming > CACHE_BYTES:
                self._bytes -= self._decoded.popitem(last=False)[1].nbytes
            self._decoded[name] = self._sources.read(photo)
            self._bytes += coming
        self._decoded.move_to_end(name)
        return self._decoded[name]


def close_workshop() -> None:
    """Let go of decoded photographs, for a process that goes on to other work."""
    _workshop.cache_clear()


@lru_cache(maxsize=1)
def _workshop(root: str, fingerprint: str, photos: str, plugins: tuple[str, ...]) -> _Workshop:
    return _Workshop(root, photos, plugins)
