"""Finding photographs: in a folder, by a glob, inside scikit-image, or at an address."""

from __future__ import annotations

import glob
from importlib.resources import files
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.open import is_address, open_store
from bappsmith.manifests.store.store import Store

SUFFIXES = (
    ".png",
    ".jpg",
    ".jpeg",
    ".tif",
    ".tiff",
    ".webp",
    ".bmp",
    ".ppm",
    ".pgm",
    ".gif",
    ".jp2",
    ".avif",
)
"""Files that count as photographs, in any case. Others in a folder are passed over and named."""

SAMPLES = (
    "astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png",
    "gravel.png", "hubble_deep_field.jpg", "ihc.png", "motorcycle_left.png", "retina.jpg", "rocket.jpg",
)  # fmt: skip
"""Photographs inside scikit-image's wheel. Drawings, charts and the second view of a stereo pair are left out."""


def locate(place: str) -> str:
    """The folder or address that names of photographs start from, for a folder, a glob, `samples` or an address.

    Raises:
        BappsmithError: there is no such folder.
    """
    if place == "samples":
        return str(Path(str(files("skimage"))) / "data")
    if is_address(place):
        return place.rstrip("/")
    place = str(Path(place).expanduser())
    root = Path(place)
    if is_glob(place):
        fixed = place[: min(place.find(c) for c in "*?[" if c in place)]
        root = Path(fixed if fixed.endswith("/") else Path(fixed).parent)
    if not root.exists():
        raise BappsmithError(
            f"sources.path '{place}': no such folder; give a folder, a glob or 'samples' (or --photos FOLDER)"
        )
    if not root.is_dir():
        raise BappsmithError(f"sources.path '{place}': a file; give the folder that holds the photographs")
    return str(root.resolve())


def place_to_seal(place: str) -> str:
    """A place without what is above its folder: what a sealed dataset says of where its photographs lay.

    The rest would tell of a person's machine, and make equal datasets differ.
    """
    if place == "samples":
        return place
    if is_address(place):
        return place.rstrip("/").rsplit("/", 1)[-1]
    root = Path(locate(place))
    if not is_glob(place):
        return root.name
    return f"{root.name}/{Path(place).expanduser().resolve().relative_to(root).as_posix()}"


def is_glob(place: str) -> bool:
    return not is_address(place) and glob.has_magic(place) and not Path(place).expanduser().exists()


def find_photographs(place: str) -> tuple[Store, list[str], tuple[str, ...]]:
    """(where they lie, names of photographs, ignored names) of a folder, a glob, `samples` or an address."""
    root = locate(place)
    if place == "samples":
        found = list(SAMPLES)
    elif is_glob(place):
        paths = glob.glob(str(Path(place).expanduser()), recursive=True)
        found = [Path(p).resolve().relative_to(root).as_posix() for p in paths if Path(p).is_file()]
    else:
        found = list(open_store(root).files())
    inside = sorted(name for name in found if not any(part.startswith(".") for part in name.split("/")))
    names = [name for name in inside if name.lower().endswith(SUFFIXES)]
    if not names:
        raise BappsmithError(
            f"sources.path '{place}': no photograph found among {len(inside)} files (looked for {', '.join(SUFFIXES)})"
        )
    others = (name for name in inside if not name.lower().endswith(SUFFIXES))
    return (
        open_store(root),
        names,
        tuple(name.encode(errors="backslashreplace").decode() for name in others),
    )
