"""Operators that are built from other operators."""

from .masked import Masked
from .pipeline import Pipeline
from .step import Step

__all__ = ["Masked", "Pipeline", "Step"]
