"""The photographs of a dataset: found once, decoded once, named where one cannot be read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bappsmith.distortions.base import Image
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.store.open import is_address, open_store

from .decode import decode, read_file
from .find import find_photographs, is_glob


@dataclass(frozen=True)
class SourceIndex:
    """The photographs of a dataset.

    Attributes:
        root: folder, or address that fsspec knows, that the names start from.
        recursive: whether files that appear below `root` would be taken up by the next index.
        photographs: ordered by name.
        skipped: (name, reason) of every photograph that could not be read and was passed over.
        ignored: names of files in the folder that are no images by their suffix.
    """

    root: str
    photographs: tuple[Photograph, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    recursive: bool = True

    def read(self, photograph: Photograph) -> Image:
        """Decode a photograph, uint8 H×W×3 RGB.

        Raises:
            BappsmithError: the file is gone or no longer the one that was indexed.
        """
        data = read_file(open_store(self.root), photograph.name)
        if hashlib.sha256(data).hexdigest() != photograph.sha256:
            raise BappsmithError(
                f"photograph {photograph.name} in {self.root} is not the file that was indexed (sha256 differs); "
                "put the original back, or start a new dataset"
            )
        return decode(data, photograph.name)

    def holds(self, out: str | Path) -> bool:
        """Whether images written to `out` would become photographs."""
        if not self.recursive or is_address(out) != is_address(self.root):
            return False
        if is_address(out):
            return f"{out}/".startswith(f"{self.root}/")
        return Path(out).resolve().is_relative_to(Path(self.root).resolve())


def index_sources(sources: Sources, progress: Callable[[int, int], None] | None = None) -> SourceIndex:
    """Find the photographs and decode each once, so that trouble shows before the work begins.

    Args:
        sources: as in a recipe.
        progress: called with (done, total).

    Raises:
        BappsmithError: the place is missing or holds no photograph; or one cannot be read, and
            `on_unreadable` is `stop`.
    """
    store, names, ignored = find_photographs(sources.path)
    photographs: list[Photograph] = []
    skipped: list[tuple[str, str]] = []
    for done, name in enumerate(names, start=1):
        try:
            name = _readable_name(name)
            data = read_file(store, name)
            pixels = decode(data, name)
            height, width = pixels.shape[:2]
            digests = (hashlib.sha256(content).hexdigest() for content in (data, pixels.tobytes()))
            photographs.append(Photograph(name, next(digests), height, width, next(digests)))
        except BappsmithError as error:
            if sources.on_unreadable == "stop":
                raise BappsmithError(f"{error}; remove it, or set sources.on_unreadable: skip") from error
            skipped.append((name.encode(errors="backslashreplace").decode(), str(error)))
        if progress:
            progress(done, len(names))
    if not photographs:
        raise BappsmithError(f"sources.path '{sources.path}': none of its {len(names)} photographs can be read")
    recursive = not is_glob(sources.path) or "**" in sources.path
    return SourceIndex(store.root, tuple(photographs), tuple(skipped), ignored, recursive)


def _readable_name(name: str) -> str:
    """Names stand in manifests, which are UTF-8; a file system may hold others."""
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = name.encode(errors="backslashreplace").decode()
        raise BappsmithError(f"photograph {shown}: its file name is not UTF-8; rename it") from None
    return name
