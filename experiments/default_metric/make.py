"""Make the heads that ship as "bappsmith-alex" and "bappsmith-squeeze": a dataset without votes, and trainings on it.

    python experiments/default_metric/make.py --photos ~/photos --net alex --trunk-weights alexnet.pth --out default

Photographs that `experiments/people` measures metrics on are left out (`--held-out`, by a hash of their names). Written
to --out: `data`, the dataset of `recipe.yaml`, and for each choice of forms and each seed a folder with a training and
`heads.safetensors`, which `bappsmith.load_metric` reads once it lies in lpips/model/shipped. Trainings take about two
minutes each on two cores, after the first has run the trunk.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "people"))

from cells import held_out
from command_line import run_script

from bappsmith.lpips import TrainConfig, load_metric, train
from bappsmith.lpips.model.forms import Form
from bappsmith.lpips.model.named import save_heads
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate

RECIPE = Path(__file__).parent / "recipe.yaml"
FORMS: tuple[tuple[Form, ...], ...] = (("local", "covariance"), ("local",))
"""The best choice by people's scores, and the one that the published package can load."""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--trunk-weights", required=True)
    parser.add_argument("--net", default="alex")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--held-out", type=int, default=32, help="photographs to leave out for measuring")
    parser.add_argument("--recipe", type=Path, default=RECIPE)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args(arguments)
    data, left_out = options.out / "data", held_out(options.photos, options.held_out)
    photos = link_others(options.photos, options.out / "photos", left_out)
    generate(Recipe.load(options.recipe), data, photos=photos, workers=options.workers, form="packed")
    subsets = [data / "2afc/train/pairs", data / "2afc/train/ladders"]
    for forms in FORMS:
        for seed in range(options.seeds):
            config = TrainConfig(net=options.net, forms=forms, trunk_weights=options.trunk_weights, seed=seed)
            out = options.out / f"{options.net}-{'-'.join(forms)}-{seed}"
            result = train(config, subsets, [data / "2afc/val/pairs"], out=out)
            facts = {"recipe": Recipe.load(options.recipe).to_dict(), "seed": seed, "held_out": left_out}
            save_heads(out / "heads.safetensors", load_metric(result.checkpoint), facts)
            print(f"{out.name}: val 2AFC {100 * result.history[-1]['val_2afc']:.1f} %", flush=True)


def link_others(photos: Path, folder: Path, left_out: list[str]) -> Path:
    """Make a folder of links to all photographs but those that are left out."""
    for path in sorted(photos.rglob("*")):
        name = path.relative_to(photos)
        if path.suffix.lower() in {".png", ".jpg", ".jpeg"} and name.as_posix() not in left_out:
            link = folder / name
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.is_symlink():
                link.symlink_to(path.resolve())
    return folder


if __name__ == "__main__":
    run_script(main)
