"""The road from photographs to the scores of a trained metric, and a page about it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from bappsmith.distortions.registry import operators
from bappsmith.lpips.device import find_device
from bappsmith.lpips.evaluation.baselines import Metric
from bappsmith.lpips.evaluation.evaluate import evaluate
from bappsmith.lpips.evaluation.evaluation import Evaluation
from bappsmith.lpips.evaluation.metrics import find_metric
from bappsmith.lpips.evaluation.report import write_report as write_evaluation
from bappsmith.lpips.model.forms import Form
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.training.config import TrainConfig
from bappsmith.lpips.training.train import train
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.progress import Progress
from bappsmith.pipeline.banks.train import train_bank
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.reports.report import write_report as write_pictures

from .page import write_page
from .photographs import copy_photographs

RECIPE = "quickstart"
TRAIN, VAL, NETWORKS = "2afc/train/traditional", "2afc/val/traditional", "2afc/val/cnn"
"""Subsets of the recipe."""
NET = "alex"
FORMS: tuple[Form, ...] = ("local", "covariance")
"""How the trained metric compares features: as bappsmith-alex does."""
EPOCHS = 10
"""At the full learning rate; as many follow while it falls."""
NETWORK_STEPS = 60
"""Training steps of each of the four networks that distort."""
UNTRAINED, TRAINED = "untrained", "trained"
"""Names of the metric before and after its training."""


@dataclass(frozen=True)
class Quickstart:
    """What the quickstart made.

    Attributes:
        page: the page about all of it.
        outputs: what → path of everything else.
        evaluation: the scores on photographs that nothing was trained on.
    """

    page: Path
    outputs: dict[str, Path]
    evaluation: Evaluation


def run_quickstart(
    out: Path,
    *,
    workers: int,
    seed: int,
    trunk_weights: str | None = None,
    device: str | None = None,
    progress: Progress | None = None,
) -> Quickstart:
    """Make networks, a dataset, a metric, its scores and a page, on photographs inside scikit-image.

    Nothing is downloaded, unless `trunk_weights` is "pretrained". Run it again to go on after an interruption.

    Args:
        out: folder for everything.
        workers: number of processes that make networks and triplets.
        seed: of the training, and of a random trunk.
        trunk_weights: file with torchvision's weights of AlexNet, or "pretrained"; None: the trunk is random.
        device: that the metric runs on, see `find_device`. Networks of the bank are trained on the CPU.
        progress: called with (what is done, done, total).

    Raises:
        BappsmithError: the weights do not fit, the device is missing, or `out` holds something else.
    """
    photographs, bank, dataset = out / "photographs", out / "bank", out / "dataset"
    trunk = "random" if trunk_weights is None else "trained"
    metric = out / f"metric-{trunk}-trunk"
    weights = seed if trunk_weights is None else trunk_weights
    chosen = find_device(device)
    untrained = LPIPS(NET, trunk_weights=weights, forms=FORMS)  # refuses wrong weights before the work begins
    copy_photographs(photographs)
    train_bank(
        bank,
        photos=str(photographs),
        recipe=RECIPE,
        nets=4,
        steps=(NETWORK_STEPS, NETWORK_STEPS),
        workers=workers,
        progress=progress,
    )
    generate(RECIPE, dataset, photos=str(photographs), workers=workers, plugins=[bank], progress=progress)
    pictures = write_pictures(dataset, out / "dataset-report", progress=progress)
    config = TrainConfig(
        net=NET,
        mode="lin",
        trunk_weights=weights,
        forms=FORMS,
        epochs=EPOCHS,
        seed=seed,
    )
    result = train(config, [dataset / TRAIN], out=metric, device=chosen, progress=progress)
    checkpoint = metric / "last.safetensors"
    metrics: dict[str, Metric] = {"L2": find_metric("l2"), "SSIM": find_metric("ssim"), UNTRAINED: untrained}
    if trunk_weights is not None:
        metrics |= {name: find_metric(name, trunk_weights=trunk_weights) for name in _with_heads()}
    metrics[TRAINED] = find_metric(str(checkpoint))
    families = {name: operator.family for name, operator in operators().items()}
    evaluation = evaluate([dataset / VAL], metrics, families=families, device=chosen, progress=progress)
    report = out / "report.html"
    write_evaluation(report, evaluation, title="bappsmith quickstart: the metric", history=result.history)
    outputs = {
        "photographs": photographs,
        "networks": bank,
        "dataset": dataset,
        "triplets": pictures,
        "metric": checkpoint,
        "scores": report,
    }
    page = out / "index.html"
    finished = Dataset(dataset)
    write_page(
        page,
        evaluation,
        train=finished.sealed(TRAIN),
        val=finished.sealed(VAL),
        networks=finished.sealed(NETWORKS),
        random_trunk=trunk_weights is None,
        links={
            "All triplets, to filter and flip": "dataset-report/index.html",
            "Counts and contact sheets": "dataset-report/overview.html",
            "All scores, by operator": "report.html",
            "The networks that distort": "bank/contact-sheet.png",
            "The dataset’s card": "dataset/README.md",
        },
    )
    return Quickstart(page, outputs, evaluation)


def _with_heads() -> list[str]:
    """Return the metrics with heads for a trained trunk: the published one, where it is installed, and ours."""
    try:
        distribution("lpips")
    except PackageNotFoundError:
        return ["bappsmith-alex"]
    return ["published", "bappsmith-alex"]
