"""The command `quickstart`: from photographs to the score of a trained metric."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .options import Device, Json
from .progress import progress_bar


def quickstart(
    out: Annotated[Path, typer.Option(help="Folder for the bank, dataset, metric and reports.")] = Path("quickstart"),
    workers: Annotated[int, typer.Option(min=1, help="Number of processes that make the bank and the dataset.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training.")] = 0,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Run all steps on the photographs inside scikit-image: four networks, a dataset, a metric, its scores.

    It needs no network access and about two minutes on two cores. Run it again to go on after an interruption.
    """
    from bappsmith.pipeline.banks.train import train_bank
    from bappsmith.pipeline.generate import generate
    from bappsmith.pipeline.reports.report import write_report as write_pictures

    if device is not None:  # torch, which takes seconds to import, is needed now
        from bappsmith.lpips.device import find_device

        find_device(device)
    bank, dataset = out / "bank", out / "dataset"
    with progress_bar() as progress:
        train_bank(bank, recipe="quickstart", nets=4, steps=(60, 60), workers=workers, progress=progress)
        generate("quickstart", dataset, workers=workers, plugins=[bank], progress=progress)
        pictures = write_pictures(dataset, out / "dataset-report")
        # torch is imported only here: the first of these lines takes seconds
        from bappsmith.distortions.registry import operators
        from bappsmith.lpips.evaluation.evaluate import evaluate
        from bappsmith.lpips.evaluation.metrics import find_metric
        from bappsmith.lpips.evaluation.report import write_report
        from bappsmith.lpips.training.config import TrainConfig
        from bappsmith.lpips.training.train import train

        config = TrainConfig(
            net="alex",
            mode="scratch",
            trunk_weights=None,
            epochs=4,
            decay_epochs=1,
            learning_rate=1e-3,
            seed=seed,
        )
        train_roots = [dataset / "2afc/train/quickstart"]
        val_roots = [dataset / "2afc/val/quickstart"]
        result = train(config, train_roots, val_roots, out=out / "metric", device=device, progress=progress)
        metrics = {
            "l2": find_metric("l2"),
            "ssim": find_metric("ssim"),
            "untrained": find_metric("random", net="alex", seed=seed),
            # The last epoch, not the best one, which would be chosen with the photographs it is scored on.
            "trained": find_metric(str(out / "metric" / "last.safetensors")),
        }
        roots = [*val_roots, dataset / "jnd/val/quickstart"]
        families = {name: op.family for name, op in operators().items()}
        evaluation = evaluate(roots, metrics, families=families, device=device, progress=progress)
    report = out / "report.html"
    write_report(
        report,
        evaluation,
        title="bappsmith quickstart",
        notes=[
            "LPIPS with a random AlexNet trunk, trained from scratch on a ranking of seven distortions: noise < JPEG < "
            "shift < darken < blur < network < colour shift. Train and val share no photograph. No human judged these "
            "triplets."
        ],
        history=result.history,
    )
    outputs = {
        "bank": bank,
        "dataset": dataset,
        "pictures": pictures,
        "metric": out / "metric/last.safetensors",
        "report": report,
    }
    if as_json:
        typer.echo(json.dumps({**{what: str(path) for what, path in outputs.items()}, **evaluation.to_json()}))
        return
    from .scores import print_scores

    print_scores(evaluation)
    for what, path in outputs.items():
        typer.echo(f"{what:9}{path}")
