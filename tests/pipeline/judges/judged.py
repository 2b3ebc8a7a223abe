"""Judge chains without a dataset."""

from __future__ import annotations

from collections.abc import Sequence

from bappsmith.manifests.schema.call import Chain, OperatorCall
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.schema.subset_path import Kind
from bappsmith.manifests.schema.triplet import Crop, TripletRecord
from bappsmith.pipeline.judging import Judge, JudgedItems
from bappsmith.pipeline.judging.judged_items import not_needed
from bappsmith.pipeline.judging.label import label


def chain(*calls: tuple[str, float]) -> Chain:
    """A chain of (name, severity), without parameters."""
    return Chain(tuple(OperatorCall(name, severity, {}) for name, severity in calls))


def items(pairs: Sequence[tuple[Chain, Chain]], kind: Kind = "2afc", patch: int = 64) -> JudgedItems:
    """Items with these chains, without pixels."""
    records = [
        TripletRecord("2afc/train/a", index, "photo", "", (Crop(0, 0, patch),), patch, 0.0, *pair)
        for index, pair in enumerate(pairs)
    ]
    return JudgedItems.of_records(kind, records, not_needed("pixels"), not_needed("answers"))


def judged(judge: Judge, pairs: Sequence[tuple[Chain, Chain]], kind: Kind = "2afc", seed: int = 0) -> Labelling:
    """The judgments of these chains."""
    figures = judge.measure(items(pairs, kind))
    return label(judge, figures, kind, range(len(pairs)), name="x", seed=seed, subset="2afc/train/a")
