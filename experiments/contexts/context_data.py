"""The data of all contexts, made once: a dataset to train on, a frozen one to test on, and people's scores."""

from __future__ import annotations

import csv
import shutil
import sys
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from bappsmith.lpips import PackedSubset, load_subset
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.store.atomic import atomic_write_bytes
from bappsmith.pipeline.generate import generate

DATA, TEST, PEOPLE = "data", "test", "people"
"""Folders below --out."""
CONTEXT, COMMON, SAME_CHAIN = "contexts", "common-sense", "same-chain"
"""Subsets: six types, judged by a ranking; traditional distortions, judged by severity; one chain at two severities."""
PATCHES = "people-triplets"
"""Folder and set of patches that people's scores judge (`experiments/robust/human_triplets.py`)."""
PER_PHOTO = 40
"""Of these, triplets of a photograph."""
SCORES = "scores.csv"


@dataclass(frozen=True)
class Sizes:
    """Numbers of triplets, and of photographs for people's scores."""

    train: int
    val: int
    replayed: int
    test: int
    common: int
    same_chain: int
    people: int


@dataclass(frozen=True)
class ContextData:
    """All subsets, loaded.

    Attributes:
        train: to train on; its own judgments are those of the shipped ranking.
        val: chooses the best epoch.
        replayed: common sense to mix into training.
        tests: frozen subsets of other photographs: contexts, common sense, one chain at two severities, and triplets
            that people's scores judge, if asked for.
        people: each pair of distorted images with people's scores as p0 and p1 of a triplet; None: not asked for.
        damage: people's scores of these images, N×2, higher is worse.
        photo, kind: numbers of photograph and type of distortion of these images, N×2.
    """

    train: PackedSubset
    val: PackedSubset
    replayed: PackedSubset
    tests: dict[str, PackedSubset]
    people: PackedSubset | None
    damage: np.ndarray
    photo: np.ndarray
    kind: np.ndarray


def make_data(
    out: Path, sizes: Sizes, photos: str, test_photos: str, scores: Path | None, workers: int, seed: int
) -> None:
    """Make what is missing of both datasets and of people's scores.

    Raises:
        BappsmithError: both folders of photographs share one, `out` holds data of other sizes, or see `generate`.
    """
    shipped = Recipe.load("contexts").to_dict()
    train, val = shipped["subsets"]
    severity = {"kind": "severity"}
    traditional = {"distort": {"operators": ["set:bapps-traditional"], "length": [1, 2]}, "judge": severity}
    ramp = {"distort": {"operators": ["set:bapps-traditional"], "length": [1]}, "judge": severity}
    recipes = {
        DATA: (
            photos,
            0.2,
            [
                train | {"triplets": sizes.train},
                val | {"triplets": sizes.val},
                {"path": f"2afc/train/{COMMON}", "triplets": sizes.replayed, **traditional},
            ],
        ),
        TEST: (
            test_photos,
            0.99,  # all but one photograph
            [
                val | {"triplets": sizes.test},
                {"path": f"2afc/val/{COMMON}", "triplets": sizes.common, **traditional},
                {"path": f"2afc/val/{SAME_CHAIN}", "triplets": sizes.same_chain, "pairing": "same-chain", **ramp},
            ],
        ),
    }
    for number, (folder, (path, fraction, subsets)) in enumerate(recipes.items()):
        facts = {"path": path, "val_fraction": fraction}
        recipe = {"name": f"contexts-{folder}", "seed": seed + number, "sources": facts, "subsets": subsets}
        generate(Recipe.from_dict(recipe), out / folder, workers=workers, form="packed")
    known = {one.pixels_sha256 for one in Dataset(out / DATA).run.photographs}
    shared = [one.name for one in Dataset(out / TEST).run.photographs if one.pixels_sha256 in known]
    if shared:
        raise BappsmithError(
            f"{photos} and {test_photos} share {len(shared)} photographs, first {shared[0]}; a frozen test needs "
            "photographs of its own"
        )
    if scores is not None:
        make_people(out / PEOPLE, Path(test_photos), scores, sizes.people, seed)


def make_people(folder: Path, photos: Path, scores: Path, count: int, seed: int) -> None:
    """Write the cells of `experiments/people` as triplets and as a table that `bappsmith evaluate --mos` reads too.

    Pairs of cells on one photograph are drawn at random. The judge chooses the one that people score higher. Patches of
    the same photographs, whose judge is the same, are written beside `folder`.
    """
    sys.path[:0] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("people", "robust")]
    from cells import cells, held_out, read_scores
    from human_triplets import write_triplets

    if (folder / SCORES).exists():
        return
    shutil.rmtree(folder.parent / PATCHES, ignore_errors=True)
    root = folder / "2afc" / "val" / PEOPLE
    for name in ("ref", "p0", "p1", "judge"):
        (root / name).mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    of_photo = {name: list(cells(photos, [name], read_scores(scores))) for name in held_out(photos, count)}
    write_triplets(chain.from_iterable(of_photo.values()), folder.parent / PATCHES, PER_PHOTO, seed)
    rows = [("reference", "distorted", "score", "type", "level")]
    number = 0
    for made in of_photo.values():
        order = rng.permutation(len(made))
        for first, second in zip(order[::2], order[1::2], strict=True):
            pair = {"p0": made[first], "p1": made[second]}
            stem = f"{number:06d}"
            cv2.imwrite(str(root / "ref" / f"{stem}.png"), pair["p0"].reference[..., ::-1])
            for side, cell in pair.items():
                cv2.imwrite(str(root / side / f"{stem}.png"), cell.distorted[..., ::-1])
                # A photograph is one reference, in whichever of its equal files it is.
                reference = f"2afc/val/{PEOPLE}/ref/{number - number % (len(made) // 2):06d}.png"
                distorted = f"2afc/val/{PEOPLE}/{side}/{stem}.png"
                rows.append((reference, distorted, f"{cell.mean}", cell.type, f"{cell.level}"))
            better = float(pair["p1"].mean > pair["p0"].mean)
            (root / "judge" / f"{stem}.npy").write_bytes(label_bytes(better))
            number += 1
    text = "".join(",".join(row) + "\n" for row in rows)
    atomic_write_bytes(folder / SCORES, text.encode())


@lru_cache(maxsize=1)
def load_data(out: Path) -> ContextData:
    """Load all subsets. A process keeps them for its next ranking.

    Raises:
        BappsmithError: a dataset is missing or has no manifest.
    """
    data, test = Dataset(out / DATA), Dataset(out / TEST)
    table = out / PEOPLE / SCORES
    tests = {name: load_subset(test.sealed(f"2afc/val/{name}")) for name in (CONTEXT, COMMON, SAME_CHAIN)}
    people, columns = None, np.zeros((0, 3))
    if table.exists():
        tests[PATCHES] = load_subset(out / PATCHES / "2afc/val/people")
        people = load_subset(out / PEOPLE / "2afc" / "val" / PEOPLE)
        with table.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        numbers = [np.unique([row[key] for row in rows], return_inverse=True)[1] for key in ("reference", "type")]
        columns = np.stack([-np.array([float(row["score"]) for row in rows]), *numbers], axis=1)
    damage, photo, kind = columns.T.reshape(3, -1, 2)
    return ContextData(
        train=load_subset(data.sealed(f"2afc/train/{CONTEXT}")),
        val=load_subset(data.sealed(f"2afc/val/{CONTEXT}")),
        replayed=load_subset(data.sealed(f"2afc/train/{COMMON}")),
        tests=tests,
        people=people,
        damage=damage,
        photo=photo.astype(np.intp),
        kind=kind.astype(np.intp),
    )
