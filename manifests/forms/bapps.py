"""Read a BAPPS subset, made by bappsmith or original: folders of files, or tar or Parquet shards."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER, MAX_ITEMS, Kind, SubsetPath
from bappsmith.manifests.store.regular import NotRegularError, open_regular

from .file import File, TarMember
from .labels import read_label
from .packed import PACKED
from .parquet_cells import ParquetReader

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".ppm", ".bmp")
"""Suffixes of images, in upper or lower case. This project writes .png."""


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
    """A BAPPS subset on disk, made by bappsmith or original.

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
        """Read all judgments: float32, shape (N,), in [0, 1]."""
        return np.array([read_label(item.label) for item in self.items], dtype=np.float32)


def read_subset(root: Path | str) -> SubsetFolder:
    """List a BAPPS subset folder, and pair its files by stem.

    Args:
        root: a folder with ref, p0, p1 and judge, or with p0, p1 and same; or with tar or Parquet shards.

    Raises:
        BappsmithError: a folder is missing or empty, or files do not match by stem.
    """
    root = Path(root)
    if not root.is_dir():
        raise BappsmithError(f"{root}: no such folder; give a BAPPS subset, such as DATASET/2afc/val/NAME")
    archives = sorted(root.glob("*.tar"))
    if archives:
        return _read_archives(root, archives)
    shards = sorted(root.glob("*.parquet"))
    if shards:
        return _read_shards(root, shards)
    kind: Kind = "jnd" if (root / "same").is_dir() else "2afc"
    folders = SubsetPath(kind, "val", "any").folders
    missing = [name for name in folders if not (root / name).is_dir()]
    if missing:
        raise BappsmithError(
            f"{root}: not a BAPPS subset, missing folder{'s' * (len(missing) > 1)} {', '.join(missing)} "
            "(2afc: ref, p0, p1, judge; jnd: p0, p1, same)"
        )
    by_folder: dict[str, Mapping[str, File]] = {
        name: files_by_stem(root / name, (".npy",) if name in LABEL_FOLDER.values() else IMAGE_SUFFIXES)
        for name in folders
    }
    return _pair_up(root, kind, by_folder)


def _read_archives(root: Path, archives: Sequence[Path]) -> SubsetFolder:
    files: dict[str, dict[str, File]] = {name: {} for name in ("ref", "p0", "p1", *LABEL_FOLDER.values())}
    for archive in archives:
        try:
            for member in _members(archive):
                stem, _, rest = member.name.partition(".")
                _add(files, root, archive, rest.rpartition(".")[0], stem, member)
        except NotRegularError as error:
            raise BappsmithError(f"{archive}: not a regular file; restore it from a copy") from error
        except (OSError, tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
            raise BappsmithError(f"{archive}: not a readable tar file ({error}); restore it from a copy") from error
    return _pair_up_folders(root, files)


def _read_shards(root: Path, shards: Sequence[Path]) -> SubsetFolder:
    reader = ParquetReader()
    files: dict[str, dict[str, File]] = {name: {} for name in ("ref", "p0", "p1", *LABEL_FOLDER.values())}
    for shard in shards:
        for folder, stem, cell in reader.cells(shard):
            _add(files, root, shard, folder, stem, cell)
    return _pair_up_folders(root, files)


def _add(files: dict[str, dict[str, File]], root: Path, archive: Path, folder: str, stem: str, file: File) -> None:
    """Add a file of a shard to its folder. A file that belongs to no folder of a subset is skipped."""
    if folder not in files:
        return
    if stem in files[folder]:
        raise BappsmithError(f"{root}: two files share the stem {stem}: {files[folder][stem]} and {file}; remove one")
    if len(files[folder]) == MAX_ITEMS:
        raise BappsmithError(f"{archive}: a subset has at most {MAX_ITEMS:,} items; divide it into several subsets")
    files[folder][stem] = file


def _pair_up_folders(root: Path, files: Mapping[str, Mapping[str, File]]) -> SubsetFolder:
    kind: Kind = "jnd" if files["same"] else "2afc"
    return _pair_up(root, kind, {name: files[name] for name in SubsetPath(kind, "val", "any").folders})


def _members(archive: Path) -> Iterator[TarMember]:
    """Yield the regular files of an uncompressed archive; tarfile refuses a compressed one."""
    with open_regular(archive) as stream:
        reader = cast(IO[bytes], _HeaderReader(stream))
        with tarfile.open(fileobj=reader, mode="r:") as members:
            for member in members:
                if member.isreg() and not member.issparse():
                    yield TarMember(archive, member.name, member.offset_data, member.size)
                cast(Any, members).members.clear()  # otherwise tarfile keeps all members in memory


class _HeaderReader:
    """The stream that tarfile reads headers from. It refuses a header of more than 1 MiB.

    tarfile reads extended headers into memory, whatever length they claim.
    """

    def __init__(self, stream: BufferedReader) -> None:
        self.seek, self.tell, self._stream = stream.seek, stream.tell, stream

    def read(self, size: int) -> bytes:
        if not 0 <= size <= 2**20:
            raise tarfile.ReadError(f"a header claims {size:,} bytes, at most {2**20:,} are read")
        return self._stream.read(size)


def _pair_up(root: Path, kind: Kind, by_folder: Mapping[str, Mapping[str, File]]) -> SubsetFolder:
    stems = sorted({stem for files in by_folder.values() for stem in files})
    if not stems:
        raise BappsmithError(f"{root}: the subset is empty; restore its files")
    for name, files in by_folder.items():
        missing = [stem for stem in stems if stem not in files]
        if missing:
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            raise BappsmithError(
                f"{root / name}: no file for {', '.join(missing[:3])}{more}, which another folder has; "
                "restore the missing files or remove their partners"
            )
    label = LABEL_FOLDER[kind]
    items = (ItemFiles(s, {f: by_folder[f][s] for f in IMAGE_FOLDERS[kind]}, by_folder[label][s]) for s in stems)
    return SubsetFolder(root, kind, tuple(items))


def files_by_stem(folder: Path, suffixes: tuple[str, ...]) -> dict[str, Path]:
    """List the files below `folder` by their relative stem. The search is recursive, as in the reference code.

    Args:
        folder: the folder to search.
        suffixes: suffixes of the files, in lower case, with dot.

    Returns:
        Stem (with "/" for folders below) → file.

    Raises:
        BappsmithError: two files share a stem.
    """
    files: dict[str, Path] = {}
    for below, _, names in os.walk(folder):
        within = os.path.relpath(below, folder).replace(os.sep, "/")
        for name in names:
            stem, suffix = os.path.splitext(name)
            if suffix.lower() in suffixes:
                stem = stem if within == "." else f"{within}/{stem}"
                if stem in files:
                    raise BappsmithError(
                        f"{folder}: two files share the stem {stem}: {files[stem].name} and {name}; remove one"
                    )
                files[stem] = Path(below, name)
    return files


def find_subsets(dataset: Path | str) -> list[Path]:
    """List the subset folders of a dataset: 2afc/*/* and jnd/*/*, sorted.

    If the path itself is a subset, only this path is returned.
    """
    root = Path(dataset)
    if _is_subset(root):
        return [root]
    return sorted(p for kind in ("2afc", "jnd") for p in root.glob(f"{kind}/*/*") if _is_subset(p))


def _is_subset(folder: Path) -> bool:
    shards = (shard for pattern in ("[0-9]*.tar", "[0-9]*.parquet") for shard in folder.glob(pattern))
    return (folder / "p0").is_dir() or (folder / PACKED).is_file() or next(shards, None) is not None
