"""Run models once, in a process of its own.

ncnn is C++ that reads what a person downloaded. A file that crashes it, never ends or takes all memory then ends that
process, and not the run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from .running import LoadedModel, load_model

SECONDS = 60
"""Time that each model has; one with 17 million weights takes about a second."""
BYTES = 8 << 30
"""Address space of the process."""
SIZES = ((19, 23), (24, 16))
"""Heights and widths of the images. A model that needs sides with a common divisor fails."""
LEVELS = 25
"""Mean difference from the ramp that was to be enlarged above which a model does something else."""


def scales(models: Mapping[Path, Path]) -> list[int]:
    """Return how many times each model enlarges an image along a side.

    Args:
        models: .param file → .bin file.

    Raises:
        BappsmithError: a model cannot be read, fails, or does not enlarge.
    """
    # A worker may have its packages from elsewhere than a fresh interpreter.
    path = os.pathsep.join(entry for entry in sys.path if entry)
    single = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    files = [str(file) for pair in models.items() for file in pair]
    try:
        process = subprocess.run(
            [sys.executable, "-P", "-m", f"{__package__}.trial", *files],
            capture_output=True,
            env={**os.environ, **single, "PYTHONPATH": path},
            timeout=SECONDS * len(models),
            check=False,
            stdin=subprocess.DEVNULL,
        )
        output, messages, reason = process.stdout, process.stderr, "crashes ncnn, or needs too much memory"
    except subprocess.TimeoutExpired as late:
        output, messages, reason = late.stdout or b"", late.stderr or b"", f"does not end within {SECONDS} s"
    results = [json.loads(line) for line in output.decode().splitlines()]
    found = [result["scale"] for result in results if "scale" in result]
    if len(found) < len(models):
        param = list(models)[len(found)]
        problem = next((result["problem"] for result in results if "problem" in result), f"model {param}: {reason}")
        last = messages.decode(errors="replace").strip().rpartition("\n")[2]
        detail = f" ({printable(last, 120)})" if last else ""
        raise BappsmithError(f"{problem}{detail}; give another model, or remove this one")
    return found


def scale_of(model: LoadedModel) -> int:
    """Return how many times a model enlarges an image along a side.

    Raises:
        BappsmithError: it fails, or does not enlarge both sides by the same whole number.
    """
    found: set[int] = set()
    for size in SIZES:
        height, width = size
        image = np.rint(_ramp(size)).astype(np.uint8)
        result = model.enlarge(image, light=False)
        scale = result.shape[0] // height
        if scale < 1 or result.shape[:2] != (scale * height, scale * width):
            raise BappsmithError(
                f"model {model.param}: returns {result.shape[1]}×{result.shape[0]} px for {width}×{height} px, which "
                "is not a whole multiple of both sides"
            )
        difference = float(np.abs(result - _ramp(result.shape[:2])).mean())
        if difference > LEVELS:
            raise BappsmithError(
                f"model {model.param}: does not return the enlarged image ({difference:.0f} levels from it in the "
                "mean); it must take and return RGB in [0, 1]"
            )
        if not np.array_equal(result, model.enlarge(image)):
            raise BappsmithError(
                f"model {model.param}: uses an intermediate result twice without a layer Split, so that ncnn returns "
                "wrong numbers"
            )
        found.add(scale)
    if len(found) > 1:
        raise BappsmithError(f"model {model.param}: enlarges one image more than another")
    return found.pop()


def _ramp(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return a smooth ramp of three colours, float32 H×W×3 of levels; it is the same picture at any shape."""
    y, x = ((np.arange(side, dtype=np.float32) + 0.5) / side for side in shape)
    red, green = np.broadcast_arrays(y[:, None], x)
    return np.dstack([60 + 160 * red, 40 + 160 * green, 200 - 80 * (red + green) / 2]).astype(np.float32)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main(files: list[str]) -> None:
    """Print a line of JSON per model: its scale, or the first problem."""
    _limit_memory()
    for param, weights in zip(files[::2], files[1::2], strict=True):
        try:
            line = {"scale": scale_of(load_model(Path(param), Path(weights)))}
        except BappsmithError as error:
            line = {"problem": str(error)}
        print(json.dumps(line), flush=True)
        if "problem" in line:
            return


if __name__ == "__main__":
    _main(sys.argv[1:])
