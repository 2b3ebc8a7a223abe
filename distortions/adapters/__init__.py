"""Operators around transforms of other libraries. A library is imported by the person's file, never here."""

from .albumentations_transform import AlbumentationsTransform
from .kornia_transform import KorniaTransform
from .torchvision_transform import TorchvisionTransform

__all__ = ["AlbumentationsTransform", "KorniaTransform", "TorchvisionTransform"]
