"""Train a bank of networks. One network is one task of the workers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2

from bappsmith.distortions.cnn.bank import FORMAT, Bank, bank_of, read_bank
from bappsmith.distortions.cnn.task import find_task
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.store.atomic import sha256_file
from bappsmith.manifests.store.store import WORK
from bappsmith.pipeline.generate import Progress
from bappsmith.pipeline.planning.plan import usable_split
from bappsmith.pipeline.sources.cache import read_cache, update_cache
from bappsmith.pipeline.sources.find import find_photographs
from bappsmith.pipeline.sources.index import SourceIndex, index_photographs
from bappsmith.pipeline.workers.clusters import choose_client
from bappsmith.pipeline.workers.pool import WorkerPool

from .bank_log import BankLog
from .patches import patch_source
from .sheet import bank_sheet

PHOTOGRAPHS = f"{WORK}/photographs.jsonl"
"""File that keeps the index of the photographs; see `sources.cache`."""
ATTEMPTS = 8
"""Specs that are tried for one position of the bank before it is given up."""


@dataclass(frozen=True, slots=True)
class NetworkTask:
    """All that a worker receives.

    Attributes:
        root: the bank's folder; its work log holds settings and photographs.
        photos: folder or address that the names of photographs start from.
        number: position of the network in the bank.
    """

    root: str
    photos: str
    number: int

    def __str__(self) -> str:
        return f"network {self.number}"


def train_bank(
    out: str | Path,
    *,
    photos: str | None = None,
    task: str = "denoise",
    recipe: Recipe | str | Path = "bapps-cnn",
    nets: int = 96,
    steps: tuple[int, int] | None = None,
    seed: int = 0,
    trunk_weights: str | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    cluster: str | Path | None = None,
    progress: Progress | None = None,
) -> Bank:
    """Train a bank, or finish one that was interrupted.

    Only the train photographs of the recipe are used; `generate` refuses a dataset if a bank was trained on its val
    photographs. Every network is trained on one thread, so the bank does not depend on the number of workers.

    Args:
        out: the bank's folder: new, or begun with the same settings.
        photos: a folder, a glob or `samples`, in place of the recipe's.
        task: what the networks are for; see `distortions.cnn.task`.
        recipe: gives the division of the photographs, and size and scale of patches.
        nets: number of networks.
        steps: fewest and most training steps of a network, drawn log-uniformly for each; default: those of the task.
        seed: of the bank; another seed gives other networks.
        trunk_weights: AlexNet's weights for the feature loss, or "pretrained"; None: no network uses that loss.
        workers: processes with one thread each.
        scheduler: address of a running Dask scheduler, in place of `workers`.
        cluster: file that describes a cluster, in place of `workers`; see `cluster_file.ClusterFile`.
        progress: called with ("photographs" or "networks", done, total).

    Returns:
        The finished bank.

    Raises:
        BappsmithError: an argument is invalid, the photographs cannot be read, `out` holds something else, or no
            network came out useful; the message says which.
    """
    steps = steps or find_task(task).steps
    if nets < 1 or not 1 <= steps[0] <= steps[1]:
        raise BappsmithError(
            f"a bank needs at least 1 network, and fewest steps between 1 and the most steps; found {nets} networks, "
            f"{steps[0]} and {steps[1]} steps"
        )
    out = Path(out)
    recipe = recipe if isinstance(recipe, Recipe) else Recipe.load(recipe)
    if photos is not None:
        recipe = recipe.model_copy(update={"sources": recipe.sources.model_copy(update={"path": str(photos)})})
    report = progress or (lambda what, done, total: None)
    trunk = None
    if trunk_weights is not None:
        from bappsmith.lpips.model.backbones import Trunk

        # Read the file here once, so that a wrong file is refused before any photograph is read.
        states = Trunk("alex", trunk_weights).state().items()
        trunk = hashlib.sha256(b"".join(value.numpy().tobytes() for _, value in states)).hexdigest()
        trunk_weights = str(Path(trunk_weights).resolve()) if trunk_weights != "pretrained" else trunk_weights
    files = find_photographs(recipe.sources.path)
    log = BankLog(out)
    cache = read_cache(log.store, PHOTOGRAPHS)
    with WorkerPool(choose_client(workers, scheduler, cluster)) as pool:
        sources = index_photographs(
            files, recipe.sources, pool, cache, lambda done, total: report("photographs", done, total)
        )
        photographs = usable_split(recipe, sources.photographs)["train"]
        settings = {
            "task": task,
            "seed": seed,
            "nets": nets,
            "steps": list(steps),
            "patch": recipe.patch,
            "scale": list(recipe.scale),
            "trunk_sha256": trunk,
            "photographs": sorted(photo.pixels_sha256 for photo in photographs),
            "versions": {name: version(name) for name in ("bappsmith", "numpy", "opencv-python", "torch")},
        }
        with log.training(settings, photographs, trunk_weights):
            if log.finished:
                return read_bank(out)
            update_cache(log.store, PHOTOGRAPHS, cache, sources.photographs, files.stamps)
            tasks = [NetworkTask(str(out.resolve()), sources.root, number) for number in range(nets)]
            _work(log, tasks, pool, report)
            entries = [entry for task in tasks if (entry := log.result(task.number)) is not None]
            kept = [entry for entry in entries if "file" in entry]
            if not kept:
                raise BappsmithError(
                    f"{out}: none of {nets} networks came out useful ({entries[0]['rejected'][-1]['fault']}); "
                    "train for more steps"
                )
            given_up = [entry for entry in entries if "file" not in entry]
            index = {"format": FORMAT, **settings, "networks": kept, "given_up": given_up}
            with log.store.writing("contact-sheet.png") as partial:
                bank_sheet(bank_of(out, index), sources, photographs).save(partial, "PNG")
            log.finish(index, log.parts(settings))
    return read_bank(out)


def _work(log: BankLog, tasks: Sequence[NetworkTask], pool: WorkerPool, report: Progress) -> None:
    waiting = [task for task in tasks if log.result(task.number) is None]
    done = len(tasks) - len(waiting)
    report("networks", done, len(tasks))
    for _ in pool.map_unordered(train_task, waiting):
        done += 1
        report("networks", done, len(tasks))


def train_task(task: NetworkTask) -> str:
    """Train one network: try specs in turn until one network is kept. Its entry is written last.

    Returns:
        Why the last network was rejected; empty if one was kept.
    """
    import torch
    from safetensors.torch import save_file

    from bappsmith.distortions.cnn.nets.training import train_network

    root = Path(task.root)
    log = BankLog(root)
    begun = log.read_begin()
    settings = begun["settings"]
    task_of_bank = find_task(settings["task"])
    features = None
    if begun["trunk_weights"] is not None:
        from bappsmith.lpips.model.lpips import LPIPS

        features = LPIPS("alex", trunk_weights=begun["trunk_weights"]).requires_grad_(False)
    index = SourceIndex(task.photos, tuple(Photograph(**photo) for photo in begun["photographs"]))
    rejected: list[dict[str, Any]] = []
    entry: dict[str, Any] = {"number": task.number, "rejected": rejected}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        for attempt in range(ATTEMPTS):
            fewest, most = settings["steps"]
            drawn = task_of_bank.spec(
                settings["seed"], task.number, attempt, features=features is not None, steps=(fewest, most)
            )
            side = settings["patch"] + 2 * task_of_bank.margin
            patches = patch_source(index, drawn, side, settings["scale"])
            trained = train_network(drawn, patches, features=features)
            if not trained.fault:
                name = f"networks/{task.number:03d}.safetensors"
                weights = {k: v.contiguous() for k, v in trained.network.state_dict().items()}
                with log.store.writing(name) as partial:
                    save_file(weights, partial)
                entry |= {"file": name, "sha256": sha256_file(root / name), "attempt": attempt}
                entry |= {"spec": drawn.to_json(), "record": trained.record}
                break
            rejected.append({"spec": drawn.to_json(), "record": trained.record, "fault": trained.fault})
    finally:
        torch.set_num_threads(threads)
    log.enter(task.number, entry)
    return "" if "file" in entry else rejected[-1]["fault"]
