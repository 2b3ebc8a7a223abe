"""Distortion operators: one operator per file, found by folder."""

from .base import Distortion
from .compose import apply_chain, apply_chains
from .image import Image
from .parameters import Choice, Flag, Levels, Nuisance, Parameter, PerValue, Severity, SubSeed
from .plugins import load_plugin
from .random import Draws, normal_field, uniform_field
from .registry import operator, operators, register
from .view import View

__all__ = [
    "Choice",
    "Distortion",
    "Draws",
    "Flag",
    "Image",
    "Levels",
    "Nuisance",
    "Parameter",
    "PerValue",
    "Severity",
    "SubSeed",
    "View",
    "apply_chain",
    "apply_chains",
    "load_plugin",
    "normal_field",
    "operator",
    "operators",
    "register",
    "uniform_field",
]
