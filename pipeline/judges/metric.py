"""The judge `metric`: the patch with the smaller distance to the reference is closer."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.manifests.schema.subset_path import Kind
from bappsmith.pipeline.judging import Figures, Judge, JudgedItems, register_judge
from bappsmith.pipeline.judging.drop import IDENTICAL, UNSEEN, first_reason
from bappsmith.pipeline.judging.identical import identical
from bappsmith.pipeline.judging.named_metric import ROUNDING, NamedMetric


@register_judge
class Metric(NamedMetric, Judge):
    """Observers see the logarithm of a metric's distance, with normal noise.

    2AFC: preference = log((d0 + ε) / (d1 + ε)) / noise, after Weber and Fechner: what counts is the ratio of distances.
    The law fails for weak stimuli, where observers need a constant difference. So ε is the `threshold`, if it is given:
    distances far below it cannot be told apart, whatever their ratio. Otherwise ε is 1e-6, the rounding error of
    metrics.

    JND: preference = log((threshold + ε) / (d + ε)) / noise, with ε = 1e-6.

    Attributes:
        noise: standard deviation of one observer's noise, in natural logarithms of distance. The default, 0.5, is
            chosen here: 84 % of the observers tell distances apart that differ by a factor of 1.65.
        threshold: distance that half of the observers see. JND needs it. With it, 2AFC items are dropped as "unseen"
            if both distances are below.
    """

    kinds = ("2afc", "jnd")
    needs = frozenset({"pixels"})

    noise: float = Field(default=0.5, gt=0, le=1e6)
    threshold: float | None = Field(default=None, gt=0, le=1e6)

    def check(self, subset: SubsetRecipe, drawn: Collection[str]) -> None:
        """Refuse a metric that cannot be loaded, and JND without a threshold."""
        if subset.where.kind == "jnd" and self.threshold is None:
            raise BappsmithError(
                f"subset {subset.path}: judge metric needs a threshold for JND; set the distance of {self.metric} that "
                "half of the observers see, such as threshold=0.05"
            )
        super(NamedMetric, self).check(subset, drawn)
        self.load()

    def measure(self, items: JudgedItems) -> Figures:
        """Return the distances, and whether both patches have the same pixels."""
        return {"distances": self.distances(items.images), "identical": identical(items.images)}

    def prefer(self, figures: Figures, kind: Kind) -> NDArray[np.float64]:
        """Return the preference; see the class."""
        d = figures["distances"]
        if kind == "jnd":
            return np.log(((self.threshold or 0) + ROUNDING) / (d + ROUNDING)) / self.noise
        logs = np.log(d + (self.threshold or ROUNDING))
        return (logs[:, 0] - logs[:, 1]) / self.noise

    def drop(self, figures: Figures, kind: Kind) -> tuple[str, ...] | None:
        """Drop identical patches, and distances that are both below the threshold."""
        if kind == "jnd":
            return None
        unseen = figures["distances"].max(axis=1) < (self.threshold or 0)
        return first_reason({IDENTICAL: figures["identical"] > 0, UNSEEN: unseen})
