"""The base class of operators: declared parameters, and one pure function of pixels."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import OperatorCall, Params

from .functional.light import to_linear, to_srgb
from .image import Image
from .parameters import FrameName, Parameter
from .random import Draws
from .severity_curve import SeverityCurve
from .view import FRAMES, View, bare, with_frames, with_margin

SIDE = 64
"""Side of a patch, in px, that ends of severities refer to where no other is given: that of BAPPS."""


class Distortion:
    """Base of every operator.

    A subclass declares its parameters as class attributes and defines

    ``apply(self, image, *, <one keyword per parameter>)``: uint8 H×W×3 RGB in, the same shape and
    dtype out, as a pure function that leaves its input unchanged.

    An operator that needs real pixels around the patch defines ``margin`` too. Its ``apply`` then receives a `View` in
    place of the image, and returns the pixels without the margin.

    An operator is an instance. If name, parameters or content depend on data (such as a bank of networks), the instance
    sets them in ``__init__``.

    Attributes:
        name: the registered name; default: the class name in snake_case.
        parameters: name → declaration, collected from the class; an instance may add its own.
        content: sha256 (hex) of the data it works with, such as the networks of a bank; empty: it has none.
        inner: the operators that it is built from.
        learnt_from: sha256 (hex) of the decoded pixels of the photographs that these data were trained on.
        family: folder of the operator; "custom" for operators outside of this repository.
        tags: words to choose operators by in recipes, besides the family.
        source: where the operator comes from (paper and table), for the catalogue.
        degradation: names of the parameters that say how the image is degraded before it is restored; empty for
            operators that restore nothing. Two operators with the same names can be given the same degraded input.
        curve: its row in the fitted table of severities; None: severity runs from end to end.
        takes_view: True if ``apply`` receives a `View`; set for classes that define ``margin``.
        neighbours: True if the operator needs the frames before and after the photograph in its sequence: ``apply``
            receives a `View` with `frames`, and the parameters `before` and `after`, their names. The frames decide how
            much it changes, so no parameter needs to depend on severity.
        light: the values that ``apply`` receives and returns: "sRGB", uint8 levels; or "linear", float32 H×W×3 of
            linear light in [0, 1], for operators that sum light. Results are clipped and rounded to the nearest level.
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
    inner: tuple[Distortion, ...] = ()
    learnt_from: frozenset[str] = frozenset()
    curve: SeverityCurve | None = None
    family: ClassVar[str]
    tags: ClassVar[frozenset[str]] = frozenset()
    source: str = ""
    degradation: ClassVar[tuple[str, ...]] = ()
    takes_view: ClassVar[bool] = False
    neighbours: ClassVar[bool] = False
    light: ClassVar[Literal["sRGB", "linear"]] = "sRGB"
    calibrated: ClassVar[bool] = True
    saturates: bool = False
    portable: bool = True
    libraries: tuple[str, ...] = ()

    if TYPE_CHECKING:
        apply: Callable[..., NDArray[Any]]
        """Pure function of pixels and parameters; see the class docstring."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" not in cls.__dict__:
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        if "family" not in cls.__dict__:  # not inherited: a variant of a built-in operator is "custom"
            parts = cls.__module__.split(".")
            cls.family = parts[-2] if parts[:2] == ["bappsmith", "distortions"] and len(parts) > 3 else "custom"
        if "margin" in cls.__dict__ or cls.neighbours:
            cls.takes_view = True
        if cls.light not in ("sRGB", "linear"):
            raise BappsmithError(f"operator '{cls.name}': light must be 'sRGB' or 'linear', found {cls.light!r}")
        own = {key: value for key, value in cls.__dict__.items() if isinstance(value, Parameter)}
        frames = {which: FrameName(which) for which in FRAMES} if cls.neighbours else {}
        cls.parameters = {**frames, **cls.parameters, **own}

    def margin(self, side: int, params: Params) -> int:
        """Return how many px around a patch are needed, on each side.

        Args:
            side: shorter side of the patch, px.
            params: drawn parameters.
        """
        return 0

    def sample(self, severity: float, draws: Draws, side: int = SIDE, given: Params | None = None) -> Params:
        """Draw every parameter for a severity in (0, 1], in the order of declaration.

        Args:
            severity: in (0, 1].
            draws: the random stream.
            side: shorter side of the patch, px.
            given: parameters that have a value already; they are not drawn.

        Returns:
            Name → JSON value.
        """
        return self.draw(self.position(severity, side), draws, given)

    def position(self, severity: float, side: int) -> float:
        """Return the position between the declared ends, in [0, 1], that a severity means for a size of patches.

        Args:
            severity: in (0, 1].
            side: shorter side of the patch, px.
        """
        return severity if self.curve is None else self.curve.at(severity, side)

    def draw(self, position: float, draws: Draws, given: Params | None = None) -> Params:
        """Draw every parameter at a position between its declared ends, in the order of declaration.

        Args:
            position: in [0, 1], from the mild to the severe end.
            draws: the random stream.
            given: parameters that have a value already; they are not drawn.

        Returns:
            Name → JSON value.
        """
        given = given or {}
        drawn: Params = {}
        for key, parameter in self.parameters.items():
            drawn[key] = given[key] if key in given else parameter.draw(position, draws, drawn)
        return drawn

    def call(self, severity: float, draws: Draws, side: int = SIDE, given: Params | None = None) -> OperatorCall:
        """Draw a call of this operator: name, severity and parameters, as data.

        Args:
            severity: in [0, 1]; at 0 nothing is drawn.
            draws: the random stream.
            side: shorter side of the patch, px.
            given: parameters that have a value already; they are not drawn.

        Raises:
            BappsmithError: severity is outside of [0, 1].
        """
        if not 0.0 <= severity <= 1.0:
            raise BappsmithError(f"operator '{self.name}': severity must be in [0, 1], found {severity:g}")
        return OperatorCall(self.name, severity, self.sample(severity, draws, side, given) if severity > 0 else {})

    def apply_batch(self, images: Sequence[Any], params: Sequence[Params]) -> list[Image]:
        """Apply the operator to many images, each with its own parameters. The result equals `apply` one by one.

        Operators that gain from batches (networks) override this.

        Args:
            images: uint8 H×W×3 RGB each, or a `View` each if the operator takes views; sizes may differ.
            params: drawn parameters of each image.

        Returns:
            One image per input, in order.
        """
        return [self.apply(one, **values) for one, values in zip(images, params, strict=True)]

    def distort(self, images: Sequence[Image | View], params: Sequence[Params]) -> list[Image]:
        """Apply the operator to many images, in the light that it works in. See `apply_batch`.

        Raises:
            BappsmithError: an operator in linear light returned something else than finite float32 H×W×3.
        """
        inputs = [self._decoded(one) for one in images]
        return [self._encoded(result) for result in self.apply_batch(inputs, params)]

    def _decoded(self, image: Image | View) -> Any:
        """Return what `apply` receives for sRGB levels."""
        if self.light == "sRGB":
            return image
        if not isinstance(image, View):
            return to_linear(image)
        return replace(image, image=to_linear(image.image), frames=tuple(map(to_linear, image.frames)))

    def _encoded(self, result: Any) -> Image:
        """Return the sRGB levels of what `apply` returned."""
        if self.light == "sRGB":
            return result
        if isinstance(result, np.ndarray):
            light = cast("NDArray[Any]", result)
            form = f"{light.dtype} {light.shape}"
            if light.dtype == np.float32 and light.ndim == 3:
                if np.isfinite(light).all():
                    return to_srgb(light)
                form = f"{form}, some values not finite"
        else:
            form = type(result).__name__
        raise BappsmithError(
            f"operator '{self.name}' works in linear light: apply must return finite float32 H×W×3, found {form}"
        )

    def mirrored(self, image: Image | View, params: Params) -> Image | View:
        """Return what `apply` receives: a view with the margin that it needs, or the pixels if it takes no view.

        Args:
            image: uint8 H×W×3 RGB, or a view with surroundings; those that it lacks are mirrored, and frames that it
                lacks are the image itself, moved.
            params: drawn parameters.
        """
        view = image if isinstance(image, View) else bare(image)
        if not self.takes_view:
            return view.centre
        view = with_frames(view) if self.neighbours else view
        return with_margin(view, self.margin(view.side, params))

    def unavailable(self) -> str | None:
        """Return what this machine lacks to apply the operator, and what to do; None: nothing is missing.

        Such an operator is listed, but refused where a chain could draw it. The text continues a sentence that starts
        with the operator: "needs X, which is not installed: pip install X".
        """
        return None

    def library_call(self, image: Image, params: Params) -> Image | None:
        """Do the same with one bare call of a library, for comparisons of speed; borders may differ.

        Args:
            image: uint8 H×W×3 RGB, without surroundings.
            params: drawn parameters.

        Returns:
            The result of the call; None if no library has it.
        """
        return None

    def __call__(self, image: Image | View, params: Params) -> Image:
        """Apply the operator to one image; surroundings that it needs and the image lacks are mirrored.

        Args:
            image: uint8 H×W×3 RGB, or a view with surroundings.
            params: drawn parameters.

        Returns:
            uint8 H×W×3 RGB of the same shape.
        """
        return self._encoded(self.apply(self._decoded(self.mirrored(image, params)), **params))
