"""The commands `annotate votes`, `import` and `export`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from .annotate_options import Judged, Pairs, StudyFolder
from .options import Json
from .progress import progress_bar


def register(app: typer.Typer) -> None:
    """Add the commands to `annotate`."""
    app.command()(votes)
    app.command("import")(import_)
    app.command()(export)


def votes(
    dataset: Judged,
    name: Annotated[str | None, typer.Option("--as", help="Name of the labelling to add to the dataset.")] = None,
    activate: Annotated[
        bool, typer.Option("--activate", help="Write the labelling to judge/ and same/, which BAPPS readers use.")
    ] = False,
    raw: Annotated[Path | None, typer.Option(help="Write all answers, without names, to this Parquet file.")] = None,
    pairs: Pairs = None,
    out: Annotated[
        Path | None, typer.Option(help="With --pairs: write the judged pairs to this CSV or Parquet file.")
    ] = None,
    study: StudyFolder = None,
    as_json: Json = False,
) -> None:
    """Make the votes of a study a labelling of the dataset: k of n votes for every item, and where they come from."""
    from bappsmith.annotation.study.study import Study
    from bappsmith.annotation.votes.labelling import judged_votes, label_dataset
    from bappsmith.annotation.votes.raw_votes import write_raw_votes
    from bappsmith.annotation.votes.status import NUMBERS
    from bappsmith.manifests.dataset import Dataset
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.manifests.relabel import activate as make_active

    from .study_options import default_study, open_pairs

    if name is None and raw is None and out is None:
        raise BappsmithError("say what to make of the votes: --as NAME for a labelling, or --raw FILE for a table")
    if name is not None and pairs is not None:
        raise BappsmithError("pairs of images have no labellings; give --out FILE in place of --as")
    if activate and name is None:
        raise BappsmithError("--activate needs the name of the labelling: --as NAME")
    if out is not None and pairs is None:
        raise BappsmithError("--out is for pairs of images (--pairs); a dataset gets a labelling: --as NAME")
    # Votes on pairs go by position, so the file must be the one that the study began with.
    asked = None if pairs is None else open_pairs(dataset, pairs)
    with Study.open(study or default_study(dataset, pairs), asked, write=False) as opened:
        table, source = judged_votes(opened)
        key = opened.secret.key(NUMBERS)
    made: dict[str, Any] = {"dataset": dataset, "votes": source["votes"], "people": source["people"]}
    if name is not None:
        labellings = label_dataset(Dataset(dataset), name, table, source)
        if activate:
            make_active(dataset, name)
        rows = [(str(path), len(labels), int((labels.votes == 0).sum())) for path, labels in labellings.items()]
        made |= {"labelling": name, "active": Dataset(dataset).finished.active}
        made["subsets"] = [{"subset": path, "items": items, "unjudged": lacking} for path, items, lacking in rows]
    if asked is not None and out is not None:
        from bappsmith.annotation.votes.pairs import pairs_with_votes
        from bappsmith.lpips.data.retrieval.write import write_pairs

        judged = pairs_with_votes(asked.pairs, table)
        write_pairs(out, judged)
        made |= {"pairs": len(judged), "unjudged": sum(pair.votes == 0 for pair in judged)}
    if raw is not None:
        made["answers"] = write_raw_votes(raw, table, key)
    if as_json:
        typer.echo(json.dumps(made))
        return
    typer.echo(f"{made['votes']:,} votes of {made['people']:,} people; set aside: {source['set_aside']}")
    for row in made.get("subsets", ()):
        typer.echo(f"{row['subset']}: {row['items'] - row['unjudged']:,} of {row['items']:,} items judged")
    if name is not None:
        typer.echo(f"{dataset}: labelling {name} added; active: {made['active']}")
        if any(row["unjudged"] for row in made["subsets"]):
            typer.echo("items that nobody judged have the share .5, no votes, and weight 0 in training")
    if out is not None:
        typer.echo(f"{out}: {made['pairs']:,} pairs, {made['unjudged']:,} without votes")
    if raw is not None:
        typer.echo(f"{raw}: {made['answers']:,} answers without names")


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="CSV with subset, index, person, choice; or JSON of jsPsych or Label Studio."
        ),
    ],
    dataset: Judged,
    subset: Annotated[
        list[str] | None, typer.Option(help="Subset of a new study; repeatable. Default: all subsets.")
    ] = None,
    pairs: Pairs = None,
    study: StudyFolder = None,
    as_json: Json = False,
) -> None:
    """Import votes from elsewhere into a study, which is made if there is none. All lines are stored, or none."""
    from bappsmith.annotation.quality.apply_rules import apply_rules
    from bappsmith.annotation.study.study import Study
    from bappsmith.annotation.votes.import_votes import check_votes, import_votes
    from bappsmith.annotation.votes.vote_rows import unused_columns

    from .study_options import default_study, question_source, study_exists

    folder = study or default_study(dataset, pairs)
    source = question_source(dataset, subset, pairs)
    exists = study_exists(folder)
    if not exists:
        check_votes(file, source)
    with Study.open(folder, source) if exists else Study.create(folder, source) as opened:
        imported = import_votes(opened, source, file)
        apply_rules(opened)
    unused = unused_columns(file)
    if as_json:
        typer.echo(json.dumps({"study": str(folder), **vars(imported), "unused_columns": unused}))
        return
    again = f"; {imported.again:,} were there already" if imported.again else ""
    typer.echo(f"{folder}: {imported.added:,} answers imported{again}")
    if unused:
        typer.echo(f"columns that were not used: {', '.join(unused)}")


def export(
    dataset: Judged,
    tool: Annotated[Literal["csv", "label-studio", "jspsych"], typer.Option("--for", help="The other tool.")],
    out: Annotated[Path, typer.Option(help="New folder for task list and pictures.")],
    subset: Annotated[list[str] | None, typer.Option(help="Subset to ask about; repeatable. Default: all.")] = None,
    selection: Annotated[
        Path | None, typer.Option(help="Items to ask about: a file of `bappsmith select`. Default: all items.")
    ] = None,
    pairs: Pairs = None,
    pictures: Annotated[
        str | None,
        typer.Option(help="Label Studio: address before the paths of pictures, such as https://host/study/."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the task list with its pictures for another tool. `annotate import` reads what that tool exports."""
    from bappsmith.annotation.selection.selection_file import read_selection
    from bappsmith.annotation.study.settings import StudySettings
    from bappsmith.annotation.votes.export.export import export_tasks
    from bappsmith.manifests.errors import BappsmithError

    from .study_options import question_source

    if pictures is not None and tool != "label-studio":
        raise BappsmithError(f"--pictures is for Label Studio; {tool} finds the pictures beside its task list")
    source = question_source(dataset, subset, pairs)
    if selection is None:
        items = [(name, index) for name in source.tasks() for index in range(source.count(name))]
    else:
        items = [(name, index) for name, index, _ in read_selection(selection, source).rows()]
    with progress_bar() as progress:
        made = export_tasks(
            source,
            items,
            tool,
            out,
            settings=StudySettings(),
            pictures=pictures,
            progress=lambda done, total: progress("items", done, total),
        )
    if as_json:
        typer.echo(json.dumps({"items": len(items), "files": [str(file) for file in made]}))
        return
    for file in made:
        typer.echo(str(file))
