"""The rules that set people aside: their names and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bappsmith.annotation.study.sentinels import SENTINELS as SENTINEL_KINDS

from .sentinel_score import SENTINEL_MARKS, SentinelMark

if TYPE_CHECKING:
    from bappsmith.annotation.study.settings import StudySettings

SENTINELS = "sentinels"
TOO_FAST = "too fast"
CONSTANT_TIME = "constant time"
SIDE_BIAS = "side bias"
INCONSISTENT = "inconsistent"
DISAGREEMENT = "disagreement"
UNRELIABLE = "unreliable"
RULES = (SENTINELS, TOO_FAST, CONSTANT_TIME, SIDE_BIAS, INCONSISTENT, DISAGREEMENT, UNRELIABLE)
"""Names of all rules."""


@dataclass(frozen=True)
class Rules:
    """When somebody is set aside. Where no source is named, the value is chosen here, by the simulation in the docs.

    Attributes:
        sentinels: pass marks; 14 of 15 in 2AFC is that of Zhang et al. 2018.
        fastest_ms: smallest median response time. Pressing a key when anything appears, without any choice, takes
            people about 200 ms (Luce 1986); a choice between pictures takes longer.
        times: smallest number of answers for the two rules of time.
        least_spread: smallest interquartile range of the response time, as a share of the median. People's times vary
            in proportion to their mean (Wagenmakers and Brown 2007), a timer's do not.
        side_p: largest p-value of a side bias.
        side_share: smallest distance of the share of left answers from 1/2. Both must hold.
        consistency: share of equal answers to repeated items that people must not surely be below.
        consistency_p: largest p-value for "below".
        repeats: smallest number of repeats.
        relative_agreement: the relative agreement that people must not surely be below.
        agreement_p: largest p-value for "below".
        agreement_items: smallest number of items that two others judged.
        reliability: smallest reliability by Dawid and Skene.
        reliability_items: smallest number of items that two others judged, for it.
        median_reliability: smallest median over trusted people, for it. Where people hardly agree because the items are
            hard, up to 49 % of honest people are below .55; from a median of .7 on, 3 % at most.
    """

    sentinels: tuple[SentinelMark, ...] = SENTINEL_MARKS
    fastest_ms: float = 300
    times: int = 20
    least_spread: float = 0.1
    side_p: float = 0.001
    side_share: float = 0.25
    consistency: float = 0.65
    consistency_p: float = 0.001
    repeats: int = 10
    relative_agreement: float = 0.5
    agreement_p: float = 0.01
    agreement_items: int = 30
    reliability: float = 0.55
    reliability_items: int = 50
    median_reliability: float = 0.7

    @classmethod
    def of(cls, settings: StudySettings) -> Rules:
        """Return the default rules with the pass marks and the fastest time of a study."""
        afc, jnd, similar = settings.afc, settings.jnd, settings.similar
        kinds = SENTINEL_KINDS["jnd"](jnd.sentinels)
        marks = (
            SentinelMark("2afc", None, afc.pass_mark, afc.sentinels),
            SentinelMark("jnd", "same", jnd.pass_mark_identical, kinds.count("identical")),
            SentinelMark("jnd", "different", jnd.pass_mark_noisy, kinds.count("noisy")),
            SentinelMark("similar", None, similar.pass_mark, similar.sentinels),
        )
        return cls(sentinels=marks, fastest_ms=settings.fastest_ms)
