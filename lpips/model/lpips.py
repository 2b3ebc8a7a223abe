"""LPIPS: the distance of two images in the features of a trunk (Zhang et al. 2018, Equation 1)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from bappsmith.manifests.errors import BappsmithError

from .backbones import Trunk, TrunkWeights
from .weights import read_state, refuse_not_finite

SHIFT = (-0.030, -0.088, -0.188)
SCALE = (0.458, 0.448, 0.450)
"""Input scaling of version 0.1: (x - SHIFT) / SCALE per channel, for x in [-1, 1] (reference code)."""

Distance = Literal["cosine", "lpips", "fc"]
PUBLISHED_CHANNELS = {
    "alex": (64, 192, 384, 256, 256),
    "vgg": (64, 128, 256, 512, 512),
    "squeeze": (64, 128, 256, 384, 384, 512, 512),
}
"""Net → channels of its published heads, to say which net heads belong to."""
HIDDEN = 32
"""Hidden units of the fully connected head, as in the rank net of Zhang et al. 2018."""
HEAD_START = 0.1
"""Initial weight of every channel in trained heads. Distances then start at the order of 1."""


class LPIPS(nn.Module):
    """d(x, y) = Σ_l mean over space of Σ_c w_lc (x̂_lc - ŷ_lc)², with unit-normalised features x̂.

    The heads decide the kind of `distance`:

    - "cosine": no heads; w is 1 for every channel. d is twice the cosine distance, averaged over space and summed over
      layers: the "untrained" metric of the paper.
    - "lpips": w ≥ 0 for every channel.
    - "fc": in addition, a small fully connected head over the same averages s_lc of squared differences:
      d = w·s + v·relu(U s), with 32 hidden units, v ≥ 0 and no biases, so that d(x, x) = 0 and d ≥ 0. It is not
      published, but defined here.

    Args:
        net: "alex", "vgg", "squeeze", or torchvision's name of another classification network.
        trunk_weights: see `backbones.TrunkWeights`: file, "pretrained", or the seed of a random trunk.
        head_weights: file with the keys `lin{k}.model.1.weight`; None: no heads.
        taps: names of the layers to compare; None: see `taps.default_taps`.
        version: "0.1", or "0.0", which has no input scaling.
        spatial: return a map instead of one number per pair.

    Raises:
        BappsmithError: the net or a tap is unknown, or weights do not fit. Weights are never loaded in part.

    Example:
        >>> metric = LPIPS("alex", trunk_weights=0)
        >>> black, white = torch.full((1, 3, 64, 64), -1.0), torch.full((1, 3, 64, 64), 1.0)
        >>> metric(black, black).item(), metric(black, white).item() > 0
        (0.0, True)
    """

    shift: Tensor
    scale: Tensor

    def __init__(
        self,
        net: str = "alex",
        *,
        trunk_weights: TrunkWeights = "pretrained",
        head_weights: str | Path | None = None,
        taps: Sequence[str] | None = None,
        version: str = "0.1",
        spatial: bool = False,
    ) -> None:
        super().__init__()
        if version not in ("0.0", "0.1"):
            raise BappsmithError(f"version of LPIPS must be '0.0' or '0.1', found '{version}'")
        self.net, self.version, self.spatial = net, version, spatial
        self.trunk = Trunk(net, trunk_weights, taps)
        self.heads: nn.ParameterList | None = None
        self.fc: nn.ParameterList | None = None
        # Constants of the version, not part of the state.
        self.register_buffer("shift", torch.tensor(SHIFT).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.tensor(SCALE).view(1, 3, 1, 1), persistent=False)
        if head_weights is not None:
            self.load_heads(read_state(head_weights, "head weights"), f"head weights {head_weights}")
        self.eval()

    @property
    def distance(self) -> Distance:
        """The kind of distance that its heads give."""
        if self.heads is None:
            return "cosine"
        return "lpips" if self.fc is None else "fc"

    def start_heads(self, distance: Distance, generator: torch.Generator) -> None:
        """Give the metric new heads, ready for training.

        Args:
            distance: new kind of distance.
            generator: random numbers for the fully connected head. Linear heads start with equal weights.
        """
        self.heads = self.fc = None
        if distance != "cosine":
            self.heads = nn.ParameterList(torch.full((c,), HEAD_START) for c in self.trunk.channels)
        if distance == "fc":
            channels = sum(self.trunk.channels)
            first = torch.randn(HIDDEN, channels, generator=generator) * (2 / channels) ** 0.5
            self.fc = nn.ParameterList([first, torch.full((HIDDEN,), HEAD_START)])

    def load_heads(self, state: dict[str, Tensor], origin: str) -> None:
        """Load published heads, or heads from `head_state`.

        Args:
            state: `lin{k}.model.1.weight` → 1×C×1×1, for every tap k; and `fc.0.weight`, `fc.1.weight`.
            origin: name of the file, for the error.

        Raises:
            BappsmithError: the heads belong to another net, some are missing, or a value is NaN, infinite or below 0.
        """
        channels = self.trunk.channels
        wanted = {f"lin{k}.model.1.weight": (1, c, 1, 1) for k, c in enumerate(channels)}
        if any(name.startswith("fc.") for name in state):
            wanted |= {"fc.0.weight": (HIDDEN, sum(channels)), "fc.1.weight": (HIDDEN,)}
        if {name: tuple(value.shape) for name, value in state.items()} != wanted:
            sizes = sorted(value.numel() for value in state.values())
            fits = [net for net, theirs in PUBLISHED_CHANNELS.items() if sizes == sorted(theirs)]
            hint = f"they look like heads of --net {fits[0]}" if fits else f"expected {', '.join(wanted)}"
            raise BappsmithError(f"{origin} do not fit net '{self.net}': {hint}")
        state = {name: value.detach().float() for name, value in state.items()}
        refuse_not_finite(state, origin)
        for name, value in state.items():
            if name != "fc.0.weight" and value.min() < 0:
                raise BappsmithError(f"{origin}: {name} has values below 0, but heads must not; give other weights")
        lin = [state[f"lin{k}.model.1.weight"] for k in range(len(channels))]
        self.heads = nn.ParameterList(value.reshape(-1).clone() for value in lin)
        fc = [state[name] for name in ("fc.0.weight", "fc.1.weight") if name in state]
        self.fc = nn.ParameterList(value.clone() for value in fc) if fc else None

    def head_state(self) -> dict[str, Tensor]:
        """Return the heads under their published names, 1×C×1×1 each, and the weights of the fully connected head."""
        lin = enumerate(self.heads or ())
        state = {f"lin{k}.model.1.weight": w.detach().reshape(1, -1, 1, 1) for k, w in lin}
        return state | {f"fc.{k}.weight": w.detach() for k, w in enumerate(self.fc or ())}

    def head_parameters(self) -> list[nn.Parameter]:
        """Return the parameters that mode lin trains."""
        return [*(self.heads or ()), *(self.fc or ())]

    def clamp_heads(self) -> None:
        """Set negative weights of heads to 0. The trunk is not changed."""
        with torch.no_grad():
            for head in [*(self.heads or ()), *list(self.fc or ())[1:]]:
                head.clamp_(min=0)

    def features(self, images: Tensor) -> list[Tensor]:
        """Compute unit-normalised features at every tap.

        Args:
            images: N×3×H×W float in [-1, 1].

        Returns:
            One N×C×h×w tensor per tap. The vector at every position has length 1, or 0 if all channels are 0.
        """
        if self.version == "0.1":
            images = (images - self.shift) / self.scale
        return [unit_normalise(tap) for tap in self.trunk(images)]

    def differences(self, features0: Sequence[Tensor], features1: Sequence[Tensor], dropout: float = 0.0) -> Tensor:
        """Compute squared differences averaged over space: the only input of the heads.

        Args:
            features0: of the first images, from `features`.
            features1: of the second images.
            dropout: probability to drop a squared difference, before the average; 0 except in training (reference
                code: 0.5).

        Returns:
            N×C, with the channels of all taps.
        """
        averages: list[Tensor] = []
        for tap0, tap1 in zip(features0, features1, strict=True):
            square = (tap0 - tap1).square()
            if dropout:
                square = functional.dropout(square, dropout)
            averages.append(square.mean(dim=(2, 3)))
        return torch.cat(averages, dim=1)

    def weigh(self, differences: Tensor) -> Tensor:
        """Compute distances, shape (N,), from `differences`, N×C."""
        if self.heads is None:
            return differences.sum(dim=1)
        distance = differences @ torch.cat(list(self.heads))
        if self.fc is None:
            return distance
        hidden, out = self.fc
        return distance + (differences @ hidden.T).relu() @ out

    def forward(self, image0: Tensor, image1: Tensor, *, normalize: bool = False) -> Tensor:
        """Compute distances of image pairs, differentiable with respect to both.

        Args:
            image0: N×3×H×W float in [-1, 1].
            image1: the same shape, or one that broadcasts in N.
            normalize: whether the images are in [0, 1] instead.

        Returns:
            N×1×1×1, or N×1×H×W if `spatial`: the maps of all layers, enlarged bilinearly and summed.

        Raises:
            BappsmithError: an image is not a float tensor N×3×H×W, the shapes differ, or the metric is `spatial` and
                has a fully connected head.
        """
        if self.spatial:
            return torch.stack(self.layers(image0, image1, normalize=normalize)).sum(dim=0)
        features0, features1 = self._both(image0, image1, normalize)
        return self.weigh(self.differences(features0, features1)).view(-1, 1, 1, 1)

    def layers(self, image0: Tensor, image1: Tensor, *, normalize: bool = False) -> list[Tensor]:
        """Compute what every tap adds to the distance (`retPerLayer` of the published package); see `forward`.

        Returns:
            One N×1×1×1 tensor per tap, or N×1×H×W if `spatial`.

        Raises:
            BappsmithError: as in `forward`; or the metric has a fully connected head, which combines all taps.
        """
        if self.fc is not None:
            raise BappsmithError(
                "a metric with a fully connected head (distance 'fc') has no layers and no map; use distance 'lpips'"
            )
        features0, features1 = self._both(image0, image1, normalize)
        distances: list[Tensor] = []
        for k, (tap0, tap1) in enumerate(zip(features0, features1, strict=True)):
            square = (tap0 - tap1).square()
            if self.heads is None:
                weighed = square.sum(dim=1, keepdim=True)
            else:
                weighed = functional.conv2d(square, self.heads[k].view(1, -1, 1, 1))
            if self.spatial:
                size = image0.shape[2:]
                distances.append(functional.interpolate(weighed, size=size, mode="bilinear", align_corners=False))
            else:
                distances.append(weighed.mean(dim=(2, 3), keepdim=True))
        return distances

    def _both(self, image0: Tensor, image1: Tensor, normalize: bool) -> tuple[list[Tensor], list[Tensor]]:
        """Compute the features of both images in one run of the trunk."""
        _check(image0, image1)
        if normalize:
            image0, image1 = 2 * image0 - 1, 2 * image1 - 1
        taps = [tap.split((len(image0), len(image1))) for tap in self.features(torch.cat((image0, image1)))]
        return [first for first, _ in taps], [second for _, second in taps]


def unit_normalise(features: Tensor) -> Tensor:
    """Divide N×C×h×w features by their length over channels plus 1e-10 (reference code), in float32.

    If all channels are 0, the result and its gradient are 0. The plain formula would give a gradient of NaN.
    """
    features = features.float()
    length = torch.linalg.vector_norm(features, dim=1, keepdim=True)
    silent = length == 0
    return features * torch.where(silent, 0.0, 1.0 / (length + silent + 1e-10))


def _check(image0: Tensor, image1: Tensor) -> None:
    for name, image in (("image0", image0), ("image1", image1)):
        if not isinstance(image, Tensor) or not image.is_floating_point() or image.ndim != 4 or image.shape[1] != 3:
            came = f"{image.dtype} {tuple(image.shape)}" if isinstance(image, Tensor) else type(image).__name__
            raise BappsmithError(f"LPIPS: {name} must be a float tensor N×3×H×W in [-1, 1], found {came}")
    if image0.shape[2:] != image1.shape[2:]:
        raise BappsmithError(f"LPIPS: the images differ in size, {tuple(image0.shape)} and {tuple(image1.shape)}")
