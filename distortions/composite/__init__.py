"""Operators that are built from other operators."""

from .at_levels import AtLevels
from .masked import Masked
from .pipeline import Pipeline
from .step import Step

__all__ = ["AtLevels", "Masked", "Pipeline", "Step"]
