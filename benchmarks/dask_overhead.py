"""Compare Dask with a bare pool of processes that make the same shards.

Both make the same shards of `bapps-traditional` with the same number of processes, one after the other,
in turns. The start of the processes is not measured. The bar: Dask within 10 % of the pool.

    python benchmarks/dask_overhead.py [--photos FOLDER] [--out FOLDER] [--shards N] [--workers N]
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bappsmith.manifests.dataset_log import DatasetLog
from bappsmith.manifests.forms.item import SHARD
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.pipeline.planning.provenance import pixel_versions
from bappsmith.pipeline.shard import ShardTask, make_shard
from bappsmith.pipeline.sources.index import index_sources
from bappsmith.pipeline.workers.clusters import local_client
from bappsmith.pipeline.workers.map_unordered import map_unordered


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--out", default=None, help="where to write; default: the system's temporary folder")
    parser.add_argument("--shards", type=int, default=24)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    recipe = Recipe.load("bapps-traditional")
    recipe = recipe.model_copy(update={"sources": recipe.sources.model_copy(update={"path": options.photos})})
    sources = index_sources(recipe.sources)
    run = Run(recipe, sources.photographs, {}, pixel_versions([]))
    work = Path(tempfile.mkdtemp(prefix="bappsmith-benchmark-", dir=options.out))

    def tasks(name: str) -> list[ShardTask]:
        with DatasetLog(work / name).making(run):
            pass  # this starts the work log
        shared = (str(work / name), run.fingerprint(), run.form, str(sources.root), ())
        return [ShardTask(*shared, "2afc/train/traditional", number) for number in range(options.shards)]

    dask: list[float] = []
    pool: list[float] = []
    try:
        with (
            local_client(options.workers) as client,
            ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as executor,
        ):
            sides = (
                (dask, lambda todo: sum(f.items for f in map_unordered(client, make_shard, todo))),
                (pool, lambda todo: sum(f.items for f in executor.map(make_shard, todo))),
            )
            for round_ in range(options.rounds + 1):
                # Each side is first in every other round: writing to memory that was just freed is faster.
                for times, make in sides[:: 1 if round_ % 2 else -1]:
                    todo = tasks("data")
                    start = time.perf_counter()
                    done = make(todo)
                    times.append(time.perf_counter() - start)
                    if done != options.shards * SHARD:
                        raise SystemExit(f"made {done} items of {options.shards * SHARD}")
                    shutil.rmtree(work / "data")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    # The first round imports modules and fills caches; leave it out.
    ratio = statistics.median(d / p for d, p in zip(dask[1:], pool[1:], strict=True))
    items = options.shards * SHARD
    print(f"{'':16}{'s':>8}{'triplets/s':>12}")
    for name, times in (("process pool", pool), ("Dask", dask)):
        print(f"{name:16}{statistics.median(times[1:]):8.2f}{items / statistics.median(times[1:]):12.0f}")
    print(f"Dask takes {ratio:.2f} × the time of the pool (bar: 1.10)")
    print(json.dumps({"benchmark": "dask_overhead", "dask_s": dask[1:], "pool_s": pool[1:], "ratio": ratio}))


if __name__ == "__main__":
    main()
