"""generate, verify, show, replay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from .options import Cluster, Json, Plugin
from .progress import progress_bar

if TYPE_CHECKING:
    from bappsmith.manifests.forms.form import Form

Dataset = Annotated[str, typer.Argument(help="Folder or address (s3://…) of a finished dataset.")]
Photos = Annotated[
    str | None,
    typer.Option(help="Folder, glob or address of photographs, or 'samples', in place of the recipe's own."),
]


def generate(
    recipe: Annotated[str, typer.Argument(help="Recipe file, or the name of one that ships.")],
    out: Annotated[
        str, typer.Option(help="Folder or address (s3://…) of the dataset: new, or begun by the same recipe.")
    ],
    photos: Photos = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes with one thread each.")] = 1,
    scheduler: Annotated[str | None, typer.Option(help="Address of a running Dask scheduler.")] = None,
    cluster: Cluster = None,
    plugin: Plugin = None,
    form: Annotated[
        str,
        typer.Option(help="folders (BAPPS), tar (WebDataset), packed (arrays for training) or parquet (Hugging Face)."),
    ] = "folders",
    seed: Annotated[int | None, typer.Option(min=0, help="In place of the recipe's seed.")] = None,
    as_json: Json = False,
) -> None:
    """Make a dataset; run again to resume."""
    from bappsmith.manifests.recipe.model import Recipe
    from bappsmith.pipeline.generate import generate as make

    parsed = Recipe.load(recipe)
    if seed is not None:
        parsed = Recipe.from_dict({**parsed.to_dict(), "seed": seed})
    with progress_bar() as progress:
        made = make(
            parsed,
            out,
            photos=photos,
            workers=workers,
            scheduler=scheduler,
            cluster=cluster,
            plugins=plugin or (),
            form=cast("Form", form),
            progress=progress,
        )
    for _, reason in made.sources.skipped:
        typer.echo(f"passed over: {reason}", err=True)
    if made.sources.ignored:
        names = ", ".join(made.sources.ignored[:5])
        typer.echo(f"{len(made.sources.ignored)} files that are no images were ignored: {names}", err=True)
    if as_json:
        typer.echo(json.dumps({"dataset": str(made.root), "items": made.items, "made": made.new_items}))
    elif made.new_items:
        typer.echo(
            f"{made.root}: {made.items:,} items, sealed ({made.new_items:,} made now). See them: bappsmith show {made.root}"
        )
    else:
        typer.echo(
            f"{made.root}: complete already, {made.items:,} items; nothing was done (bappsmith verify checks its files)"
        )


def verify(
    dataset: Dataset,
    pixels: Annotated[int, typer.Option(min=0, help="Items of every subset to make again from their photographs.")] = 0,
    photos: Photos = None,
    plugin: Plugin = None,
    as_json: Json = False,
) -> None:
    """Check every file of a dataset against what was sealed."""
    from bappsmith.pipeline.datasets.verify import verify as check

    with progress_bar() as progress:
        found = check(
            dataset,
            lambda done, total: progress("items", done, total),
            pixels=pixels,
            photos=photos,
            plugins=plugin or (),
        )
    groups = {"changed": found.changed, "missing": found.missing, "additional": found.additional}
    groups["other pixels"] = found.other_pixels
    if as_json:
        typer.echo(json.dumps({"files": found.files, "remade": found.remade, "clean": found.clean, **groups}))
    else:
        for what, names in groups.items():
            for name in names[:20]:
                typer.echo(f"{what}: {name}")
            if len(names) > 20:
                typer.echo(f"{what}: and {len(names) - 20} more")
        again = f", {found.remade:,} items made again" if found.remade else ""
        verdict = "clean" if found.clean else "NOT as sealed"
        typer.echo(f"{dataset}: {found.files:,} files checked{again}, {verdict}")
    if not found.clean:
        raise typer.Exit(1)


def show(
    dataset: Dataset,
    out: Annotated[Path | None, typer.Option(help="Folder for the report; default: DATASET-report beside it.")] = None,
    as_json: Json = False,
) -> None:
    """Write contact sheets and a report of a dataset."""
    from bappsmith.manifests.store.open import is_address
    from bappsmith.pipeline.reports.overview import write_overview

    beside = Path(dataset.rstrip("/").rsplit("/", 1)[-1] if is_address(dataset) else Path(dataset).resolve())
    with progress_bar() as progress:
        page = write_overview(dataset, out or beside.with_name(f"{beside.name}-report"), progress)
    typer.echo(json.dumps({"report": str(page)}) if as_json else page)


def replay(
    dataset: Dataset,
    subset: Annotated[str, typer.Argument(help="Such as 2afc/train/traditional.")],
    index: Annotated[int, typer.Argument(min=0, help="Position in the subset.")],
    photos: Photos = None,
    plugin: Plugin = None,
    as_json: Json = False,
) -> None:
    """Remake one triplet from its photograph and compare it with the dataset."""
    from bappsmith.pipeline.datasets.replay import replay as remake

    done = remake(dataset, subset, index, photos=photos, plugins=plugin or ())
    record = done.record
    if as_json:
        figures = {
            "exact": done.exact, "same_plan": done.same_plan, "same_pixels": done.same_pixels,
            "same_files": done.same_files, "same_bytes": done.same_bytes, "versions": done.versions,
        }  # fmt: skip
        typer.echo(json.dumps({**record.to_row(), "judgment": done.judgment, **figures}))
    else:
        typer.echo(f"{subset} {index}: {record.photo}, judgment {done.judgment:g}")
        for side, chain in (("p0", record.chain0), ("p1", record.chain1)):
            for call in chain.calls:
                values = ", ".join(
                    f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in call.params.items()
                )
                typer.echo(f"  {side}  {call.name} severity {call.severity:.3f}: {values}")
        typer.echo(f"  planned anew: {_same(done.same_plan)}")
        for what, same in done.same_pixels.items():
            typer.echo(f"  {what}: remade pixels {_same(same)}")
        for what, same in done.same_files.items():
            typer.echo(f"  {what}: file on disk {_same(same)}")
        for name, (then, now) in done.versions.items():
            typer.echo(f"  {name} was {then}, is {now}")
    if not done.exact:
        raise typer.Exit(1)


def _same(same: bool) -> str:
    return "as sealed" if same else "DIFFERENT from the seal"
