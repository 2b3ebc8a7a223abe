"""Find metrics by name."""

from __future__ import annotations

from pathlib import Path

from bappsmith.lpips.model.backbones import TrunkWeights
from bappsmith.lpips.model.checkpoint import load_metric
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError, unknown_name

from .baselines import BASELINES, Metric, dists

NETWORKS = {
    "random": "the features of a random trunk, without heads",
    "untrained": "the features of a trained trunk, without heads (form local)",
    "untrained-FORM": "the same for other forms, such as untrained-structure or untrained-local-structure",
    "lpips": "LPIPS with a trained trunk and trained heads, such as the published ones",
    "dists": "DISTS, with a network and weights of its own",
}

_UNTRAINED = "untrained-"


def find_metric(
    name: str,
    *,
    net: str | None = None,
    trunk_weights: str | Path | None = None,
    head_weights: str | Path | None = None,
    seed: int = 0,
) -> Metric:
    """Find a metric by name.

    Args:
        name: a baseline, such as "l2" or "ssim"; a name in `NETWORKS`; or the path of a checkpoint.
        net: trunk of "random", "untrained" (also "untrained-FORM") and "lpips", default "alex"; a checkpoint of another
            is refused.
        trunk_weights: file or "pretrained" (the default), for "untrained" and "lpips".
        head_weights: file with the heads of "lpips".
        seed: of the random trunk.

    Raises:
        BappsmithError: the metric or file does not exist, or weights do not fit.
    """
    if name in BASELINES:
        return BASELINES[name]
    if name == "dists":
        return dists()
    weights: TrunkWeights = trunk_weights or "pretrained"
    if name == "random":
        return LPIPS(net or "alex", trunk_weights=seed)
    if name == "untrained":
        return LPIPS(net or "alex", trunk_weights=weights)
    if name.startswith(_UNTRAINED):
        return LPIPS(net or "alex", trunk_weights=weights, forms=name.removeprefix(_UNTRAINED).split("-"))
    if name == "lpips":
        if head_weights is None:
            raise BappsmithError(
                "metric 'lpips' needs --head-weights FILE, such as weights/v0.1/alex.pth of the published lpips "
                "package (and --trunk-weights, unless those are downloaded)"
            )
        return LPIPS(net or "alex", trunk_weights=weights, head_weights=head_weights)
    if Path(name).suffix == ".safetensors" or Path(name).exists():
        return load_metric(name, net=net)
    raise unknown_name("metric", name, [*BASELINES, *NETWORKS, "CHECKPOINT.safetensors"])
