"""A metric by its name, as in `bappsmith evaluate`, and its distances between the patches of items."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.strict import Strict

from .judged_items import Images

if TYPE_CHECKING:
    from bappsmith.lpips.evaluation.baselines import Metric

BELOW_ZERO = 1e-3
"""Distances below 0 by less than this are rounding errors: those of SSIM in float32 reach 2e-4."""
BATCH = 64
"""Items per call of a metric. Shorter batches are filled up, because libraries round otherwise for other lengths."""
ROUNDING = 1e-6
"""Distances below this are rounding errors: metrics compute in float32, with values of about 1."""


class NamedMetric(Strict):
    """A metric by its name.

    Attributes:
        metric: a baseline such as gmsd or haarpsi; random, untrained, lpips or dists; or the path of a checkpoint.
        net: trunk of random, untrained and lpips, default alex.
        trunk_weights: file of trunk weights; default: downloaded.
        head_weights: file with the heads of lpips.
        seed: of a random trunk.
    """

    metric: str = Field(min_length=1)
    net: str | None = None
    trunk_weights: str | None = None
    head_weights: str | None = None
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, data: Any) -> Any:
        return {"metric": data} if isinstance(data, str) else data

    @property
    def files(self) -> tuple[Path, ...]:
        """The files with weights that it reads."""
        checkpoint = self.metric if self.metric.endswith(".safetensors") or Path(self.metric).is_file() else None
        return tuple(Path(file) for file in (checkpoint, self.trunk_weights, self.head_weights) if file is not None)

    @property
    def title(self) -> str:
        """Its name in figures: that of the metric, or of the file without its folder; then that of the net."""
        return Path(self.metric).stem + (f"-{self.net}" if self.net else "")

    def load(self) -> None:
        """Load the metric, so that errors come early.

        Raises:
            BappsmithError: it is unknown, a file is missing or does not fit, or torch is not installed.
        """
        try:
            _load(*self._key())
        except ModuleNotFoundError as error:
            raise BappsmithError(
                f"metric {self.metric} needs {error.name}, which is not installed; install it"
            ) from error

    def distances(self, images: Images) -> NDArray[np.float64]:
        """Measure distances on one thread. They do not depend on the batch that an item is in.

        Returns:
            2AFC: of p0 and of p1 from ref, shape (N, 2); JND: of p1 from p0, shape (N,).

        Raises:
            BappsmithError: the metric is unknown, a file is missing, images are too small, or the metric gives
                distances below 0 (such as psnr) or that are not finite.
        """
        import torch

        from bappsmith.lpips.cores import one_core
        from bappsmith.lpips.data.subset import to_signed
        from bappsmith.lpips.model.lpips import LPIPS

        metric = _load(*self._key())
        reference, *others = ("ref", "p0", "p1") if "ref" in images else ("p0", "p1")
        count = len(images["p0"])
        columns = np.empty((count, len(others)))
        with torch.inference_mode(), one_core():
            for start in range(0, count, BATCH):
                rows = np.minimum(np.arange(start, start + BATCH), count - 1)
                tensors = {folder: to_signed(torch.from_numpy(stack[rows])) for folder, stack in images.items()}
                kept = min(BATCH, count - start)
                first = tensors[reference]
                # The trunk of LPIPS runs once for both distances from a reference.
                distance = metric.against(first) if isinstance(metric, LPIPS) else partial(metric, first)
                for k, other in enumerate(others):
                    values = distance(tensors[other]).reshape(-1)
                    columns[start : start + kept, k] = values[:kept].double().numpy()
        columns[(columns < 0) & (columns > -BELOW_ZERO)] = 0.0
        if not (columns >= 0).all():
            raise BappsmithError(
                f"metric {self.metric} gives distances below 0 or not finite, and a judge compares their logarithms; "
                "use a metric whose distance of equal images is 0 (l2 ranks as psnr)"
            )
        return columns if "ref" in images else columns[:, 0]

    def _key(self) -> tuple[str, tuple[tuple[int, int], ...]]:
        try:
            states = [file.stat() for file in self.files]
        except OSError as error:
            raise BappsmithError(
                f"metric {self.metric}: {error.filename} cannot be read ({error.strerror}); give a file that every "
                "worker can read"
            ) from error
        return self.model_dump_json(include=set(NamedMetric.model_fields)), tuple(
            (state.st_mtime_ns, state.st_size) for state in states
        )


def titles(metrics: tuple[NamedMetric, ...]) -> list[str]:
    """Return the names of metrics in figures.

    Raises:
        ValueError: two have the same.
    """
    names = [metric.title for metric in metrics]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"metric {twice[0]} is named twice; name every metric once")
    return names


@lru_cache(maxsize=8)
def _load(settings: str, states: tuple[tuple[int, int], ...]) -> Metric:
    """Load a metric once per process. A file that changed (other time or size) is loaded again."""
    from bappsmith.lpips.evaluation.metrics import find_metric

    named = NamedMetric.model_validate_json(settings)
    return find_metric(
        named.metric,
        net=named.net,
        trunk_weights=named.trunk_weights,
        head_weights=named.head_weights,
        seed=named.seed,
    )
