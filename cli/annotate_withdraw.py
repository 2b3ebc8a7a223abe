"""The command `annotate withdraw`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from .annotate_options import Judged, Pairs, StudyFolder


def register(app: typer.Typer) -> None:
    """Add the command to `annotate`."""
    app.command()(withdraw)


def withdraw(
    dataset: Judged,
    platform: Annotated[
        Literal["link", "prolific", "mturk", "import"], typer.Option(help="Where the person came from.")
    ],
    identity: Annotated[
        str, typer.Option(help="Number of the personal link, id of the worker, or name in the imported file.")
    ],
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete all answers of the person, in place of not counting them.")
    ] = False,
    pairs: Pairs = None,
    study: StudyFolder = None,
) -> None:
    """Take a person out of a study who wishes so. Nothing of the person counts, and no answer is taken any more."""
    from bappsmith.annotation.study.errors import UnknownError
    from bappsmith.annotation.study.study import Study
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.manifests.plain_text import printable

    from .study_options import default_study

    folder = study or default_study(dataset, pairs)
    with Study.open(folder) as opened:
        try:
            opened.withdraw(opened.secret.person(platform, identity), delete=delete)
        except UnknownError:
            raise BappsmithError(
                f"nobody came to {folder} as {platform} '{printable(identity, 80)}'; check --platform and --identity"
            ) from None
    typer.echo("deleted all answers of this person" if delete else "no answer of this person counts any more")
