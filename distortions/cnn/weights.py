"""Load the weights of one network of a bank, from a file that is not trusted."""

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
"""Bytes allowed for names and shapes in a .safetensors file, besides the weights."""


def load_network(network: Network) -> Autoencoder:
    """Load a network in evaluation mode, on the CPU, without gradients. The last 256 networks stay in memory.

    Raises:
        BappsmithError: its file is missing, is not the file that the bank was made with, does not match the spec, or
            holds weights that are not finite.
    """
    return _load(network.path, network.sha256, json.dumps(network.spec.to_json()))


@lru_cache(maxsize=256)
def _load(path: Path, sha256: str, spec: str) -> Autoencoder:
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load

    from .nets.network import Autoencoder

    network = Autoencoder(NetworkSpec.from_json(json.loads(spec)))
    expected = network.state_dict()
    data = read_bounded(path, sum(value.nbytes for value in expected.values()) + HEADER_BYTES)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BappsmithError(f"network {path}: not the file that its bank was made with (sha256 differs); restore it")
    try:
        state = load(data)
    except SafetensorError as error:
        raise BappsmithError(f"network {path}: not a .safetensors file ({error})") from error
    differing = sorted(state.keys() ^ expected.keys()) or [
        name for name, value in expected.items() if (state[name].shape, state[name].dtype) != (value.shape, value.dtype)
    ]
    if differing:
        raise BappsmithError(
            f"network {path}: the weights do not match its spec ({differing[0]} differs); train its bank again"
        )
    for name, value in state.items():
        if not value.isfinite().all():
            raise BappsmithError(f"network {path}: {name} holds numbers that are not finite; train its bank again")
    network.load_state_dict(state)
    return network.to(memory_format=torch.channels_last).requires_grad_(False).eval()
