"""Distortion operators: one operator per file, found by folder."""

from .base import Distortion, Image
from .compose import apply_chain, apply_chains
from .parameters import Choice, Nuisance, Severity, SubSeed
from .plugins import load_plugin
from .random import Draws, normal_field, uniform_field
from .registry import operator, operators, register

__all__ = [
    "Choice",
    "Distortion",
    "Draws",
    "Image",
    "Nuisance",
    "Severity",
    "SubSeed",
    "apply_chain",
    "apply_chains",
    "load_plugin",
    "normal_field",
    "operator",
    "operators",
    "register",
    "uniform_field",
]
