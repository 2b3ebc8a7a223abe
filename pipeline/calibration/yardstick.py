"""What damage is measured with, to fit severities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.manifests.errors import BappsmithError

from .measures import measure, probe
from .people import FITTED, DamageFit, read_people

Distances: TypeAlias = Callable[[Sequence[Image], Sequence[Image]], NDArray[np.float64]]


@dataclass(frozen=True)
class Yardstick:
    """A distance.

    Attributes:
        name: in words, for the table.
        distances: (references, distorted), uint8 H×W×3 RGB each → distance of each pair, float64 N.
        displaced: the same for operators with the tag "displacement", which move the picture.
    """

    name: str
    distances: Distances
    displaced: Distances


def people_yardstick(trunk_weights: str | Path | int = "pretrained", fitted: Path = FITTED) -> Yardstick:
    """Return the yardstick that was fitted to people's scores: its distances are damage in points of a mean score.

    Args:
        trunk_weights: file with AlexNet's weights, "pretrained", or the seed of a random trunk.
        fitted: file that says what was fitted; see `people.PeopleFit`.

    Raises:
        BappsmithError: a file cannot be read, or the trunk is another one than the yardstick was fitted with.
    """
    people = read_people(fitted)
    import torch

    from bappsmith.lpips.model.lpips import LPIPS

    trunk = LPIPS("alex", trunk_weights=trunk_weights, forms=("local", "structure"))

    def by(fit: DamageFit) -> Distances:
        names = [term.measure for term in fit.terms]

        def distances(references: Sequence[Image], distorted: Sequence[Image]) -> NDArray[np.float64]:
            first, second = (
                torch.from_numpy(np.stack(images).transpose(0, 3, 1, 2)).float() / 127.5 - 1
                for images in (references, distorted)
            )
            return fit.damage(fit.index(measure(names, trunk, first, second)), min(first.shape[2:]))

        return distances

    value = probe(trunk)
    if abs(value / people.probe - 1) > 0.01:
        raise BappsmithError(
            f"trunk weights {trunk_weights} are not those that the yardstick was fitted with (a fixed pair of images "
            f"has covariances {value:.4f}, not {people.probe:.4f}); give torchvision's AlexNet, IMAGENET1K_V1"
        )
    name = f"damage on people's scale: {people.source.split(':')[0]}, AlexNet"
    return Yardstick(name, by(people.general), by(people.displaced))
