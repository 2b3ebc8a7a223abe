"""Finding photographs: in a folder, by a glob, inside scikit-image, or at an address. None is opened."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.resources import files
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.store.open import is_address
from bappsmith.manifests.store.remote import RemoteStore

from .decode import unread
from .formats import SUFFIXES, unread_format
from .search import Stamps, search_folder, stamp

SAMPLES = (
    "astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png",
    "gravel.png", "hubble_deep_field.jpg", "ihc.png", "motorcycle_left.png", "retina.jpg", "rocket.jpg",
)  # fmt: skip
"""Photographs inside scikit-image's wheel. Drawings, charts and the second view of a stereo pair are left out."""


@dataclass(frozen=True)
class PhotographFiles:
    """Files that may be photographs, as a search found them.

    Attributes:
        place: what was searched, as the recipe says it.
        root: folder, or address that fsspec knows, that the names start from.
        stamps: name → what changes with the file's content, ordered by name.
        unreadable: (name, reason) of images that are known to be unreadable without a look inside; names are printable.
        ignored: names of files that are no images by their suffix, printable.
    """

    place: str
    root: str
    stamps: Stamps
    unreadable: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]

    def would_take_in(self, out: str | Path) -> bool:
        """Whether images written to `out` would be found by the next search."""
        if is_glob(self.place) and "**" not in self.place:
            return False
        if is_address(out) != is_address(self.root):
            return False
        if is_address(out):
            return f"{out}/".startswith(f"{self.root}/")
        return Path(out).resolve().is_relative_to(Path(self.root).resolve())


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
    root = _fixed_part(place) if is_glob(place) else Path(place)
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
    return "/".join((root.name, *_pattern(place)))


def is_glob(place: str) -> bool:
    return not is_address(place) and glob.has_magic(place) and not Path(place).expanduser().exists()


def find_photographs(place: str) -> PhotographFiles:
    """Find the photographs of a folder, a glob, `samples` or an address.

    Raises:
        BappsmithError: there is no such place, or no photograph in it.
    """
    root = locate(place)
    closed: list[tuple[str, str]] = []
    if place == "samples":
        stamps: Stamps = {name: stamp(Path(root, name)) for name in SAMPLES}
    elif is_address(place):
        stamps = dict(RemoteStore(root).stamps())
    elif is_glob(place):
        stamps, closed = _search_glob(place, Path(root))
    else:
        stamps, closed = search_folder(Path(root))
    visible = sorted(name for name in stamps if not any(part.startswith(".") for part in name.split("/")))
    readable: Stamps = {}
    unreadable = [
        (printable(name), f"folder {printable(name) or root}: cannot be searched ({r})") for name, r in closed
    ]
    ignored: list[str] = []
    for name in visible:
        form = unread_format(name)
        if form is not None:
            unreadable.append((printable(name), str(unread(name, form))))
        elif not name.lower().endswith(SUFFIXES):
            ignored.append(printable(name))
        elif not _is_utf8(name):
            # Names stand in manifests, which are UTF-8; a file system may hold others.
            reason = f"photograph {printable(name)}: its file name is not UTF-8; rename it"
            unreadable.append((printable(name), reason))
        else:
            readable[name] = stamps[name]
    if not readable and not unreadable:
        raise BappsmithError(
            f"sources.path '{place}': no photograph found among {len(visible)} files (looked for {', '.join(SUFFIXES)})"
        )
    return PhotographFiles(place, root, readable, tuple(sorted(unreadable)), tuple(ignored))


def _search_glob(place: str, root: Path) -> tuple[Stamps, list[tuple[str, str]]]:
    """Files that a glob names; `**` follows links to folders, and ends in loops of them."""
    pattern = _pattern(place)
    if "**" in pattern:
        stamps, closed = search_folder(root)
        return {name: one for name, one in stamps.items() if _matches(name.split("/"), pattern)}, closed
    paths = [root / name for name in glob.glob("/".join(pattern), root_dir=root)]
    return {path.relative_to(root).as_posix(): stamp(path) for path in paths if not path.is_dir()}, []


def _fixed_part(place: str) -> Path:
    """The folders of a glob before the first that has a wildcard."""
    fixed = place[: min(place.find(c) for c in "*?[" if c in place)]
    return Path(fixed if fixed.endswith("/") else Path(fixed).parent)


def _pattern(place: str) -> list[str]:
    """The parts of a glob below its fixed part."""
    path = Path(place).expanduser()
    return list(path.relative_to(_fixed_part(str(path))).parts)


def _matches(names: list[str], pattern: list[str]) -> bool:
    """Whether the parts of a name match those of a pattern; in time linear in both."""

    def without_stars(positions: set[int]) -> set[int]:
        for at, part in enumerate(pattern):
            if at in positions and part == "**":
                positions.add(at + 1)
        return positions

    positions = without_stars({0})
    for name in names:
        open_ends = {at for at in positions if at < len(pattern)}
        stay = {at for at in open_ends if pattern[at] == "**"}
        go_on = {at + 1 for at in open_ends - stay if fnmatch(name, pattern[at])}
        positions = without_stars(stay | go_on)
    return len(pattern) in positions


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
