"""Read and check the seal: the file that describes a finished dataset."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from .errors import BappsmithError
from .forms.form import FORMS
from .forms.item import StoredFile
from .recipe.model import Recipe
from .run import Run
from .schema.subset_path import SubsetPath
from .sealed_json import DamagedError, read_sealed
from .store.store import Store
from .work_log import DATASET

SEAL = DATASET.final
SOURCES = "sources.json"
LABELLING_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Seal:
    """The content of seal.json.

    Attributes:
        fingerprint: of the run that made the dataset, hex; see `Run.fingerprint`.
        recipe: the recipe of the dataset.
        form: how items are stored: folders, tar, packed or parquet.
        subsets: path → number of items.
        active: name of the labelling that `judge/` and `same/` hold.
        labellings: names of all labellings.
        files: file name → sha256 and size, of every file that is not a single item: tables, card, shards.
        data: the whole content, as JSON values.
    """

    fingerprint: str
    recipe: Recipe
    form: str
    subsets: dict[SubsetPath, int]
    active: str
    labellings: tuple[str, ...]
    files: dict[str, StoredFile]
    data: dict[str, Any]

    def run(self, store: Store) -> Run:
        """Read what the dataset was made from. Its photographs are listed in a file of their own.

        Args:
            store: of the dataset.

        Raises:
            BappsmithError: that file is missing or damaged, or does not match the fingerprint.
        """
        where = f"{store.root}/{SOURCES}"
        try:
            if SOURCES in self.files and store.size(SOURCES) != self.files[SOURCES].size:
                raise DamagedError(f"{where} has another size than was sealed; restore it from a copy")
            run = Run.from_json({**self.data, **json.loads(store.read(SOURCES))})
        except DamagedError:
            raise
        except (OSError, ValueError, TypeError, RecursionError, BappsmithError) as error:
            raise DamagedError(
                f"{where} is missing or damaged ({' '.join(str(error).split())[:200]}); restore it from a copy"
            ) from error
        if run.fingerprint() != self.fingerprint:
            raise DamagedError(f"{store.root}/{SOURCES} does not match the seal; restore both from a copy")
        return run


def read_seal(store: Store) -> Seal:
    """Read the seal of a dataset.

    Raises:
        FileNotFoundError: the dataset has no seal.
        DamagedError: the seal was changed, lacks a key, or its counts differ from those of its recipe.
    """
    data = read_sealed(store, SEAL)
    where = f"{store.root}/{SEAL}"
    try:
        recipe = Recipe.from_dict(data["recipe"])
        subsets = {SubsetPath.parse(path): int(count) for path, count in data["subsets"].items()}
        seal = Seal(
            fingerprint=str(data["fingerprint"]),
            recipe=recipe,
            form=str(data["form"]),
            subsets=subsets,
            active=str(data["labels"]["active"]),
            labellings=tuple(map(str, data["labels"]["names"])),
            files={name: StoredFile(str(file["sha256"]), int(file["size"])) for name, file in data["files"].items()},
            data=data,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, BappsmithError) as error:
        raise DamagedError(
            f"{where} is damaged ({' '.join(repr(error).split())[:200]}); restore it from a copy"
        ) from error
    if subsets != {subset.where: subset.count for subset in recipe.subsets}:
        raise DamagedError(f"{where} is damaged (its counts differ from those of its recipe); restore it from a copy")
    strange = [name for name in seal.files if not _is_below(name)]
    strange += [name for name in seal.labellings if LABELLING_NAME.fullmatch(name) is None]
    if strange or seal.form not in FORMS:
        raise DamagedError(
            f"{where} is damaged (it names {(strange or [seal.form])[0][:200]!r}); restore it from a copy"
        )
    if seal.active not in seal.labellings:
        raise DamagedError(
            f"{where} is damaged (its active labelling is not one of its labellings); restore it from a copy"
        )
    return seal


def _is_below(name: str) -> bool:
    """Whether this is the name of a file of the dataset, and leads nowhere else."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and path.as_posix() == name and name.isprintable()
