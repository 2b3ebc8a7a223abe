"""Everything that writes a dataset, a bank or a training, as small as it can be."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.manifests.recipe.judge import read_judge
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.relabel import activate
from bappsmith.pipeline.datasets.convert import convert
from bappsmith.pipeline.datasets.judge import judge_dataset
from bappsmith.pipeline.datasets.merge import merge
from bappsmith.pipeline.datasets.sample import sample
from bappsmith.pipeline.datasets.split import split
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate

OTHER = "other"
"""Name of the labelling that is added."""


def shards_of_one_item() -> None:
    """Make shards as small as can be, in this process and its children: two items are two shards."""
    for module in [module for name, module in sys.modules.items() if name.startswith("bappsmith.")]:
        if hasattr(module, "SHARD"):
            module.SHARD = 1


@dataclass(frozen=True)
class Work:
    """A piece of work that may be interrupted.

    Attributes:
        name: of it.
        run: does it, or goes on with it: (folder of the inputs, folder of the result).
        start: name of the dataset among the inputs that it changes; empty: it makes a folder of its own.
        check: raises where the result is not sound.
    """

    name: str
    run: Callable[[Path, Path], object]
    start: str = ""
    check: Callable[[Path], None] = lambda root: _check_dataset(root)


def recipe(inputs: Path, seed: int = 7, *, pairs: int = 0, patch: int = 16) -> Recipe:
    """Two triplets to train on, and pairs."""
    distort = {"operators": ["lightness_shift", "saturation"], "length": [1]}
    subsets = [{"path": "2afc/train/some", "triplets": 2, "distort": distort}]
    if pairs:
        subsets.append({"path": "jnd/val/some", "pairs": pairs, "distort": distort})
    facts = {"name": "tiny", "seed": seed, "patch": patch, "sources": {"path": str(inputs / "photos")}}
    return Recipe.from_dict({**facts, "subsets": subsets})


def make_inputs(inputs: Path) -> None:
    """Photographs and finished datasets that works start from."""
    (inputs / "photos").mkdir(parents=True)
    for k in range(4):
        pixels = np.random.default_rng(k).integers(0, 256, (80, 80, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(inputs / "photos" / f"{k}.png")
    for form in FORMS:
        generate(recipe(inputs), inputs / form, form=form)
        shutil.copytree(inputs / form, inputs / f"{form}-judged")
        _judge(inputs, inputs / f"{form}-judged")
    shutil.copytree(inputs / "tar", inputs / "unsealed")
    (inputs / "unsealed/seal.json").write_bytes(b"")
    generate(recipe(inputs, seed=8), inputs / "second")
    generate(recipe(inputs, patch=64), inputs / "large")  # the trunk takes no smaller ones
    shutil.copytree(inputs / "tar-judged", inputs / "tar-active")
    activate(str(inputs / "tar-active"), OTHER)


def _generate(form: Form, inputs: Path, root: Path) -> None:
    generate(recipe(inputs, pairs=int(form == "folders")), root, form=form)


def _convert(source: str, form: Form, inputs: Path, root: Path) -> None:
    convert(inputs / source, root, form)


def _judge(inputs: Path, root: Path) -> None:
    judge_dataset(root, read_judge("context", ["ranking=[saturation, lightness_shift]"]), OTHER)


def _activate(inputs: Path, root: Path) -> None:
    activate(str(root), OTHER)


def _train_bank(inputs: Path, root: Path) -> None:
    from bappsmith.distortions.cnn.nets import training
    from bappsmith.pipeline.banks.train import train_bank

    # One step makes no good network.
    training.FAITHFUL, training.LOST, training.GREY, training.RIM = 0.0, 1e9, 0.0, 1e9
    train_bank(root, recipe=recipe(inputs), nets=1, steps=(1, 1))


def _train(inputs: Path, root: Path) -> None:
    from bappsmith.lpips.training.config import TrainConfig
    from bappsmith.lpips.training.train import train

    config = TrainConfig(net="alex", mode="lin", trunk_weights=0, epochs=1, decay_epochs=1, batch=2, learning_rate=1e-3)
    subset = inputs / "large/2afc/train/some"
    train(config, [subset], [subset], out=root, cache=inputs / "cache")


def _check_dataset(root: Path) -> None:
    done = verify(root)
    if not done.clean:
        raise AssertionError(f"not clean: {done}")


def _check_bank(root: Path) -> None:
    from bappsmith.distortions.cnn.bank import read_bank

    read_bank(root)


def _check_training(root: Path) -> None:
    if not (root / "best.safetensors").is_file():
        raise AssertionError("no checkpoint")


WORKS = {
    work.name: work
    for work in (
        *(Work(f"generate-{form}", partial(_generate, form)) for form in FORMS),
        Work("seal-again", partial(_generate, "tar"), "unsealed"),
        Work("convert", partial(_convert, "tar-active", "packed")),
        Work("merge", lambda inputs, root: merge([inputs / "folders", inputs / "second"], root, form="tar")),
        Work("split", lambda inputs, root: split(inputs / "tar", root, 0.5, form="tar")),
        Work("sample", lambda inputs, root: sample(inputs / "packed", root, 0.5, form="parquet")),
        Work("judge", _judge, "folders"),
        *(Work(f"activate-{form}", _activate, f"{form}-judged") for form in FORMS),
        Work("bank", _train_bank, "", _check_bank),
        Work("train", _train, "", _check_training),
    )
}
