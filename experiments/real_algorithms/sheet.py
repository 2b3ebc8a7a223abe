"""Draw what real algorithms make of the same degraded patches: a row per patch, a column per algorithm.

    python experiments/real_algorithms/sheet.py --family deblurring --photos ~/photos --bank bank --out deblurring.png

The first column is the patch. Severity rises from row to row; the parameters of the degradation are the same in a row.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from command_line import run_script
from PIL import Image as PIL
from PIL import ImageDraw

from bappsmith.distortions import Distortion, Draws, Image, View, load_plugin, operators
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.pipeline.reports.caption import write_caption
from bappsmith.pipeline.sources.index import index_sources

MARGIN, GAP, TITLE = 64, 4, 16


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", required=True, help="super_resolution, deblurring or another family that restores")
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--bank", action="append", default=[], help="of the networks of the family")
    parser.add_argument("--patches", type=int, default=6)
    parser.add_argument("--side", type=int, default=64, help="of a patch, px")
    parser.add_argument("--enlarge", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    for bank in options.bank:
        load_plugin(bank)
    restoring = [op for op in operators().values() if op.family == options.family and op.degradation]
    views = patches(options.photos, options.patches, options.side, options.seed)
    rows = [row(restoring, view, (k + 1) / len(views), Draws(options.seed, 1000 + k)) for k, view in enumerate(views)]
    sheet(["photograph", *(op.name for op in restoring)], rows, options.enlarge).save(options.out)


def patches(photos: str, count: int, side: int, seed: int) -> list[View]:
    """Cut patches that are not flat, with their surroundings."""
    index = index_sources(Sources(path=photos))
    draws, whole = Draws(seed), side + 2 * MARGIN
    views: list[View] = []
    while len(views) < count:
        pixels = index.read(draws.choice(index.photographs))
        if min(pixels.shape[:2]) >= whole:
            y, x = (draws.integer(length - whole + 1) for length in pixels.shape[:2])
            view = View(np.ascontiguousarray(pixels[y : y + whole, x : x + whole]), MARGIN, (side, side))
            if view.centre.std() >= 25:
                views.append(view)
    return views


def row(restoring: list[Distortion], view: View, severity: float, draws: Draws) -> list[Image]:
    """Return the patch, and what every algorithm makes of it after the same degradation."""
    first = restoring[0]
    params = first.call(severity, draws, view.side).params
    degradation = {name: params[name] for name in first.degradation}
    return [view.centre, *(op(view, op.call(severity, draws, view.side, degradation).params) for op in restoring)]


def sheet(names: list[str], rows: list[list[Image]], enlarge: int) -> PIL.Image:
    """Draw the rows, enlarged, under the names."""
    side = rows[0][0].shape[0] * enlarge
    size = len(names) * (side + GAP) + GAP, TITLE + len(rows) * (side + GAP) + GAP
    drawn = PIL.new("RGB", size, "white")
    pen = ImageDraw.Draw(drawn)
    for column, name in enumerate(names):
        write_caption(pen, GAP + column * (side + GAP), 2, name)
        for number, images in enumerate(rows):
            enlarged = images[column].repeat(enlarge, 0).repeat(enlarge, 1)
            drawn.paste(PIL.fromarray(enlarged), (GAP + column * (side + GAP), TITLE + GAP + number * (side + GAP)))
    return drawn


if __name__ == "__main__":
    run_script(main)
