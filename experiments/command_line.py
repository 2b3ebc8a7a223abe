"""What the command lines of experiments share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError


def run_script(main: Callable[[], None]) -> None:
    """Run a script. Errors for the user are one line on standard error, with exit status 1."""
    try:
        main()
    except (BappsmithError, OSError) as error:
        sys.exit(f"error: {error}")


def read_weights(given: Sequence[str], nets: Sequence[str]) -> dict[str, str]:
    """Read values of --weights, NET=FILE or NET=pretrained; return net → file.

    Raises:
        BappsmithError: a value has another form, its net is unknown, or its file does not exist.
    """
    weights: dict[str, str] = {}
    for text in given:
        net, _, file = text.partition("=")
        if net not in nets or not file:
            raise BappsmithError(
                f"--weights {text}: give NET=FILE or NET=pretrained, with NET one of {', '.join(nets)}"
            )
        if file != "pretrained" and not Path(file).is_file():
            raise BappsmithError(f"--weights {text}: {file} is not a file; give a file of weights, or {net}=pretrained")
        weights[net] = file
    return weights
