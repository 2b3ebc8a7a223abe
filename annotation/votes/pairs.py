"""Put people's votes on pairs of images into the pairs."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pyarrow as pa

from bappsmith.annotation.study.pairs import SUBSET
from bappsmith.lpips.data.retrieval.pair_set import Pair, PairSet
from bappsmith.manifests.errors import BappsmithError


def pairs_with_votes(pairs: PairSet, votes: pa.Table) -> list[Pair]:
    """Replace the votes of pairs by those of a study.

    Args:
        pairs: what the study asked about.
        votes: see `VOTE_SCHEMA`. Votes that do not count, and answers to sentinels, repeats and training, are left out.

    Returns:
        All pairs, in their order; those without votes are not judged.

    Raises:
        BappsmithError: a vote is for a pair that the set does not have.
    """
    counts: Counter[tuple[int, str]] = Counter()
    columns = votes.select(["task", "role", "subset", "index", "choice", "counted"]).to_pylist()
    for row in columns:
        if row["counted"] and row["role"] == "item" and (row["task"], row["subset"]) == ("similar", SUBSET):
            counts[row["index"], row["choice"]] += 1
    beyond = [index for index, _ in counts if not 0 <= index < len(pairs)]
    if beyond:
        raise BappsmithError(
            f"{pairs.path}: has {len(pairs):,} pairs, but votes for pair {beyond[0]} came; give the study's own file"
        )
    judged = []
    for index, pair in enumerate(pairs.pairs):
        similar = counts[index, "similar"]
        number = similar + counts[index, "different"]
        judged.append(replace(pair, share=similar / number if number else None, votes=number))
    return judged
