"""info, convert, sample, split, merge: datasets from datasets."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Annotated, cast

import typer

from .dataset import Dataset
from .options import Json
from .progress import progress_bar

if TYPE_CHECKING:
    from bappsmith.manifests.forms.form import Form

Out = Annotated[str, typer.Option(help="Folder or address of the new dataset.")]
FormOption = Annotated[str, typer.Option("--form", help="folders, tar, packed or parquet.")]
Seed = Annotated[int, typer.Option(min=0, help="Another one chooses others.")]


def info(dataset: Dataset, as_json: Json = False) -> None:
    """Say what a dataset holds."""
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
        often = ", ".join(f"{name} {count:,}" for name, count in list(subset["operators"].items())[:6])
        more = len(subset["operators"]) - 6
        typer.echo(f"    {often}{f' and {more} more operators' if more > 0 else ''}")
    for parent in facts["parents"]:
        typer.echo(f"  made of {parent['name']} ({parent['fingerprint'][:12]})")
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    typer.echo(f"  fingerprint {facts['fingerprint'][:12]}, made with {versions}")


def convert(
    dataset: Dataset,
    out: Out,
    form: Annotated[str, typer.Option("--to", help="folders, tar, packed or parquet.")],
) -> None:
    """Store a dataset in another form; pixels stay the same."""
    from bappsmith.pipeline.datasets.derive import convert as make

    with progress_bar() as progress:
        make(dataset, out, cast("Form", form), partial(progress, "items"))
    typer.echo(f"{out}: {dataset} as {form}")


def sample(
    dataset: Dataset,
    out: Out,
    fraction: Annotated[float, typer.Option(help="Share of the items of every subset, in (0, 1].")],
    seed: Seed = 0,
    form: FormOption = "folders",
) -> None:
    """Take a share of a dataset's items at random."""
    from bappsmith.pipeline.datasets.derive import sample as make

    with progress_bar() as progress:
        make(dataset, out, fraction, seed=seed, form=cast("Form", form), progress=partial(progress, "items"))
    typer.echo(f"{out}: {fraction:g} of {dataset}")


def split(
    dataset: Dataset,
    out: Out,
    val_fraction: Annotated[float, typer.Option(help="Share of the photographs that become val.")] = 0.2,
    seed: Seed = 0,
    form: FormOption = "folders",
) -> None:
    """Divide 2afc/train subsets into train and val, by photographs."""
    from bappsmith.pipeline.datasets.derive import split as make

    with progress_bar() as progress:
        make(
            dataset,
            out,
            val_fraction,
            seed=seed,
            form=cast("Form", form),
            progress=partial(progress, "items"),
        )
    typer.echo(f"{out}: {dataset}, divided")


def merge(
    datasets: Annotated[list[str], typer.Argument(help="Two or more finished datasets.")],
    out: Out,
    form: FormOption = "folders",
) -> None:
    """Lay datasets end to end; none may share an item, or a photograph across train and val."""
    from bappsmith.pipeline.datasets.derive import merge as make

    with progress_bar() as progress:
        make(datasets, out, form=cast("Form", form), progress=partial(progress, "items"))
    typer.echo(f"{out}: {' + '.join(datasets)}")
