"""Measure what makes, remakes, judges and checks datasets: items per second of wall time and of processor, and memory.

    python benchmarks/datasets.py [--photos FOLDER] [--out FOLDER] [--triplets N] [--workers 1 2] [--only NAME …]
                                  [--keep FOLDER] [--cheap]

Makes datasets of 2afc/train/traditional at 64 px in all forms, and measures every command on them with each number of
workers: 1 is this process, more are Dask's. Workers import before, and each command runs once on a few items before, so
that neither imports nor the start of workers count. Processor time and memory are those of the client and scheduler,
which share one process, and of the workers. Memory is the largest resident set of the client while a command runs, and
what it had before.

With --keep, the datasets stay in a folder for the next call, which has the same --triplets. With --cheap, patches have
16 px and one of two cheap operators: what the client does for an item does not depend on its pixels, and many items are
made soon.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil

from bappsmith.manifests.forms.form import FORMS
from bappsmith.manifests.recipe.judge import read_judge
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.datasets.activate import activate
from bappsmith.pipeline.datasets.convert import convert
from bappsmith.pipeline.datasets.judge import judge_dataset
from bappsmith.pipeline.datasets.merge import merge
from bappsmith.pipeline.datasets.sample import sample
from bappsmith.pipeline.datasets.split import split
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate

FEW = 512 + 100
"""Items of the dataset that a command runs on before it is measured."""
Command = Callable[[Path, Path, str, dict[str, Any]], object]
"""Called with (folder of the inputs, folder of the result, photographs, where: scheduler or workers)."""


def recipe(photos: str, triplets: int, seed: int, cheap: bool) -> Recipe:
    if cheap:
        distort = {"operators": ["contrast", "saturation"], "length": [1]}
        subset = {"path": "2afc/train/traditional", "triplets": triplets, "distort": distort}
        facts = {"name": "cheap", "patch": 16, "seed": seed, "sources": {"path": photos}, "subsets": [subset]}
        return Recipe.from_dict(facts)
    shipped = Recipe.load("bapps-traditional")
    subset = shipped.subsets[0].model_copy(update={"triplets": triplets})
    sources = shipped.sources.model_copy(update={"path": photos})
    return shipped.model_copy(update={"sources": sources, "subsets": (subset,), "seed": seed})


def judged(judge: str, *settings: str) -> Command:
    def run(inputs: Path, out: Path, photos: str, where: dict[str, Any]) -> None:
        judge_dataset(inputs / "tar", read_judge(judge, list(settings)), out.name, **where)

    return run


def activated(form: str) -> Command:
    return lambda inputs, out, photos, where: activate(inputs / form, "recipe", **where)


def converted(source: str, form: Any) -> Command:
    return lambda inputs, out, photos, where: convert(inputs / source, out, form, **where)


def verified(form: str, pixels: int = 0) -> Command:
    return lambda inputs, out, photos, where: verify(inputs / form, pixels=pixels, photos=photos, **where)


COMMANDS: dict[str, Command] = {
    **{f"convert tar {form}": converted("tar", form) for form in FORMS if form != "tar"},
    **{f"convert {form} tar": converted(form, "tar") for form in FORMS if form != "tar"},
    "merge tar": lambda inputs, out, photos, where: merge([inputs / "tar", inputs / "other"], out, form="tar", **where),
    "sample tar .5": lambda inputs, out, photos, where: sample(inputs / "tar", out, 0.5, form="tar", **where),
    "split tar": lambda inputs, out, photos, where: split(inputs / "tar", out, form="tar", **where),
    **{f"verify {form}": verified(form) for form in FORMS},
    "verify 200 pixels": verified("tar", 200),
    "activate tar": activated("tar"),
    "activate folders": activated("folders"),
    # The last ones, because they add labellings.
    "judge scale": judged("scale"),
    "judge gmsd": judged("metric", "metric=gmsd"),
    "judge lpips": judged("metric", "metric=random"),
}


def size_of(name: str, triplets: int) -> int:
    """Return the number of items that a command writes, judges or checks."""
    if name == "merge tar":
        return triplets + triplets // 4
    return {"sample tar .5": triplets // 2, "verify 200 pixels": 200}.get(name, triplets)


class Watch:
    """Samples the largest resident sets of this process and of its workers, in bytes."""

    def __init__(self, workers: list[psutil.Process]) -> None:
        self._own, self._workers = psutil.Process(), workers
        self.client = self.largest_worker = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while True:
            self.client = max(self.client, self._own.memory_info().rss)
            for worker in self._workers:
                self.largest_worker = max(self.largest_worker, worker.memory_info().rss)
            if self._done.wait(0.1):
                return


def processor(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def measure(
    name: str, work: Path, photos: str, triplets: int, scheduler: str | None, pids: list[int]
) -> dict[str, Any]:
    """Run a command on few items, then on all, and return its figures."""
    workers = len(pids) or 1
    own, out = psutil.Process(), work / f"{name.replace(' ', '-')}-{workers}"
    where: dict[str, Any] = {"workers": 1} if scheduler is None else {"scheduler": scheduler}
    children = [psutil.Process(pid) for pid in pids]
    COMMANDS[name](work / "few", out, photos, where)
    shutil.rmtree(out, ignore_errors=True)
    before = own.memory_info().rss
    used, start = (processor([own]), processor(children)), time.perf_counter()
    with Watch(children) as watch:
        COMMANDS[name](work / "inputs", out, photos, where)
    seconds = time.perf_counter() - start
    client_s, workers_s = processor([own]) - used[0], processor(children) - used[1]
    shutil.rmtree(out, ignore_errors=True)
    return {
        "command": name,
        "workers": workers,
        "items": size_of(name, triplets),
        "s": seconds,
        "client_s": client_s,
        "workers_s": workers_s,
        "before_mb": before / 1e6,
        "client_mb": watch.client / 1e6,
        "worker_mb": watch.largest_worker / 1e6,
    }


def make_inputs(folder: Path, photos: str, triplets: int, cheap: bool, forms: Collection[str]) -> None:
    """Make a dataset in some forms, and another one in form tar."""
    used = time.process_time()
    made = generate(recipe(photos, triplets, 1, cheap), folder / "tar", form="tar").new_items
    if made:
        print(f"{made:,} generated, {made / (time.process_time() - used):.0f} a second of a core", flush=True)
    generate(recipe(photos, max(1, triplets // 4), 2, cheap), folder / "other", form="tar")
    for form in FORMS:
        if form != "tar" and form in forms:
            convert(folder / "tar", folder / form, form)


@contextmanager
def started(workers: int) -> Iterator[tuple[str | None, list[int]]]:
    """Start a scheduler in this process, and workers: its address, and their numbers as processes."""
    from distributed import Client, LocalCluster

    if workers == 1:
        yield None, []
        return
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:
        with Client(cluster) as client:
            for module in ("convert", "judge", "verify"):  # every worker imports, whichever gets the few items
                client.run(import_module, f"bappsmith.pipeline.datasets.{module}")
            pids = list(client.run(os.getpid).values())
        yield cluster.scheduler_address, pids


def sizes(folder: Path, triplets: int) -> dict[str, dict[str, float]]:
    """Form → bytes per triplet of all files and on the disk, number of files, bytes of manifests, labels and seal."""
    figures = {}
    for form in (form for form in FORMS if (folder / form).is_dir()):
        files = [path for path in (folder / form).rglob("*") if path.is_file()]
        figures[form] = {
            "bytes": sum(path.stat().st_size for path in files) / triplets,
            "on_disk": sum(512 * path.stat().st_blocks for path in files) / triplets,
            "files": len(files),
            "manifest": sum(path.stat().st_size for path in (folder / form / "manifest").iterdir()) / triplets,
            "labels": sum(path.stat().st_size for path in (folder / form / "labels" / "recipe").iterdir()) / triplets,
            "seal": (folder / form / "seal.json").stat().st_size,
        }
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--out", default=None, help="where to write; default: the system's temporary folder")
    parser.add_argument("--triplets", type=int, default=20480)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--only", nargs="+", choices=list(COMMANDS), default=list(COMMANDS))
    parser.add_argument("--keep", type=Path, default=None, help="folder for the datasets; see above")
    parser.add_argument("--cheap", action="store_true", help="16 px and cheap operators, see above")
    options = parser.parse_args()
    work = options.keep or Path(tempfile.mkdtemp(prefix="bappsmith-benchmark-", dir=options.out))
    forms = {word for name in options.only for word in name.split()[1:2]}  # what the commands read
    rows = []
    try:
        make_inputs(work / "few", options.photos, FEW, options.cheap, forms)
        make_inputs(work / "inputs", options.photos, options.triplets, options.cheap, forms)
        print(f"{'':20}{'workers':>8}{'s':>8}{'items/s':>9}{'items/s of a core':>19}{'client s':>10}{'client MB':>16}")
        for workers in options.workers:
            with started(workers) as (scheduler, pids):
                for name in options.only:
                    row = measure(name, work, options.photos, options.triplets, scheduler, pids)
                    rows.append(row)
                    rate = row["items"] / row["s"]
                    core = row["items"] / (row["client_s"] + row["workers_s"])
                    memory = f"{row['before_mb']:.0f} → {row['client_mb']:.0f}"
                    figures = f"{row['s']:8.1f}{rate:9.0f}{core:19.0f}{row['client_s']:10.1f}{memory:>16}"
                    print(f"{name:20}{workers:8}{figures}", flush=True)
        stored = sizes(work / "inputs", options.triplets)
        for form, facts in stored.items():
            print(
                f"{form}: {facts['bytes']:,.0f} bytes a triplet ({facts['on_disk']:,.0f} on the disk) in "
                f"{facts['files']:,} files; manifest {facts['manifest']:,.0f}, labels {facts['labels']:,.0f}, seal "
                f"{facts['seal']:,} bytes in all"
            )
        print(json.dumps({"benchmark": "datasets", "triplets": options.triplets, "rows": rows, "sizes": stored}))
    finally:
        if options.keep is None:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
