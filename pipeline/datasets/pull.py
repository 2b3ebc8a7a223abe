"""Download a dataset from the Hugging Face Hub, and check it against its seal."""

from __future__ import annotations

import shutil
from pathlib import Path

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.hub.repository import Repository
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.progress import Progress, under
from bappsmith.manifests.seal import SEAL, read_seal
from bappsmith.manifests.sealed_json import LARGEST
from bappsmith.manifests.store.local import LocalStore

from .verify import verify

_NOTES = ".cache"
"""Folder of huggingface_hub's notes on what is downloaded."""


def pull(
    repository: str,
    out: str | Path,
    *,
    revision: str | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Download a dataset that `push` uploaded; call it again to go on after an interruption.

    Files are collected in `OUT.partial`. The folder gets its name when every file and every image matches the seal.

    Args:
        repository: USER/NAME.
        out: folder of the dataset; it must not exist.
        revision: branch, tag or commit; None: the newest.
        progress: see `Progress`.

    Returns:
        The dataset.

    Raises:
        BappsmithError: `out` exists; the repository holds no finished dataset, or its files differ from its seal; or
            the Hub refuses or cannot be reached.
    """
    out = Path(out)
    if out.exists():
        raise BappsmithError(f"{out} exists; give the name of a new folder with --out")
    if not out.absolute().parent.is_dir():
        raise BappsmithError(f"{out}: folder {out.absolute().parent} does not exist; make it first")
    remote = Repository(repository, "dataset")
    there = remote.revision(revision)
    if SEAL not in there.files:
        raise BappsmithError(
            f"{repository} holds no finished bappsmith dataset (it has no {SEAL}); if its upload was interrupted, its "
            "owner runs `bappsmith push` again"
        )
    if there.files[SEAL].size > LARGEST:
        raise BappsmithError(f"{repository}: {SEAL} has more than {LARGEST:,} bytes, and no seal has")
    partial = out.with_name(f"{out.name}.partial")
    partial.mkdir(exist_ok=True)
    first = partial / _NOTES / "seal"  # in its place, it would make a dataset of files that are not there yet
    remote.download([SEAL], first, there.commit)
    seal = read_seal(LocalStore(first))
    for name, file in seal.files.items():
        # Sizes are compared before anything is downloaded, so that it takes as much space as the seal says.
        if name not in there.files or there.files[name].size != file.size:
            raise BappsmithError(
                f"{repository}: {printable(name, 200)} is missing or differs from the seal; its owner runs `bappsmith "
                "push` again"
            )
    remote.download(list(seal.files), partial, there.commit, progress=under("files", progress))
    remote.download([SEAL], partial, there.commit)
    # Links and files that neither the seal nor this download knows would fail the check below.
    report = verify(partial, under("items checked", progress))
    additional = [name for name in report.additional if not name.startswith(f"{_NOTES}/")]
    wrong = [*report.changed, *report.missing, *additional]
    if wrong:
        for name in report.changed:
            if name in seal.files:
                (partial / name).unlink(missing_ok=True)  # the next call downloads it again
        raise BappsmithError(
            f"{repository}: {printable(wrong[0], 200)} differs from the seal"
            f"{f', and {len(wrong) - 1} more' if len(wrong) > 1 else ''}; run the same command again, or ask its owner "
            f"to push again (what was downloaded is in {partial})"
        )
    shutil.rmtree(partial / _NOTES, ignore_errors=True)
    partial.rename(out)
    return Dataset(out)
