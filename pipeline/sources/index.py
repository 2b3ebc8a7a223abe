"""Index the photographs of a dataset: decode each once, and name those that cannot be read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bappsmith.distortions.image import Image
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.store.open import open_store
from bappsmith.pipeline.workers.pool import WorkerPool

from .batch import BATCH, IndexBatch, Unreadable, index_batch
from .cache import PhotographCache
from .decode import decode
from .find import PhotographFiles, find_photographs
from .read import read_photograph


@dataclass(frozen=True)
class SourceIndex:
    """The photographs of a dataset.

    Attributes:
        root: folder or fsspec address that the names start from.
        photographs: ordered by name.
        skipped: (name, reason) of every photograph that could not be read and was skipped; names are printable.
        ignored: printable names of files whose suffix is not that of an image.
    """

    root: str
    photographs: tuple[Photograph, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()

    def read(self, photograph: Photograph) -> Image:
        """Decode a photograph, uint8 H×W×3 RGB.

        Raises:
            BappsmithError: the file is missing, or changed since it was indexed.
        """
        data = read_photograph(open_store(self.root), photograph.name)
        if hashlib.sha256(data).hexdigest() != photograph.sha256:
            raise BappsmithError(
                f"photograph {printable(photograph.name)} in {self.root} is not the file that was indexed (sha256 "
                "differs); put the original back, or start a new dataset"
            )
        return decode(data, photograph.name, photograph.height * photograph.width)


def index_sources(sources: Sources, progress: Callable[[int, int], None] | None = None) -> SourceIndex:
    """Find the photographs and decode each once, in this process.

    Args:
        sources: as in a recipe.
        progress: called with (done, total).

    Raises:
        BappsmithError: the folder does not exist or holds no photograph; or one cannot be read, and `on_unreadable` is
            `stop`.
    """
    with WorkerPool(None) as pool:
        return index_photographs(find_photographs(sources.path), sources, pool, progress=progress)


def index_photographs(
    files: PhotographFiles,
    sources: Sources,
    pool: WorkerPool,
    cache: PhotographCache | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SourceIndex:
    """Decode each photograph once, so that unreadable ones are known before the work begins.

    A photograph in the cache is not opened if its stamp is the same, and not decoded if its sha256 is the same. Result
    and errors do not depend on the cache or the number of workers.

    Args:
        files: the result of a search.
        sources: as in a recipe.
        pool: the workers.
        cache: the index of an earlier run.
        progress: called with (done, total).

    Raises:
        BappsmithError: no photograph can be read; or one cannot, and `on_unreadable` is `stop`.
    """
    stop = sources.on_unreadable == "stop"
    if stop and files.unreadable:
        raise _stopped(files.unreadable[0][1], len(files.unreadable) - 1)
    cache = cache or PhotographCache()
    photographs = [
        photo for name, stamp in files.stamps.items() if (photo := cache.unchanged(name, stamp, sources.max_pixels))
    ]
    known = {photo.name for photo in photographs}
    waiting = [name for name in files.stamps if name not in known]
    batches = [
        IndexBatch(files.root, names, tuple(cache.photographs.get(name) for name in names), sources.max_pixels)
        for names in (tuple(waiting[at : at + BATCH]) for at in range(0, len(waiting), BATCH))
    ]
    unreadable: list[Unreadable] = []
    for outcome in _outcomes(batches, pool, len(photographs), len(files.stamps), stop, progress):
        if isinstance(outcome, Photograph):
            photographs.append(outcome)
        else:
            unreadable.append(outcome)
    unreadable.sort()
    if stop and unreadable:
        raise _stopped(unreadable[0].reason, 0)
    if not photographs:
        total = len(files.stamps) + len(files.unreadable)
        raise BappsmithError(f"sources.path '{sources.path}': none of its {total} photographs can be read")
    skipped = sorted([*files.unreadable, *((printable(failed.name), failed.reason) for failed in unreadable)])
    photographs.sort(key=lambda photo: photo.name)
    return SourceIndex(files.root, tuple(photographs), tuple(skipped), files.ignored)


def _outcomes(
    batches: Sequence[IndexBatch],
    pool: WorkerPool,
    done: int,
    total: int,
    stop: bool,
    progress: Callable[[int, int], None] | None,
) -> Iterator[Photograph | Unreadable]:
    """Yield the result for each photograph. With `stop`, do not wait for batches after the first unreadable one."""
    waiting = {batch.names[0] for batch in batches}
    first_failed: str | None = None
    if progress:
        progress(done, total)
    for outcomes in pool.map_unordered(index_batch, batches):
        done += len(outcomes)
        if progress:
            progress(done, total)
        yield from outcomes
        if not stop:
            continue
        waiting.discard(outcomes[0].name)
        if any(isinstance(outcome, Unreadable) for outcome in outcomes):
            first_failed = min(outcomes[0].name, first_failed or outcomes[0].name)
        if first_failed is not None and not any(name < first_failed for name in waiting):
            return


def _stopped(reason: str, others: int) -> BappsmithError:
    more = f" ({others} more cannot be read)" if others else ""
    return BappsmithError(f"{reason}; remove it, or set sources.on_unreadable: skip{more}")
