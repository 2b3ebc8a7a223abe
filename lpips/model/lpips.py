"""LPIPS: the distance of two images in the features of a trunk (Zhang et al. 2018, Equation 1)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from bappsmith.manifests.errors import BappsmithError

from .against import Against
from .backbones import Trunk, TrunkWeights
from .embedding import embed, refuse_no_embedding
from .forms import (
    Features,
    Form,
    check_forms,
    compare,
    compare_activations,
    head_shapes,
    prepare,
    widths,
)
from .head_file import HIDDEN, checked_heads
from .images import refuse_image, refuse_pair
from .layer_distance import layer_distance, layer_map
from .weights import read_state

SHIFT = (-0.030, -0.088, -0.188)
SCALE = (0.458, 0.448, 0.450)
"""Input scaling of version 0.1: (x - SHIFT) / SCALE per channel, for x in [-1, 1] (reference code)."""

Distance = Literal["cosine", "lpips", "fc"]
HEAD_START = 0.1
"""Initial weight of every channel in trained heads. Distances then start at the order of 1."""


class LPIPS(nn.Module):
    """d(x, y) = Σ_l mean over space of Σ_c w_lc (x̂_lc - ŷ_lc)², with unit-normalised features x̂.

    That is the form "local". Other `forms` compare the same features by their statistics over the whole image (see
    `forms`), with weights of their own. Several forms are summed.

    The heads decide the kind of `distance`:

    - "cosine": no heads; w is 1 for every channel. With form "local", d is twice the cosine distance, averaged over
      space and summed over layers: the "untrained" metric of the paper.
    - "lpips": w ≥ 0 for every channel, layer and form.
    - "fc": only with form "local" alone; in addition, a small fully connected head over the same averages s_lc of
      squared differences: d = w·s + v·relu(U s), with 32 hidden units, v ≥ 0 and no biases, so that d(x, x) = 0 and
      d ≥ 0. It is not published, but defined here.

    Args:
        net: "alex", "vgg", "squeeze", or torchvision's name of another classification network.
        trunk_weights: see `backbones.TrunkWeights`: file, "pretrained", or the seed of a random trunk.
        head_weights: file with the keys `lin{k}.model.1.weight`, and those of other forms; None: no heads.
        forms: one or more of "local", "mean", "structure" and "covariance".
        taps: names of the layers to compare; None: see `taps.default_taps`.
        version: "0.1", or "0.0", which has no input scaling.
        spatial: return a map instead of one number per pair. Only form "local" has one.

    Raises:
        BappsmithError: the net, a tap or a form is unknown, weights do not fit, or a form has no map. Weights are never
            loaded in part.

    Examples:
        >>> metric = LPIPS("alex", trunk_weights=0)
        >>> black, white = torch.full((1, 3, 64, 64), -1.0), torch.full((1, 3, 64, 64), 1.0)
        >>> metric(black, black).item(), metric(black, white).item() > 0
        (0.0, True)
    """

    shift: Tensor
    scale: Tensor
    units: Tensor

    def __init__(
        self,
        net: str = "alex",
        *,
        trunk_weights: TrunkWeights = "pretrained",
        head_weights: str | Path | None = None,
        forms: Sequence[str] = ("local",),
        taps: Sequence[str] | None = None,
        version: str = "0.1",
        spatial: bool = False,
    ) -> None:
        super().__init__()
        if version not in ("0.0", "0.1"):
            raise BappsmithError(f"version of LPIPS must be '0.0' or '0.1', found '{version}'")
        self.net, self.version, self.spatial = net, version, spatial
        self.forms: tuple[Form, ...] = check_forms(forms)
        if spatial:
            self._refuse_other_forms("no map")
        self.trunk = Trunk(net, trunk_weights, taps)
        self.heads: nn.ParameterList | None = None
        self.fc: nn.ParameterList | None = None
        # Factors of all columns. They are 1, except in a training of other forms than "local" alone.
        self.register_buffer("units", torch.ones(sum(widths(self.forms, self.trunk.channels))), persistent=False)
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

        Raises:
            BappsmithError: distance "fc" with another form than "local".
        """
        if distance == "fc":
            self._refuse_other_forms("no fully connected head (distance 'fc')")
        self.heads = self.fc = None
        if distance != "cosine":
            self.heads = nn.ParameterList(
                torch.full((width,), HEAD_START) for width in widths(self.forms, self.trunk.channels)
            )
        if distance == "fc":
            channels = sum(self.trunk.channels)
            first = torch.randn(HIDDEN, channels, generator=generator) * (2 / channels) ** 0.5
            self.fc = nn.ParameterList([first, torch.full((HIDDEN,), HEAD_START)])

    def scale_forms(self, differences: Tensor, *, trained: bool) -> None:
        """Scale every form to mean 1 over these pairs, so that no form drowns another. Form "local" alone stays.

        Scales are factors of the columns, apart from the trained weights. `head_state` multiplies both.

        Args:
            differences: N×K of training pairs, see `differences`.
            trained: whether the heads are trained. Their weights are then divided by the scales, so that distances
                stay as they are.
        """
        if self.forms == ("local",):
            return
        sizes = [sum(widths((form,), self.trunk.channels)) for form in self.forms]
        means = torch.stack([part.sum(dim=1).mean() for part in differences.split(sizes, dim=1)])
        factors = torch.where(means > 0, 1 / means, 1.0)
        units = factors.repeat_interleave(torch.tensor(sizes, device=factors.device))
        if trained and self.heads is not None:
            with torch.no_grad():
                of_heads = (self.units / units).split([len(head) for head in self.heads])
                for head, change in zip(self.heads, of_heads, strict=True):
                    head.mul_(change)
        self.units.copy_(units)

    def load_heads(self, state: dict[str, Tensor], origin: str) -> None:
        """Load published heads, or heads from `head_state`.

        Args:
            state: names → weights, as `head_state` returns them.
            origin: name of the file, for the error.

        Raises:
            BappsmithError: the heads belong to another net or to other forms, some are missing, or a value is NaN,
                infinite or below 0.
        """
        state = checked_heads(state, self.net, self.forms, self.trunk.channels, origin)
        fc = [state[name] for name in ("fc.0.weight", "fc.1.weight") if name in state]
        if fc:
            self._refuse_other_forms("no fully connected head (distance 'fc')")
        self.heads = nn.ParameterList(
            state[name].reshape(-1).clone() for name in head_shapes(self.forms, self.trunk.channels)
        )
        self.fc = nn.ParameterList(value.clone() for value in fc) if fc else None
        self.units.fill_(1)

    def head_state(self) -> dict[str, Tensor]:
        """Return the heads by name.

        Form "local" has the published names `lin{k}.model.1.weight`, 1×C×1×1 for tap k. The others have
        `mean{k}.weight`, `structure{k}.means.weight` and `structure{k}.covariances.weight`, of shape (C,). The fully
        connected head has `fc.0.weight` and `fc.1.weight`.
        """
        shapes = head_shapes(self.forms, self.trunk.channels).items()
        state = {
            name: weights.detach().reshape(shape)
            for (name, shape), weights in zip(shapes, self.scaled_heads(), strict=False)
        }
        return state | {f"fc.{k}.weight": w.detach() for k, w in enumerate(self.fc or ())}

    def scaled_heads(self) -> list[Tensor]:
        """Return the weights of the linear heads with the scales of their forms, one (C,) tensor per block of columns.

        Without heads, return an empty list.
        """
        if self.heads is None:
            return []
        units = self.units.split([len(head) for head in self.heads])
        return [head * unit for head, unit in zip(self.heads, units, strict=True)]

    def _refuse_other_forms(self, what: str) -> None:
        """Raise an error if the metric has another form than "local"."""
        others = [form for form in self.forms if form != "local"]
        if others:
            raise BappsmithError(
                f"form '{others[0]}' compares statistics of whole images and has {what}; use form 'local' alone"
            )

    def head_parameters(self) -> list[nn.Parameter]:
        """Return the parameters that mode lin trains."""
        return [*(self.heads or ()), *(self.fc or ())]

    def clamp_heads(self) -> None:
        """Set negative weights of heads to 0. The trunk is not changed."""
        with torch.no_grad():
            for head in [*(self.heads or ()), *list(self.fc or ())[1:]]:
                head.clamp_(min=0)

    def activations(self, images: Tensor) -> list[Tensor]:
        """Compute the features of the trunk at every tap, N×C×h×w each, for N×3×H×W float images in [-1, 1]."""
        if self.version == "0.1":
            images = (images - self.shift) / self.scale
        return self.trunk(images)

    def features(self, images: Tensor) -> Features:
        """Compute what the forms of this metric compare.

        Args:
            images: N×3×H×W float in [-1, 1].

        Returns:
            See `forms.prepare`. For form "local", the vector at every position has length 1, or 0 if all channels are
            0.
        """
        return prepare(self.activations(images), self.forms)

    def differences(self, features0: Features, features1: Features, dropout: float = 0.0) -> Tensor:
        """Compute the only input of the heads.

        Args:
            features0: of the first images, from `features`.
            features1: of the second images.
            dropout: probability to drop a squared difference of form "local", before its average over space; 0 except
                in training (reference code: 0.5).

        Returns:
            N×K, with the columns of all forms and taps in the order that `forms` says.
        """
        return compare(features0, features1, dropout)

    def weigh(self, differences: Tensor) -> Tensor:
        """Compute distances, shape (N,), from `differences`, N×K."""
        if self.heads is None:
            return differences.sum(dim=1)
        with torch.autocast(differences.device.type, enabled=False):
            distance = differences @ torch.cat(self.scaled_heads())
            if self.fc is None:
                return distance
            hidden, out = self.fc
            return distance + (differences @ hidden.T).relu() @ out

    def forward(self, image0: Tensor, image1: Tensor, *, normalize: bool = False) -> Tensor:
        """Compute distances of image pairs, differentiable with respect to both.

        An image that needs no gradient costs no backward pass. Under `torch.autocast`, convolutions run in the lower
        precision; features are compared in float32.

        Args:
            image0: N×3×H×W float in [-1, 1].
            image1: the same shape; one of both may have N = 1.
            normalize: whether the images are in [0, 1] instead.

        Returns:
            N×1×1×1, or N×1×H×W if `spatial`: the maps of all layers, enlarged bilinearly and summed.

        Raises:
            BappsmithError: an image is not a float tensor N×3×H×W, the shapes differ, or the metric is `spatial` and
                has a fully connected head or another form than "local".
        """
        taps0, taps1 = self._both(image0, image1, normalize)
        return self.distance_of(taps0, taps1, image1.shape[2:])

    def distance_of(self, taps0: Sequence[Tensor], taps1: Sequence[Tensor], size: Sequence[int]) -> Tensor:
        """Compute what `forward` returns from `activations` of both images, whose height and width is `size`."""
        if self.spatial:
            return torch.stack(self._layers(taps0, taps1, size)).sum(dim=0)
        return self.weigh(compare_activations(taps0, taps1, self.forms)).view(-1, 1, 1, 1)

    def against(self, target: Tensor, *, normalize: bool = False) -> Against:
        """Fix a target, so that the trunk runs only once for it: for many steps towards the same images.

        Args:
            target: N×3×H×W float in [-1, 1]. It gets no gradient.
            normalize: whether the target, and the images to compare with it, are in [0, 1] instead.

        Returns:
            A function from images to what `forward` returns for the target and these images.

        Raises:
            BappsmithError: the target is not such a tensor.

        Examples:
            >>> metric = LPIPS("alex", trunk_weights=0)
            >>> target = torch.zeros(1, 3, 64, 64)
            >>> distance = metric.against(target)
            >>> image = torch.full((1, 3, 64, 64), 0.5)
            >>> torch.allclose(distance(image), metric(target, image)), distance(target).item()
            (True, 0.0)
        """
        refuse_image("target", target)
        return Against(self, target, normalize=normalize)

    def embedding(self, images: Tensor) -> Tensor:
        """Compute vectors whose squared Euclidean distance is the distance of this metric.

        So LPIPS works with any tool for vectors: nearest neighbours, clustering, removal of duplicates. See
        `squared_distances` for the distances of all pairs. The vectors are long: their length is the sum of C·h·w over
        the layers, 31,872 for AlexNet and 64×64 px, 484,992 for 224×224 px.

        Args:
            images: N×3×H×W float in [-1, 1].

        Returns:
            N×D float32. Only vectors of images of one size can be compared.

        Raises:
            BappsmithError: the images are not such a tensor; or the metric is no embedding: it has form "structure" or
                "covariance", a fully connected head, a map, or weights below 0.

        Examples:
            >>> metric = LPIPS("alex", trunk_weights=0)
            >>> images = torch.linspace(-1, 1, 2 * 3 * 64 * 64).view(2, 3, 64, 64)
            >>> first, second = metric.embedding(images)
            >>> torch.allclose((first - second).square().sum(), metric(images[:1], images[1:]))
            True
        """
        refuse_no_embedding(self)
        refuse_image("images", images)
        return embed(self, self.activations_of(images))

    def layers(self, image0: Tensor, image1: Tensor, *, normalize: bool = False) -> list[Tensor]:
        """Compute what every tap adds to the distance (`retPerLayer` of the published package); see `forward`.

        Returns:
            One N×1×1×1 tensor per tap, or N×1×H×W if `spatial`.

        Raises:
            BappsmithError: as in `forward`; or the metric has a fully connected head, which combines all taps, or
                another form than "local".
        """
        taps0, taps1 = self._both(image0, image1, normalize)
        return self._layers(taps0, taps1, image1.shape[2:])

    def _layers(self, taps0: Sequence[Tensor], taps1: Sequence[Tensor], size: Sequence[int]) -> list[Tensor]:
        self._refuse_other_forms("no layers and no map")
        if self.fc is not None:
            raise BappsmithError(
                "a metric with a fully connected head (distance 'fc') has no layers and no map; use distance 'lpips'"
            )
        weights = self.scaled_heads() or [tap.new_ones(tap.shape[1], dtype=torch.float32) for tap in taps0]
        parts = zip(taps0, taps1, weights, strict=True)
        if self.spatial:
            return [layer_map(*part, size) for part in parts]
        return [layer_distance(*part) for part in parts]

    def _both(self, image0: Tensor, image1: Tensor, normalize: bool) -> tuple[list[Tensor], list[Tensor]]:
        """Compute the activations of both images."""
        refuse_pair(image0, image1)
        if normalize:
            image0, image1 = 2 * image0 - 1, 2 * image1 - 1
        if torch.is_grad_enabled():
            return self.activations_of(image0), self.activations_of(image1)
        taps = [tap.split((len(image0), len(image1))) for tap in self.activations(torch.cat((image0, image1)))]
        return [first for first, _ in taps], [second for _, second in taps]

    def activations_of(self, images: Tensor) -> list[Tensor]:
        """Compute `activations`, without a graph if neither the images nor the trunk need gradients."""
        needed = images.requires_grad or any(weights.requires_grad for weights in self.trunk.parameters())
        with torch.set_grad_enabled(needed and torch.is_grad_enabled()):
            return self.activations(images)
