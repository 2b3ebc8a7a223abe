"""The command `judge`: labellings of a finished dataset."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from .dataset import DatasetArgument
from .options import Json
from .progress import progress_bar


def judge(
    dataset: DatasetArgument,
    name: Annotated[str, typer.Option("--as", help="Name of the labelling.")],
    by: Annotated[
        Literal["severity", "context", "psychometric"] | None,
        typer.Option(help="The judge. Leave it out if the labelling exists already."),
    ] = None,
    ranking: Annotated[
        str | None, typer.Option(help="For context: operators from least to most disruptive, separated by commas.")
    ] = None,
    midpoint: Annotated[
        float | None, typer.Option(help="For psychometric: severity at which half of the votes are 'same'.")
    ] = None,
    slope: Annotated[float | None, typer.Option(help="For psychometric: steepness, per unit of severity.")] = None,
    votes: Annotated[int | None, typer.Option(min=1, help="For psychometric: votes per pair.")] = None,
    activate: Annotated[
        bool, typer.Option("--activate", help="Write the labelling to judge/ and same/, which BAPPS readers use.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Judge the items of a finished dataset again. Nothing is rendered, and other labellings are kept."""
    from bappsmith.manifests.dataset import Dataset
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.manifests.recipe.judges import read_judge
    from bappsmith.manifests.relabel import activate as make_active
    from bappsmith.pipeline.datasets.judge import judge_dataset

    if by is not None:
        given = {
            "ranking": None if ranking is None else [name.strip() for name in ranking.split(",")],
            "midpoint": midpoint,
            "slope": slope,
            "votes": votes,
        }
        spec = read_judge({"kind": by, **{key: value for key, value in given.items() if value is not None}})
        with progress_bar() as progress:
            judge_dataset(dataset, spec, name, lambda done, total: progress("items", done, total))
    elif not activate:
        raise BappsmithError("give --by to make a labelling, or --activate to use an existing one")
    if activate:
        make_active(dataset, name)
    seal = Dataset(dataset).finished
    if as_json:
        typer.echo(json.dumps({"dataset": dataset, "active": seal.active, "labellings": list(seal.labellings)}))
    else:
        typer.echo(f"{dataset}: labellings {', '.join(seal.labellings)}; active: {seal.active}")
