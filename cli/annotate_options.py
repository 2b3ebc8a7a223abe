"""Arguments and options that commands of `annotate` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Judged = Annotated[
    str, typer.Argument(metavar="DATASET", help="The dataset that is judged; with --pairs, the folder of the images.")
]
Pairs = Annotated[
    Path | None, typer.Option(help="File with the pairs of images that are judged, for the task similar.")
]
StudyFolder = Annotated[Path | None, typer.Option("--study", help="Folder of the study. Default: DATASET-study.")]
