"""Read a bank: a folder of trained networks that distort images, with an index.

::

    bank.json                networks with spec, record and sha256; seed, versions, where the feature loss came from
    networks/NNN.safetensors weights
    contact-sheet.png        a row per network
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.sealed_json import read_sealed
from bappsmith.manifests.store.local import LocalStore

from .spec import NetworkSpec

FORMAT = "bappsmith-bank-2"
OLD_FORMAT = "bappsmith-bank-1"
"""Format of banks whose networks pad with zeros: they cannot be read."""
INDEX = "bank.json"
ID_LENGTH = 12
"""Hex digits of a network's sha256 that are its id: 48 bits. Among a million networks, the probability that two ids are
equal is 1/560 (birthday bound, n²/2 · 2⁻⁴⁸)."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class Network:
    """One network of a bank.

    Attributes:
        id: first `ID_LENGTH` hex digits of the file's sha256.
        path: of the file with its weights.
        sha256: of the file, hex.
        spec: its architecture and training.
        record: results of training: at least `error` in levels of 255 and `contrast` as a share of the input's
        contrast.
    """

    id: str
    path: Path
    sha256: str
    spec: NetworkSpec
    record: dict[str, Any]

    @property
    def error(self) -> float:
        """Root mean square of what it changes in a patch with the corruption of training, in levels of 255."""
        return float(self.record["error"])


@dataclass(frozen=True)
class Bank:
    """A bank on disk.

    Attributes:
        root: its folder.
        task: what its networks are for; see `task.Task`.
        networks: in order, at least one.
        sha256: over everything that decides pixels: files, specs and errors of all networks; hex.
        photographs: sha256 (hex) of the decoded pixels of the photographs that its networks were trained on.
    """

    root: Path
    task: str
    networks: tuple[Network, ...]
    sha256: str
    photographs: frozenset[str]


class _Record(BaseModel):
    """The fields of a network's record that are used; other fields are kept unchanged."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)

    error: float = Field(gt=0)
    contrast: float = Field(ge=0)


class _Entry(BaseModel):
    """A network in the index. Its file must be inside the bank."""

    file: str = Field(pattern=r"^networks/[0-9]{1,9}\.safetensors$")
    sha256: Sha256
    spec: NetworkSpec
    record: _Record


class _Index(BaseModel):
    """The fields of `bank.json` that are used."""

    format: Literal["bappsmith-bank-2"]
    task: str = "denoise"
    photographs: list[Sha256]
    networks: list[_Entry] = Field(min_length=1)


def read_bank(root: Path | str) -> Bank:
    """Read the index of a bank. Weights are read and checked at their first use.

    Args:
        root: folder of the bank.

    Raises:
        BappsmithError: the folder is not a bank, or its index is damaged.
    """
    root = Path(root).resolve()
    try:
        return bank_of(root, read_sealed(LocalStore(root), INDEX))
    except FileNotFoundError:
        raise BappsmithError(
            f"{root} is not a bank ({INDEX} is missing) and holds no models of ncnn (NAME.param and NAME.bin); make a "
            "bank with bappsmith bank train, or give another folder"
        ) from None


def bank_of(root: Path, data: dict[str, Any]) -> Bank:
    """Return the bank that an index describes.

    Args:
        root: folder of the bank.
        data: content of its index.

    Raises:
        BappsmithError: the data are not an index of a bank.
    """
    if data.get("format") == OLD_FORMAT:
        raise BappsmithError(
            f"{root / INDEX} is of an older version ({OLD_FORMAT}), whose networks leave a dark rim; "
            "train the bank again"
        )
    try:
        index = _Index.model_validate(data)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        message = problem["msg"].removeprefix("Value error, ")
        raise BappsmithError(
            f"{root / INDEX} is not an index of a bank: {f'{where}: ' if where else ''}{message}"
        ) from error
    networks = tuple(
        Network(entry.sha256[:ID_LENGTH], root / entry.file, entry.sha256, entry.spec, entry.record.model_dump())
        for entry in index.networks
    )
    content = [[network.sha256, network.spec.to_json(), network.error] for network in networks]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    others = sorted({entry.spec.task for entry in index.networks} - {index.task})
    if others:
        raise BappsmithError(f"{root / INDEX}: its task is {index.task}, but it has networks of task {others[0]}")
    return Bank(root, index.task, networks, digest, frozenset(index.photographs))
