"""The subsets that a command means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bappsmith.lpips.data.subset import SubsetSource


def list_subsets(paths: list[str], *kinds: str, labels: str | None = None, required: bool = True) -> list[SubsetSource]:
    """List subsets: a given subset itself, or the subsets of a whole dataset below `kinds`, such as 2afc/val.

    Args:
        paths: folders or addresses of subsets or datasets.
        kinds: for whole datasets, the first two parts of the paths of subsets.
        labels: name of a labelling; None: the active one.
        required: whether at least one subset must exist.

    Raises:
        BappsmithError: no subset exists although one is required, or a labelling is missing.
    """
    from bappsmith.manifests.dataset import Dataset, open_subset
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.manifests.forms import bapps
    from bappsmith.manifests.seal import SEAL
    from bappsmith.manifests.store.open import is_address, open_store

    subsets: list[str | Path] = []
    wanted = tuple(f"{kind}/" for kind in kinds)
    for path in paths:
        if open_store(path).exists(SEAL):
            subsets += [f"{path.rstrip('/')}/{name}" for name in Dataset(path) if name.startswith(wanted)]
            continue
        inside = [] if is_address(path) else bapps.find_subsets(path)
        if inside == [Path(path)]:
            subsets += inside if required else []
        elif inside:
            subsets += [folder for folder in inside if folder.relative_to(path).as_posix().startswith(wanted)]
        elif required or not is_address(path):
            subsets.append(path)  # reading it gives the error that names what is missing
    if required and not subsets:
        raise BappsmithError(
            f"{', '.join(paths)}: no subset in {' or '.join(kinds)}; give a subset or dataset that has one"
        )
    return [path if labels is None else open_subset(path).judged(labels) for path in subsets]


def name_of(source: SubsetSource) -> str:
    """Return the path of a subset in its dataset, such as 2afc/val/traditional."""
    root = source if isinstance(source, str | Path) else source.root
    return "/".join(str(root).rstrip("/").split("/")[-3:])
