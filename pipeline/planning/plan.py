"""Plan triplets: (recipe, subset, index) → TripletRecord. Everything random is drawn here, without pixels."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from bappsmith.distortions.random import Draws
from bappsmith.distortions.registry import operator
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.item import SHARD
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.manifests.schema.call import Params
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.schema.subset_path import Split
from bappsmith.manifests.schema.triplet import Crop, TripletRecord
from bappsmith.pipeline.sources.sequences import Frames, find_sequences, neighbours
from bappsmith.pipeline.sources.split import grouped, split_photographs

from .chains import subset_chains
from .judgeable import subset_judge
from .pairing import PairedChains

PHOTOGRAPHS_PER_SHARD = 16
"""Photographs of one shard. Each is decoded once per shard and used for 32 triplets, so decoding costs little. A subset
of few shards and many photographs uses more per shard, so that as many photographs as possible are used."""


class Planner:
    """Draws the records of one subset. `plan(i)` is pure and gives the same result in every process.

    Every shard takes the next `PHOTOGRAPHS_PER_SHARD` photographs of an endless sequence. In this sequence all
    photographs of the split appear once, in shuffled order, before any appears again. The items of a shard take them in
    turn.

    Args:
        recipe: the recipe.
        subset: one of its subsets.
        photographs: all photographs, train and val.

    Attributes:
        judge: of the subset.
        photographs: those of the subset's split that hold a crop.
        references: those of them that items are cut from: all; of sequences, the inner frames.

    Raises:
        BappsmithError: an operator, family, tag or set is unknown, no chain is left, the pairing finds no two chains,
            the judge cannot judge what can be drawn, no photograph is large enough for a patch, or sequences are
            missing or have gaps.
    """

    def __init__(self, recipe: Recipe, subset: SubsetRecipe, photographs: Sequence[Photograph]) -> None:
        self.recipe = recipe
        self.subset = subset
        self.chains = subset_chains(subset)
        check_frames(recipe, subset, self.chains.names)
        self.judge = subset_judge(subset, self.chains.names)
        self._pairing = PairedChains(subset, self.chains, recipe.patch)
        self._path = str(subset.where)
        self._key = stream_key(recipe.seed, self._path)
        self.photographs = usable_split(recipe, photographs)[subset.where.split]
        self._frames: Mapping[str, Params] = {}
        self.references = self.photographs
        if recipe.sources.sequences == "numbered":
            beside = neighbours(find_sequences(self.photographs))
            self._frames = {name: {"before": before, "after": after} for name, (before, after) in beside.items()}
            self.references = tuple(photo for photo in self.photographs if photo.name in self._frames)
        enough_for_all = math.ceil(len(self.references) * SHARD / subset.count)
        self._per_shard = min(SHARD, max(PHOTOGRAPHS_PER_SHARD, enough_for_all))

    @property
    def operator_names(self) -> frozenset[str]:
        """Names of the operators that can be drawn."""
        return self.chains.names

    @property
    def photographs_per_shard(self) -> int:
        """Number of photographs that the items of one shard take in turn."""
        return self._per_shard

    def plan(self, index: int) -> TripletRecord:
        """Draw item `index` of the subset.

        Args:
            index: position in the subset, from 0.
        """
        draws = Draws(self._key, index)
        photo = self._photograph(index)
        crops = self._crops(photo, draws)
        chain0, chain1 = self._pairing.draw(draws, self._frames.get(photo.name))
        return TripletRecord(
            subset=self._path,
            index=index,
            photo=photo.name,
            photo_sha256=photo.sha256,
            crops=crops,
            patch=self.recipe.patch,
            flat_below=self.recipe.flat.below,
            chain0=chain0,
            chain1=chain1,
        )

    def _photograph(self, index: int) -> Photograph:
        shard, position_in_shard = divmod(index, SHARD)
        turn = shard * self._per_shard + position_in_shard % self._per_shard
        round_, position = divmod(turn, len(self.references))
        return self.references[_shuffled(self._key, round_, len(self.references))[position]]

    def _crops(self, photo: Photograph, draws: Draws) -> tuple[Crop, ...]:
        """Draw the candidates: squares of log-uniform side in patch × scale, limited by the size of the photograph."""
        patch, (low, high) = self.recipe.patch, self.recipe.scale
        shorter = min(photo.height, photo.width)
        high = min(high, shorter / patch)
        crops: list[Crop] = []
        for _ in range(self.recipe.flat.candidates):
            side = min(shorter, round(patch * low * (high / low) ** draws.uniform()))
            y, x = draws.integer(photo.height - side + 1), draws.integer(photo.width - side + 1)
            crops.append(Crop(y, x, side))
        return tuple(crops)


def usable_split(recipe: Recipe, photographs: Sequence[Photograph]) -> Mapping[Split, tuple[Photograph, ...]]:
    """Divide the photographs that are large enough for a crop between train and val.

    If the recipe has sequences, these are divided, and photographs that are in none are left out.

    Raises:
        BappsmithError: none is large enough; or the recipe has train and val subsets, and only one is; or a sequence
            has a gap.
    """
    side = math.ceil(recipe.patch * recipe.scale[0])
    large = [p for p in photographs if min(p.height, p.width) >= side]
    sequences: tuple[Frames, ...] = ()
    if recipe.sources.sequences == "numbered":
        sequences = tuple(f for f in find_sequences(photographs) if min(f[0].height, f[0].width) >= side)
        large = [photo for frames in sequences for photo in frames]
    if not large:
        best = max(photographs, key=lambda p: min(p.height, p.width))
        raise BappsmithError(
            f"patch {recipe.patch} px at scale {recipe.scale[0]:g} needs photographs of at least {side} px a side; the "
            f"largest of {len(photographs)}, {best.name}, is {best.width}×{best.height}"
        )
    if len(set(grouped(large, sequences).values())) == 1:
        if len({subset.where.split for subset in recipe.subsets}) == 1:
            return {"train": tuple(large), "val": tuple(large)}
        what = "sequence" if sequences else "photograph"
        raise BappsmithError(
            f"train and val never share a {what}: this recipe needs two different {what}s that are large enough "
            f"for a patch, found 1; add {what}s"
        )
    return split_photographs(large, recipe.sources.val_fraction, recipe.sources.split_seed, sequences)


def check_frames(recipe: Recipe, subset: SubsetRecipe, names: Iterable[str]) -> None:
    """Refuse operators that need the frames beside a photograph, if the photographs are not frames of sequences.

    Args:
        recipe: the recipe.
        subset: one of its subsets.
        names: of the operators that it can draw.

    Raises:
        BappsmithError: such an operator can be drawn.
    """
    needing = sorted(name for name in names if operator(name).neighbours)
    if needing and recipe.sources.sequences == "none":
        raise BappsmithError(
            f"subset {subset.path}: {needing[0]} needs the frames before and after each photograph; set "
            "sources.sequences: numbered and give folders of numbered frames, or leave it out"
        )


def stream_key(seed: int, text: str) -> int:
    """Return the 64-bit key of a random stream (see `Draws`), from a seed and a text that says what is drawn."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{text}".encode()).digest()[:8], "little")


@lru_cache(maxsize=64)
def _shuffled(key: int, round_: int, count: int) -> tuple[int, ...]:
    """Return a keyed permutation of 0 … count-1: the indices sorted by their random words."""
    draws = Draws(key ^ 0x9E3779B97F4A7C15, round_)
    words = [draws.word() for _ in range(count)]
    return tuple(sorted(range(count), key=words.__getitem__))
