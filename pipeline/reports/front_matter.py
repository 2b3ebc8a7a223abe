"""The front matter of a dataset card: YAML between two lines `---`, read by the Hugging Face Hub and `load_dataset`.

Without it, `datasets.load_dataset` guesses the meaning of images in folders, and mixes 2AFC with JND.
"""

from __future__ import annotations

from typing import Any

import yaml

from bappsmith.manifests.dataset_log import RECIPE_LABELS
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER, Split
from bappsmith.manifests.table import labels_name, manifest_name

_FENCE = "---\n"
_SPLITS: dict[Split, str] = {"train": "train", "val": "validation"}
_SHARDS = {"tar": "*.tar", "parquet": "*.parquet"}
"""Forms whose images the Hub reads. Of other forms it reads the manifest only."""
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
# fmt: off
_LICENSES = {
    "0bsd", "agpl-3.0", "apache-2.0", "bsd-2-clause", "bsd-3-clause", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0",
    "cc-by-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0",
    "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0",
    "cc0-1.0", "cdla-permissive-1.0", "cdla-permissive-2.0", "cdla-sharing-1.0", "gfdl", "gpl-2.0", "gpl-3.0", "isc",
    "lgpl-3.0", "mit", "odbl", "odc-by", "pddl", "unlicense", "wtfpl",
}
# fmt: on
"""SPDX names that the Hub knows, in lower case. It refuses others."""


def with_front_matter(card: str, run: Run) -> str:
    """Return the card with the front matter of this run; an existing front matter is replaced."""
    body = card
    if card.startswith(_FENCE):
        body = card.partition(f"\n{_FENCE}")[2] or card
    text = yaml.safe_dump(_facts(run), sort_keys=False)
    return f"{_FENCE}{text}{_FENCE}{body}"


def _facts(run: Run) -> dict[str, Any]:
    recipe = run.recipe
    total = sum(subset.count for subset in recipe.subsets)
    license_name = recipe.sources.license.strip().lower()
    return {
        "pretty_name": recipe.name,
        **({"license": license_name} if license_name in _LICENSES else {}),
        "annotations_creators": ["machine-generated"],
        "tags": ["bapps", "lpips", "perceptual-similarity", "image-quality", "synthetic"],
        "size_categories": [next((name for limit, name in _SIZES if total < limit), "1M<n<10M")],
        "configs": _configs(run),
        **({"dataset_info": _features(run)} if run.form == "parquet" else {}),
    }


def _configs(run: Run) -> list[dict[str, Any]]:
    """Return one configuration per subset name, with its splits. The name of one without images says so."""
    configs: dict[str, list[dict[str, str]]] = {}
    for subset in (subset_recipe.where for subset_recipe in run.recipe.subsets):
        name = f"{subset.kind}-{subset.name}"
        if run.form in _SHARDS:
            files = {name: f"{subset}/{_SHARDS[run.form]}"}
        else:
            labels = labels_name(subset, RECIPE_LABELS)
            files = {f"{name}-manifest": manifest_name(subset), f"{name}-labels": labels}
        for config, path in files.items():
            configs.setdefault(config, []).append({"split": _SPLITS[subset.split], "path": path})
    return [{"config_name": name, "data_files": files} for name, files in configs.items()]


def _features(run: Run) -> list[dict[str, Any]]:
    """Return the columns of every configuration, as the Hub shows them before it reads a file."""
    infos: dict[str, dict[str, Any]] = {}
    for subset_recipe in run.recipe.subsets:
        subset = subset_recipe.where
        name = f"{subset.kind}-{subset.name}"
        columns = {
            "index": "int32",
            **dict.fromkeys(IMAGE_FOLDERS[subset.kind], "image"),
            LABEL_FOLDER[subset.kind]: "float32",
        }
        features = [{"name": column, "dtype": dtype} for column, dtype in columns.items()]
        infos[name] = {"config_name": name, "features": features}
    return list(infos.values())
