"""A metric as a folder: `model.safetensors`, which is a checkpoint, `config.json` and a card, `README.md`.

That is how models are kept on the Hugging Face Hub.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.store.atomic import sha256_file

CONFIG, WEIGHTS, METRIC_CARD = "config.json", "model.safetensors", "README.md"
METRIC_FILES = (CONFIG, WEIGHTS, METRIC_CARD)
LARGEST_CONFIG = 1 << 20
"""Bytes; a larger config.json is refused before it is read."""


def find_weights(folder: Path) -> Path:
    """Return the file of the weights in the folder of a metric, after a check that config.json belongs to it.

    Raises:
        BappsmithError: a file is missing or damaged, or the weights are not those that config.json names.
    """
    config, weights = folder / CONFIG, folder / WEIGHTS
    for path in (config, weights):
        if not path.is_file():
            raise BappsmithError(f"{folder} is not the folder of a metric (it has no {path.name}); give a checkpoint")
    try:
        if config.stat().st_size > LARGEST_CONFIG:
            raise ValueError(f"it has more than {LARGEST_CONFIG:,} bytes")
        content: Any = json.loads(config.read_bytes())
        digest = content["weights_sha256"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise BappsmithError(
            f"{config}: not the config.json of a metric of bappsmith ({printable(repr(error), 120)}); restore it"
        ) from error
    if digest != sha256_file(weights):
        raise BappsmithError(f"{weights} is not the file that {CONFIG} names by its hash; restore both from a copy")
    return weights
