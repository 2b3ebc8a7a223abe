"""Perceptual-similarity datasets in the BAPPS format, and LPIPS trained on them: the names that most programs need.

Every name is imported at its first use, so that `import bappsmith` is fast. The rest of the library is in
`bappsmith.manifests`, `bappsmith.lpips`, `bappsmith.distortions`, `bappsmith.pipeline`, `bappsmith.annotation`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bappsmith.distortions.distort import distort
    from bappsmith.lpips.data.torch_view import TorchView
    from bappsmith.lpips.evaluation.evaluate import evaluate
    from bappsmith.lpips.model.checkpoint import load_metric
    from bappsmith.lpips.model.lpips import LPIPS
    from bappsmith.lpips.training.train import train
    from bappsmith.manifests.dataset import Dataset
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.manifests.recipe.model import Recipe
    from bappsmith.pipeline.datasets.convert import convert
    from bappsmith.pipeline.datasets.replay import replay
    from bappsmith.pipeline.datasets.verify import verify
    from bappsmith.pipeline.dry_run import dry_run
    from bappsmith.pipeline.generate import generate
    from bappsmith.pipeline.stream import TripletStream

    __version__: str

_HOME = {
    "BappsmithError": "manifests.errors",
    "Dataset": "manifests.dataset",
    "LPIPS": "lpips.model.lpips",
    "Recipe": "manifests.recipe.model",
    "TorchView": "lpips.data.torch_view",
    "TripletStream": "pipeline.stream",
    "convert": "pipeline.datasets.convert",
    "distort": "distortions.distort",
    "dry_run": "pipeline.dry_run",
    "evaluate": "lpips.evaluation.evaluate",
    "generate": "pipeline.generate",
    "load_metric": "lpips.model.checkpoint",
    "replay": "pipeline.datasets.replay",
    "train": "lpips.training.train",
    "verify": "pipeline.datasets.verify",
}
"""Public name → module that defines it, below bappsmith."""

__all__ = [
    "LPIPS",
    "BappsmithError",
    "Dataset",
    "Recipe",
    "TorchView",
    "TripletStream",
    "__version__",
    "convert",
    "distort",
    "dry_run",
    "evaluate",
    "generate",
    "load_metric",
    "replay",
    "train",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("bappsmith")
    if name not in _HOME:
        raise AttributeError(f"module 'bappsmith' has no attribute '{name}'")
    return getattr(import_module(f"bappsmith.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
