"""The smaller total severity is the closer."""

from __future__ import annotations

from bappsmith.manifests.schema.call import Chain
from bappsmith.manifests.schema.labelling import Judgment


def judge_by_severity(chain0: Chain, chain1: Chain) -> Judgment:
    """1 where p1's total severity is the smaller, 0 where it is the larger, 0.5 where equal.

    Exact where both chains hold the same operators with the same free parameters; else as good as
    the calibration of severities across operators.
    """
    judgment = 0.5 if chain0.severity == chain1.severity else float(chain1.severity < chain0.severity)
    return Judgment(judgment, 0, {"kind": "severity", "severities": [chain0.severity, chain1.severity]})
