"""Where the pictures of a study come from: any source of questions, and the source that is a finished dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError, unknown_name
from bappsmith.manifests.sealed_subset import SealedSubset

from .errors import ChangedError
from .task import Task

UNRELATED = "unrelated"
"""Subset of pictures that are far apart, for sentinels of the task similar. It is not among `tasks`; any index ≥ 0 is
in it."""


class QuestionSource(Protocol):
    """Pictures to ask about, in numbered items of named subsets."""

    @property
    def root(self) -> str:
        """Folder or address, for messages."""
        ...

    @property
    def fingerprint(self) -> str:
        """Hash (hex) of all that is judged: names of subsets, counts and pixels."""
        ...

    def tasks(self) -> dict[str, Task]:
        """Return subset → task."""
        ...

    def count(self, subset: str) -> int:
        """Return the number of items of a subset."""
        ...

    def pictures(self, subset: str, index: int) -> dict[str, NDArray[np.uint8]]:
        """Read the pictures of an item. Several threads may call this at once.

        Args:
            subset: name of the subset.
            index: position in it, from 0.

        Returns:
            Name (`task.PICTURES`) → uint8 H×W×3 RGB.

        Raises:
            ChangedError: the pixels are not those that the fingerprint covers.
            BappsmithError: a picture is missing or cannot be read.
        """
        ...


class DatasetSource:
    """The items of a finished dataset, of any form.

    Only images are covered by the fingerprint: a labelling that is added or activated changes nothing.

    Args:
        root: folder or address of the dataset.
        subsets: paths of the subsets to ask about; None: all.

    Attributes:
        root: as given.

    Raises:
        BappsmithError: this is no finished dataset, or it has no such subset.
    """

    def __init__(self, root: str | Path, subsets: Sequence[str] | None = None) -> None:
        self.root = str(root)
        dataset = Dataset(root)
        known = {subset.name: subset for subset in dataset.subsets()}
        chosen = list(known) if subsets is None else [str(name) for name in subsets]
        for name in chosen:
            if name not in known:
                raise unknown_name(f"subset of {root}", name, known)
        self._subsets: dict[str, SealedSubset] = {name: known[name] for name in chosen}
        self._dataset_fingerprint = dataset.finished.fingerprint
        self._sealed = {name: _pixel_hashes(subset) for name, subset in self._subsets.items()}

    @property
    def fingerprint(self) -> str:
        """See `QuestionSource`."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256(self._dataset_fingerprint.encode())
        for name, hashes in self._sealed.items():
            digest.update(f"\n{name} {len(self._subsets[name])}\n".encode())
            for folder, sealed in hashes.items():
                digest.update(folder.encode() + sealed.tobytes())
        return digest.hexdigest()

    def tasks(self) -> dict[str, Task]:
        """See `QuestionSource`."""
        return {name: subset.kind for name, subset in self._subsets.items()}

    def count(self, subset: str) -> int:
        """See `QuestionSource`."""
        return len(self._subsets[subset])

    def pictures(self, subset: str, index: int) -> dict[str, NDArray[np.uint8]]:
        """See `QuestionSource`."""
        try:
            images = self._subsets[subset].images(index)
        except BappsmithError as error:
            raise ChangedError(f"{error}; the dataset changed while it is judged") from error
        for folder, image in images.items():
            if hashlib.sha256(image.tobytes()).digest() != self._sealed[subset][folder][index].tobytes():
                raise ChangedError(
                    f"{self.root}: {folder} of item {index} of {subset} is not the picture that was sealed; the "
                    "dataset changed while it is judged; restore it, `bappsmith verify` lists what differs"
                )
        return images


def _pixel_hashes(subset: SealedSubset) -> dict[str, NDArray[np.uint8]]:
    """Read the sealed hashes of all pixels: folder → uint8 N×32 (96 bytes per triplet)."""
    names = [f"pixels_{folder}" for folder in subset.folders]
    columns: dict[str, list[bytes]] = {name: [] for name in names}
    for batch in subset.batches(*names):
        for name in names:
            columns[name].append(b"".join(batch.column(name).to_pylist()))
    return {
        name.removeprefix("pixels_"): np.frombuffer(b"".join(parts), np.uint8).reshape(-1, 32)
        for name, parts in columns.items()
    }
