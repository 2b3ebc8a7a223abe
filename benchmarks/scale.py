"""Measure one run of many triplets: rate and memory of a bare loop, a pool of processes, and Dask.

    python benchmarks/scale.py [--photos FOLDER] [--out FOLDER] [--triplets N] [--workers N] [--form folders|tar|packed]

All make the same shards of 2afc/train/traditional, one after the other, each from an empty folder, with the start of
the processes. Memory is the proportional set size of all processes together (Linux only), sampled every second: medians
of the first and of the last quarter of the time.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bappsmith.manifests.dataset_log import DatasetLog
from bappsmith.manifests.forms.item import SHARD
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.pipeline.planning.provenance import pixel_versions
from bappsmith.pipeline.shard import ShardTask, close_worker_state, make_shard, shard_count
from bappsmith.pipeline.sources.index import index_sources
from bappsmith.pipeline.workers.clusters import local_client
from bappsmith.pipeline.workers.map_unordered import map_unordered


def memory() -> float:
    """Return the memory of this process and its descendants, MB."""
    children: dict[str, list[str]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue  # it has ended
        children.setdefault(parent, []).append(stat.parent.name)
    waiting, total = ["self"], 0
    while waiting:
        process = waiting.pop()
        try:
            lines = Path("/proc", process, "smaps_rollup").read_text().splitlines()
            number = Path("/proc", process).resolve().name
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        waiting += children.get(number, [])
    return total / 1024


def watched(work: Callable[[], int]) -> tuple[int, float, list[float]]:
    """Return the result, seconds, and memory in MB at every second."""
    samples: list[float] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(1.0):
            samples.append(memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    try:
        items = work()
    finally:
        seconds = time.perf_counter() - start
        done.set()
        watcher.join()
    return items, seconds, samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--out", default=None, help="where to write; default: the system's temporary folder")
    parser.add_argument("--triplets", type=int, default=20480)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--form", default="folders")
    parser.add_argument("--only", choices=["loop", "pool", "dask"])
    options = parser.parse_args()
    recipe = Recipe.load("bapps-traditional")
    subset = recipe.subsets[0].model_copy(update={"triplets": options.triplets})
    recipe = recipe.model_copy(
        update={
            "sources": recipe.sources.model_copy(update={"path": options.photos}),
            "subsets": (subset,),
        }
    )
    sources = index_sources(recipe.sources)
    run = Run(recipe, sources.photographs, {}, pixel_versions([]), options.form)
    work = Path(tempfile.mkdtemp(prefix="bappsmith-benchmark-", dir=options.out))

    def tasks() -> list[ShardTask]:
        log = DatasetLog(work / "data")
        with log.making(run):
            log.storage(run.recipe, run.form, subset.where).begin()
        return [
            ShardTask(str(work / "data"), run.fingerprint(), run.form, sources.root, (), str(subset.where), number)
            for number in range(shard_count(options.triplets))
        ]

    def loop() -> int:
        try:
            return sum(make_shard(task).items for task in tasks())
        finally:
            close_worker_state()

    def pool() -> int:
        with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as executor:
            return sum(finished.items for finished in executor.map(make_shard, tasks()))

    def dask() -> int:
        with local_client(options.workers) as client:
            return sum(finished.items for finished in map_unordered(client, make_shard, tasks()))

    sides = {"loop": loop, "pool": pool, "dask": dask}
    print(f"{options.triplets:,} triplets in shards of {SHARD}, form {options.form}")
    print(f"{'':8}{'workers':>8}{'s':>9}{'triplets/s':>12}{'MB at first':>13}{'MB at last':>12}")
    figures = {}
    try:
        for name, side in sides.items():
            if options.only in (None, name):
                items, seconds, samples = watched(side)
                shutil.rmtree(work / "data")
                quarter = max(1, len(samples) // 4)
                first, last = (statistics.median(part) for part in (samples[:quarter], samples[-quarter:]))
                count = 1 if name == "loop" else options.workers
                print(
                    f"{name:8}{count:8}{seconds:9.1f}{items / seconds:12.0f}{first:13.0f}{last:12.0f}",
                    flush=True,
                )
                figures[name] = {"workers": count, "s": seconds, "first_mb": first, "last_mb": last}
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(json.dumps({"benchmark": "scale", "triplets": options.triplets, "form": options.form, **figures}))


if __name__ == "__main__":
    main()
