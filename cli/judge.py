"""judge: labellings of a finished dataset."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from .dataset import Dataset
from .options import Json
from .progress import progress_bar


def judge(
    dataset: Dataset,
    name: Annotated[str, typer.Option("--as", help="Name of the labelling.")],
    by: Annotated[
        Literal["severity", "context", "psychometric"] | None,
        typer.Option(help="Who judges; left out: the labelling is there already."),
    ] = None,
    ranking: Annotated[
        str | None, typer.Option(help="For context: operators from least to most disruptive, with commas between.")
    ] = None,
    midpoint: Annotated[float | None, typer.Option(help="For psychometric: severity of half the votes.")] = None,
    slope: Annotated[float | None, typer.Option(help="For psychometric: steepness, per unit of severity.")] = None,
    votes: Annotated[int | None, typer.Option(min=1, help="For psychometric: votes per pair.")] = None,
    activate: Annotated[
        bool, typer.Option("--activate", help="Write it to judge/ and same/, where readers of BAPPS look.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Judge the items of a finished dataset again; nothing is rendered, and the labellings it has are kept."""
    from bappsmith.manifests.dataset import Dataset as Opened
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.manifests.recipe.judges import read_judge
    from bappsmith.manifests.relabel import activate as make_active
    from bappsmith.pipeline.datasets.judge import judge_dataset

    if by is not None:
        given = {
            "ranking": None if ranking is None else [one.strip() for one in ranking.split(",")],
            "midpoint": midpoint,
            "slope": slope,
            "votes": votes,
        }
        spec = read_judge({"kind": by, **{key: value for key, value in given.items() if value is not None}})
        with progress_bar() as progress:
            judge_dataset(dataset, spec, name, lambda done, total: progress("items", done, total))
    elif not activate:
        raise BappsmithError("give --by to make a labelling, or --activate to use one that is there")
    if activate:
        make_active(dataset, name)
    seal = Opened(dataset).finished
    if as_json:
        typer.echo(json.dumps({"dataset": dataset, "active": seal.active, "labellings": list(seal.labellings)}))
    else:
        typer.echo(f"{dataset}: labellings {', '.join(seal.labellings)}; active: {seal.active}")
