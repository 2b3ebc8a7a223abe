"""How much data: scores over numbers of items and votes per item, with the ceiling."""

from .learning_curve import Curve, CurvePoint, learning_curve

__all__ = ["Curve", "CurvePoint", "learning_curve"]
