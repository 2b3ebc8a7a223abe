"""One ranking: train a metric on it, and measure the metric on frozen sets. Runs on a worker."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from context_data import CONTEXT, PEOPLE, ContextData, load_data
from numpy.typing import NDArray
from rankings import Ranking, judge_by, name_of
from safetensors import safe_open
from safetensors.numpy import save

from bappsmith.lpips import LPIPS, PackedSubset, TrainConfig, load_metric, train, two_afc_scores
from bappsmith.lpips.cores import one_core
from bappsmith.lpips.model.forms import split
from bappsmith.lpips.training.differences import differences
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.atomic import atomic_write_bytes

BASELINE, LIN, TUNE, COLD, SCRATCH = "baseline", "lin", "tune", "tune-cold", "scratch"
REPLAY = "+replay"
"""Behind the name of a variant: common-sense triplets are mixed into its training."""
BATCH = 60
"""Triplets to measure at a time. Those of one photograph that people scored are 60."""
VARIANTS = (BASELINE, LIN, LIN + REPLAY, TUNE, TUNE + REPLAY, COLD, SCRATCH)


@dataclass(frozen=True)
class Settings:
    """What decides the result of a ranking, beside the data.

    Attributes:
        net: trunk of the metric.
        trunk_weights: file of its weights, or "pretrained".
        variant: one of `VARIANTS`. baseline: the untrained metric. lin: heads. tune: the trunk too, from the heads of
            lin; tune-cold: from equal heads. scratch: all, from a random trunk.
        epochs: epochs of lin at the full learning rate, and as many after these. Pihlgren et al. 2023: 5.
        trunk_epochs: the same where the trunk is trained.
        trunk_triplets: triplets to train on where the trunk is trained.
        replay: common-sense triplets of an epoch, as a share of its other triplets.
        people: whether people's scores are measured too, if there are any.
        seed: of the training.
    """

    net: str
    trunk_weights: str
    variant: str
    epochs: int
    trunk_epochs: int
    trunk_triplets: int
    replay: float
    people: bool
    seed: int


@dataclass(frozen=True)
class RankingTask:
    """All that a worker receives.

    Attributes:
        out: folder of the experiment, absolute.
        ranking: from least to most disruptive.
        settings: see `Settings`.
    """

    out: str
    ranking: Ranking
    settings: Settings

    def __str__(self) -> str:
        return f"{self.settings.variant} on {name_of(self.ranking)}"

    @property
    def file(self) -> Path:
        """File of the result."""
        name = f"{name_of(self.ranking)}.safetensors"
        return Path(self.out) / "results" / self.settings.net / self.settings.variant / name


@dataclass(frozen=True)
class RankingResult:
    """The result of one ranking.

    Attributes:
        facts: ranking, settings (see `Settings`), digest of the data, seconds to train and to measure.
        scores: set → 2AFC score of every triplet, shape (N,), in [0, 1].
        people: distances of the images that people scored, N×2; empty without them.
    """

    facts: dict[str, object]
    scores: dict[str, NDArray[np.float32]]
    people: NDArray[np.float32]


def read_result(file: Path) -> RankingResult:
    """Read the file of a finished ranking."""
    with safe_open(file, framework="numpy") as stored:
        arrays = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        facts = json.loads(stored.metadata()["facts"])
    people = arrays.pop(PEOPLE)
    return RankingResult(facts, arrays, people)


def is_done(task: RankingTask) -> bool:
    """Whether the result of a ranking is there.

    Raises:
        BappsmithError: it is there, but from other settings or data.
    """
    if not task.file.exists():
        return False
    recorded = read_result(task.file).facts
    wanted = _facts(task)
    differing = [key for key in wanted if recorded.get(key) != wanted[key]]
    if differing:
        raise BappsmithError(
            f"{task.file} was made with another value of {', '.join(differing)}; choose another --out, or remove its "
            "folder"
        )
    return True


def prepare(out: str, net: str, trunk_weights: str) -> None:
    """Run the trunk over all data, once for all rankings. What is there is kept."""
    data = load_data(Path(out))
    metric = LPIPS(net, trunk_weights=trunk_weights)
    people = [] if data.people is None else [data.people]
    for subset in (data.train, data.val, data.replayed, *data.tests.values(), *people):
        differences(metric, subset)


def run_ranking(task: RankingTask) -> str:
    """Train and measure one ranking, and write its result, unless another run wrote it meanwhile. Return its name.

    Raises:
        BappsmithError: the ranking does not fit the data, or data or weights are invalid.
    """
    if is_done(task):
        return str(task)
    with one_core():  # other workers use the other cores
        data = load_data(Path(task.out))
        started = time.perf_counter()
        metric, fixed = _train(task, data)
        trained = time.perf_counter()
        judged = data.tests | {CONTEXT: _judged(data.tests[CONTEXT], task.ranking)}
        scores = {name: _scores(metric, subset, fixed) for name, subset in judged.items()}
        people = np.zeros((0, 2))
        if data.people is not None and task.settings.people:
            people = np.stack(_distances(metric, data.people, fixed), axis=1)
    seconds = {"train": trained - started, "measure": time.perf_counter() - trained}
    arrays = {name: np.ascontiguousarray(values, np.float32) for name, values in {**scores, PEOPLE: people}.items()}
    facts = json.dumps(_facts(task) | {"seconds": seconds})
    task.file.parent.mkdir(parents=True, exist_ok=True)
    atomic_write_bytes(task.file, save(arrays, {"facts": facts}))
    shutil.rmtree(_work(task), ignore_errors=True)
    return str(task)


def _train(task: RankingTask, data: ContextData) -> tuple[LPIPS, bool]:
    """Return the metric, and whether its trunk is the one that `prepare` ran."""
    settings, work = task.settings, _work(task)
    variant, _, _ = settings.variant.partition("+")
    if variant == BASELINE:
        return LPIPS(settings.net, trunk_weights=settings.trunk_weights), True
    subset = _judged(data.train, task.ranking)
    checkpoint = None
    if variant in (LIN, TUNE):
        config = TrainConfig(
            net=settings.net,
            trunk_weights=settings.trunk_weights,
            epochs=settings.epochs,
            decay_epochs=settings.epochs,
            learning_rate=1e-3,
            seed=settings.seed,
        )
        val = _judged(data.val, task.ranking)
        checkpoint = _fit(config, settings, subset, data.replayed, [val], work / LIN)
        if variant == LIN:
            return load_metric(checkpoint), True
    some = subset.take(np.arange(min(settings.trunk_triplets, len(subset))))
    config = TrainConfig(
        net=settings.net,
        mode="scratch" if variant == SCRATCH else "tune",
        trunk_weights=None if variant == SCRATCH else settings.trunk_weights,
        start_from=None if checkpoint is None else str(checkpoint),
        epochs=settings.trunk_epochs,
        decay_epochs=settings.trunk_epochs,
        learning_rate=1e-3,
        trunk_learning_rate=1e-3 if variant == SCRATCH else 1e-4,
        seed=settings.seed,
    )
    return load_metric(_fit(config, settings, some, data.replayed, [], work / variant)), False


def _fit(
    config: TrainConfig,
    settings: Settings,
    subset: PackedSubset,
    replayed: PackedSubset,
    val: list[PackedSubset],
    out: Path,
) -> Path:
    subsets, weights = [subset], [1.0]
    if settings.variant.endswith(REPLAY):
        subsets, weights = [subset, replayed], [1.0, settings.replay * len(subset) / len(replayed)]
    return train(config, subsets, val, out=out, weights=weights).checkpoint


def _judged(subset: PackedSubset, ranking: Ranking) -> PackedSubset:
    if subset.sealed is None:
        raise BappsmithError(f"{subset.root} has no manifest; give a dataset that bappsmith made")
    return subset.judged(judge_by(subset.sealed, ranking))


def _scores(metric: LPIPS, subset: PackedSubset, fixed: bool) -> NDArray[np.float64]:
    d0, d1 = _distances(metric, subset, fixed)
    return two_afc_scores(d0, d1, subset.labels)


def _distances(metric: LPIPS, subset: PackedSubset, fixed: bool) -> tuple[NDArray[np.float32], ...]:
    """Compute d0 and d1 of all triplets, shape (N,) each; without the trunk if it is the one that `prepare` ran."""
    found = differences(metric, subset) if fixed else None
    device = torch.device("cpu" if fixed or not torch.cuda.is_available() else "cuda")
    metric.to(device)
    parts: list[torch.Tensor] = []
    with torch.inference_mode():
        for rows in torch.arange(len(subset)).split(BATCH):
            columns = _columns(metric, subset, rows, device) if found is None else found.columns(metric.forms, rows)
            parts.append(metric.weigh(columns.flatten(0, 1)).view(-1, 2).cpu())
    d0, d1 = torch.cat(parts).unbind(1)
    return d0.numpy(), d1.numpy()


def _columns(metric: LPIPS, subset: PackedSubset, rows: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Compute the input of the heads, N×2×K. The trunk sees a reference once, or once for all if they are equal."""
    ref, *sides = (images.to(device) for images in subset.signed(int(rows[0]), int(rows[-1]) + 1))
    if (subset.pixels[rows, 0] == subset.pixels[rows[0], 0]).all():
        ref = ref[:1]
    of_ref, *of_sides = split(metric.features(torch.cat([ref, *sides])), [len(ref), len(rows), len(rows)])
    return torch.stack([metric.differences(of_ref, side) for side in of_sides], dim=1)


def _facts(task: RankingTask) -> dict[str, object]:
    data = load_data(Path(task.out))
    people = [] if data.people is None else [data.people]
    subsets = (data.train, data.val, data.replayed, *data.tests.values(), *people)
    return {
        "ranking": list(task.ranking),
        "settings": asdict(task.settings),
        "data": [subset.content for subset in subsets],
    }


def _work(task: RankingTask) -> Path:
    return Path(task.out) / "work" / f"{task.settings.net}-{task.settings.variant}-{name_of(task.ranking)}"
