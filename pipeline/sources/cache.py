"""The index of the photographs, kept beside the output: a resumed run opens only photographs that changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version

from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.store.store import Store

DECODERS = ("pillow", "bappsmith")
"""Packages that decide how a file is decoded. A cache of other versions is not used."""
_DAMAGE = (OSError, ValueError, TypeError, KeyError, RecursionError)
"""Errors of a missing or damaged file."""


@dataclass(frozen=True)
class PhotographCache:
    """Photographs as an earlier run indexed them.

    Attributes:
        photographs: by name.
        stamps: name → size and time of change of the file at that time; None: unknown, so the file must be read.
    """

    photographs: Mapping[str, Photograph] = field(default_factory=dict)
    stamps: Mapping[str, str | None] = field(default_factory=dict)

    def unchanged(self, name: str, stamp: str | None, max_pixels: int) -> Photograph | None:
        """Return the photograph if its file did not change and its size is allowed."""
        photo = self.photographs.get(name)
        if photo is None or stamp is None or self.stamps.get(name) != stamp:
            return None
        return photo if photo.height * photo.width <= max_pixels else None


def update_cache(
    store: Store,
    name: str,
    cache: PhotographCache,
    photographs: Iterable[Photograph],
    stamps: Mapping[str, str | None],
) -> None:
    """Write the photographs to the cache file, unless it holds them already.

    Args:
        store: where the file is.
        name: of the file.
        cache: content of the file.
        photographs: the current index.
        stamps: name → size and time of change of the file, taken before the file was read.
    """
    by_name = {photo.name: photo for photo in photographs}
    now = PhotographCache(by_name, {photo: stamps[photo] for photo in by_name})
    if now != cache:
        write_cache(store, name, now)


def write_cache(store: Store, name: str, cache: PhotographCache) -> None:
    """Write the cache to a file of JSON lines; the first line holds versions and the sha256 of the other lines."""
    lines = [
        json.dumps({**asdict(photo), "stamp": cache.stamps.get(name)}) for name, photo in cache.photographs.items()
    ]
    body = "\n".join(lines).encode()
    head = {"sha256": hashlib.sha256(body).hexdigest(), "versions": _versions()}
    store.write(name, json.dumps(head).encode() + b"\n" + body)


def read_cache(store: Store, name: str) -> PhotographCache:
    """Read a file of `write_cache`; empty if the file is missing, damaged, or of other versions."""
    try:
        head, _, body = store.read(name).partition(b"\n")
        facts = json.loads(head)
        if facts != {"sha256": hashlib.sha256(body).hexdigest(), "versions": _versions()}:
            return PhotographCache()
        entries = [json.loads(line) for line in body.splitlines()]
        stamps = {entry["name"]: entry.pop("stamp") for entry in entries}
        return PhotographCache({entry["name"]: Photograph(**entry) for entry in entries}, stamps)
    except _DAMAGE:
        return PhotographCache()


def read_listing(store: Store, name: str) -> PhotographCache:
    """Read the photographs of a finished dataset from its `sources.json`. They have no stamps.

    Empty if the file is missing or damaged.
    """
    try:
        listing = json.loads(store.read(name))["photographs"]
        return PhotographCache({entry["name"]: Photograph(**entry) for entry in listing})
    except _DAMAGE:
        return PhotographCache()


def _versions() -> dict[str, str]:
    return {package: version(package) for package in DECODERS}
