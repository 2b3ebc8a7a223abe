"""The judge `annotators`: metrics, judges and people, as reliable as they prove to be (Dawid and Skene 1979)."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator
from scipy.special import ndtri

from bappsmith.distortions.registry import operator
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.manifests.schema.subset_path import Kind
from bappsmith.pipeline.judging import Figures, Judge, JudgedItems, register_judge
from bappsmith.pipeline.judging.codes import codes
from bappsmith.pipeline.judging.drop import IDENTICAL, UNSEEN, first_reason
from bappsmith.pipeline.judging.identical import identical
from bappsmith.pipeline.judging.judge import Need
from bappsmith.pipeline.judging.named_metric import NamedMetric, titles
from bappsmith.pipeline.judging.nested import NestedJudge, with_prefix, without_prefix
from bappsmith.pipeline.judging.registry import make_judge
from bappsmith.pipeline.judging.reliability import Reliabilities, learn_reliabilities

CERTAIN = 0.99
"""Posteriors are clipped to [1 - CERTAIN, CERTAIN]. Annotators err together, so the model is too sure."""
ZERO = 1e-9
"""Distances below this are 0: metrics in float64 have such rounding errors for equal images."""


@register_judge
class Annotators(Judge):
    """Annotators vote, and their reliabilities are learnt from their votes, without people (Dawid and Skene 1979).

    A metric votes for the patch with the smaller distance, a judge for the one that it prefers, a labelling for its
    majority. Equal is no vote. Every annotator has one reliability per pair of families of operators, drawn towards its
    overall one: a metric that is wrong on noise need not be wrong on blur. The preference is Φ⁻¹ of the posterior
    probability of p1, clipped to 1 … 99 %, because annotators do not err independently.

    It takes three annotators at least: two that disagree do not show who is wrong. Errors that most annotators share
    cannot be found without people; add their votes as `answers`.

    Attributes:
        metrics: metrics by name, or with settings.
        judges: other judges by name, or with settings.
        answers: names of labellings of the dataset, such as votes of people.
    """

    learns = True

    metrics: tuple[NamedMetric, ...] = ()
    judges: tuple[NestedJudge, ...] = ()
    answers: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Annotators:
        names = self._names
        if len(names) < 3:
            raise ValueError(
                f"annotators need at least 3 of metrics, judges and answers, found {len(names)}; two do not show who "
                "is wrong"
            )
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"annotator {twice[0]} is named twice; name every annotator once")
        return self

    @property
    def inner(self) -> tuple[Judge, ...]:
        """The judges among the annotators."""
        return tuple(make_judge(spec) for spec in self.judges)

    @property
    def reads(self) -> frozenset[Need]:
        """Pixels for metrics, answers for labellings, and what the judges read."""
        own: set[Need] = set()
        if self.metrics:
            own.add("pixels")
        if self.answers:
            own.add("answers")
        return super().reads | own

    @property
    def asks(self) -> frozenset[str]:
        """The labellings among the annotators, and what the judges ask for."""
        return super().asks | set(self.answers)

    @property
    def files(self) -> tuple[Path, ...]:
        """The weights of the metrics."""
        return tuple(file for metric in self.metrics for file in metric.files)

    @property
    def _names(self) -> list[str]:
        return [*titles(self.metrics), *(spec.kind for spec in self.judges), *self.answers]

    def check(self, subset: SubsetRecipe, drawn: Collection[str]) -> None:
        """Refuse metrics that cannot be loaded, and what the judges refuse."""
        super().check(subset, drawn)
        for metric in self.metrics:
            metric.load()

    def measure(self, items: JudgedItems) -> Figures:
        """Return distances of metrics, figures of judges, shares of labellings, and the families of operators."""
        figures: dict[str, NDArray[np.float64]] = {}
        for metric, title in zip(self.metrics, titles(self.metrics), strict=True):
            figures[title] = metric.distances(items.images)
        for judge in self.inner:
            figures |= with_prefix(judge, judge.measure(items))
        for name in self.answers:
            figures[name] = items.answers(name).shares
        if self.metrics:
            figures["identical"] = identical(items.images)
        families = {chain: _family(chain) for chain in {chain for pair in items.operators for chain in pair}}
        figures["_families"] = codes([(families[first], families[second]) for first, second in items.operators])
        return figures

    def prefer(self, figures: Figures, kind: Kind) -> NDArray[np.float64]:
        """Return Φ⁻¹ of the clipped posterior."""
        return ndtri(np.clip(self._learn(figures, kind).posterior, 1 - CERTAIN, CERTAIN))

    def report(self, figures: Figures, kind: Kind) -> dict[str, float]:
        """Return the overall reliability of every annotator: the probability that its vote is right."""
        return dict(zip(self._names, self._learn(figures, kind).overall.tolist(), strict=True))

    def drop(self, figures: Figures, kind: Kind) -> tuple[str, ...] | None:
        """Drop identical patches, and those on which every metric finds both distances 0."""
        if not self.metrics:
            return None
        largest = np.max([figures[title].max(axis=1) for title in titles(self.metrics)], axis=0)
        return first_reason({IDENTICAL: figures["identical"] > 0, UNSEEN: largest < ZERO})

    def _learn(self, figures: Figures, kind: Kind) -> Reliabilities:
        columns: list[NDArray[np.float64]] = []
        for title in titles(self.metrics):
            columns.append(np.sign(figures[title][:, 0] - figures[title][:, 1]))
        for judge in self.inner:
            columns.append(np.sign(judge.prefer(without_prefix(judge, figures), kind)))
        columns += [np.sign(figures[name] - 0.5) for name in self.answers]
        return learn_reliabilities(np.stack(columns, axis=1), _groups(figures["_families"]))


def _family(chain: str) -> str:
    """Return the families of a chain, sorted and joined by "+"."""
    return "+".join(sorted({operator(name).family for name in chain.split("+") if name}))


def _groups(families: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the number of the unordered pair of families of every item, from 0."""
    return np.unique(np.sort(families, axis=1), axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
