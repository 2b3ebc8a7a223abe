"""(recipe, subset, index) → TripletRecord: everything is drawn here, and no pixel is touched."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

from bappsmith.distortions.random import Draws
from bappsmith.distortions.registry import operators
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.item import SHARD
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.manifests.schema.call import Chain
from bappsmith.manifests.schema.labelling import Judgment
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.schema.subset_path import Split
from bappsmith.manifests.schema.triplet import Crop, TripletRecord
from bappsmith.pipeline.judges import judge_pair
from bappsmith.pipeline.sources.split import split_photographs

from .chains import subset_chains

PHOTOGRAPHS_PER_SHARD = 16
"""Each is decoded once per shard, which keeps the share of decoding small, and serves 32 triplets. A subset
of few shards and many photographs takes more, so that as many photographs as possible take part."""


class Planner:
    """Draws the records of one subset; `plan(i)` is pure and the same in every process.

    Photographs: every shard takes the next few (see `PHOTOGRAPHS_PER_SHARD`) of an endless sequence
    in which all photographs of the split appear once, in a shuffled order, before any appears
    again. Within a shard they take turns.

    Args:
        recipe: what to make.
        subset: one of its subsets.
        photographs: all photographs, train and val.

    Attributes:
        photographs: those that the subset is made of.

    Raises:
        BappsmithError: an operator or family is unknown, the pairs leave nothing to chain, the
            judge cannot judge what is drawn, or no photograph holds a patch.
    """

    def __init__(self, recipe: Recipe, subset: SubsetRecipe, photographs: Sequence[Photograph]) -> None:
        self.recipe = recipe
        self.subset = subset
        self.chains = subset_chains(subset)
        self._judge = subset.judged_by
        self._operators = operators()
        self._key = stream_key(recipe.seed, str(subset.where))
        self.photographs = usable_split(recipe, photographs)[subset.where.split]
        for_all = math.ceil(len(self.photographs) * SHARD / subset.count)
        self._per_shard = min(SHARD, max(PHOTOGRAPHS_PER_SHARD, for_all))

    @property
    def operator_names(self) -> set[str]:
        """Every operator that can be drawn."""
        return {name for options in self.chains.values() for chain in options for name in chain}

    def plan(self, index: int) -> tuple[TripletRecord, Judgment]:
        """Draw triplet `index` of the subset, and judge it by the recipe's judge."""
        draws = Draws(self._key, index)
        photo = self._photograph(index)
        crops = tuple(self._crop(photo, draws) for _ in range(self.recipe.flat.candidates))
        chain0, chain1 = self._chains(draws)
        judgment = judge_pair(self._judge, chain0, chain1, draws)
        record = TripletRecord(
            subset=str(self.subset.where),
            index=index,
            photo=photo.name,
            photo_sha256=photo.sha256,
            crops=crops,
            patch=self.recipe.patch,
            flat_below=self.recipe.flat.below,
            chain0=chain0,
            chain1=chain1,
        )
        return record, judgment

    def _photograph(self, index: int) -> Photograph:
        shard, place_in_shard = divmod(index, SHARD)
        turn = shard * self._per_shard + place_in_shard % self._per_shard
        round_, place = divmod(turn, len(self.photographs))
        return self.photographs[_shuffled(self._key, round_, len(self.photographs))[place]]

    def _crop(self, photo: Photograph, draws: Draws) -> Crop:
        """A square whose side is log-uniform in patch × scale, as far as the photograph allows."""
        patch, (low, high) = self.recipe.patch, self.recipe.scale
        shorter = min(photo.height, photo.width)
        high = min(high, shorter / patch)
        side = min(shorter, round(patch * low * (high / low) ** draws.uniform()))
        return Crop(draws.integer(photo.height - side + 1), draws.integer(photo.width - side + 1), side)

    def _chains(self, draws: Draws) -> tuple[Chain, Chain]:
        if self.subset.where.kind == "jnd":
            return Chain(), self._chain(self._names(draws), draws)
        first = self._names(draws)
        if self.subset.pairing == "same-chain":
            return self._same_chain(first, draws)
        second = self._names(draws)
        while self.subset.pairing == "different-operators" and set(first) & set(second):
            first, second = self._names(draws), self._names(draws)
        return self._chain(first, draws), self._chain(second, draws)

    def _names(self, draws: Draws) -> tuple[str, ...]:
        return draws.choice(self.chains[draws.choice(self.subset.distort.length)])

    def _severity(self, draws: Draws) -> float:
        low, high = self.subset.severity
        return high - (high - low) * draws.uniform()  # uniform() < 1, so `low` itself is never drawn

    def _chain(self, names: Sequence[str], draws: Draws) -> Chain:
        return Chain(tuple(self._operators[name].call(self._severity(draws), draws) for name in names))

    def _same_chain(self, names: Sequence[str], draws: Draws) -> tuple[Chain, Chain]:
        """The same operators with the same free parameters; one side has the larger severity of each."""
        milder, stronger = [], []
        for name in names:
            low, high = sorted((self._severity(draws), self._severity(draws)))
            key = draws.word()
            # The same key twice: whatever severity does not move is drawn the same.
            milder.append(self._operators[name].call(low, Draws(key)))
            stronger.append(self._operators[name].call(high, Draws(key)))
        chain0, chain1 = Chain(tuple(milder)), Chain(tuple(stronger))
        return (chain0, chain1) if draws.integer(2) else (chain1, chain0)


def usable_split(recipe: Recipe, photographs: Sequence[Photograph]) -> Mapping[Split, tuple[Photograph, ...]]:
    """The photographs that hold at least one crop, divided between train and val.

    Raises:
        BappsmithError: none does; or the recipe has train and val subsets, and only one does.
    """
    side = math.ceil(recipe.patch * recipe.scale[0])
    large = [p for p in photographs if min(p.height, p.width) >= side]
    if not large:
        best = max(photographs, key=lambda p: min(p.height, p.width))
        raise BappsmithError(
            f"patch {recipe.patch} px at scale {recipe.scale[0]:g} needs photographs of at least {side} px a side; the "
            f"largest of {len(photographs)}, {best.name}, is {best.width}×{best.height}"
        )
    if len({p.pixels_sha256 for p in large}) == 1:
        if len({subset.where.split for subset in recipe.subsets}) == 1:
            return {"train": tuple(large), "val": tuple(large)}
        raise BappsmithError(
            "train and val never share a photograph: two different photographs that hold a patch are needed, found 1"
        )
    return split_photographs(large, recipe.sources.val_fraction, recipe.sources.split_seed)


def stream_key(seed: int, text: str) -> int:
    """Key of a stream of random numbers, for a seed and what is drawn; see `Draws`."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{text}".encode()).digest()[:8], "little")


@lru_cache(maxsize=64)
def _shuffled(key: int, round_: int, count: int) -> tuple[int, ...]:
    """A permutation of 0 … count-1, keyed: indices sorted by their random word."""
    draws = Draws(key ^ 0x9E3779B97F4A7C15, round_)
    words = [draws.word() for _ in range(count)]
    return tuple(sorted(range(count), key=words.__getitem__))
