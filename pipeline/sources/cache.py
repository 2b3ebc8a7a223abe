"""How photographs were indexed, kept beside the output so that a resumed run opens none that did not change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version

from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.store.store import Store

DECODERS = ("pillow", "bappsmith")
"""Packages that decide how a file is decoded; another version knows nothing of what this one kept."""
_DAMAGE = (OSError, ValueError, TypeError, KeyError, RecursionError)
"""What files that are missing or hold something else raise."""


@dataclass(frozen=True)
class PhotographCache:
    """Photographs as an earlier run indexed them.

    Attributes:
        photographs: by name.
        stamps: name → what changes with the file's content, as it was then; where there is none, the file has to be read.
    """

    photographs: Mapping[str, Photograph] = field(default_factory=dict)
    stamps: Mapping[str, str | None] = field(default_factory=dict)

    def unchanged(self, name: str, stamp: str | None, max_pixels: int) -> Photograph | None:
        """The photograph, if its file is as it was and its size is allowed."""
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
    """Keep photographs in the file that `cache` was read from, unless it holds the same.

    Args:
        store: where the file is.
        name: of the file.
        cache: what it holds.
        photographs: as they are indexed now.
        stamps: name → what changes with the file's content, taken before the file was read.
    """
    by_name = {photo.name: photo for photo in photographs}
    now = PhotographCache(by_name, {photo: stamps[photo] for photo in by_name})
    if now != cache:
        write_cache(store, name, now)


def write_cache(store: Store, name: str, cache: PhotographCache) -> None:
    """Keep photographs in a file: JSON lines, the first with versions and the sha256 of the others."""
    lines = [
        json.dumps({**asdict(photo), "stamp": cache.stamps.get(name)}) for name, photo in cache.photographs.items()
    ]
    body = "\n".join(lines).encode()
    head = {"sha256": hashlib.sha256(body).hexdigest(), "versions": _versions()}
    store.write(name, json.dumps(head).encode() + b"\n" + body)


def read_cache(store: Store, name: str) -> PhotographCache:
    """What `write_cache` kept; empty where the file is missing, damaged, or of other versions."""
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
    """The photographs of a finished dataset, from its `sources.json`, without stamps: they are machine-bound.

    Empty where the file is missing or damaged.
    """
    try:
        listing = json.loads(store.read(name))["photographs"]
        return PhotographCache({entry["name"]: Photograph(**entry) for entry in listing})
    except _DAMAGE:
        return PhotographCache()


def _versions() -> dict[str, str]:
    return {package: version(package) for package in DECODERS}
