"""The base class of operators: declared parameters, and one pure function of pixels."""

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

    An operator is an instance. If name, parameters or content depend on data (such as a bank of networks), the instance
    sets them in ``__init__``.

    Attributes:
        name: the registered name; default: the class name in snake_case.
        parameters: name → declaration, collected from the class; an instance may add its own.
        content: sha256 (hex) of the data it works with, such as the networks of a bank; empty: it has none.
        learnt_from: sha256 (hex) of the decoded pixels of the photographs that these data were trained on.
        family: folder of the operator; "custom" for operators outside of this repository.
        source: where the operator comes from (paper and table), for the catalogue.
        calibrated: False if equal severities do not mean equal disturbance, for example because a publication gives the
            ends. Judges then do not compare its severities with those of other operators or read them as visibility.
        saturates: True if more severity can mean a smaller distance; the docstring gives the reason (a rotation by 180°
            can be closer than one by 90°).
        portable: False if the library's result changes with the processor's SIMD level.
        libraries: further packages whose versions can change its pixels, besides those that all operators use.
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
        if "family" not in cls.__dict__:  # not inherited: a variant of a built-in operator is "custom"
            parts = cls.__module__.split(".")
            cls.family = parts[-2] if parts[:2] == ["bappsmith", "distortions"] and len(parts) > 3 else "custom"
        own = {key: value for key, value in cls.__dict__.items() if isinstance(value, Parameter)}
        cls.parameters = {**cls.parameters, **own}

    def sample(self, severity: float, draws: Draws) -> Params:
        """Draw every parameter for a severity in (0, 1], in the order of declaration.

        Args:
            severity: in (0, 1].
            draws: the random stream.

        Returns:
            Name → JSON value.
        """
        return {key: parameter.draw(severity, draws) for key, parameter in self.parameters.items()}

    def call(self, severity: float, draws: Draws) -> OperatorCall:
        """Draw a call of this operator: name, severity and parameters, as data.

        Args:
            severity: in [0, 1]; at 0 nothing is drawn.
            draws: the random stream.

        Raises:
            BappsmithError: severity is outside of [0, 1].
        """
        if not 0.0 <= severity <= 1.0:
            raise BappsmithError(f"operator '{self.name}': severity must be in [0, 1], found {severity:g}")
        return OperatorCall(self.name, severity, self.sample(severity, draws) if severity > 0 else {})

    def apply_batch(self, images: Sequence[Image], params: Sequence[Params]) -> list[Image]:
        """Apply the operator to many images, each with its own parameters. The result equals `apply` one by one.

        Operators that gain from batches (networks) override this.

        Args:
            images: uint8 H×W×3 RGB each; sizes may differ.
            params: drawn parameters of each image.

        Returns:
            One image per input, in order.
        """
        return [self.apply(image, **values) for image, values in zip(images, params, strict=True)]


def check_image(image: object, what: str) -> None:
    """Refuse everything except uint8 H×W×3.

    Args:
        image: the object to check.
        what: its role, for the error.

    Raises:
        BappsmithError: it has another type, dtype or shape.
    """
    if not isinstance(image, np.ndarray):
        raise BappsmithError(f"{what}: expected uint8 H×W×3 (RGB), found {type(image).__name__}")
    array = cast("NDArray[Any]", image)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        raise BappsmithError(f"{what}: expected uint8 H×W×3 (RGB), found {array.dtype} {array.shape}")
