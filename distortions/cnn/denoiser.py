"""The operator `denoiser`: a network of a bank as it was trained."""

from __future__ import annotations

from collections.abc import Sequence

from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.manifests.schema.call import Params

from .blending import blend
from .corrupt import corrupt
from .denoising_operator import PAPER, DenoisingOperator, weight_of
from .grouping import in_groups
from .reconstruct import reconstruct
from .weights import load_network


class Denoiser(DenoisingOperator):
    """A denoising autoencoder of the bank, blended with the image.

    Let N be the network, and c(x) the image with the network's own corruption, `corruption` times as strong as in
    training. The result is x + w·(N(c(x)) - x), where w is the level over the network's error, at most 1.
    """

    source = PAPER
    corruption = Severity(mild=0.25, severe=1.0, unit="times the corruption of training")
    sub_seed = SubSeed()

    def apply(self, image: Image, *, level: float, corruption: float, sub_seed: int, network: str) -> Image:
        """Apply to one image; see the class."""
        params: Params = {"level": level, "corruption": corruption, "sub_seed": sub_seed, "network": network}
        return self.apply_batch([image], [params])[0]

    def apply_batch(self, images: Sequence[Image], params: Sequence[Params]) -> list[Image]:
        """Run images with the same network and size together. Results do not depend on the grouping."""

        def apply(members: list[int]) -> list[Image]:
            network = self.networks[str(params[members[0]]["network"])]
            kind, amount = network.spec.corruption, network.spec.amount
            corrupted = [
                corrupt(images[i], kind, amount * float(params[i]["corruption"]), int(params[i]["sub_seed"]))
                for i in members
            ]
            outputs = reconstruct(load_network(network), corrupted)
            return [
                blend(images[i], output, weight_of(network, float(params[i]["level"])))
                for i, output in zip(members, outputs, strict=True)
            ]

        keys = [(values["network"], image.shape) for image, values in zip(images, params, strict=True)]
        return in_groups(keys, apply)
