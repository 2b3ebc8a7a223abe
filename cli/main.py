"""The command `bappsmith`: parse, call one function, print.

Large libraries are imported only by the commands that need them, so that `--help` is fast.
"""

from __future__ import annotations

import inspect
import shlex
import signal
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from . import (
    annotate,
    attack,
    bank,
    calibrate,
    certify,
    compare,
    curve,
    dataset,
    derive,
    distortions,
    evaluate,
    export,
    hub,
    judge,
    quickstart,
    recipe,
    select,
    select_pairs,
    train,
)

app = typer.Typer(
    name="bappsmith",
    help="Make perceptual-similarity datasets in the BAPPS format, and train LPIPS on them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"bappsmith {version('bappsmith')}")
        raise typer.Exit


@app.callback(epilog="Begin with: bappsmith quickstart. What a command takes: bappsmith COMMAND --help.")
def _before(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version, and exit.")
    ] = False,
) -> None:
    """Make perceptual-similarity datasets in the BAPPS format, and train LPIPS on them."""


BEGIN, MAKE, KEEP = "Begin here", "Make a dataset", "Look at datasets and remake them"
JUDGE, LEARN, SHARE = "Judgments of people and models", "The metric", "Hugging Face Hub"


def _add(group: str, *commands: Callable[..., None]) -> None:
    """Add commands to a group. Lines of their texts are joined: typer keeps the line breaks of the source."""
    for command in commands:
        paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
        app.command(rich_help_panel=group, help="\n\n".join(text.replace("\n", " ") for text in paragraphs))(command)


_add(BEGIN, quickstart.quickstart)
_add(MAKE, dataset.generate, calibrate.calibrate)
for commands in (recipe, distortions, bank):
    app.add_typer(commands.app, rich_help_panel=MAKE)
_add(KEEP, derive.info, dataset.show, dataset.verify, dataset.replay)
_add(KEEP, derive.convert, derive.sample, derive.split, derive.merge)
_add(JUDGE, judge.judge, select.select, select_pairs.select_pairs, curve.curve)
app.add_typer(annotate.app, rich_help_panel=JUDGE)
_add(LEARN, train.train, evaluate.evaluate, compare.compare, certify.certify, attack.attack, export.export)
_add(SHARE, hub.push, hub.pull)


def _stop(number: int, frame: object) -> None:
    """Stop on a signal, as from a batch system. Workers end, and finished parts are kept."""
    sys.exit(128 + number)


def run() -> None:
    """Run the command line. Errors for the user are one line on standard error, with exit status 1."""
    from bappsmith.manifests.errors import BappsmithError

    signal.signal(signal.SIGTERM, _stop)
    try:
        app(prog_name="bappsmith")  # also where another program calls this function
    except BappsmithError as error:
        print(f"bappsmith: {error}", file=sys.stderr)
        sys.exit(1)
    except SystemExit as ended:
        if ended.code in (130, 143):  # typer turns Ctrl-C into 130, without a message
            print("bappsmith: stopped; finished parts are kept, run the same command again to go on", file=sys.stderr)
        raise
    except BrokenPipeError:
        sys.exit(1)
    except OSError as error:
        # The error of a full disk names no file, but the command names input and output.
        files = "".join(f"{file}: " for file in (error.filename, error.filename2) if file is not None)
        print(f"bappsmith: {shlex.join(sys.argv[1:])}: {files}{error.strerror or error}", file=sys.stderr)
        sys.exit(1)
