"""A bank: a folder of trained networks to distort with, and what its index says of them.

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

FORMAT = "bappsmith-bank-1"
INDEX = "bank.json"
ID_LENGTH = 12
"""Hex digits of a network's sha256 that name it: 48 bits, with which a thousand banks of a thousand networks meet twice
once in five hundred times."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class Network:
    """One network of a bank.

    Attributes:
        id: start of its file's sha256.
        path: its file.
        sha256: of the file, hex.
        spec: what it is.
        record: of its training: at least `error` in levels of 255 and `contrast` as a share of its input's.
    """

    id: str
    path: Path
    sha256: str
    spec: NetworkSpec
    record: dict[str, Any]

    @property
    def gain(self) -> float:
        """What makes severities of different networks comparable: 20 levels over its own error, in [0.5, 2].

        Of 96 networks trained on 187 photographs, errors were 22 levels in the median, 12 and 52 at the outer deciles;
        and a network that errs twice as much would otherwise disturb twice as much at equal severity.
        """
        return min(2.0, max(0.5, 20.0 / float(self.record["error"])))


@dataclass(frozen=True)
class Bank:
    """A bank on disk.

    Attributes:
        root: its folder.
        networks: in order, at least one.
        sha256: over all that decides pixels: files, specs and gains of all networks, hex.
        photographs: sha256 of the decoded pixels of the photographs that its networks were trained on, hex.
    """

    root: Path
    networks: tuple[Network, ...]
    sha256: str
    photographs: frozenset[str]


class _Record(BaseModel):
    """What of a network's record is used; the rest is kept as it is."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)

    error: float = Field(gt=0)
    contrast: float = Field(ge=0)


class _Entry(BaseModel):
    """A network in the index; names of files stay inside of the bank."""

    file: str = Field(pattern=r"^networks/[0-9]{1,9}\.safetensors$")
    sha256: Sha256
    spec: NetworkSpec
    record: _Record


class _Index(BaseModel):
    """`bank.json`, as far as it is used."""

    format: Literal["bappsmith-bank-1"]
    photographs: list[Sha256]
    networks: list[_Entry] = Field(min_length=1)


def read_bank(root: Path | str) -> Bank:
    """Read what a bank holds; weights are read when they are needed, and checked then.

    Raises:
        BappsmithError: the folder is no bank, or its index is damaged.
    """
    root = Path(root).resolve()
    try:
        return bank_of(root, read_sealed(LocalStore(root), INDEX))
    except FileNotFoundError:
        raise BappsmithError(f"{root} is no bank ({INDEX} is missing); make one with bappsmith bank train") from None


def bank_of(root: Path, data: dict[str, Any]) -> Bank:
    """The bank that an index describes.

    Args:
        root: folder of the bank.
        data: content of its index.

    Raises:
        BappsmithError: it is no index of a bank.
    """
    try:
        index = _Index.model_validate(data)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        message = problem["msg"].removeprefix("Value error, ")
        raise BappsmithError(
            f"{root / INDEX} is no index of a bank: {f'{where}: ' if where else ''}{message}"
        ) from error
    networks = tuple(
        Network(one.sha256[:ID_LENGTH], root / one.file, one.sha256, one.spec, one.record.model_dump())
        for one in index.networks
    )
    content = [[network.sha256, network.spec.to_json(), network.gain] for network in networks]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return Bank(root, networks, digest, frozenset(index.photographs))
