"""The commands `annotate status`, `votes`, `import` and `export`."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .options import Json
from .progress import progress_bar
from .table import print_table

if TYPE_CHECKING:
    from bappsmith.annotation.quality.krippendorff import Estimate
    from bappsmith.annotation.votes.status import StudyStatus

Judged = Annotated[
    str, typer.Argument(metavar="DATASET", help="The dataset that is judged; with --pairs, the folder of the images.")
]
Pairs = Annotated[Path | None, typer.Option(help="File with the pairs of images that are judged, for the task similar.")]
StudyFolder = Annotated[Path | None, typer.Option("--study", help="Folder of the study. Default: DATASET-study.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `annotate`."""
    app.command()(status)
    app.command()(votes)
    app.command("import")(import_)
    app.command()(export)


def status(dataset: Judged, pairs: Pairs = None, study: StudyFolder = None, as_json: Json = False) -> None:
    """Print progress, agreement, the ceiling so far, and people: who is set aside, and why. Nothing is changed."""
    from bappsmith.annotation.study.study import Study
    from bappsmith.annotation.votes.status import study_status

    from .study_options import default_study

    with Study.open(study or default_study(dataset, pairs), write=False) as opened:
        known = study_status(opened)
    if as_json:
        typer.echo(json.dumps(known.to_json(), ensure_ascii=False))
        return
    _print(known)


def votes(
    dataset: Judged,
    name: Annotated[str | None, typer.Option("--as", help="Name of the labelling to add to the dataset.")] = None,
    activate: Annotated[
        bool, typer.Option("--activate", help="Write the labelling to judge/ and same/, which BAPPS readers use.")
    ] = False,
    raw: Annotated[
        Path | None, typer.Option(help="Write all answers, without names, to this Parquet file.")
    ] = None,
    pairs: Pairs = None,
    out: Annotated[Path | None, typer.Option(help="With --pairs: write the judged pairs to this CSV or Parquet file.")] = None,
    study: StudyFolder = None,
    as_json: Json = False,
) -> None:
    """Make the votes of a study a labelling of the dataset: k of n votes for every item, and where they come from."""
    from bappsmith.annotation.quality.rules import Rules, judged_by_rules
    from bappsmith.annotation.study.study import Study
    from bappsmith.annotation.votes.raw_votes import write_raw_votes
    from bappsmith.manifests.errors import BappsmithError

    from .study_options import default_study

    if name is None and raw is None and out is None:
        raise BappsmithError("say what to make of the votes: --as NAME for a labelling, --raw FILE for a table")
    if (name is not None) == (pairs is not None) and (name is not None or activate):
        raise BappsmithError("pairs of images have no labellings; give --out FILE in place of --as")
    if activate and name is None:
        raise BappsmithError("--activate needs the name of the labelling: --as NAME")
    if out is not None and pairs is None:
        raise BappsmithError("--out is for pairs of images (--pairs); give --as NAME to label a dataset")
    with Study.open(study or default_study(dataset, pairs), write=False) as opened:
        rules = Rules.of(opened.settings)
        _, table = judged_by_rules(opened.votes(), rules)
        protocol, fingerprint = opened.settings.model_dump(mode="json"), opened.fingerprint
        key = opened.secret.key("numbers of people")
    facts: dict[str, object] = {}
    if name is not None:
        facts |= _label(dataset, name, table, protocol, fingerprint, rules, activate)
    if pairs is not None and out is not None:
        facts |= _write_pairs(dataset, pairs, table, out)
    if raw is not None:
        facts |= {"raw": str(raw), "answers": write_raw_votes(raw, table, key)}
    if as_json:
        typer.echo(json.dumps(facts))
        return
    for line in _lines(dataset, facts):
        typer.echo(line)


def _label(
    dataset: str,
    name: str,
    table: object,
    protocol: dict[str, object],
    fingerprint: str,
    rules: object,
    activate: bool,
) -> dict[str, object]:
    import pyarrow as pa

    from bappsmith.annotation.quality.rules import Rules
    from bappsmith.annotation.votes.labelling import provenance, votes_labelling
    from bappsmith.manifests.dataset import Dataset
    from bappsmith.manifests.relabel import activate as make_active
    from bappsmith.manifests.relabel import add_labelling

    assert_table = pa.table
    return {}
