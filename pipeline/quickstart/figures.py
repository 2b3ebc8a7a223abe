"""Triplets as HTML: three patches, which one is called the closer, and which metrics agree."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bappsmith.lpips.evaluation.evaluation import Evaluation
from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.manifests.forms.png import encode_png
from bappsmith.manifests.page import png_address
from bappsmith.manifests.schema.call import Chain
from bappsmith.manifests.sealed_subset import SealedSubset


def triplet_figures(subset: SealedSubset, indices: Sequence[int], evaluation: Evaluation | None = None) -> str:
    """Write some triplets of a 2AFC subset as HTML.

    Args:
        subset: of a finished dataset.
        indices: positions in the subset.
        evaluation: of this subset alone; captions then say which metrics choose the same patch as the label.
    """
    shares = subset.labels().shares
    rows = subset.take_columns(list(indices))
    figures = []
    for index, row, chains in zip(indices, rows, subset.chains(rows), strict=True):
        share = float(shares[index])
        votes = (1 - share, share)
        images = subset.images(index)
        patches = [_patch(images["ref"], "reference", closer=False)]
        for side, chain, vote in zip(("p0", "p1"), chains, votes, strict=True):
            words = _words(chain)
            if vote > 0.5:
                words += f": closer, {100 * vote:.0f} %" if vote < 1 else ": closer"
            patches.append(_patch(images[side], words, closer=vote > 0.5))
        caption = html.escape(row["photo"]) + ("" if evaluation is None else _agreement(evaluation, index))
        figures.append(
            f'<figure class="triplet"><div class="row">{"".join(patches)}</div><figcaption>{caption}</figcaption>'
            "</figure>"
        )
    return f'<div class="triplets">{"".join(figures)}</div>'


def _patch(pixels: NDArray[np.uint8], words: str, *, closer: bool) -> str:
    text = html.escape(words)
    kind = "patch closer" if closer else "patch"
    return f'<div class="{kind}"><img alt="" src="{png_address(encode_png(pixels))}"><span>{text}</span></div>'


def _words(chain: Chain) -> str:
    return ", then ".join(call.name.replace("_", " ") for call in chain.calls)


def _agreement(evaluation: Evaluation, index: int) -> str:
    """Say of every metric whether it chooses the patch that the label calls the closer one."""
    (name,) = evaluation.subsets
    subset = evaluation.subsets[name]
    position = subset.stems.index(f"{index:06d}")
    label = subset.labels.numpy()[position : position + 1].round()
    said = []
    for metric in evaluation.metrics:
        d0, d1 = (values[position : position + 1] for values in evaluation.distances[name, metric])
        agrees = float(two_afc_scores(d0, d1, label)[0])
        said.append(f"{html.escape(metric)}&nbsp;{'✓' if agrees == 1 else '✗'}")
    return f" · {' · '.join(said)}"
