"""Save and load certified metrics: one .safetensors file, with readable facts in its header."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from torch import Tensor

from bappsmith.lpips.model.weights import read_safetensors, refuse_not_finite, write_safetensors
from bappsmith.manifests.errors import BappsmithError

from .dct_metric import DctMetric
from .lipschitz_metric import LipschitzMetric
from .sll_metric import SllMetric

FORMAT = "bappsmith-certified-1"
EMBEDDINGS = ("dct", "sll")
"""Names of the embeddings that can be trained."""


def make_metric(net: str) -> DctMetric | SllMetric:
    """Make an untrained metric.

    Args:
        net: "dct" or "sll".

    Raises:
        BappsmithError: "sll" needs the package orthogonium.
    """
    return DctMetric() if net == "dct" else SllMetric()


def save_certified(path: str | Path, metric: LipschitzMetric, facts: dict[str, Any]) -> None:
    """Write a certified metric. Equal metrics give equal bytes.

    Args:
        path: a name that ends in .safetensors. The file appears when it is complete.
        metric: the metric to save.
        facts: JSON values for the header: configuration, scores, and the like.

    Raises:
        BappsmithError: the folder of the file does not exist.
    """
    header = {"format": FORMAT, "net": metric.net, "facts": json.dumps(facts, sort_keys=True)}
    write_safetensors(path, metric.state_dict(), header)


def load_certified(path: Path, net: str) -> LipschitzMetric:
    """Load a certified metric in evaluation mode. Its Lipschitz constant is computed from the weights, not read.

    Args:
        path: the file.
        net: name of its embedding, from its header.

    Raises:
        BappsmithError: the embedding is unknown, weights do not fit, are NaN or infinite, or are below 0 in a metric
            that needs them at least 0; or a package is missing.
    """
    if net not in EMBEDDINGS:
        raise BappsmithError(f"certified metric {path}: unknown embedding '{net}', known: {', '.join(EMBEDDINGS)}")
    metric = make_metric(net)
    state = read_safetensors(path, "certified metric")
    wanted = {name: (value.shape, value.dtype) for name, value in metric.state_dict().items()}
    if {name: (value.shape, value.dtype) for name, value in state.items()} != wanted:
        raise BappsmithError(f"certified metric {path}: its weights do not fit the embedding '{net}'; train it again")
    refuse_not_finite(state, f"certified metric {path}")
    _refuse_negative(path, state)
    metric.load_state_dict(state)
    if not 0 < metric.lipschitz_constant() < float("inf"):
        raise BappsmithError(f"certified metric {path}: all weights are 0, or they are too large; train it again")
    return metric.eval()


def _refuse_negative(path: Path, state: dict[str, Tensor]) -> None:
    for name in ("weights", "scales"):
        if name in state and state[name].min() < 0:
            raise BappsmithError(f"certified metric {path}: {name} has values below 0, but it must not; train it again")
