"""Keep metrics in folders and in repositories of the Hugging Face Hub."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.hub.repository import Repository, changed_files
from bappsmith.manifests.markdown import code_span, inline
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.store.atomic import atomic_write_bytes, sha256_file

from .checkpoint import load_lpips, read_facts, save_checkpoint
from .lpips import LPIPS
from .metric_folder import CONFIG, LARGEST_CONFIG, METRIC_CARD, METRIC_FILES, WEIGHTS, find_weights


def save_pretrained(metric: LPIPS, folder: str | Path, facts: Mapping[str, Any] | None = None) -> Path:
    """Write a metric as a folder: weights, config.json and a card. Equal metrics give equal bytes.

    Args:
        metric: the metric, with its trunk.
        folder: of the files; it is made if it does not exist. Files of the same names are replaced.
        facts: JSON values for the header of the weights, such as data and scores; None: none.

    Returns:
        The folder.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    save_checkpoint(folder / WEIGHTS, metric, dict(facts or {}))
    config = {
        "library_name": "bappsmith",
        "bappsmith_version": version("bappsmith"),
        "architecture": "LPIPS",
        "net": metric.net,
        "taps": list(metric.trunk.taps),
        "forms": list(metric.forms),
        "distance": metric.distance,
        "version": metric.version,
        "weights_sha256": sha256_file(folder / WEIGHTS),
    }
    atomic_write_bytes(folder / METRIC_CARD, _card(metric, facts or {}).encode())
    atomic_write_bytes(folder / CONFIG, (json.dumps(config, indent=1) + "\n").encode())
    return folder


def from_pretrained(name: str | Path, *, revision: str | None = None) -> LPIPS:
    """Load a metric from a folder that `save_pretrained` wrote, or from a repository on the Hugging Face Hub.

    A repository is downloaded at every call; `bappsmith pull` keeps it. No code of a repository is run.

    Args:
        name: folder, or USER/NAME. A folder that exists is preferred.
        revision: branch, tag or commit of a repository; None: the newest.

    Returns:
        The metric, in evaluation mode.

    Raises:
        BappsmithError: there is no such folder or repository, a file is damaged, or the Hub cannot be reached.
    """
    if Path(name).is_dir():
        return load_lpips(name)
    with TemporaryDirectory() as folder:
        return load_lpips(_download(str(name), Path(folder), revision))


def push_metric(
    path: str | Path,
    repository: str,
    *,
    public: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> bool:
    """Upload a metric to the Hugging Face Hub. What is there already is not uploaded again.

    Args:
        path: a checkpoint, or a folder that `save_pretrained` wrote.
        repository: USER/NAME. It is made if it does not exist.
        public: whether everybody may read the repository. A new one is private otherwise.
        progress: called with (files uploaded, files to upload).

    Returns:
        Whether the repository is private.

    Raises:
        BappsmithError: the path is no metric, the repository is public without `public` or holds something else, or the
            Hub refuses or cannot be reached.
    """
    path = Path(path)
    remote = Repository(repository, "model")
    with TemporaryDirectory() as temporary:
        if path.is_dir():
            find_weights(path)
            folder = path
        else:
            folder = save_pretrained(load_lpips(path), temporary, read_facts(path))
        load_lpips(folder)
        files = {name: folder / name for name in METRIC_FILES if (folder / name).is_file()}
        if not remote.exists():
            remote.create(private=not public)
        there = remote.revision()
        if not there.private and not public:
            raise BappsmithError(
                f"{repository} exists and is public; give --public if everybody may see this metric, or another name"
            )
        foreign = [name for name in there.files if name not in (*METRIC_FILES, ".gitattributes")]
        if foreign:
            raise BappsmithError(
                f"{repository} holds {printable(foreign[0], 200)}, which is no file of a metric; give the name of a "
                "new repository"
            )
        # config.json names the weights by their hash, so that a repository between two commits is refused.
        remote.upload(changed_files(files, there.files, {}), last=(METRIC_CARD, CONFIG), progress=progress)
        return there.private


def pull_metric(repository: str, out: str | Path, *, revision: str | None = None) -> LPIPS:
    """Download a metric from the Hugging Face Hub into a new folder.

    Args:
        repository: USER/NAME.
        out: the folder; it must not exist.
        revision: branch, tag or commit; None: the newest.

    Raises:
        BappsmithError: `out` exists, the repository holds no metric, a file is damaged, or the Hub cannot be reached.
    """
    out = Path(out)
    if out.exists():
        raise BappsmithError(f"{out} exists; give the name of a new folder with --out")
    if not out.absolute().parent.is_dir():
        raise BappsmithError(f"{out}: folder {out.absolute().parent} does not exist; make it first")
    partial = out.with_name(f"{out.name}.partial")
    partial.mkdir(exist_ok=True)
    metric = load_lpips(_download(repository, partial, revision))
    shutil.rmtree(partial / ".cache", ignore_errors=True)
    partial.rename(out)
    return metric


def _download(repository: str, folder: Path, revision: str | None) -> Path:
    remote = Repository(repository, "model")
    there = remote.revision(revision)
    missing = [name for name in (CONFIG, WEIGHTS) if name not in there.files]
    if missing:
        raise BappsmithError(f"{repository} holds no metric of bappsmith (it has no {missing[0]})")
    if there.files[CONFIG].size > LARGEST_CONFIG:
        raise BappsmithError(f"{repository}: {CONFIG} has more than {LARGEST_CONFIG:,} bytes, and none of a metric has")
    remote.download([name for name in METRIC_FILES if name in there.files], folder, there.commit)
    return folder


def _card(metric: LPIPS, facts: Mapping[str, Any]) -> str:
    data = [str(subset.get("name", "")) for subset in facts.get("data", []) if isinstance(subset, dict)]
    trained = f"\nTrained on {inline(', '.join(name for name in data if name))}.\n" if any(data) else ""
    return f"""---
library_name: bappsmith
tags:
- lpips
- perceptual-similarity
- image-quality
---
# A perceptual distance

LPIPS with trunk {code_span(metric.net)}, forms {code_span(", ".join(metric.forms))} and distance \
{code_span(metric.distance)}, saved by bappsmith {version("bappsmith")}. The file holds the trunk too.
{trained}
```python
from bappsmith.lpips import from_pretrained

metric = from_pretrained("USER/NAME")  # or a folder
distance = metric(image0, image1)  # N×3×H×W in [-1, 1] → N×1×1×1, differentiable
```

`bappsmith pull USER/NAME --metric --out FOLDER` downloads it, and `--metric FOLDER` uses it in `bappsmith evaluate` and
`bappsmith compare`.
"""
