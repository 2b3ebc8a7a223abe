"""The command `bappsmith`: parse, call one function, print.

Large libraries are imported only by the commands that need them, so that `--help` is fast.
"""

from __future__ import annotations

import shlex
import signal
import sys

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
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(quickstart.quickstart)
app.command()(dataset.generate)
app.command()(dataset.verify)
app.command()(dataset.show)
app.command()(dataset.replay)
app.command()(judge.judge)
app.command()(select.select)
app.command()(select_pairs.select_pairs)
app.command()(curve.curve)
app.command()(derive.info)
app.command()(derive.convert)
app.command()(derive.sample)
app.command()(derive.split)
app.command()(derive.merge)
app.command()(hub.push)
app.command()(hub.pull)
app.add_typer(recipe.app)
app.add_typer(distortions.app)
app.add_typer(bank.app)
app.add_typer(annotate.app)
app.command()(calibrate.calibrate)
app.command()(train.train)
app.command()(evaluate.evaluate)
app.command()(certify.certify)
app.command()(attack.attack)
app.command()(export.export)
app.command()(compare.compare)


def _stop(number: int, frame: object) -> None:
    """Stop on a signal, as from a batch system. Workers end, and finished parts are kept."""
    sys.exit(128 + number)


def run() -> None:
    """Run the command line. Errors for the user are one line on standard error, with exit status 1."""
    from bappsmith.manifests.errors import BappsmithError

    signal.signal(signal.SIGTERM, _stop)
    try:
        app()
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
