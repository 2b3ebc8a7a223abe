"""Training a bank of networks: one network is one task, on as many workers as there are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
from filelock import FileLock, Timeout

from bappsmith.distortions.cnn.bank import FORMAT, INDEX, Bank, read_bank
from bappsmith.distortions.cnn.spec import spec
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.store.atomic import atomic_write, atomic_write_bytes, sha256_file
from bappsmith.pipeline.generate import Progress, hire
from bappsmith.pipeline.planning.plan import usable_split
from bappsmith.pipeline.sources.index import SourceIndex, index_sources
from bappsmith.pipeline.workers.map_unordered import map_unordered

from .patches import patch_source
from .sheet import bank_sheet

if TYPE_CHECKING:
    from distributed import Client

WORK = ".bank"
ATTEMPTS = 8
"""Specs tried for one place of the bank before it is given up."""


@dataclass(frozen=True, slots=True)
class NetworkTask:
    """All a worker is told.

    Attributes:
        root: the bank's folder; settings and photographs stand in its `.bank/run.json`.
        photos: folder that names of photographs start from.
        place: which network.
    """

    root: str
    photos: str
    place: int

    def __str__(self) -> str:
        return f"network {self.place}"


def train_bank(
    out: str | Path,
    *,
    photos: str | None = None,
    recipe: Recipe | str | Path = "bapps-cnn",
    nets: int = 96,
    steps: int = 150,
    seed: int = 0,
    trunk_weights: str | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    cluster: str | Path | None = None,
    progress: Progress | None = None,
) -> Bank:
    """Train a bank, or finish one that was interrupted.

    Only train photographs are used, as the recipe divides them; a dataset whose val photographs a bank was trained on is
    refused. Every network is trained on one thread, so that the bank does not depend on the number of workers.

    Args:
        out: the bank's folder: new, or begun with the same settings.
        photos: a folder, a glob or `samples`, in place of the recipe's.
        recipe: says how photographs are divided, and the size and scale of patches.
        nets: number of networks.
        steps: of training, each.
        seed: of the bank; another one has other networks.
        trunk_weights: AlexNet's weights for the feature loss, or "pretrained"; None: no network has that loss.
        workers: processes with one thread each.
        scheduler: address of a running Dask scheduler, in place of `workers`.
        cluster: file that describes a cluster, likewise; see `cluster_file.ClusterFile`.
        progress: called with ("photographs" or "networks", done, total).

    Raises:
        BappsmithError: see the message.
    """
    if nets < 1 or steps < 1:
        raise BappsmithError(f"a bank has at least 1 network, trained for at least 1 step; found {nets}, {steps}")
    out = Path(out)
    recipe = recipe if isinstance(recipe, Recipe) else Recipe.load(recipe)
    if photos is not None:
        recipe = recipe.model_copy(update={"sources": recipe.sources.model_copy(update={"path": str(photos)})})
    report = progress or (lambda what, done, total: None)
    sources = index_sources(recipe.sources, lambda done, total: report("photographs", done, total))
    photographs = usable_split(recipe, sources.photographs)["train"]
    trunk = None
    if trunk_weights is not None:
        from bappsmith.lpips.model.backbones import Trunk

        # Read here once, so that a wrong file shows before any worker starts.
        states = Trunk("alex", trunk_weights).state().items()
        trunk = hashlib.sha256(b"".join(value.numpy().tobytes() for _, value in states)).hexdigest()
        trunk_weights = str(Path(trunk_weights).resolve()) if trunk_weights != "pretrained" else trunk_weights
    settings = {
        "seed": seed,
        "steps": steps,
        "patch": recipe.patch,
        "scale": recipe.scale,
        "trunk_sha256": trunk,
        "photographs": sorted(photo.pixels_sha256 for photo in photographs),
        "versions": {name: version(name) for name in ("bappsmith", "numpy", "opencv-python", "torch")},
    }
    _begin(out, settings, photographs, trunk_weights)
    tasks = [NetworkTask(str(out.resolve()), sources.root, place) for place in range(nets)]
    try:
        with FileLock(out / WORK / "lock", timeout=0):
            _work(tasks, hire(workers, scheduler, cluster), report)
            entries = [json.loads(_entry(out, task.place).read_bytes()) for task in tasks]
            kept = [entry for entry in entries if "file" in entry]
            if not kept:
                raise BappsmithError(
                    f"{out}: none of {nets} networks came out useful ({entries[0]['rejected'][-1]['fault']}); "
                    "train for more steps"
                )
            index = {"format": FORMAT, **settings, "networks": kept}
            index["given_up"] = [entry for entry in entries if "file" not in entry]
            atomic_write_bytes(out / INDEX, (json.dumps(index, indent=1) + "\n").encode(), out / WORK)
            bank = read_bank(out)
            bank_sheet(bank, sources, photographs).save(out / "contact-sheet.png")
    except Timeout as error:
        raise BappsmithError(f"another run is training {out}; wait for its end") from error
    return bank


def _begin(out: Path, settings: dict[str, Any], photographs: Sequence[Photograph], trunk_weights: str | None) -> None:
    """Write what workers need to know, or refuse a folder that was begun otherwise."""
    book = out / WORK / "run.json"
    plain = json.loads(json.dumps(settings))
    if book.is_file():
        there = json.loads(book.read_bytes())["settings"]
        differing = [key for key in plain if there.get(key) != plain[key]]
        if differing:
            raise BappsmithError(
                f"{out} holds a bank with other settings ({', '.join(differing)} differ); choose another folder for --out"
            )
    elif out.is_dir() and any(out.iterdir()):
        raise BappsmithError(f"{out} holds files that are no bank; choose an empty or new folder for --out")
    (out / WORK).mkdir(parents=True, exist_ok=True)
    data = {
        "settings": plain,
        "trunk_weights": trunk_weights,
        "photographs": [asdict(p) for p in photographs],
    }
    atomic_write_bytes(book, json.dumps(data).encode(), out / WORK)


def _work(tasks: Sequence[NetworkTask], hired: AbstractContextManager[Client] | None, report: Progress) -> None:
    waiting = [task for task in tasks if not _entry(Path(task.root), task.place).is_file()]
    done = len(tasks) - len(waiting)
    report("networks", done, len(tasks))
    if hired is None:
        for task in waiting:
            train_place(task)
            done += 1
            report("networks", done, len(tasks))
    elif waiting:
        with hired as client:
            for _ in map_unordered(client, train_place, waiting):
                done += 1
                report("networks", done, len(tasks))


def train_place(task: NetworkTask) -> str:
    """Train the network of one place: specs in turn, until one comes out useful. Its entry is written last.

    Returns:
        Why the last was of no use; empty where one was.
    """
    import torch
    from safetensors.torch import save_file

    from bappsmith.distortions.cnn.nets.training import train_network

    root = Path(task.root)
    book = json.loads((root / WORK / "run.json").read_bytes())
    settings = book["settings"]
    features = None
    if book["trunk_weights"] is not None:
        from bappsmith.lpips.model.lpips import LPIPS

        features = LPIPS("alex", trunk_weights=book["trunk_weights"]).requires_grad_(False)
    index = SourceIndex(task.photos, tuple(Photograph(**photo) for photo in book["photographs"]))
    rejected: list[dict[str, Any]] = []
    entry: dict[str, Any] = {"place": task.place, "rejected": rejected}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        for attempt in range(ATTEMPTS):
            drawn = spec(settings["seed"], task.place, attempt, features=features is not None)
            patches = patch_source(index, drawn, settings["patch"], settings["scale"])
            trained = train_network(drawn, patches, settings["steps"], features=features)
            if not trained.fault:
                name = f"networks/{task.place:03d}.safetensors"
                (root / "networks").mkdir(exist_ok=True)
                weights = {k: v.contiguous() for k, v in trained.network.state_dict().items()}
                with atomic_write(root / name, root / WORK) as partial:
                    save_file(weights, partial)
                entry |= {"file": name, "sha256": sha256_file(root / name), "attempt": attempt}
                entry |= {"spec": drawn.to_json(), "record": trained.record}
                break
            rejected.append({"spec": drawn.to_json(), "record": trained.record, "fault": trained.fault})
    finally:
        torch.set_num_threads(threads)
    place = _entry(root, task.place)
    place.parent.mkdir(exist_ok=True)
    atomic_write_bytes(place, json.dumps(entry).encode(), root / WORK)
    return "" if "file" in entry else rejected[-1]["fault"]


def _entry(root: Path, place: int) -> Path:
    return root / WORK / "entries" / f"{place:03d}.json"
