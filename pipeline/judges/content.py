"""The judge `content`: damage of the operators, moved by how visible they are on this picture."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judge import JudgeSpec
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.manifests.schema.subset_path import Kind
from bappsmith.pipeline.judging import Figures, Judge, JudgedItems, register_judge
from bappsmith.pipeline.judging.cell_residuals import cell_residuals
from bappsmith.pipeline.judging.codes import codes
from bappsmith.pipeline.judging.drop import IDENTICAL, first_reason
from bappsmith.pipeline.judging.identical import identical
from bappsmith.pipeline.judging.named_metric import ROUNDING, NamedMetric, titles
from bappsmith.pipeline.judging.nested import NestedJudge
from bappsmith.pipeline.judging.registry import make_judge

DAMAGE = "damage"
"""The figure of the inner judge that is moved."""


@register_judge
class Content(Judge):
    """Another judge's damage, moved by what metrics see on this picture: noise shows on sky, and hides on grass.

    damage' = damage + gain · z. z is the mean over the metrics of the residual of log distance, in standard deviations,
    around a smooth curve over severity that is fitted to the chains of the same operators in this subset. So operators
    are compared by the other judge alone, and metrics say only which pictures lie above and below the middle. The
    preference is the other judge's for the damages'.

    Attributes:
        of: judge whose figures hold the damage of both patches, "damage".
        metrics: metrics by name, or with settings.
        gain: damage per standard deviation of the residual. The default, 0.25, is chosen here.
    """

    learns = True
    needs = frozenset({"pixels"})

    of: NestedJudge = Field(default=JudgeSpec(kind="scale"), validate_default=True)
    metrics: tuple[NamedMetric, ...] = Field(default=(NamedMetric(metric="gmsd"),), min_length=1)
    gain: float = Field(default=0.25, ge=0, le=1e6)

    @model_validator(mode="after")
    def _check(self) -> Content:
        titles(self.metrics)
        return self

    @property
    def inner(self) -> tuple[Judge, ...]:
        """The judge that gives the damage."""
        return (make_judge(self.of),)

    @property
    def files(self) -> tuple[Path, ...]:
        """The weights of the metrics."""
        return tuple(file for metric in self.metrics for file in metric.files)

    def check(self, subset: SubsetRecipe, drawn: Collection[str]) -> None:
        """Refuse metrics that cannot be loaded, and what the inner judge refuses."""
        super().check(subset, drawn)
        for metric in self.metrics:
            metric.load()

    def measure(self, items: JudgedItems) -> Figures:
        """Return the inner judge's figures, distances of the metrics, severities and operators."""
        (judge,) = self.inner
        figures = dict(judge.measure(items))
        if DAMAGE not in figures or figures[DAMAGE].shape != (len(items), 2):
            raise BappsmithError(
                f"judge {self.name} needs a judge that measures the damage of both patches, and {judge.name} measures "
                f"{', '.join(figures)}; use of=scale"
            )
        for metric, title in zip(self.metrics, titles(self.metrics), strict=True):
            figures[f"distance.{title}"] = metric.distances(items.images)
        figures["identical"] = identical(items.images)
        return figures | {"_severities": items.severities, "_chains": codes(items.operators)}

    def prefer(self, figures: Figures, kind: Kind) -> NDArray[np.float64]:
        """Return the inner judge's preference for the moved damage."""
        z = np.zeros_like(figures[DAMAGE])
        for title in titles(self.metrics):
            distances, severities, chains = (
                figures[key].reshape(-1) for key in (f"distance.{title}", "_severities", "_chains")
            )
            z += cell_residuals(distances, severities, chains, ROUNDING).reshape(z.shape) / len(self.metrics)
        (judge,) = self.inner
        return judge.prefer({**figures, DAMAGE: figures[DAMAGE] + self.gain * z}, kind)

    def probability(self, preferences: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the inner judge's probability."""
        return self.inner[0].probability(preferences)

    def drop(self, figures: Figures, kind: Kind) -> tuple[str, ...] | None:
        """Drop what the inner judge drops, and identical patches."""
        reasons = first_reason({IDENTICAL: figures["identical"] > 0})
        inner = self.inner[0].drop(figures, kind) or ("",) * len(reasons)
        return tuple(first or second for first, second in zip(reasons, inner, strict=True))
