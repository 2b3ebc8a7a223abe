"""The judge `severity`: the patch with the smaller total severity is closer."""

from __future__ import annotations

from bappsmith.manifests.schema.call import Chain
from bappsmith.manifests.schema.labelling import Judgment


def judge_by_severity(chain0: Chain, chain1: Chain) -> Judgment:
    """Return 1 if p1's total severity is smaller, 0 if it is larger, 0.5 if both are equal.

    This is exact if both chains hold the same operators with the same free parameters. Otherwise it is as good as the
    calibration of severities across operators (docs/calibration.md).
    """
    judgment = 0.5 if chain0.severity == chain1.severity else float(chain1.severity < chain0.severity)
    return Judgment(judgment, 0, {"kind": "severity", "severities": [chain0.severity, chain1.severity]})
