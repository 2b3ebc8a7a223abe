"""Upload a finished dataset to the Hugging Face Hub."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.dataset_log import CARD
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.hub.repository import Repository, Revision, changed_files
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.seal import SEAL
from bappsmith.manifests.store.atomic import sha256_file

ON_THE_HUB = ("parquet", "tar")
"""Forms with few files, whose images the Hub shows. The Hub takes at most 10,000 files in a folder."""
FOLDER_FILES = 10_000
_OF_THE_HUB = {".gitattributes"}
"""Files that the Hub adds to a repository."""


@dataclass(frozen=True)
class Pushed:
    """What `push` did.

    Attributes:
        repository: USER/NAME.
        files: number of files of the dataset.
        uploaded: number of files that were uploaded by this call.
        private: whether the repository is private.
    """

    repository: str
    files: int
    uploaded: int
    private: bool


def push(
    root: str | Path,
    repository: str,
    *,
    public: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Pushed:
    """Upload a finished dataset; call it again to go on after an interruption, or after a new labelling.

    Only files that the repository lacks, or holds with other content, are uploaded. The card and the seal come last,
    so that a repository without them is an unfinished upload.

    Args:
        root: folder of a finished dataset of form parquet or tar.
        repository: USER/NAME. It is made if it does not exist.
        public: whether everybody may read the repository. A new one is private otherwise.
        progress: called with (files uploaded, files to upload).

    Raises:
        BappsmithError: the dataset is of another form or differs from its seal; the repository holds something else, or
            is public without `public`; or the Hub refuses or cannot be reached.
    """
    dataset = Dataset(root)
    files, hashes = _sealed_files(dataset)
    remote = Repository(repository, "dataset")
    if remote.exists():
        there = remote.revision()
        _refuse_another(dataset, remote, there, files, public=public)
    else:
        remote.create(private=not public)
        there = remote.revision()
    todo = changed_files(files, there.files, hashes)
    for name, path in todo.items():
        if sha256_file(path) != hashes[name]:
            raise BappsmithError(
                f"{path} differs from the seal; restore it from a copy (`bappsmith verify {root}` lists all such files)"
            )
    if todo:
        remote.upload(todo, last=(CARD, SEAL), progress=progress)
    return Pushed(repository, len(files), len(todo), there.private)


def _sealed_files(dataset: Dataset) -> tuple[dict[str, Path], dict[str, str]]:
    """Return name → path and name → sha256 of all files of a dataset, the seal last."""
    seal, folder = dataset.finished, dataset.store.folder
    if folder is None:
        raise BappsmithError(f"{dataset.root}: an address; copy the dataset to a folder of this machine first")
    if seal.form not in ON_THE_HUB:
        raise BappsmithError(
            f"{dataset.root} has form {seal.form}, of which the Hub shows no image; run `bappsmith convert "
            f"{dataset.root} --to parquet --out OTHER`, and push OTHER"
        )
    folders: dict[str, int] = {}
    for name, file in seal.files.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != file.size:
            raise BappsmithError(
                f"{path} is missing or differs from the seal; restore it from a copy (`bappsmith verify "
                f"{dataset.root}` lists all such files)"
            )
        above = name.rpartition("/")[0]
        folders[above] = folders.get(above, 0) + 1
        if folders[above] > FOLDER_FILES:
            raise BappsmithError(
                f"{dataset.root}/{above} has more than {FOLDER_FILES:,} files, and the Hub takes no more in a folder; "
                "divide the subset into several"
            )
    files = {name: folder / name for name in (*seal.files, SEAL)}
    hashes = {name: file.sha256 for name, file in seal.files.items()}
    return files, {**hashes, SEAL: sha256_file(folder / SEAL)}


def _refuse_another(
    dataset: Dataset, remote: Repository, there: Revision, files: dict[str, Path], *, public: bool
) -> None:
    """Refuse a repository that everybody would see, or that holds anything but this dataset."""
    if not there.private and not public:
        raise BappsmithError(
            f"{remote.name} exists and is public; give --public if everybody may see this dataset, or another name"
        )
    # What a new labelling writes may have replaced what an older one wrote.
    foreign = [name for name in there.files if name not in files and name not in _OF_THE_HUB]
    if SEAL not in there.files:
        if foreign:
            raise BappsmithError(
                f"{remote.name} holds {printable(foreign[0], 200)}, which is no file of {dataset.root}; give the name "
                "of a new repository"
            )
        return
    with TemporaryDirectory() as folder:
        remote.download([SEAL], Path(folder), there.commit)
        try:
            sealed: Any = json.loads((Path(folder) / SEAL).read_bytes())
            fingerprint = sealed["fingerprint"]
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            fingerprint = None
    if foreign or fingerprint != dataset.finished.fingerprint:
        raise BappsmithError(
            f"{remote.name} holds another dataset than {dataset.root}; give the name of a new repository"
        )
