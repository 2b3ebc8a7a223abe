"""Triplets that people judged: pairs of KADID-10k's cells on one photograph, cut into patches of 64×64 px.

    python experiments/robust/human_triplets.py --photos ~/photos --scores kadid_dmos_by_type_level.csv \
        --count 16 --skip 16 --triplets 600 --out people-test

The reference is a patch of a photograph. p0 and p1 are the same patch after two different types of distortion at levels
whose mean scores differ by more than half a point of five. The judgment is 0 or 1: the patch with the better mean score
is closer. People judged whole images, of other photographs; single patches can differ. The photograph of every item is
in `photographs.csv`, for intervals.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "people"))

from cells import Cell, cells, held_out, read_scores
from command_line import run_script
from measure import GAP

from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.lpips.robust.score import photographs
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import storage
from bappsmith.manifests.forms.item import StoredItem
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.store.local import LocalStore

SIDE = 64


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--scores", type=Path, required=True, help="CSV with name, level, generator_param, mean_dmos")
    parser.add_argument("--count", type=int, default=16, help="photographs of the keyed choice")
    parser.add_argument("--skip", type=int, default=0, help="photographs of the keyed order to leave out before")
    parser.add_argument("--triplets", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0, help="of the choice of triplets")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    if options.out.exists():
        raise BappsmithError(f"{options.out} exists; choose another --out, or remove it")
    photos = held_out(options.photos, options.count, options.skip)
    made = cells(options.photos, photos, read_scores(options.scores))
    write_triplets(made, options.out, options.triplets // options.count, options.seed)


def write_triplets(made: Iterable[Cell], out: Path, per_photo: int, seed: int) -> None:
    """Draw `per_photo` triplets of every photograph, and write them as a packed subset."""
    rng, where = np.random.default_rng(seed), SubsetPath.parse("2afc/val/people")
    items, photos = [], []
    for photo, group in groupby(made, key=lambda cell: cell.photo):
        of_photo, drawn = list(group), 0
        while drawn < per_photo:
            one, two = (of_photo[k] for k in rng.choice(len(of_photo), 2, replace=False))
            y, x = (int(rng.integers(side // SIDE)) * SIDE for side in one.reference.shape[:2])
            ref, p0, p1 = (image[y : y + SIDE, x : x + SIDE] for image in (one.reference, one.distorted, two.distorted))
            if one.type == two.type or abs(one.mean - two.mean) <= GAP or np.array_equal(p0, p1):
                continue
            label = label_bytes(float(two.mean > one.mean))
            items.append(StoredItem(len(items), {}, label, {"ref": ref.copy(), "p0": p0.copy(), "p1": p1.copy()}))
            photos.append(photo)
            drawn += 1
    out.mkdir(parents=True)
    stored = storage("packed", LocalStore(out), where, len(items), SIDE)
    stored.begin()
    stored.write(0, items)
    stored.finish()
    lines = "".join(f"{index:06d},{photo}\n" for index, photo in enumerate(photos))
    (out / "photographs.csv").write_text(f"item,photo\n{lines}", encoding="utf-8")


def groups_of(subset: PackedSubset) -> NDArray[np.intp] | None:
    """Read the photographs of items from the manifest, or from `photographs.csv` beside the set."""
    table = subset.root.parents[2] / "photographs.csv"
    if not table.exists():
        return photographs(subset)
    with table.open(newline="", encoding="utf-8") as file:
        names = [row["photo"] for row in csv.DictReader(file)]
    return np.unique(names, return_inverse=True)[1]


if __name__ == "__main__":
    run_script(main)
