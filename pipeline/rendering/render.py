"""Render triplets: (record, photograph) → ref, p0, p1. Nothing random is drawn here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from bappsmith.distortions.compose import apply_chains, margins_of
from bappsmith.distortions.image import Image
from bappsmith.distortions.registry import operator
from bappsmith.distortions.view import FRAMES, View
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, SubsetPath
from bappsmith.manifests.schema.triplet import TripletRecord

from .crop import cut


@dataclass(frozen=True)
class Rendered:
    """The pixels of one record.

    Attributes:
        crop: which of the candidate crops was used, from 0.
        images: folder name (ref, p0, p1; JND: p0, p1) → uint8 patch×patch×3 RGB.
    """

    crop: int
    images: dict[str, Image]


def render(records: Sequence[TripletRecord], read: Callable[[str], Image]) -> list[Rendered]:
    """Render records of one subset. Each result does not depend on the other records.

    Args:
        records: planned triplets, in any order.
        read: name → decoded photograph, uint8 H×W×3 RGB. It is called once per photograph, and once more for frames
            beside others. Each photograph is freed before the next is read, because photographs can be large.

    Returns:
        One result per record, in order.

    Raises:
        BappsmithError: a photograph cannot be read, or an operator is unknown or breaks its contract.
    """
    indices_by_photo: dict[str, list[int]] = {}
    for i, record in enumerate(records):
        indices_by_photo.setdefault(record.photo, []).append(i)
    cuts: dict[int, tuple[int, View]] = {}
    for name, members in indices_by_photo.items():
        photograph = read(name)
        cuts.update((i, cut_patch(records[i], photograph)) for i in members)
    frames = _frames(records, cuts, read)
    views = [replace(cuts[i][1], frames=frames[i]) for i in range(len(records))]
    chains = [record.chain0 for record in records] + [record.chain1 for record in records]
    distorted = apply_chains(views + views, chains)
    results = []
    for i, record in enumerate(records):
        patch = np.ascontiguousarray(views[i].centre)
        images = {"ref": patch, "p0": distorted[i], "p1": distorted[len(records) + i]}
        folders = IMAGE_FOLDERS[SubsetPath.parse(record.subset).kind]
        results.append(Rendered(cuts[i][0], {folder: images[folder] for folder in folders}))
    return results


def _frames(
    records: Sequence[TripletRecord], cuts: Mapping[int, tuple[int, View]], read: Callable[[str], Image]
) -> list[tuple[Image, ...]]:
    """Cut the frames before and after, at the place of the patch, for the records whose operators need them."""
    by_photo: dict[str, list[tuple[int, int]]] = {}
    frames: list[dict[int, Image]] = [{} for _ in records]
    for i, record in enumerate(records):
        for call in (*record.chain0.calls, *record.chain1.calls):
            if operator(call.name).neighbours:
                for position, which in enumerate(FRAMES):
                    by_photo.setdefault(str(call.params[which]), []).append((i, position))
    for name, members in by_photo.items():
        photograph = read(name)
        for i, position in dict.fromkeys(members):
            crop, view = records[i].crops[cuts[i][0]], cuts[i][1]
            frames[i][position] = cut(photograph, crop, records[i].patch, view.margin)
    return [tuple(frame for _, frame in sorted(one.items())) for one in frames]


def cut_patch(record: TripletRecord, photograph: Image) -> tuple[int, View]:
    """Cut the first candidate crop that is not flat. If all are flat, cut the one with the most contrast.

    Args:
        record: a planned triplet with its candidate crops.
        photograph: uint8 H×W×3 RGB.

    Returns:
        Position of the crop among the candidates, and the patch with the surroundings that its chains need.
    """
    margin = max(sum(margins_of(chain, record.patch)) for chain in (record.chain0, record.chain1))
    best, best_contrast, best_view = -1, -1.0, None
    for position, crop in enumerate(record.crops):
        pixels = cut(photograph, crop, record.patch, margin)
        view = View(pixels, margin, (record.patch, record.patch))
        patch_contrast = contrast(view.centre)
        if patch_contrast >= record.flat_below:
            return position, view
        if best_view is None or patch_contrast > best_contrast:
            best, best_contrast, best_view = position, patch_contrast, view
    if best_view is None:
        raise ValueError("a record has at least one candidate crop")
    return best, best_view


def contrast(patch: Image) -> float:
    """Return the standard deviation of the luma (ITU-R BT.601, rounded to integers), in levels of 255."""
    luma = cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY)
    # Sums of integers are exact, so every machine decides the same about the threshold.
    total, squares = round(cv2.sumElems(luma)[0]), round(cv2.norm(luma, cv2.NORM_L2SQR))
    return math.sqrt(squares * luma.size - total**2) / luma.size
