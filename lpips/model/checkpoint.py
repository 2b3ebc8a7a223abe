"""Trained metrics as files: one .safetensors with everything needed, and readable facts in its header."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.atomic import atomic_write

from .lpips import LPIPS

FORMAT = "bappsmith-lpips-2"
TRUNK = "trunk."
"""Names of the trunk's weights begin so; heads have their published names."""


def save_checkpoint(path: str | Path, metric: LPIPS, facts: dict[str, Any]) -> None:
    """Write a metric, trunk included, so that the file is enough by itself.

    Args:
        path: a name ending in .safetensors; the file is put in place whole.
        metric: what to save.
        facts: JSON values for the header: configuration, scores, and the like.
    """
    path = Path(path)
    header = {
        "format": FORMAT,
        "net": metric.net,
        "taps": json.dumps(metric.trunk.taps),
        "version": metric.version,
        "facts": json.dumps(facts),
    }
    state = {f"{TRUNK}{name}": value.detach().cpu().contiguous() for name, value in metric.trunk.state().items()}
    state |= {name: value.cpu().contiguous() for name, value in metric.head_state().items()}
    with atomic_write(path) as partial:
        save_file(state, partial, metadata=header)


def load_metric(path: str | Path, *, net: str | None = None) -> LPIPS:
    """The metric of a checkpoint, ready for use.

    Args:
        path: a file that `save_checkpoint` wrote.
        net: refuse a checkpoint of another net.

    Raises:
        BappsmithError: not such a file, damaged, or of another net.
    """
    header = _header(path)
    if net is not None and header["net"] != net:
        raise BappsmithError(f"checkpoint {path} is of net '{header['net']}', asked for '{net}'")
    taps = json.loads(header["taps"])
    metric = LPIPS(header["net"], trunk_weights=0, taps=taps, version=header["version"])
    state = load_file(path)
    trunk = {name.removeprefix(TRUNK): value for name, value in state.items() if name.startswith(TRUNK)}
    heads = {name: value for name, value in state.items() if not name.startswith(TRUNK)}
    try:
        metric.trunk.load(trunk)
    except RuntimeError as error:
        raise BappsmithError(f"checkpoint {path}: its trunk does not fit net '{header['net']}'") from error
    if heads:
        metric.load_heads(heads, f"checkpoint {path}")
    return metric.eval()


def read_facts(path: str | Path) -> dict[str, Any]:
    """The facts that were saved with a checkpoint.

    Raises:
        BappsmithError: not a checkpoint.
    """
    return json.loads(_header(path)["facts"])


def _header(path: str | Path) -> dict[str, str]:
    if not Path(path).is_file():
        raise BappsmithError(f"checkpoint {path}: no such file")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise BappsmithError(f"checkpoint {path}: not a .safetensors file of a trained metric ({error})") from error
    if header.get("format") != FORMAT:
        raise BappsmithError(f"checkpoint {path}: a .safetensors file, but not of a metric trained by bappsmith")
    return header
