"""Reading a BAPPS subset, ours or the original: folders of files, or tar or Parquet shards of these."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.subset_path import (
    IMAGE_FOLDERS,
    LABEL_FOLDER,
    Kind,
    SubsetPath,
)

from .file import File, TarMember
from .labels import read_label
from .packed import PACKED
from .parquet_cells import ParquetReader

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".ppm", ".bmp")
"""Suffixes of images in the wild, in any case. This project writes .png."""


@dataclass(frozen=True, slots=True)
class ItemFiles:
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
    items: tuple[ItemFiles, ...]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[ItemFiles]:
        return iter(self.items)

    def labels(self) -> NDArray[np.float32]:
        """All judgments, shape (N,), in [0, 1]."""
        return np.array([read_label(item.label) for item in self.items], dtype=np.float32)


def read_subset(root: Path | str) -> SubsetFolder:
    """List a BAPPS subset folder, pairing its files by stem.

    Args:
        root: a folder with ref, p0, p1 and judge, or with p0, p1 and same; or with tar or Parquet shards of these.

    Raises:
        BappsmithError: a folder is missing or empty, or files do not match by stem.
    """
    root = Path(root)
    if not root.is_dir():
        raise BappsmithError(f"{root}: no such folder; a BAPPS subset such as DATASET/2afc/val/NAME is expected")
    archives = sorted(root.glob("*.tar"))
    if archives:
        return _read_archives(root, archives)
    shards = sorted(root.glob("*.parquet"))
    if shards:
        return _read_shards(root, shards)
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
                        member_file = TarMember(archive, member.name, member.offset_data, member.size)
                        found.setdefault(folder, {})[stem] = member_file
        except (OSError, tarfile.TarError) as error:
            raise BappsmithError(f"{archive}: not a readable tar file ({error})") from error
    return _pair_up_folders(root, found)


def _read_shards(root: Path, shards: Sequence[Path]) -> SubsetFolder:
    reader = ParquetReader()
    found: dict[str, dict[str, File]] = {}
    for shard in shards:
        for folder, stem, cell in reader.cells(shard):
            if found.setdefault(folder, {}).setdefault(stem, cell) is not cell:
                raise BappsmithError(f"{shard}: item {stem} stands twice in the shards of {root}")
    return _pair_up_folders(root, found)


def _pair_up_folders(root: Path, found: Mapping[str, Mapping[str, File]]) -> SubsetFolder:
    kind: Kind = "jnd" if "same" in found else "2afc"
    return _pair_up(root, kind, {name: found.get(name, {}) for name in SubsetPath(kind, "val", "any").folders})


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
    items = (ItemFiles(s, {f: found[f][s] for f in IMAGE_FOLDERS[kind]}, found[label][s]) for s in stems)
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
    for below, _, names in os.walk(folder):
        within = os.path.relpath(below, folder).replace(os.sep, "/")
        for name in names:
            stem, suffix = os.path.splitext(name)
            if suffix.lower() in suffixes:
                stem = stem if within == "." else f"{within}/{stem}"
                if stem in found:
                    raise BappsmithError(f"{folder}: two files share the stem {stem}: {found[stem].name} and {name}")
                found[stem] = Path(below, name)
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
    shards = (shard for pattern in ("[0-9]*.tar", "[0-9]*.parquet") for shard in folder.glob(pattern))
    return (folder / "p0").is_dir() or (folder / PACKED).is_file() or next(shards, None) is not None
