"""The contract of an operator: declared parameters, and one pure function of pixels."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import OperatorCall, Params

from .parameters import Parameter
from .random import Draws

Image: TypeAlias = NDArray[np.uint8]
"""Pixels: uint8, H×W×3, RGB."""


class Distortion:
    """Base of every operator.

    A subclass declares its parameters as class attributes and defines

    ``apply(self, image, *, <one keyword per parameter>)``: uint8 H×W×3 RGB in, the same shape and
    dtype out, as a pure function that leaves its input unchanged.

    An operator is an instance. What a class cannot know before it has its data (a bank of networks, say) the instance
    sets in ``__init__``: its name, its parameters, the content it works with.

    Attributes:
        name: the registered name; the class name in snake_case unless given.
        parameters: name → declaration, collected from the class; an instance may add its own.
        content: sha256 of the data it works with, hex, such as the networks of a bank; empty: it has none.
        learnt_from: sha256 of the decoded pixels, hex, of the photographs these data were trained on.
        family: the folder the operator lives in; "custom" for operators outside of this repository.
        source: where the operator comes from (paper and table), for the catalogue.
        calibrated: False where equal severities do not mean equal disturbance, as with ends taken from a publication:
            its severities are then not compared with those of other operators, nor read as a threshold of seeing.
        saturates: True where more severity need not mean a larger distance, with the reason in the
            docstring (a rotation by 180° can be nearer than one by 90°).
        portable: False where the library's result changes with the processor's SIMD level.
        libraries: packages beyond those of every operator whose version can change its pixels.
    """

    name: str
    parameters: Mapping[str, Parameter] = {}
    content: str = ""
    learnt_from: frozenset[str] = frozenset()
    family: ClassVar[str]
    source: ClassVar[str] = ""
    calibrated: ClassVar[bool] = True
    saturates: ClassVar[bool] = False
    portable: ClassVar[bool] = True
    libraries: ClassVar[tuple[str, ...]] = ()

    if TYPE_CHECKING:
        apply: Callable[..., Image]
        """Pure function of pixels and parameters; see the class docstring."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" not in cls.__dict__:
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        if "family" not in cls.__dict__:  # not inherited: a person's variant of a built-in is "custom"
            parts = cls.__module__.split(".")
            cls.family = parts[-2] if parts[:2] == ["bappsmith", "distortions"] and len(parts) > 3 else "custom"
        own = {key: value for key, value in cls.__dict__.items() if isinstance(value, Parameter)}
        cls.parameters = {**cls.parameters, **own}

    def sample(self, severity: float, draws: Draws) -> Params:
        """Draw every parameter for a severity in (0, 1], in the order of declaration."""
        return {key: parameter.draw(severity, draws) for key, parameter in self.parameters.items()}

    def call(self, severity: float, draws: Draws) -> OperatorCall:
        """Draw the operator with its parameters, as data.

        Raises:
            BappsmithError: severity is outside of [0, 1].
        """
        if not 0.0 <= severity <= 1.0:
            raise BappsmithError(f"operator '{self.name}': severity lies in [0, 1], found {severity:g}")
        return OperatorCall(self.name, severity, self.sample(severity, draws) if severity > 0 else {})

    def apply_batch(self, images: Sequence[Image], params: Sequence[Params]) -> list[Image]:
        """Apply to many images, each with its own parameters; equal to one by one, in order.

        Operators that gain from batches (networks) define their own.
        """
        return [self.apply(image, **one) for image, one in zip(images, params, strict=True)]


def check_image(image: object, what: str) -> None:
    """Refuse anything but uint8 H×W×3.

    Args:
        image: what should be one.
        what: what it stands for, for the error.

    Raises:
        BappsmithError: naming `what`, the expected form and the form that came.
    """
    if not isinstance(image, np.ndarray):
        raise BappsmithError(f"{what}: expected uint8 H×W×3 (RGB), found {type(image).__name__}")
    array = cast("NDArray[Any]", image)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        raise BappsmithError(f"{what}: expected uint8 H×W×3 (RGB), found {array.dtype} {array.shape}")
