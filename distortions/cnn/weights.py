"""The weights of one network of a bank, from a file that nobody vouches for."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.bounded import read_bounded

from .bank import Network
from .spec import NetworkSpec

if TYPE_CHECKING:
    from .nets.network import Autoencoder

HEADER_BYTES = 1 << 20
"""Room for the names and shapes in a .safetensors file, over the weights themselves."""


def load_network(network: Network) -> Autoencoder:
    """The network, ready to run: in evaluation mode, on the CPU, without gradients. The last 256 are kept in memory.

    Raises:
        BappsmithError: its file is missing, is another one than the bank was made with, does not hold the weights that
            its spec asks for, or holds weights that are not finite.
    """
    return _load(network.path, network.sha256, json.dumps(network.spec.to_json()))


@lru_cache(maxsize=256)
def _load(path: Path, sha256: str, spec: str) -> Autoencoder:
    from safetensors import SafetensorError
    from safetensors.torch import load

    from .nets.network import Autoencoder

    network = Autoencoder(NetworkSpec.from_json(json.loads(spec)))
    wanted = network.state_dict()
    data = read_bounded(path, sum(value.nbytes for value in wanted.values()) + HEADER_BYTES)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BappsmithError(f"network {path}: not the file that its bank was made with (sha256 differs)")
    try:
        state = load(data)
    except SafetensorError as error:
        raise BappsmithError(f"network {path}: not a .safetensors file ({error})") from error
    differing = sorted(state.keys() ^ wanted.keys()) or [
        name for name, value in wanted.items() if (state[name].shape, state[name].dtype) != (value.shape, value.dtype)
    ]
    if differing:
        raise BappsmithError(
            f"network {path}: does not hold the weights that its spec asks for ({differing[0]} differs)"
        )
    for name, value in state.items():
        if not value.isfinite().all():
            raise BappsmithError(f"network {path}: {name} holds numbers that are not finite; train its bank again")
    network.load_state_dict(state)
    return network.requires_grad_(False).eval()
