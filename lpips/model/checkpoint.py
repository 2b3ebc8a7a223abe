"""Save and load trained metrics: one complete .safetensors file, with readable facts in its header."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from safetensors import safe_open
from torch import Tensor

from bappsmith.lpips.robust import checkpoint as certified
from bappsmith.lpips.robust.lipschitz_metric import LipschitzMetric
from bappsmith.manifests.errors import BappsmithError

from .lpips import LPIPS
from .metric_folder import find_weights
from .named import load_shipped, shipped_metrics
from .weights import read_safetensors, write_safetensors

FORMAT = "bappsmith-lpips-3"
BEFORE_FORMS = "bappsmith-lpips-2"
"""The format before there were forms other than "local"."""
TRUNK = "trunk."
"""Prefix of the names of the trunk's weights. Heads have their published names."""


def save_checkpoint(path: str | Path, metric: LPIPS, facts: dict[str, Any]) -> None:
    """Write a metric with its trunk, so that no other file is needed. Equal metrics give equal bytes.

    Args:
        path: a name that ends in .safetensors. The file appears when it is complete.
        metric: the metric to save.
        facts: JSON values for the header: configuration, scores, and the like.

    Raises:
        BappsmithError: the folder of the file does not exist.
    """
    header = {
        "format": FORMAT,
        "net": metric.net,
        "taps": json.dumps(metric.trunk.taps),
        "version": metric.version,
        "forms": json.dumps(metric.forms),
        "facts": json.dumps(facts),
    }
    trunk = {f"{TRUNK}{name}": value for name, value in metric.trunk.state().items()}
    write_safetensors(path, trunk | metric.head_state(), header)


def load_metric(
    path: str | Path, *, net: str | None = None, trunk_weights: str | Path | None = None
) -> LPIPS | LipschitzMetric:
    """Load the metric of a checkpoint, or a metric that ships with bappsmith, in evaluation mode.

    Args:
        path: a file that `save_checkpoint` or `save_certified` wrote, or a folder that `save_pretrained` wrote; or a
            name such as "bappsmith-alex".
        net: expected net; None: any.
        trunk_weights: for a metric that ships: file with torchvision's weights; None: they are downloaded. A
            checkpoint holds its trunk.

    Raises:
        BappsmithError: the file is not a checkpoint, is damaged, or has another net; or weights do not fit the name.
    """
    if str(path) in shipped_metrics():
        metric = load_shipped(str(path), trunk_weights or "pretrained")
        if net is not None and metric.net != net:
            raise BappsmithError(f"metric {path} is of net '{metric.net}', asked for '{net}'")
        return metric
    path = find_weights(Path(path)) if Path(path).is_dir() else Path(path)
    header = _read_header(path)
    if net is not None and header.net != net:
        raise BappsmithError(f"checkpoint {path} is of net '{header.net}', asked for '{net}'")
    if header.certified:
        return certified.load_certified(path, header.net)
    state = read_safetensors(path, "checkpoint")
    trunk = {name.removeprefix(TRUNK): value for name, value in state.items() if name.startswith(TRUNK)}
    heads: dict[str, Tensor] = {name: value for name, value in state.items() if not name.startswith(TRUNK)}
    try:
        metric = LPIPS(header.net, trunk_weights=trunk, forms=header.forms, taps=header.taps, version=header.version)
        if heads:
            metric.load_heads(heads, "the heads")
    except BappsmithError as error:
        raise BappsmithError(f"checkpoint {path}: {error}") from error
    return metric.eval()


def load_lpips(path: str | Path) -> LPIPS:
    """Load a checkpoint or a metric that ships, as `load_metric` does, for what needs heads on a trunk.

    Raises:
        BappsmithError: as `load_metric`; or the metric is a certified one.
    """
    metric = load_metric(path)
    if not isinstance(metric, LPIPS):
        raise BappsmithError(f"{path}: a certified metric, which has no trunk and heads; give a checkpoint of LPIPS")
    return metric


def read_facts(path: str | Path) -> dict[str, Any]:
    """Read the facts that were saved with a checkpoint.

    Raises:
        BappsmithError: the file is not a checkpoint, or is damaged.
    """
    return _read_header(Path(path)).facts


@dataclass(frozen=True)
class _Header:
    net: str
    taps: list[str]
    version: str
    forms: list[str]
    facts: dict[str, Any]
    certified: bool = False


def _read_header(path: Path) -> _Header:
    if not path.is_file():
        raise BappsmithError(f"checkpoint {path}: no such file")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
    except Exception as error:  # safetensors also raises other errors for damaged files
        raise BappsmithError(f"checkpoint {path}: not a .safetensors file of a trained metric ({error})") from error
    is_certified = header.get("format") == certified.FORMAT
    if is_certified:
        header |= {"taps": "[]", "version": "", "forms": "[]"}
    elif header.get("format") == BEFORE_FORMS:
        header["forms"] = json.dumps(["local"])
    elif header.get("format") != FORMAT:
        raise BappsmithError(f"checkpoint {path}: a .safetensors file, but not of a metric trained by bappsmith")
    missing = [key for key in ("net", "taps", "version", "forms", "facts") if key not in header]
    if missing:
        raise BappsmithError(f"checkpoint {path}: damaged, its header has no {missing[0]}; restore it from a copy")
    taps, forms, facts = (_read_json(header, key, path) for key in ("taps", "forms", "facts"))
    if not _is_list_of_names(taps):
        raise BappsmithError(f"checkpoint {path}: damaged, its taps are not a list of names; restore it from a copy")
    if not _is_list_of_names(forms):
        raise BappsmithError(f"checkpoint {path}: damaged, its forms are not a list of names; restore it from a copy")
    if not isinstance(facts, dict) or not all(_is_list_of_data(facts.get(key, [])) for key in ("data", "val")):
        raise BappsmithError(f"checkpoint {path}: damaged, its facts have another form; restore it from a copy")
    return _Header(header["net"], taps, header["version"], forms, facts, is_certified)


def _read_json(header: dict[str, str], key: str, path: Path) -> object:
    try:
        return json.loads(header[key])
    except (ValueError, RecursionError) as error:
        raise BappsmithError(f"checkpoint {path}: damaged, its {key} are not JSON; restore it from a copy") from error


def _is_list_of_names(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_list_of_data(value: object) -> bool:
    """Whether the value is a list of subsets, each with the hash of its content."""
    return isinstance(value, list) and all(isinstance(subset, dict) and "content" in subset for subset in value)
