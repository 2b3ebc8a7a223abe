"""The commands `generate`, `verify`, `show` and `replay`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from .completion import complete, forms, metrics, recipes
from .dry_run import print_dry_run
from .options import Cluster, Json, Plugin, Scheduler, TrunkWeights, Workers
from .progress import progress_bar

if TYPE_CHECKING:
    from bappsmith.lpips.evaluation.baselines import Metric
    from bappsmith.manifests.forms.form import Form

DatasetArgument = Annotated[str, typer.Argument(help="Folder or address (s3://…) of a finished dataset.")]
Photos = Annotated[
    str | None,
    typer.Option(help="Folder, glob or address of photographs, or 'samples'. Default: that of the recipe."),
]


def generate(
    recipe: Annotated[
        str, typer.Argument(help="Recipe file, or the name of a shipped recipe.", autocompletion=complete(recipes))
    ],
    out: Annotated[
        str | None,
        typer.Option(
            help="Folder or address (s3://…) of the dataset: a new one, or one begun with the same recipe. Only "
            "--dry-run works without."
        ),
    ] = None,
    photos: Photos = None,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    cluster: Cluster = None,
    plugin: Plugin = None,
    form: Annotated[
        str,
        typer.Option(
            help="folders (BAPPS), tar (WebDataset), packed (arrays for training) or parquet (Hugging Face).",
            autocompletion=complete(forms),
        ),
    ] = "folders",
    seed: Annotated[int | None, typer.Option(min=0, help="Seed. Default: that of the recipe.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print counts, operators, bytes and time, and write nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a dataset. Run the same command again to resume."""
    from dataclasses import replace
    from tempfile import TemporaryDirectory

    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.manifests.recipe.model import Recipe
    from bappsmith.pipeline.dry_run import DryRun
    from bappsmith.pipeline.dry_run import dry_run as plan
    from bappsmith.pipeline.generate import generate as make

    parsed = Recipe.load(recipe)
    if seed is not None:
        parsed = Recipe.from_dict({**parsed.to_dict(), "seed": seed})
    if out is None and not dry_run:
        raise BappsmithError("--out is missing: give the folder of the dataset; only --dry-run works without")
    # A dry run that has no destination plans a new dataset with the name of the recipe.
    with TemporaryDirectory() as empty, progress_bar() as progress:
        result = (plan if dry_run else make)(
            parsed,
            out if out is not None else Path(empty) / parsed.name,
            photos=photos,
            workers=workers,
            scheduler=scheduler,
            cluster=cluster,
            plugins=plugin or (),
            form=cast("Form", form),
            progress=progress,
        )
    for _, reason in result.sources.skipped:
        typer.echo(f"skipped: {reason}", err=True)
    if result.sources.ignored:
        names = ", ".join(result.sources.ignored[:5])
        typer.echo(f"{len(result.sources.ignored)} files that are not images were ignored: {names}", err=True)
    if isinstance(result, DryRun):
        if out is None:
            result = replace(result, root=parsed.name)
        typer.echo(json.dumps(result.to_json())) if as_json else print_dry_run(result)
        return
    if as_json:
        typer.echo(json.dumps({"dataset": str(result.root), "items": result.items, "made": result.new_items}))
    elif result.new_items:
        typer.echo(
            f"{result.root}: {result.items:,} items, sealed ({result.new_items:,} made now). To see them: "
            f"bappsmith show {result.root}"
        )
    else:
        typer.echo(
            f"{result.root}: already complete, {result.items:,} items; nothing was done. To check its files: "
            f"bappsmith verify {result.root}"
        )


def verify(
    dataset: DatasetArgument,
    pixels: Annotated[
        int, typer.Option(min=0, help="Number of items per subset to make again from their photographs.")
    ] = 0,
    photos: Photos = None,
    plugin: Plugin = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, help="Number of processes, with one thread each. Default: one with a thread for each core."
        ),
    ] = None,
    scheduler: Scheduler = None,
    cluster: Cluster = None,
    as_json: Json = False,
) -> None:
    """Check every file of a dataset against its seal."""
    from bappsmith.pipeline.datasets.verify import verify as check

    with progress_bar() as progress:
        report = check(
            dataset,
            lambda done, total: progress("items", done, total),
            pixels=pixels,
            photos=photos,
            plugins=plugin or (),
            workers=workers,
            scheduler=scheduler,
            cluster=cluster,
        )
    groups = {"changed": report.changed, "missing": report.missing, "additional": report.additional}
    groups["other pixels"] = report.other_pixels
    if as_json:
        typer.echo(json.dumps({"files": report.files, "remade": report.remade, "clean": report.clean, **groups}))
    else:
        for what, names in groups.items():
            for name in names[:20]:
                typer.echo(f"{what}: {name}")
            if len(names) > 20:
                typer.echo(f"{what}: and {len(names) - 20} more")
        again = f", {report.remade:,} items made again" if report.remade else ""
        verdict = "clean" if report.clean else "NOT as sealed"
        typer.echo(f"{dataset}: {report.files:,} files checked{again}, {verdict}")
    if not report.clean:
        raise typer.Exit(1)


def show(
    dataset: DatasetArgument,
    out: Annotated[Path | None, typer.Option(help="Folder for the report; default: DATASET-report beside it.")] = None,
    items: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Number of items to show, evenly over subsets and operators. Default: what one file holds, 1,000 "
            "triplets of 64 px; the pictures of more are files beside the page.",
        ),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help="Metric to compare with the judgments, as of `bappsmith evaluate`; repeatable.",
            autocompletion=complete(metrics),
        ),
    ] = None,
    trunk_weights: TrunkWeights = None,
    as_json: Json = False,
) -> None:
    """Write a page to look through the items of a dataset, and an overview with contact sheets."""
    from bappsmith.manifests.store.open import is_address
    from bappsmith.pipeline.reports.report import write_report

    beside = Path(dataset.rstrip("/").rsplit("/", 1)[-1] if is_address(dataset) else Path(dataset).resolve())
    metrics: dict[str, Metric] = {}
    if metric:  # imports torch
        from bappsmith.lpips.evaluation.metrics import find_metric

        metrics = {name: find_metric(name, trunk_weights=trunk_weights) for name in metric}
    with progress_bar() as progress:
        folder = out or beside.with_name(f"{beside.name}-report")
        page = write_report(dataset, folder, items=items, metrics=metrics, progress=progress)
    typer.echo(json.dumps({"report": str(page)}) if as_json else page)


def replay(
    dataset: DatasetArgument,
    subset: Annotated[str, typer.Argument(help="Such as 2afc/train/traditional.")],
    index: Annotated[int, typer.Argument(min=0, help="Position in the subset.")],
    photos: Photos = None,
    plugin: Plugin = None,
    as_json: Json = False,
) -> None:
    """Make one triplet again from its photograph, and compare it with the dataset."""
    from bappsmith.pipeline.datasets.replay import replay as make_again

    result = make_again(dataset, subset, index, photos=photos, plugins=plugin or ())
    record = result.record
    if as_json:
        figures = {
            "exact": result.exact, "same_plan": result.same_plan, "same_pixels": result.same_pixels,
            "same_files": result.same_files, "same_bytes": result.same_bytes, "versions": result.versions,
        }  # fmt: skip
        typer.echo(json.dumps({**record.to_row(), "judgment": result.judgment, **figures}))
    else:
        typer.echo(f"{subset} {index}: {record.photo}, judgment {result.judgment:g}")
        for side, chain in (("p0", record.chain0), ("p1", record.chain1)):
            for call in chain.calls:
                values = ", ".join(
                    f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in call.params.items()
                )
                typer.echo(f"  {side}  {call.name} severity {call.severity:.3f}: {values}")
        typer.echo(f"  planned again: {_same(result.same_plan)}")
        for what, same in result.same_pixels.items():
            typer.echo(f"  {what}: pixels made again {_same(same)}")
        for what, same in result.same_files.items():
            typer.echo(f"  {what}: file on disk {_same(same)}")
        for name, (then, now) in result.versions.items():
            typer.echo(f"  {name} was {then}, is {now}")
    if not result.exact:
        raise typer.Exit(1)


def _same(same: bool) -> str:
    return "as sealed" if same else "DIFFERENT from the seal"
