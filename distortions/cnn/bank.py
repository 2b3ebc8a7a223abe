"""A bank: a folder of trained networks, and the operators that draw from it.

::

    bank.json                networks with spec, record and sha256; seed, versions, where the feature loss came from
    networks/NNN.safetensors weights
    contact-sheet.png        a row per network
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bappsmith.manifests.errors import BappsmithError

from .spec import NetworkSpec

if TYPE_CHECKING:
    from bappsmith.distortions.cnn.nets.network import Autoencoder

FORMAT = "bappsmith-bank-1"
INDEX = "bank.json"
ID_LENGTH = 12
"""Hex digits of a network's sha256 that name it: 48 bits, with which a thousand banks of a thousand networks meet twice
once in five hundred times."""


@dataclass(frozen=True)
class Network:
    """One network of a bank.

    Attributes:
        id: start of its file's sha256.
        path: its file.
        sha256: of the file, hex.
        spec: what it is.
        record: of its training.
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
        networks: in order.
        sha256: over all that decides pixels: files, corruption and gain of all networks, hex.
        facts: seed, steps, versions, trunk of the feature loss.
    """

    root: Path
    networks: tuple[Network, ...]
    sha256: str
    facts: dict[str, Any]


def read_bank(root: Path | str) -> Bank:
    """Read what a bank holds; weights are read when they are needed, and checked then.

    Raises:
        BappsmithError: the folder is no bank, or its index is damaged.
    """
    root = Path(root).resolve()
    try:
        data = json.loads((root / INDEX).read_bytes())
    except FileNotFoundError:
        raise BappsmithError(f"{root} is no bank ({INDEX} is missing); make one with bappsmith bank train") from None
    except ValueError as error:
        raise BappsmithError(f"{root / INDEX} is damaged ({error})") from error
    parts = {"networks", "photographs"}
    if not isinstance(data, dict) or data.get("format") != FORMAT or not parts <= set(data):
        raise BappsmithError(f"{root / INDEX} is no index of a bank (expected format {FORMAT}, and networks)")
    try:
        networks = tuple(
            Network(
                one["sha256"][:ID_LENGTH],
                root / one["file"],
                one["sha256"],
                NetworkSpec.from_json(one["spec"]),
                one["record"],
            )
            for one in data["networks"]
        )
    except (KeyError, TypeError) as error:
        raise BappsmithError(f"{root / INDEX} is damaged ({error!r})") from error
    content = [[n.sha256, n.spec.to_json(), n.gain] for n in networks]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return Bank(root, networks, digest, {key: value for key, value in data.items() if key != "networks"})


@lru_cache(maxsize=256)
def load_network(network: Path, sha256: str, spec: str) -> Autoencoder:
    """The weights of a network, in evaluation mode.

    Args:
        network: its file.
        sha256: what its content must be.
        spec: as JSON.

    Raises:
        BappsmithError: the file is missing, or another one.
    """
    from safetensors.torch import load

    from bappsmith.distortions.cnn.nets.network import Autoencoder

    try:
        data = network.read_bytes()
    except OSError as error:
        raise BappsmithError(f"network {network}: cannot be opened ({error.strerror or error})") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BappsmithError(f"network {network}: not the file that its bank was made with (sha256 differs)")
    built = Autoencoder(NetworkSpec.from_json(json.loads(spec)))
    built.load_state_dict(load(data))
    built.requires_grad_(False)
    return built.eval()
