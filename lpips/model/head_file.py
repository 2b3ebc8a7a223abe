"""What a file of heads must hold to fit a metric: names, shapes and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from bappsmith.manifests.errors import BappsmithError

from .forms import Form, head_shapes
from .weights import refuse_not_finite

PUBLISHED_CHANNELS = {
    "alex": (64, 192, 384, 256, 256),
    "vgg": (64, 128, 256, 512, 512),
    "squeeze": (64, 128, 256, 384, 384, 512, 512),
}
"""Net → channels of its published heads, to say which net heads belong to."""
HIDDEN = 32
"""Hidden units of the fully connected head, as in the rank net of Zhang et al. 2018."""


def checked_heads(
    state: Mapping[str, Tensor], net: str, forms: Sequence[Form], channels: Sequence[int], origin: str
) -> dict[str, Tensor]:
    """Return heads in float32, if they fit.

    Args:
        state: name → weights, as `LPIPS.head_state` returns them.
        net: of the metric.
        forms: of the metric.
        channels: of its taps.
        origin: name of the file, for the error.

    Raises:
        BappsmithError: the heads belong to another net or to other forms, some are missing, or a value is NaN,
            infinite or below 0.
    """
    wanted = head_shapes(forms, channels)
    if any(name.startswith("fc.") for name in state):
        wanted |= {"fc.0.weight": (HIDDEN, sum(channels)), "fc.1.weight": (HIDDEN,)}
    if {name: tuple(value.shape) for name, value in state.items()} != wanted:
        with_forms = "" if tuple(forms) == ("local",) else f" with forms {', '.join(forms)}"
        raise BappsmithError(f"{origin} do not fit net '{net}'{with_forms}: {_look_like(net, state, wanted)}")
    heads = {name: value.detach().float() for name, value in state.items()}
    refuse_not_finite(heads, origin)
    for name, value in heads.items():
        if name != "fc.0.weight" and value.min() < 0:
            raise BappsmithError(f"{origin}: {name} has values below 0, but heads must not; give other weights")
    return heads


def _look_like(net: str, state: Mapping[str, Tensor], wanted: Mapping[str, tuple[int, ...]]) -> str:
    """Say what heads that do not fit look like."""
    sizes = sorted(value.numel() for value in state.values())
    fits = [known for known, theirs in PUBLISHED_CHANNELS.items() if sizes == sorted(theirs)]
    if fits:
        return "they look like heads of " + ("form local" if fits[0] == net else f"--net {fits[0]}")
    return f"expected {', '.join(wanted)}"
