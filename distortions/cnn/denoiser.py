"""Operators that draw a network from a bank. They are there once a bank was loaded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Choice, Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import operators, register
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Params

from .bank import Bank, Network, load_network, read_bank
from .corrupt import corrupt
from .reconstruct import reconstruct

if TYPE_CHECKING:
    from bappsmith.distortions.cnn.nets.network import Autoencoder

_PAPER = "Zhang et al. 2018, Section 2.1 and supplementary table of CNN-based distortions"


class _OfBank(Distortion):
    """What both operators share: the networks that can be drawn."""

    networks: ClassVar[dict[str, Network]] = {}
    root: ClassVar[Path]
    libraries: ClassVar[tuple[str, ...]] = ("torch",)

    def __reduce__(self) -> tuple[object, tuple[Path, str]]:
        """Their classes are made when a bank is loaded: elsewhere it is loaded first."""
        return _from_bank, (self.root, self.name)

    def load(self, network: str) -> Autoencoder:
        """The network of that id, ready to run."""
        found = self.networks[network]
        return load_network(found.path, found.sha256, json.dumps(found.spec.to_json()))


class Denoiser(_OfBank):
    """A denoising autoencoder of the bank: the image, and so many times what the network does to it.

    With c the image under the network's own corruption (`corruption` times as strong as it was trained on) and N the
    network, the result is x + gain·strength·(N(c(x)) - x): at gain·strength 1 what the network returns, beyond it an
    exaggeration. The gain makes equal severities of different networks comparable, see `Network.gain`.
    """

    source = _PAPER
    strength = Severity(mild=0.15, severe=1.25, unit="times the network's change")
    corruption = Severity(mild=0.25, severe=1.0, unit="times the corruption of training")
    sub_seed = SubSeed()

    def apply(self, image: Image, *, network: str, strength: float, corruption: float, sub_seed: int) -> Image:
        """One image; see the class."""
        params: Params = {
            "network": network, "strength": strength, "corruption": corruption, "sub_seed": sub_seed
        }  # fmt: skip
        return self.apply_batch([image], [params])[0]

    def apply_batch(self, images: Sequence[Image], params: Sequence[Params]) -> list[Image]:
        """Images that share network and size run together; the result of each does not depend on that."""
        groups: dict[tuple[str, tuple[int, ...]], list[int]] = {}
        for i, (image, one) in enumerate(zip(images, params, strict=True)):
            groups.setdefault((str(one["network"]), image.shape), []).append(i)
        results: dict[int, Image] = {}
        for (name, _), members in groups.items():
            network = self.load(name)
            seen = [
                corrupt(
                    images[i],
                    network.spec.corruption,
                    network.spec.amount * float(params[i]["corruption"]),
                    int(params[i]["sub_seed"]),
                )
                for i in members
            ]
            for i, made in zip(members, reconstruct(network, seen), strict=True):
                results[i] = blend(images[i], made, float(params[i]["strength"]) * self.networks[name].gain)
        return [results[i] for i in range(len(images))]


class ReweightedDenoiser(_OfBank):
    """A network of the bank whose weights were shaken: w·(1 + spread·ε), ε standard normal, for every convolution.

    The cheap relative: a network that nobody trained to be as it is. The image goes in as it is.
    """

    source = "ours, after " + _PAPER
    spread = Severity(mild=0.02, severe=0.25, unit="of each weight")
    strength = Severity(mild=0.15, severe=1.0, unit="times the network's change")
    sub_seed = SubSeed()

    def apply(self, image: Image, *, network: str, spread: float, strength: float, sub_seed: int) -> Image:
        """One image through a network of its own."""
        shaken = _shaken(self.load(network), spread, sub_seed)
        made = reconstruct(shaken, [corrupt(image, "none", 0.0, 0)])[0]
        return blend(image, made, strength * self.networks[network].gain)


def _from_bank(root: Path, name: str) -> Distortion:
    known = operators().get(name)
    if known is None or getattr(known, "root", None) != root:
        load_bank(root)
    return operators()[name]


def blend(image: Image, made: NDArray[np.float32], strength: float) -> Image:
    """x + strength·(made - x), rounded and clipped; `made` in [-1, 1]."""
    levels = (made + np.float32(1)) * np.float32(127.5)
    mixed = image + np.float32(strength) * (levels - image)
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def _shaken(network: Autoencoder, spread: float, sub_seed: int) -> Autoencoder:
    import copy

    import torch

    shaken = copy.deepcopy(network)
    weights = [p for name, p in shaken.named_parameters() if name.endswith("weight") and p.ndim == 4]
    noise = torch.from_numpy(normal_field(sub_seed, (sum(p.numel() for p in weights),)))
    for weight, part in zip(weights, noise.split([p.numel() for p in weights]), strict=True):
        weight.mul_(1 + spread * part.view_as(weight))
    return shaken


def load_bank(root: Path | str) -> Bank:
    """Make the operators of a bank known: `denoiser` and `reweighted_denoiser`. A bank loaded before gives way.

    Raises:
        BappsmithError: the folder is no bank, or a file of it is missing.
    """
    bank = read_bank(root)
    missing = [network.path.name for network in bank.networks if not network.path.is_file()]
    if missing:
        raise BappsmithError(f"bank {bank.root}: {missing[0]} is missing")
    networks = {network.id: network for network in bank.networks}
    for base, name in ((Denoiser, "denoiser"), (ReweightedDenoiser, "reweighted_denoiser")):
        drawn = Choice(tuple(networks), "network of the bank")
        attributes = {
            "__doc__": base.__doc__,
            "__module__": base.__module__,
            "name": name,
            "family": "cnn",
            "network": drawn,
            "networks": networks,
            "content": bank.sha256,
            "root": bank.root,
            "learnt_from": frozenset(bank.facts["photographs"]),
        }
        register(cast("type[Distortion]", type(base.__name__, (base,), attributes)))
    return bank
