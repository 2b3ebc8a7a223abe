"""Find photographs: in a folder, by a glob, inside scikit-image, or at an address. No file is opened."""

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
from .formats import SUFFIXES, VIDEO_SUFFIXES, unread_format
from .search import Stamps, search_folder, stamp

SAMPLES = (
    "astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png",
    "gravel.png", "hubble_deep_field.jpg", "ihc.png", "motorcycle_left.png", "retina.jpg", "rocket.jpg",
)  # fmt: skip
"""Photographs inside scikit-image's wheel. Drawings, charts and the second view of a stereo pair are left out."""


_EXTRACT = (
    "a video; extract its frames into a folder (ffmpeg -i VIDEO FOLDER/%06d.png), give that, and set "
    "sources.sequences: numbered"
)


@dataclass(frozen=True)
class PhotographFiles:
    """The result of a search for photographs.

    Attributes:
        path: what was searched: `sources.path` of the recipe.
        root: folder or fsspec address that the names start from.
        stamps: name → size and time of change of the file (see `search.Stamps`), ordered by name.
        unreadable: (name, reason) of images that cannot be read, as their names show; names are printable.
        ignored: printable names of files whose suffix is not that of an image.
    """

    path: str
    root: str
    stamps: Stamps
    unreadable: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]

    def would_take_in(self, out: str | Path) -> bool:
        """Return whether the next search would find images that are written to `out`."""
        if is_glob(self.path) and "**" not in self.path:
            return False
        if is_address(out) != is_address(self.root):
            return False
        if is_address(out):
            return f"{out}/".startswith(f"{self.root}/")
        return Path(out).resolve().is_relative_to(Path(self.root).resolve())


def locate(path: str) -> str:
    """Return the folder or address that the names of photographs start from.

    Args:
        path: a folder, a glob, `samples` or an address.

    Raises:
        BappsmithError: the folder does not exist.
    """
    if path == "samples":
        return str(Path(str(files("skimage"))) / "data")
    if is_address(path):
        return path.rstrip("/")
    path = str(Path(path).expanduser())
    root = _fixed_part(path) if is_glob(path) else Path(path)
    if not root.exists():
        raise BappsmithError(
            f"sources.path '{path}': no such folder; give a folder, a glob or 'samples' (or --photos FOLDER)"
        )
    if not root.is_dir():
        if path.lower().endswith(VIDEO_SUFFIXES):
            raise BappsmithError(f"sources.path '{path}': {_EXTRACT}")
        raise BappsmithError(f"sources.path '{path}': a file; give the folder that holds the photographs")
    return str(root.resolve())


def path_to_seal(path: str) -> str:
    """Return `sources.path` without the parents of the folder: this is what a sealed dataset says about it.

    The parents would reveal something about a person's machine, and equal datasets would differ.
    """
    if path == "samples":
        return path
    if is_address(path):
        return path.rstrip("/").rsplit("/", 1)[-1]
    root = Path(locate(path))
    if not is_glob(path):
        return root.name
    return "/".join((root.name, *_pattern(path)))


def is_glob(path: str) -> bool:
    """Return whether `path` has wildcards and is not the name of an existing file or folder."""
    return not is_address(path) and glob.has_magic(path) and not Path(path).expanduser().exists()


def find_photographs(path: str) -> PhotographFiles:
    """Find the photographs of a folder, a glob, `samples` or an address.

    Raises:
        BappsmithError: the folder does not exist, or holds no photograph.
    """
    root = locate(path)
    closed: list[tuple[str, str]] = []
    if path == "samples":
        stamps: Stamps = {name: stamp(Path(root, name)) for name in SAMPLES}
    elif is_address(path):
        stamps = dict(RemoteStore(root).stamps())
    elif is_glob(path):
        stamps, closed = _search_glob(path, Path(root))
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
            # Manifests store names as UTF-8; a file system may hold other names.
            reason = f"photograph {printable(name)}: its file name is not UTF-8; rename it"
            unreadable.append((printable(name), reason))
        else:
            readable[name] = stamps[name]
    videos = [name for name in ignored if name.lower().endswith(VIDEO_SUFFIXES)]
    if not readable and not unreadable and videos:
        raise BappsmithError(f"sources.path '{path}': no photograph, but {videos[0]}, {_EXTRACT}")
    if not readable and not unreadable:
        raise BappsmithError(
            f"sources.path '{path}': no photograph found among {len(visible)} files (looked for {', '.join(SUFFIXES)})"
        )
    return PhotographFiles(path, root, readable, tuple(sorted(unreadable)), tuple(ignored))


def _search_glob(path: str, root: Path) -> tuple[Stamps, list[tuple[str, str]]]:
    """Find the files of a glob. `**` follows links to folders; loops of links end."""
    pattern = _pattern(path)
    if "**" in pattern:
        stamps, closed = search_folder(root)
        return {name: file_stamp for name, file_stamp in stamps.items() if _matches(name.split("/"), pattern)}, closed
    matches = [root / name for name in glob.glob("/".join(pattern), root_dir=root)]
    return {match.relative_to(root).as_posix(): stamp(match) for match in matches if not match.is_dir()}, []


def _fixed_part(path: str) -> Path:
    """Return the folders of a glob before the first one with a wildcard."""
    fixed = path[: min(path.find(c) for c in "*?[" if c in path)]
    return Path(fixed if fixed.endswith("/") else Path(fixed).parent)


def _pattern(path: str) -> list[str]:
    """Return the parts of a glob below its fixed part."""
    expanded = Path(path).expanduser()
    return list(expanded.relative_to(_fixed_part(str(expanded))).parts)


def _matches(names: list[str], pattern: list[str]) -> bool:
    """Return whether the parts of a name match those of a pattern. The time is at most their product."""

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
