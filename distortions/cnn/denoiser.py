"""The operator `denoiser`: a network of a bank as it was trained."""

from __future__ import annotations

from collections.abc import Sequence

from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.manifests.schema.call import Params

from .bank_operator import PAPER, BankOperator
from .blending import blend
from .corrupt import corrupt
from .reconstruct import reconstruct
from .weights import load_network


class Denoiser(BankOperator):
    """A denoising autoencoder of the bank: the image plus a multiple of the change that the network makes.

    Let N be the network, and c(x) the image with the network's own corruption, `corruption` times as strong as in
    training. The result is x + gain·strength·(N(c(x)) - x): at gain·strength = 1 the output of the network, above 1 an
    exaggeration. The gain makes equal severities of different networks comparable, see `Network.gain`.
    """

    source = PAPER
    strength = Severity(mild=0.15, severe=1.25, unit="times the network's change")
    corruption = Severity(mild=0.25, severe=1.0, unit="times the corruption of training")
    sub_seed = SubSeed()

    def apply(self, image: Image, *, network: str, strength: float, corruption: float, sub_seed: int) -> Image:
        """Apply to one image; see the class."""
        params: Params = {
            "network": network, "strength": strength, "corruption": corruption, "sub_seed": sub_seed
        }  # fmt: skip
        return self.apply_batch([image], [params])[0]

    def apply_batch(self, images: Sequence[Image], params: Sequence[Params]) -> list[Image]:
        """Run images with the same network and size together. Results do not depend on the grouping."""
        groups: dict[tuple[str, tuple[int, ...]], list[int]] = {}
        for i, (image, values) in enumerate(zip(images, params, strict=True)):
            groups.setdefault((str(values["network"]), image.shape), []).append(i)
        results: dict[int, Image] = {}
        for (name, _), members in groups.items():
            entry = self.networks[name]
            corrupted = [
                corrupt(
                    images[i],
                    entry.spec.corruption,
                    entry.spec.amount * float(params[i]["corruption"]),
                    int(params[i]["sub_seed"]),
                )
                for i in members
            ]
            for i, output in zip(members, reconstruct(load_network(entry), corrupted), strict=True):
                results[i] = blend(images[i], output, float(params[i]["strength"]) * entry.gain)
        return [results[i] for i in range(len(images))]
