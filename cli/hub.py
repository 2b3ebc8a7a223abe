"""The commands `push` and `pull`: datasets and metrics on the Hugging Face Hub."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from .options import Json
from .progress import progress_bar

RepositoryName = Annotated[str, typer.Argument(metavar="USER/NAME", help="Repository on the Hugging Face Hub.")]


def push(
    path: Annotated[
        Path, typer.Argument(help="A finished dataset of form parquet or tar; or a metric: a checkpoint or its folder.")
    ],
    repository: RepositoryName,
    public: Annotated[
        bool, typer.Option("--public", help="Let everybody read the repository. A new one is private otherwise.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Upload a dataset or a metric to the Hugging Face Hub. Run the same command again to go on.

    The token comes from `hf auth login` or the variable HF_TOKEN.
    """
    if path.is_file() or (path / "model.safetensors").is_file():
        from bappsmith.lpips.model.pretrained import push_metric

        with progress_bar() as progress:
            private = push_metric(path, repository, public=public, progress=partial(progress, "files"))
        facts = {"repository": repository, "kind": "metric", "private": private}
        text = f"metric, {_visible(private)}. To load it: bappsmith.lpips.from_pretrained('{repository}')"
    else:
        from bappsmith.pipeline.datasets.push import push as upload

        with progress_bar() as progress:
            pushed = upload(path, repository, public=public, progress=partial(progress, "files"))
        private = pushed.private
        facts = {
            "repository": repository,
            "kind": "dataset",
            "private": private,
            "files": pushed.files,
            "uploaded": pushed.uploaded,
        }
        text = f"{pushed.files:,} files ({pushed.uploaded:,} uploaded now), {_visible(private)}"
    typer.echo(json.dumps(facts) if as_json else f"{repository}: {text}")


def pull(
    repository: RepositoryName,
    out: Annotated[Path, typer.Option(help="Folder for the dataset or metric; it must not exist.")],
    metric: Annotated[bool, typer.Option("--metric", help="The repository holds a metric.")] = False,
    revision: Annotated[str | None, typer.Option(help="Branch, tag or commit. Default: the newest.")] = None,
    as_json: Json = False,
) -> None:
    """Download a dataset or a metric from the Hugging Face Hub, and check it. Run it again to go on."""
    if metric:
        from bappsmith.lpips.model.pretrained import pull_metric

        loaded = pull_metric(repository, out, revision=revision)
        facts = {"metric": str(out), "net": loaded.net, "forms": list(loaded.forms)}
        text = f"metric, net {loaded.net}, forms {', '.join(loaded.forms)}"
    else:
        from bappsmith.pipeline.datasets.pull import pull as download

        with progress_bar() as progress:
            seal = download(repository, out, revision=revision, progress=progress).finished
        subsets = {str(path): count for path, count in seal.subsets.items()}
        facts = {"dataset": str(out), "items": sum(subsets.values()), "subsets": subsets}
        text = f"{sum(subsets.values()):,} items, as sealed"
    typer.echo(json.dumps(facts) if as_json else f"{out}: {text}")


def _visible(private: bool) -> str:
    return "private" if private else "public"
