"""The commands `info`, `convert`, `sample`, `split` and `merge`: make datasets from datasets."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Annotated, cast

import typer

from .dataset import DatasetArgument
from .options import Cluster, Json, Scheduler, Workers
from .progress import progress_bar

if TYPE_CHECKING:
    from bappsmith.manifests.forms.form import Form

Out = Annotated[str, typer.Option(help="Folder or address of the new dataset.")]
FormOption = Annotated[str, typer.Option("--form", help="folders, tar, packed or parquet.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the random choice.")]


def info(dataset: DatasetArgument, as_json: Json = False) -> None:
    """Describe a dataset."""
    from bappsmith.pipeline.datasets.info import info as describe

    facts = describe(dataset)
    if as_json:
        typer.echo(json.dumps(facts))
        return
    typer.echo(f"{facts['name']}: form {facts['form']}, {facts['photographs']:,} photographs ({facts['license']})")
    for path, subset in facts["subsets"].items():
        typer.echo(
            f"  {path}: {subset['items']:,} items of {subset['photographs']:,} photographs, mean judgment "
            f"{subset['judgment']:.3f}"
        )
        frequent = ", ".join(f"{name} {count:,}" for name, count in list(subset["operators"].items())[:6])
        more = len(subset["operators"]) - 6
        typer.echo(f"    {frequent}{f' and {more} more operators' if more > 0 else ''}")
    for parent in facts["parents"]:
        typer.echo(f"  made from {parent['name']} ({parent['fingerprint'][:12]})")
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    typer.echo(f"  fingerprint {facts['fingerprint'][:12]}, made with {versions}")


def convert(
    dataset: DatasetArgument,
    out: Out,
    form: Annotated[str, typer.Option("--to", help="folders, tar, packed or parquet.")],
    workers: Workers = 1,
    scheduler: Scheduler = None,
    cluster: Cluster = None,
    as_json: Json = False,
) -> None:
    """Store a dataset in another form. Pixels do not change."""
    from bappsmith.pipeline.datasets.convert import convert as make

    with progress_bar() as progress:
        make(
            dataset,
            out,
            cast("Form", form),
            partial(progress, "items"),
            workers=workers,
            scheduler=scheduler,
            cluster=cluster,
        )
    _print_made(out, f"{dataset} as {form}", as_json)


def sample(
    dataset: DatasetArgument,
    out: Out,
    fraction: Annotated[float, typer.Option(help="Share of the items of every subset, in (0, 1].")],
    seed: Seed = 0,
    form: FormOption = "folders",
    workers: Workers = 1,
    scheduler: Scheduler = None,
    cluster: Cluster = None,
    as_json: Json = False,
) -> None:
    """Choose a share of the items of a dataset at random."""
    from bappsmith.pipeline.datasets.sample import sample as make

    with progress_bar() as progress:
        make(
            dataset,
            out,
            fraction,
            seed=seed,
            form=cast("Form", form),
            progress=partial(progress, "items"),
            workers=workers,
            scheduler=scheduler,
            cluster=cluster,
        )
    _print_made(out, f"{fraction:g} of {dataset}", as_json)


def split(
    dataset: DatasetArgument,
    out: Out,
    val_fraction: Annotated[float, typer.Option(help="Share of the photographs that become val.")] = 0.2,
    seed: Seed = 0,
    form: FormOption = "folders",
    workers: Workers = 1,
    scheduler: Scheduler = None,
    cluster: Cluster = None,
    as_json: Json = False,
) -> None:
    """Divide 2afc/train subsets into train and val by photographs."""
    from bappsmith.pipeline.datasets.split import split as make

    with progress_bar() as progress:
        make(
            dataset,
            out,
            val_fraction,
            seed=seed,
            form=cast("Form", form),
            progress=partial(progress, "items"),
            workers=workers,
            scheduler=scheduler,
            cluster=cluster,
        )
    _print_made(out, f"{dataset}, divided", as_json)


def merge(
    datasets: Annotated[list[str], typer.Argument(help="Two or more finished datasets.")],
    out: Out,
    form: FormOption = "folders",
    workers: Workers = 1,
    scheduler: Scheduler = None,
    cluster: Cluster = None,
    as_json: Json = False,
) -> None:
    """Concatenate datasets. They must not share an item, or a photograph between train and val."""
    from bappsmith.pipeline.datasets.merge import merge as make

    with progress_bar() as progress:
        make(
            datasets,
            out,
            form=cast("Form", form),
            progress=partial(progress, "items"),
            workers=workers,
            scheduler=scheduler,
            cluster=cluster,
        )
    _print_made(out, " + ".join(datasets), as_json)


def _print_made(out: str, origin: str, as_json: bool) -> None:
    """Print what the new dataset holds, and what it was made from."""
    from bappsmith.manifests.dataset import Dataset

    subsets = {str(path): count for path, count in Dataset(out).finished.subsets.items()}
    if as_json:
        typer.echo(json.dumps({"dataset": out, "items": sum(subsets.values()), "subsets": subsets}))
    else:
        typer.echo(f"{out}: {sum(subsets.values()):,} items, {origin}")
