"""Open a dataset: a finished one of any form, in a folder or at an address, or plain BAPPS folders."""

# `Mapping.get` is overloaded for any default; here the default is a subset or None.
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from .errors import BappsmithError, unknown_name
from .forms.bapps import find_subsets
from .plain_subset import PlainSubset
from .run import Run
from .schema.subset_path import SubsetPath
from .seal import SEAL, Seal, read_seal
from .sealed_json import DamagedError, read_sealed
from .sealed_subset import SealedSubset
from .store.open import is_address, open_store
from .store.store import Store
from .subset import Subset
from .work_log import ACTIVATION, BEGIN, DATASET


class Dataset(Mapping[str, Subset]):
    """A dataset: a mapping from the path of a subset, such as 2afc/train/traditional, to the subset.

    Args:
        root: folder or address of a finished dataset, or a folder of plain BAPPS subsets.

    Attributes:
        root: the folder or address, as given.
        store: access to its files.
        seal: the content of seal.json; None for plain BAPPS folders.

    Raises:
        BappsmithError: the root holds no dataset, the dataset is not finished, or its seal is damaged.

    Examples:
        >>> import bappsmith
        >>> wanted = {"path": "2afc/train/tiny", "triplets": 3}
        >>> recipe = bappsmith.Recipe.from_dict({"name": "tiny", "subsets": [wanted]})
        >>> made = bappsmith.generate(recipe, "tiny")
        >>> dataset = bappsmith.Dataset("tiny")
        >>> list(dataset)
        ['2afc/train/tiny']
        >>> subset = dataset["2afc/train/tiny"]
        >>> subset[0].images["ref"].shape, 0 <= subset[0].judgment <= 1
        ((64, 64, 3), True)
        >>> row = subset.row(0)  # how it was made
        >>> len(row.plan.chain0.names) in (1, 2)
        True
    """

    def __init__(self, root: str | Path) -> None:
        self.root = str(root)
        self.store: Store = open_store(root)
        self.seal: Seal | None = None
        try:
            self.seal = read_seal(self.store)
        except FileNotFoundError:
            self._refuse_unfinished()
        except DamagedError as error:
            raise DamagedError(
                f"{error}; `{DATASET.command}` with the same recipe checks every shard and seals again"
            ) from error
        else:
            self._refuse_unfinished()
        if self.seal is None and not self._plain:
            raise BappsmithError(
                f"{root} is not a bappsmith dataset (it has no {SEAL}) and holds no BAPPS subset; give the folder of a "
                "dataset"
            )

    def _refuse_unfinished(self) -> None:
        try:
            begun: dict[str, Any] = read_sealed(self.store, BEGIN)
        except (FileNotFoundError, NotADirectoryError):
            return
        except DamagedError:
            begun = {"kind": DATASET.name, "facts": {}}
        if begun.get("kind") == ACTIVATION:
            name = dict(begun.get("facts") or {}).get("labelling", "NAME")
            raise BappsmithError(
                f"{self.root}: changing its judgments to '{name}' was interrupted; run `bappsmith judge {self.root} "
                f"--as {name} --activate` again"
            )
        if self.seal is None:
            raise BappsmithError(
                f"{self.root} is not finished; run the same `{DATASET.command}` again (it has no {SEAL})"
            )

    @cached_property
    def _plain(self) -> dict[str, Path]:
        if is_address(self.root):
            return {}
        folder = Path(self.root)
        return {path.relative_to(folder).as_posix(): path for path in find_subsets(folder) if path != folder}

    def __getitem__(self, path: str | SubsetPath) -> Subset:
        if self.seal is not None:
            return self.sealed(path)
        if str(path) not in self._plain:
            raise unknown_name(f"subset of {self.root}", str(path), self._plain)
        return PlainSubset(self._plain[str(path)])

    def __iter__(self) -> Iterator[str]:
        return iter(self._plain) if self.seal is None else map(str, self.seal.subsets)

    def __len__(self) -> int:
        return len(self._plain if self.seal is None else self.seal.subsets)

    def __contains__(self, path: object) -> bool:
        return str(path) in list(self)

    def get(self, path: str, default: Subset | None = None) -> Subset | None:
        """Return a subset, or `default` if there is no such subset."""
        try:
            return self[path]
        except BappsmithError:
            return default

    @property
    def finished(self) -> Seal:
        """The seal of a finished dataset.

        Raises:
            BappsmithError: the folder holds plain BAPPS subsets, which have no seal.
        """
        if self.seal is None:
            raise BappsmithError(
                f"{self.root} is not a bappsmith dataset (it has no {SEAL}); give the folder of a finished dataset"
            )
        return self.seal

    def sealed(self, path: str | SubsetPath) -> SealedSubset:
        """Return a subset of a finished dataset, with its rows.

        Raises:
            BappsmithError: the dataset has no such subset, or no seal.
        """
        seal = self.finished
        for known in seal.subsets:
            if str(known) == str(path):
                return SealedSubset(self.store, seal, known)
        raise unknown_name(f"subset of {self.root}", str(path), map(str, seal.subsets))

    def subsets(self) -> list[SealedSubset]:
        """Return all subsets of a finished dataset, in the order of its recipe.

        Raises:
            BappsmithError: the dataset has no seal.
        """
        return [SealedSubset(self.store, self.finished, path) for path in self.finished.subsets]

    @cached_property
    def run(self) -> Run:
        """What a finished dataset was made from: recipe, photographs, versions, parents.

        Raises:
            BappsmithError: the dataset has no seal, or the list of photographs is damaged.
        """
        return self.finished.run(self.store)


def open_subset(root: str | Path) -> Subset:
    """Open a subset by its own folder: as part of a finished dataset if it belongs to one, else as plain files.

    Args:
        root: folder or address of the subset, such as DATASET/2afc/val/NAME.

    Raises:
        BappsmithError: the folder is not a subset, or its dataset is not finished.
    """
    sealed = sealed_subset_at(root)
    if sealed is not None:
        return sealed
    if is_address(root):
        raise BappsmithError(
            f"{root} is not a subset of a bappsmith dataset; copy plain BAPPS folders to this machine to read them"
        )
    return PlainSubset(root)


def sealed_subset_at(root: str | Path) -> SealedSubset | None:
    """Open a subset of a finished dataset by its own folder; return None if it belongs to no bappsmith dataset.

    Args:
        root: folder or address of the subset, such as DATASET/2afc/val/NAME.

    Raises:
        BappsmithError: the dataset is not finished, its seal is damaged, or the seal names no such subset.
    """
    text = str(root) if is_address(root) else Path(root).resolve().as_posix()
    parts = text.rsplit("/", 3)
    if len(parts) < 4 or parts[1] not in ("2afc", "jnd"):
        return None
    store = open_store(parts[0])
    if not store.exists(SEAL) and not store.exists(BEGIN):
        return None
    return Dataset(parts[0]).sealed("/".join(parts[1:]))
