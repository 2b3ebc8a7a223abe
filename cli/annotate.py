"""The commands `annotate serve` and `annotate links`: people judge in a browser."""

from __future__ import annotations

import logging
import math
import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from . import annotate_status, annotate_votes, annotate_withdraw
from .annotate_options import StudyFolder

app = typer.Typer(name="annotate", help="People judge in a browser; votes become a labelling.", no_args_is_help=True)

DatasetToJudge = Annotated[
    str, typer.Argument(metavar="DATASET", help="A finished dataset; with --pairs, the folder of the images.")
]
Pairs = Annotated[
    Path | None,
    typer.Option(help="File with pairs of images, for the task similar. Then DATASET is a folder of images."),
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: a free one.")]
Host = Annotated[str, typer.Option(help="Address to listen on. Beyond this machine only together with --public-url.")]
PublicUrl = Annotated[
    str | None, typer.Option(help="Address that people open, if it is another one, such as https://study.example.org.")
]


@app.command()
def serve(
    dataset: DatasetToJudge,
    subset: Annotated[
        list[str] | None, typer.Option(help="Subset to judge, such as 2afc/val/traditional; repeatable. Default: all.")
    ] = None,
    selection: Annotated[
        Path | None, typer.Option(help="Items to judge: a file of `bappsmith select`. Default: all items.")
    ] = None,
    pairs: Pairs = None,
    study: StudyFolder = None,
    votes: Annotated[int | None, typer.Option(min=1, help="People per item. Default: 5.")] = None,
    next_items: Annotated[
        Literal["random", "information"] | None,
        typer.Option("--next", help="What is asked first: any items, or those that teach most. Default: random."),
    ] = None,
    language: Annotated[str | None, typer.Option(help="Language of the texts, such as de. Default: en.")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Another setting of the study, KEY=VALUE, such as afc.show_ms=0 or jnd.items=80; repeatable."
        ),
    ] = None,
    texts: Annotated[
        Path | None,
        typer.Option(help="Folder with Markdown texts of your own. Default: the folder texts of the study."),
    ] = None,
    return_url: Annotated[
        str | None, typer.Option(help="Page of a crowd platform that people return to at the end.")
    ] = None,
    completion_code: Annotated[
        str | None, typer.Option(help="Code shown at the end. Default: every session has its own.")
    ] = None,
    port: Port = 8000,
    host: Host = "127.0.0.1",
    public_url: PublicUrl = None,
) -> None:
    """Serve a study until Ctrl-C. Run it again to go on: the study keeps its settings and every answer."""
    from bappsmith.annotation.pages.texts import read_texts
    from bappsmith.annotation.server.app import make_app
    from bappsmith.annotation.server.serve import listen, network_warning, public_address, run_server
    from bappsmith.annotation.server.settings import ServerSettings, check_return_url
    from bappsmith.annotation.study.study import Study
    from bappsmith.manifests.dataset import Dataset
    from bappsmith.manifests.errors import BappsmithError

    from .study_options import default_study, overlay, question_source, study_exists

    logging.basicConfig(format="bappsmith: %(message)s", level=logging.WARNING)
    check_return_url(return_url)
    public_address(host, port, public_url)
    folder = study or default_study(dataset, pairs)
    exists = study_exists(folder)
    source = question_source(dataset, subset, pairs)
    settings = overlay(
        folder if exists else None,
        {"votes": votes, "next": next_items, "language": language, "completion_code": completion_code},
        setting or (),
    )
    read = read_texts(settings.language, texts or folder / "texts")
    rows = None
    if selection is not None:
        from bappsmith.annotation.selection.selection_file import read_selection

        of = None if pairs is not None else Dataset(dataset).finished.fingerprint
        chosen = read_selection(selection, source, of)
        rows = [(name, index, None if math.isnan(share) else share) for name, index, share in chosen.rows()]
    with listen(host, port) as listening:
        address = public_address(host, listening.getsockname()[1], public_url)
        opened = Study.open(folder, source, settings) if exists else Study.create(folder, source, settings, rows)
        with opened:
            if exists and rows is not None and opened.items() != {(name, index) for name, index, _ in rows}:
                raise BappsmithError(
                    f"--selection {selection}: {folder} asks about other items; leave the option out to go on, or give "
                    "another --study"
                )
            warning = network_warning(host, address)
            if warning is not None:
                typer.echo(f"bappsmith: warning: {warning}", err=True)
            if read.untranslated:
                files = [f"{key}.md" for key in read.untranslated if key in read.pages]
                labels = [key for key in read.untranslated if key in read.labels]
                if labels:
                    files.append(f"in labels.md {', '.join(labels)}")
                typer.echo(f"bappsmith: in English, because {settings.language} lacks: {', '.join(files)}", err=True)
            made = make_app(opened, ServerSettings(address=address, texts=read, return_url=return_url))
            typer.echo(f"study: {folder}")
            typer.echo(f"link for people: {address.url}/")
            typer.echo(f"status: {address.url}/status?token={opened.secret.token('status', '')}")
            words = ["annotate", "links", dataset, "--people", "10"]
            named = {"--pairs": pairs, "--study": study, "--port": None if public_url else listening.getsockname()[1]}
            for option, value in (named | {"--public-url": public_url}).items():
                if value not in (None, 8000):
                    words += [option, str(value)]
            typer.echo(f"Ctrl-C stops. Personal links: bappsmith {shlex.join(words)}")
            sys.stdout.flush()
            run_server(made, listening)
    typer.echo(f"stopped; every answer is kept. To go on: bappsmith {shlex.join(sys.argv[1:])}")


@app.command()
def links(
    dataset: DatasetToJudge,
    people: Annotated[int, typer.Option(min=1, max=100_000, help="Number of links, one per person.")],
    task: Annotated[
        Literal["2afc", "jnd", "similar"] | None, typer.Option(help="Task of the links, if the study has several.")
    ] = None,
    pairs: Pairs = None,
    study: StudyFolder = None,
    port: Port = 8000,
    public_url: PublicUrl = None,
) -> None:
    """Print personal links, one per line. Link 3 is always the same; its owner goes on with it on any device."""
    from bappsmith.annotation.server.serve import public_address
    from bappsmith.annotation.study.secrets import read_secret
    from bappsmith.manifests.errors import BappsmithError

    from .study_options import default_study, study_exists

    folder = study or default_study(dataset, pairs)
    if not study_exists(folder):
        raise BappsmithError(f"{folder} is no study yet: run `bappsmith annotate serve {dataset}` first")
    address = public_address("127.0.0.1", port, public_url)
    secret = read_secret(folder)
    for number in range(1, people + 1):
        suffix = "" if task is None else f"&task={task}"
        typer.echo(f"{address.url}/?link={secret.token('link', str(number))}{suffix}")


annotate_status.register(app)
annotate_votes.register(app)
annotate_withdraw.register(app)
