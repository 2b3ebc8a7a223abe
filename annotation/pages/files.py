"""The scripts, the style and the icon of the pages: a fixed set, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class StaticFile:
    """One file that the browser may ask for."""

    data: bytes
    media_type: str


def static_file(name: str) -> StaticFile | None:
    """Return the file of this name, or None. Names are compared with the known ones, so no path leads elsewhere."""
    return _static_files().get(name)


@cache
def _static_files() -> dict[str, StaticFile]:
    return {
        path.name: StaticFile(path.read_bytes(), _MEDIA_TYPES[path.suffix])
        for path in STATIC.iterdir()
        if path.suffix in _MEDIA_TYPES
    }
