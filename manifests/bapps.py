"""BAPPS folders: the only file that knows their names.

Layout (Zhang et al. 2018, as distributed with the reference code)::

    2afc/{train,val}/<subset>/{ref,p0,p1}/NNNNNN.png   2afc/{train,val}/<subset>/judge/NNNNNN.npy
    jnd/val/<subset>/{p0,p1}/NNNNNN.png                jnd/val/<subset>/same/NNNNNN.npy

`judge` is the share of votes for p1, `same` the share of votes for "the same"; both are one
float32 of shape (1,) in [0, 1].
"""

from __future__ import annotations

import io
import os
import struct
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .errors import BappsmithError

Kind = Literal["2afc", "jnd"]
Split = Literal["train", "val"]

IMAGE_FOLDERS: dict[Kind, tuple[str, ...]] = {"2afc": ("ref", "p0", "p1"), "jnd": ("p0", "p1")}
LABEL_FOLDER: dict[Kind, str] = {"2afc": "judge", "jnd": "same"}
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".ppm", ".bmp")
"""Suffixes of images in the wild, in any case. This project writes .png."""
_PLACES: dict[str, tuple[Kind, Split]] = {
    "2afc/train": ("2afc", "train"),
    "2afc/val": ("2afc", "val"),
    "jnd/val": ("jnd", "val"),
}
PACKED = "packed.safetensors"
"""A subset in one file: `images` uint8 N×K×H×W×3 (K folders, RGB), `labels` float32 N, and `stems`, the file names as
bytes; its header says what it was packed from."""
PACKED_FORMAT = "bappsmith-packed-1"
MAX_ITEMS = 1_000_000
"""Six digits count from 000000 to 999999."""


@dataclass(frozen=True, slots=True)
class SubsetPath:
    """Where a subset stands in a dataset, such as 2afc/train/traditional or jnd/val/cnn."""

    kind: Kind
    split: Split
    name: str

    @staticmethod
    @lru_cache(maxsize=256)  # asked once per item
    def parse(text: str) -> SubsetPath:
        """Read '2afc/train/NAME', '2afc/val/NAME' or 'jnd/val/NAME'.

        Raises:
            BappsmithError: the path has another form.
        """
        place, name = PurePosixPath(text).parent.as_posix(), PurePosixPath(text).name
        if place in _PLACES and name.replace("-", "").replace("_", "").isalnum() and name.isascii():
            return SubsetPath(*_PLACES[place], name)
        raise BappsmithError(
            f"subset path '{text}' is not of the form 2afc/train/NAME, 2afc/val/NAME or jnd/val/NAME, "
            "where NAME is made of letters, digits, '-' and '_'"
        )

    def __str__(self) -> str:
        return f"{self.kind}/{self.split}/{self.name}"

    @property
    def folders(self) -> tuple[str, ...]:
        """Names of the folders of this subset, the label folder last."""
        return (*IMAGE_FOLDERS[self.kind], LABEL_FOLDER[self.kind])

    def files(self, index: int) -> dict[str, str]:
        """Folder name → path of item `index` below the dataset's root, with forward slashes."""
        images = {folder: f"{self}/{folder}/{index:06d}.png" for folder in IMAGE_FOLDERS[self.kind]}
        label = LABEL_FOLDER[self.kind]
        return {**images, label: f"{self}/{label}/{index:06d}.npy"}


def label_bytes(value: float) -> bytes:
    """A judgment as the content of its .npy file: float32, shape (1,)."""
    return _OWN_HEADER + struct.pack("<f", value)


def _npy_header() -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.zeros(1, "<f4"), version=(1, 0))
    return stream.getvalue()[:-4]


_OWN_HEADER = _npy_header()
"""Files that this project wrote begin so; numpy takes ten times as long to make it as to pack the value."""


@dataclass(frozen=True, slots=True)
class TarMember:
    """A file in a tar shard."""

    archive: Path
    name: str
    offset: int
    size: int

    def read_bytes(self) -> bytes:
        """Its content."""
        with self.archive.open("rb") as stream:
            stream.seek(self.offset)
            return stream.read(self.size)

    def __str__(self) -> str:
        return f"{self.archive}/{self.name}"


File: TypeAlias = Path | TarMember
"""A file of its own, or one in a tar shard; both have read_bytes()."""


def read_label(path: File) -> float:
    """Read a `judge` or `same` file; shape (1,) and 0-d are both accepted.

    Returns:
        The share of votes, in [0, 1].

    Raises:
        BappsmithError: the file is no .npy array of one number in [0, 1] (NaN included).
    """
    try:
        data = path.read_bytes()
        if len(data) == len(_OWN_HEADER) + 4 and data.startswith(_OWN_HEADER):
            array = np.frombuffer(data, "<f4", offset=len(_OWN_HEADER))  # several times as fast as np.load
        else:
            array = np.load(io.BytesIO(data), allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BappsmithError(f"{path}: not a readable .npy file ({error})") from error
    if not isinstance(array, np.ndarray) or array.size != 1 or array.dtype.kind not in "fiub":
        raise BappsmithError(f"{path}: expected one number, found {getattr(array, 'shape', type(array))}")
    value = float(array.reshape(()))
    if not 0.0 <= value <= 1.0:
        raise BappsmithError(f"{path}: a judgment lies in [0, 1], found {value}")
    return value


@dataclass(frozen=True, slots=True)
class Item:
    """One triplet (or JND pair) on disk.

    Attributes:
        stem: the file name without suffix, the same in every folder.
        images: folder name → image file.
        label: the judgment file.
    """

    stem: str
    images: dict[str, File]
    label: File


@dataclass(frozen=True, slots=True)
class SubsetFolder:
    """A BAPPS subset found on disk, ours or the original.

    Attributes:
        root: the folder that holds ref, p0, p1, judge (or p0, p1, same).
        kind: "2afc" or "jnd".
        items: every item, ordered by stem.
    """

    root: Path
    kind: Kind
    items: tuple[Item, ...]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def labels(self) -> NDArray[np.float32]:
        """All judgments, shape (N,), in [0, 1]."""
        return np.array([read_label(item.label) for item in self.items], dtype=np.float32)


def read_subset(root: Path | str) -> SubsetFolder:
    """List a BAPPS subset folder, pairing its files by stem.

    Args:
        root: a folder with ref, p0, p1 and judge, or with p0, p1 and same; or with tar shards of these.

    Raises:
        BappsmithError: a folder is missing or empty, or files do not match by stem.
    """
    root = Path(root)
    if not root.is_dir():
        raise BappsmithError(
            f"{root}: no such folder; a BAPPS subset such as DATASET/2afc/val/NAME is expected"
        )
    archives = sorted(root.glob("*.tar"))
    if archives:
        return _read_archives(root, archives)
    kind: Kind = "jnd" if (root / "same").is_dir() else "2afc"
    wanted = SubsetPath(kind, "val", "any").folders
    absent = [name for name in wanted if not (root / name).is_dir()]
    if absent:
        raise BappsmithError(
            f"{root}: not a BAPPS subset, missing folder{'s' * (len(absent) > 1)} {', '.join(absent)} "
            "(2afc: ref, p0, p1, judge; jnd: p0, p1, same)"
        )
    found: dict[str, Mapping[str, File]] = {
        name: files_by_stem(root / name, (".npy",) if name in LABEL_FOLDER.values() else IMAGE_SUFFIXES)
        for name in wanted
    }
    return _pair_up(root, kind, found)


def _read_archives(root: Path, archives: Sequence[Path]) -> SubsetFolder:
    found: dict[str, dict[str, File]] = {}
    for archive in archives:
        try:
            with tarfile.open(archive) as members:
                for member in members:
                    stem, _, rest = member.name.partition(".")
                    folder = rest.rpartition(".")[0]
                    if member.isfile() and folder in {"ref", "p0", "p1", *LABEL_FOLDER.values()}:
                        place = TarMember(archive, member.name, member.offset_data, member.size)
                        found.setdefault(folder, {})[stem] = place
        except (OSError, tarfile.TarError) as error:
            raise BappsmithError(f"{archive}: not a readable tar file ({error})") from error
    kind: Kind = "jnd" if "same" in found else "2afc"
    return _pair_up(
        root, kind, {name: found.get(name, {}) for name in SubsetPath(kind, "val", "any").folders}
    )


def _pair_up(root: Path, kind: Kind, found: Mapping[str, Mapping[str, File]]) -> SubsetFolder:
    stems = sorted(set().union(*found.values()))
    if not stems:
        raise BappsmithError(f"{root}: the subset is empty")
    for name, files in found.items():
        missing = [stem for stem in stems if stem not in files]
        if missing:
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            raise BappsmithError(
                f"{root / name}: no file for {', '.join(missing[:3])}{more}, which another folder has; "
                "restore the missing files or remove their partners"
            )
    label = LABEL_FOLDER[kind]
    items = (Item(s, {f: found[f][s] for f in IMAGE_FOLDERS[kind]}, found[label][s]) for s in stems)
    return SubsetFolder(root, kind, tuple(items))


def files_by_stem(folder: Path, suffixes: tuple[str, ...]) -> dict[str, Path]:
    """Files below `folder` (recursively, as the reference walks) by their relative stem.

    Args:
        folder: where to look.
        suffixes: of the files, in lower case.

    Raises:
        BappsmithError: two files share a stem.
    """
    found: dict[str, Path] = {}
    for place, _, names in os.walk(folder):
        within = os.path.relpath(place, folder).replace(os.sep, "/")
        for name in names:
            stem, suffix = os.path.splitext(name)
            if suffix.lower() in suffixes:
                stem = stem if within == "." else f"{within}/{stem}"
                if stem in found:
                    raise BappsmithError(
                        f"{folder}: two files share the stem {stem}: {found[stem].name} and {name}"
                    )
                found[stem] = Path(place, name)
    return found


def find_subsets(dataset: Path | str) -> list[Path]:
    """Every subset folder of a dataset: 2afc/*/* and jnd/*/*, sorted.

    A path that is itself a subset is returned alone.
    """
    root = Path(dataset)
    if _is_subset(root):
        return [root]
    return sorted(p for kind in ("2afc", "jnd") for p in root.glob(f"{kind}/*/*") if _is_subset(p))


def _is_subset(folder: Path) -> bool:
    return (
        (folder / "p0").is_dir()
        or (folder / PACKED).is_file()
        or next(folder.glob("[0-9]*.tar"), None) is not None
    )
