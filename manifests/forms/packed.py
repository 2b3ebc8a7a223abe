"""Form packed: SUBSET/packed.safetensors, one file of pixels, judgments and names, for training to map into memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, SubsetPath
from bappsmith.manifests.store.atomic import sha256_file

from .arrays import Layout
from .item import SHARD, StoredFile, StoredItem
from .labels import label_bytes

PACKED = "packed.safetensors"
"""A subset in one file: `images` uint8 N×K×H×W×3 (K folders, RGB), `labels` float32 N, and `stems`, the file names as
bytes, one per line. Its header holds `kind`, `enlarged`, `reduction`, and one hash each for the bytes of images and of
labels. So results that depend on pixels alone stay valid under a new labelling."""
PACKED_FORMAT = "bappsmith-packed-2"


class PackedArrays:
    """One file in a local folder, with space for every shard from the beginning; see `Storage`."""

    encoded = False

    def __init__(self, root: Path, subset: SubsetPath, count: int, patch: int) -> None:
        self._subset, self._count = subset, count
        self._path = root / str(subset) / PACKED
        self._folders = IMAGE_FOLDERS[subset.kind]
        stem_bytes = 7 * count - 1  # six digits each, and line breaks between
        self._layout = Layout(
            {
                "images": ("U8", (count, len(self._folders), patch, patch, 3)),
                "labels": ("F32", (count,)),
                "stems": ("U8", (stem_bytes,)),
            }
        )

    def begin(self) -> None:
        """Allocate the file in full size."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._layout.allocate(self._path)

    def write(self, shard: int, items: Sequence[StoredItem]) -> dict[str, StoredFile]:
        """See `Storage`."""
        arrays = self._layout.map(self._path, writable=True)
        for item in items:
            for k, folder in enumerate(self._folders):
                arrays["images"][item.index, k] = item.pixels[folder]
            arrays["labels"][item.index] = np.frombuffer((item.label or b"")[-4:], "<f4")[0]
        return {}

    def relabel(self, shard: int, labels: Sequence[float]) -> dict[str, StoredFile]:
        """See `Storage`."""
        arrays = self._layout.map(self._path, writable=True)
        arrays["labels"][shard * SHARD : shard * SHARD + len(labels)] = labels
        return {}

    def read(self, indices: Sequence[int]) -> Iterator[StoredItem]:
        """See `Storage`. The file is mapped read-only. If it has a wrong size, all items are missing."""
        if not self._layout.fits(self._path):
            yield from (StoredItem(index, {}, None, {}) for index in indices)
            return
        arrays = self._layout.map(self._path)
        for index in indices:
            pixels = {f: np.array(arrays["images"][index, k]) for k, f in enumerate(self._folders)}
            yield StoredItem(index, {}, label_bytes(float(arrays["labels"][index])), pixels)

    def shard_files(self, shard: int) -> dict[str, StoredFile]:
        """Return nothing: the file is complete only after `finish`."""
        return {}

    def finish(self) -> dict[str, StoredFile]:
        """Write names and header. Without them the file cannot be read."""
        arrays = self._layout.map(self._path, writable=True)
        pixels = hashlib.sha256()
        for start in range(0, self._count, SHARD):
            pixels.update(np.ascontiguousarray(arrays["images"][start : start + SHARD]).data)
        labels = hashlib.sha256(np.asarray(arrays["labels"]).tobytes())
        stems = "\n".join(f"{index:06d}" for index in range(self._count)).encode()
        arrays["stems"][:] = np.frombuffer(stems, np.uint8)
        facts = {"format": PACKED_FORMAT, "kind": self._subset.kind, "enlarged": "false", "reduction": "exact"}
        hashes = {"pixels_sha256": pixels.hexdigest(), "labels_sha256": labels.hexdigest()}
        self._layout.write_header(self._path, facts | hashes)
        return {f"{self._subset}/{PACKED}": StoredFile(sha256_file(self._path), self._path.stat().st_size)}

    def owns(self, name: str) -> bool:
        """See `Storage`."""
        return name == f"{self._subset}/{PACKED}"

    def count_files(self) -> int:
        """See `Storage`."""
        return 0
