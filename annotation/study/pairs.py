"""The source of questions that is a folder of images with a file of pairs: task "similar"."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PIL

from bappsmith.lpips.data.retrieval.pair_set import PairSet
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.store.atomic import sha256_file
from bappsmith.manifests.store.local import LocalStore
from bappsmith.pipeline.sources.decode import decode
from bappsmith.pipeline.sources.read import read_photograph

from .errors import ChangedError
from .far_pairs import far_pairs
from .source import UNRELATED
from .task import Task

SUBSET = "similar"
"""Name of the only subset; the index of an item is the position of its pair in the file, from 0."""
FAR = 16
"""Pairs of images that are far apart, for sentinels. Chosen here: nobody sees one often."""
SHOWN_SIDE = 512
"""Longest side of a picture that is shown, px: two fit side by side on a screen of 1280 px. Chosen here."""


class PairsSource:
    """Pairs of images, asked about as "similar or not".

    Large images are shown scaled down. Votes in the file do not count for the fingerprint.

    Args:
        pairs: see `read_pairs`. Every image is read once, to hash it.

    Attributes:
        pairs: as given.
        root: the folder of images, for messages.
        fingerprint: hash of the pairs and of the content of their images, hex.

    Raises:
        BappsmithError: an image cannot be read.
    """

    def __init__(self, pairs: PairSet) -> None:
        self.pairs = pairs
        self.root = str(pairs.root)
        self._sealed = {name: _hash(pairs.root, name) for name in pairs.images}
        digest = hashlib.sha256()
        for pair in pairs.pairs:
            for name in (pair.query, pair.candidate):
                digest.update(f"{name}\0{self._sealed[name]}\n".encode())
        self.fingerprint = digest.hexdigest()
        rng = np.random.default_rng(int(self.fingerprint, 16))
        self._far = far_pairs(self.picture, pairs, rng, FAR)

    def tasks(self) -> dict[str, Task]:
        """See `QuestionSource`."""
        return {SUBSET: "similar"}

    def count(self, subset: str) -> int:
        """See `QuestionSource`."""
        return len(self.pairs)

    def pictures(self, subset: str, index: int) -> dict[str, NDArray[np.uint8]]:
        """See `QuestionSource`. Names are query and candidate; the longest side is at most `SHOWN_SIDE` px."""
        if subset == UNRELATED:
            return self._unrelated(index)
        pair = self.pairs.pairs[index]
        return {"query": self.picture(pair.query), "candidate": self.picture(pair.candidate)}

    def _unrelated(self, index: int) -> dict[str, NDArray[np.uint8]]:
        """Read two images that are far apart; if every image is paired with every other, make one of noise."""
        if not self._far:
            query = self.picture(self.pairs.pairs[0].query)
            noise = np.random.default_rng(index).integers(0, 256, query.shape, np.uint8)
            return {"query": query, "candidate": noise}
        query, candidate = self._far[index % len(self._far)]
        return {"query": self.picture(query), "candidate": self.picture(candidate)}

    def picture(self, name: str) -> NDArray[np.uint8]:
        """Read an image of a pair as it is shown.

        Args:
            name: of the image, as in the pairs.

        Returns:
            uint8 H×W×3 RGB, longest side at most `SHOWN_SIDE` px.

        Raises:
            ChangedError: the file is missing, or not the one that the fingerprint covers.
            BappsmithError: it is not an image that can be read.
        """
        try:
            data = read_photograph(LocalStore(self.pairs.root), name)
        except BappsmithError as error:
            raise ChangedError(f"{error}; the folder {self.root} changed while it is judged; restore it") from error
        if hashlib.sha256(data).hexdigest() != self._sealed[name]:
            raise ChangedError(
                f"{self.root}: {printable(name)} is not the image that the study began with; the folder changed while "
                "it is judged; restore it"
            )
        return shown(decode(data, name))

    def items(self) -> list[tuple[str, int, float | None]]:
        """List all pairs for `Study.create`: subset, index, probability of inclusion or None."""
        return [(SUBSET, index, pair.inclusion) for index, pair in enumerate(self.pairs.pairs)]


def shown(image: NDArray[np.uint8], side: int = SHOWN_SIDE) -> NDArray[np.uint8]:
    """Reduce an image by averaging areas if its longest side exceeds `side` px; smaller ones stay as they are."""
    height, width = image.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return image
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(PIL.fromarray(image).resize(size, PIL.Resampling.BOX))


def _hash(root: Path, name: str) -> str:
    try:
        return sha256_file(root / name)
    except OSError as error:
        raise BappsmithError(
            f"{root / name}: cannot be opened ({error.strerror or error}); restore it, or remove its pairs"
        ) from error
