"""Measure how much longer `generate` takes than encoding and writing the same files.

Makes the first shards of 2afc/train/traditional of `bapps-traditional` in this process, then encodes and
writes the very same pixels and judgments again, shard by shard in turns, so that both sides
have the same disk and the same noise: once with our encoder, and once with OpenCV's, the usual alternative. The bar: at
least 60 % of the rate of encoding and writing alone, on one core.

    python benchmarks/generate.py [--photos FOLDER] [--out FOLDER] [--shards N]
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2

from bappsmith.distortions import Image
from bappsmith.manifests.dataset_log import DatasetLog
from bappsmith.manifests.forms.item import SHARD
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.forms.png import decode_png, encode_png
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.pipeline.planning.plan import PHOTOGRAPHS_PER_SHARD
from bappsmith.pipeline.planning.provenance import pixel_versions
from bappsmith.pipeline.shard import ShardTask, make_shard
from bappsmith.pipeline.sources.index import index_sources

SUBSET = SubsetPath.parse("2afc/train/traditional")


def by_opencv(image: Image) -> bytes:
    """Encode a PNG with OpenCV's default level, its fast path."""
    return cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()


def write_only(root: Path, pixels: list[dict[str, Image]], encode: Callable[[Image], bytes]) -> None:
    """Encode and write one shard's pixels: three PNGs and one npy per triplet."""
    for folder in SUBSET.folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for i, images in enumerate(pixels):
        for folder, image in images.items():
            with open(f"{root}/{folder}/{i:06d}.png", "wb", buffering=0) as stream:
                stream.write(encode(image))
        with open(f"{root}/judge/{i:06d}.npy", "wb", buffering=0) as stream:
            stream.write(label_bytes(0.5))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--out", default=None, help="where to write; default: the system's temporary folder")
    parser.add_argument("--shards", type=int, default=8)
    options = parser.parse_args()
    recipe = Recipe.load("bapps-traditional")
    recipe = recipe.model_copy(update={"sources": recipe.sources.model_copy(update={"path": options.photos})})
    sources = index_sources(recipe.sources)
    run = Run(recipe, sources.photographs, {}, pixel_versions([]))
    cv2.setNumThreads(1)
    work = Path(tempfile.mkdtemp(prefix="bappsmith-benchmark-", dir=options.out))
    try:
        with DatasetLog(work / "made").making(run):
            pass  # this starts the work log
        making: list[float] = []
        writing: dict[str, list[float]] = {encode_png.__name__: [], by_opencv.__name__: []}
        # The first shards import modules and decode every photograph once; later shards do not.
        warm_up = 2 + len(sources.photographs) // PHOTOGRAPHS_PER_SHARD
        for number in range(warm_up + options.shards):
            task = ShardTask(
                str(work / "made"), run.fingerprint(), run.form, str(sources.root), (), str(SUBSET), number
            )
            start = time.perf_counter()
            make_shard(task)
            making.append((time.perf_counter() - start) / SHARD)
            indices = range(number * SHARD, (number + 1) * SHARD)
            folders = SUBSET.folders[:-1]
            pixels = [
                {f: decode_png((work / "made" / SUBSET.files(i)[f]).read_bytes(), f, recipe.patch) for f in folders}
                for i in indices
            ]
            for encode in (encode_png, by_opencv):
                start = time.perf_counter()
                write_only(work / f"{encode.__name__}-{number}", pixels, encode)
                writing[encode.__name__].append((time.perf_counter() - start) / SHARD)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    making = making[warm_up:]
    make = statistics.median(making)
    print(f"{'':32}{'µs/triplet':>12}{'triplets/s':>12}")
    print(f"{'generate':32}{make * 1e6:12.0f}{1 / make:12.0f}")
    figures = {"make_us": make * 1e6}
    for name, times in writing.items():
        write = statistics.median(times[warm_up:])
        share = statistics.median(w / m for m, w in zip(making, times[warm_up:], strict=True))
        print(f"{'write only, ' + name:32}{write * 1e6:12.0f}{1 / write:12.0f}{share:12.0%} reached (bar: 60 %)")
        figures |= {f"{name}_us": write * 1e6, f"{name}_share": share}
    print(json.dumps({"benchmark": "generate", **figures}))


if __name__ == "__main__":
    main()
