"""Metrics with a name: heads that ship with bappsmith, and the published heads of an installed `lpips` package."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from safetensors import safe_open

from bappsmith.manifests.errors import BappsmithError, unknown_name

from .backbones import TrunkWeights
from .lpips import LPIPS
from .weights import write_safetensors

FOLDER = Path(__file__).parent / "shipped"
"""Holds NAME.safetensors, the heads of a metric, and NAME.md, its model card."""
FORMAT = "bappsmith-heads-1"


def shipped_metrics() -> tuple[str, ...]:
    """Return the names of the metrics whose heads ship with bappsmith."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.safetensors")))


def load_shipped(name: str, trunk_weights: TrunkWeights = "pretrained") -> LPIPS:
    """Load a metric whose heads ship with bappsmith. The trunk is torchvision's, with its ImageNet weights.

    Args:
        name: such as "bappsmith-alex"; see `shipped_metrics`.
        trunk_weights: file with torchvision's weights, or "pretrained", which downloads them.

    Raises:
        BappsmithError: no metric has that name; or these are not the weights that its heads were trained on.
    """
    if name not in shipped_metrics():
        raise unknown_name("shipped metric", name, shipped_metrics())
    path = FOLDER / f"{name}.safetensors"
    header = read_heads_header(path)
    metric = LPIPS(header["net"], trunk_weights=trunk_weights, head_weights=path, forms=json.loads(header["forms"]))
    if trunk_sha256(metric) != header["trunk_sha256"]:
        raise BappsmithError(
            f"the heads of {name} were trained on torchvision's ImageNet weights of {header['net']}; {trunk_weights} "
            "holds others, give torchvision's file with --trunk-weights"
        )
    return metric.eval()


def published_heads(net: str) -> Path:
    """Find the heads of LPIPS version 0.1 in the installed `lpips` package. Nothing of it is run.

    Args:
        net: "alex", "vgg" or "squeeze".

    Raises:
        BappsmithError: the package is not installed, or has no heads of this net.
    """
    try:
        package = distribution("lpips")
    except PackageNotFoundError:
        reason = "is not installed"
    else:
        path = Path(str(package.locate_file(f"lpips/weights/v0.1/{net}.pth")))
        if path.is_file():
            return path
        reason = "has none of this net"
    raise BappsmithError(
        f"the published heads of net '{net}' come with the package lpips, which {reason}; run `pip install lpips`, or "
        "give the file as metric lpips with --head-weights"
    )


def save_heads(path: str | Path, metric: LPIPS, facts: Mapping[str, Any]) -> None:
    """Write the heads of a metric whose trunk has torchvision's weights. Equal metrics give equal bytes.

    Args:
        path: a name that ends in .safetensors.
        metric: with linear heads, the default layers and version 0.1.
        facts: JSON values for the header: recipe, commands, scores.
    """
    header = {
        "format": FORMAT,
        "net": metric.net,
        "forms": json.dumps(metric.forms),
        "trunk_sha256": trunk_sha256(metric),
        "facts": json.dumps(facts, sort_keys=True),
    }
    write_safetensors(path, metric.head_state(), header)


def read_heads_header(path: Path) -> dict[str, str]:
    """Read what `save_heads` wrote beside the heads: format, net, forms, trunk_sha256 and facts, as text.

    Raises:
        BappsmithError: the file is missing, or is not such a file.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header: dict[str, str] = file.metadata() or {}
    except Exception as error:  # safetensors raises many types of errors for damaged files
        raise BappsmithError(f"heads {path}: not a .safetensors file ({error})") from error
    if header.get("format") != FORMAT:
        raise BappsmithError(f"heads {path}: not written by bappsmith; install bappsmith again")
    return header


def trunk_sha256(metric: LPIPS) -> str:
    """Hash the weights of a trunk, hex."""
    digest = hashlib.sha256()
    for name, value in sorted(metric.trunk.state().items()):
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().data)
    return digest.hexdigest()
