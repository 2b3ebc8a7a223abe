"""A repository on the Hugging Face Hub: list, upload and download its files.

The token comes from where huggingface_hub keeps it: `hf auth login`, or the variable HF_TOKEN.
"""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.atomic import sha256_file

from .failures import readable_failures, require_hub

Kind = Literal["dataset", "model"]
COMMIT_FILES = 100
"""Largest number of files in a commit. After an interruption, commits that were made count."""
COMMIT_BYTES = 1 << 30
"""Size of files, in bytes, after which a commit is made."""
_DOWNLOADS = 4
"""Files that are downloaded at the same time."""


@dataclass(frozen=True)
class RemoteFile:
    """A file in a repository.

    Attributes:
        size: in bytes.
        blob: hash of the content as git computes it, hex; of a large file, that of its pointer.
        sha256: of a large file, hex; None for a small one.
    """

    size: int
    blob: str
    sha256: str | None

    def holds(self, path: Path, sha256: str) -> bool:
        """Whether the content is that of a local file with this sha256, hex."""
        if self.sha256 is not None:
            return self.sha256 == sha256
        if self.size != path.stat().st_size:
            return False
        data = path.read_bytes()
        return self.blob == hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Revision:
    """The content of a repository at a commit.

    Attributes:
        commit: its hash, hex.
        private: whether only its owner and whom the owner allows can read the repository.
        files: name → file.
    """

    commit: str
    private: bool
    files: dict[str, RemoteFile]


class Repository:
    """A repository by name.

    Args:
        name: USER/NAME or ORGANISATION/NAME.
        kind: what it holds. The Hub keeps datasets and models apart.

    Raises:
        BappsmithError: huggingface_hub is not installed, or the name has another form.
    """

    def __init__(self, name: str, kind: Kind) -> None:
        require_hub()
        from huggingface_hub import HfApi

        if name.count("/") != 1:
            raise BappsmithError(f"{name}: not the name of a repository on the Hub; give USER/NAME")
        self.name, self.kind = name, kind
        self._api = HfApi(library_name="bappsmith")

    def revision(self, revision: str | None = None) -> Revision:
        """List the files at a revision.

        Args:
            revision: branch, tag or commit; None: the main branch.

        Raises:
            BappsmithError: there is no such repository or revision, or the Hub cannot be reached.
        """
        from huggingface_hub.hf_api import RepoFile

        with self._calling():
            info = self._api.repo_info(self.name, repo_type=self.kind, revision=revision)
            commit = info.sha or ""
            files = {
                entry.path: RemoteFile(entry.size, entry.blob_id, entry.lfs.sha256 if entry.lfs else None)
                for entry in self._api.list_repo_tree(self.name, recursive=True, revision=commit, repo_type=self.kind)
                if isinstance(entry, RepoFile)
            }
        return Revision(commit, bool(info.private), files)

    def exists(self) -> bool:
        """Whether there is such a repository, as far as the token may see.

        Raises:
            BappsmithError: the Hub cannot be reached.
        """
        with self._calling():
            return self._api.repo_exists(self.name, repo_type=self.kind)

    def create(self, *, private: bool) -> None:
        """Make the repository.

        Raises:
            BappsmithError: the token may not do it, or the Hub cannot be reached.
        """
        with self._calling():
            self._api.create_repo(self.name, repo_type=self.kind, private=private)

    def upload(
        self,
        files: Mapping[str, Path],
        last: Sequence[str] = (),
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Upload files in commits of at most `COMMIT_FILES` files.

        Args:
            files: name in the repository → local file.
            last: names of files that are uploaded together in a commit of their own, after all others.
            progress: called with (files uploaded, files in all).

        Raises:
            BappsmithError: the token may not do it, or the Hub cannot be reached.
        """
        from huggingface_hub import CommitOperationAdd

        done = 0
        closing = [name for name in files if name in last]
        for names in [*_commits({name: path for name, path in files.items() if name not in last}), closing]:
            if not names:
                continue
            operations = [CommitOperationAdd(name, files[name]) for name in names]
            message = f"Add {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")
            with self._calling():
                self._api.create_commit(self.name, operations, commit_message=message, repo_type=self.kind)
            done += len(names)
            if progress:
                progress(done, len(files))

    def download(
        self,
        names: Sequence[str],
        folder: Path,
        commit: str,
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Download files. What an earlier call downloaded into the same folder stays.

        Args:
            names: of the files.
            folder: they get the same names below it; huggingface_hub also keeps notes below `.cache`.
            commit: the commit to take them from.
            progress: called with (files there, files in all).

        Raises:
            BappsmithError: a file is missing, or the Hub cannot be reached.
        """

        def fetch(name: str) -> None:
            self._api.hf_hub_download(self.name, name, repo_type=self.kind, revision=commit, local_dir=folder)

        with self._calling(), ThreadPoolExecutor(_DOWNLOADS) as pool:
            try:
                for done, _ in enumerate(pool.map(fetch, names), start=1):
                    if progress:
                        progress(done, len(names))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    @contextmanager
    def _calling(self) -> Generator[None]:
        """Report failures in one line, and leave progress to our own bar."""
        from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

        shown = not are_progress_bars_disabled()
        if shown:
            disable_progress_bars()
        try:
            with readable_failures(self.name):
                yield
        finally:
            if shown:
                enable_progress_bars()


def changed_files(
    files: Mapping[str, Path], there: Mapping[str, RemoteFile], hashes: Mapping[str, str]
) -> dict[str, Path]:
    """Return the files that a repository lacks or holds with other content.

    Args:
        files: name → local file.
        there: name → file in the repository.
        hashes: name → sha256 of the local file, hex; those not named are computed.
    """
    return {
        name: path
        for name, path in files.items()
        if name not in there or not there[name].holds(path, hashes.get(name) or sha256_file(path))
    }


def _commits(files: Mapping[str, Path]) -> Iterator[list[str]]:
    """Divide files into commits, in their order."""
    names: list[str] = []
    size = 0
    for name, path in files.items():
        names.append(name)
        size += path.stat().st_size
        if len(names) == COMMIT_FILES or size >= COMMIT_BYTES:
            yield names
            names, size = [], 0
    yield names
