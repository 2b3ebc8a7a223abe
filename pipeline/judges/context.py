"""The judge `context`: a ranking of operators decides (Pihlgren, Sandin and Liwicki 2023)."""

from __future__ import annotations

from collections.abc import Sequence

from bappsmith.manifests.schema.call import Chain
from bappsmith.manifests.schema.labelling import Judgment


def judge_by_context(ranking: Sequence[str], chain0: Chain, chain1: Chain) -> Judgment:
    """Return 0 if p0's most disruptive operator ranks before p1's, 1 if it ranks after, 0.5 if both are the same.

    Args:
        ranking: operator names, least disruptive first; it must contain every operator of both chains.
        chain0: distortions of p0.
        chain1: distortions of p1.
    """
    rank0, rank1 = (max((ranking.index(n) for n in chain.names), default=-1) for chain in (chain0, chain1))
    judgment = 0.5 if rank0 == rank1 else float(rank1 < rank0)
    return Judgment(judgment, 0, {"kind": "context", "ranks": [rank0, rank1]})
