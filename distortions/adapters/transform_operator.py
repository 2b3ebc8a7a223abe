"""The base class of operators around transforms of other libraries."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Parameter, SubSeed
from bappsmith.distortions.registry import operator
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Params, Value

from .global_generators import GlobalGenerators

_one_at_a_time = threading.RLock()
"""The generator that a seed is given to may belong to the whole process."""


class TransformOperator(Distortion):
    """An operator around a transform of another library: parameters make the transform, a sub-seed keys its draws.

    The first application in a process is done twice, to refuse a transform that draws what the seed does not decide.
    So is any other during which a global generator moved. Afterwards the global generators are as they were.

    The transform sees the patch with the surroundings that its margin and later operators of the chain need.

    Args:
        name: of the operator.
        transform: function that makes the transform from the drawn parameters, as keywords and without the sub-seed.
        parameters: name → declaration. If the transform draws, one of them is a `SubSeed`.
        source: where it comes from, for the catalogue; default: the library.
        margin: function of the same keywords that returns how many px around a patch the transform needs.
        saturates: see `Distortion`.

    Raises:
        BappsmithError: the library is missing, or there are two sub-seeds.
    """

    portable = False
    extra: ClassVar[str] = ""
    """The extra of bappsmith that installs the library; empty: it is always installed."""

    def __init__(
        self,
        name: str,
        transform: Callable[..., Any],
        parameters: Mapping[str, Parameter],
        *,
        source: str = "",
        margin: Callable[..., int] | None = None,
        saturates: bool = False,
    ) -> None:
        seeds = [key for key, parameter in parameters.items() if isinstance(parameter, SubSeed)]
        if len(seeds) > 1:
            raise BappsmithError(f"operator '{name}': a transform takes one SubSeed, found {', '.join(seeds)}")
        for library in self.libraries:
            try:
                version(library)
            except PackageNotFoundError:
                raise BappsmithError(
                    f"operator '{name}' needs {library}, which is not installed: pip install 'bappsmith[{self.extra}]'"
                ) from None
        self.name = name
        self.parameters = {**parameters}
        self.source = source or self.libraries[0]
        self.saturates = saturates
        self._seed = seeds[0] if seeds else None
        self._transform = transform
        self._margin = margin
        self._repeated = False

    def __reduce__(self) -> tuple[Callable[[str], Distortion], tuple[str]]:
        """Pickle by name, as Python does with functions: the other process has loaded the same plugin."""
        return operator, (self.name,)

    def margin(self, side: int, params: Params) -> int:
        """Return the declared margin, px."""
        return self._margin(**self._without_seed(params)) if self._margin else 0

    def apply(self, view: View, **params: Value) -> Image:
        """Make the transform and apply it, with its draws keyed by the sub-seed."""
        seed = cast(int, params[self._seed]) if self._seed else 0
        values = self._without_seed(params)
        with _one_at_a_time:
            before = GlobalGenerators()
            as_before = False
            try:
                distorted = self._once(view.image, values, seed)
                as_before = self._repeated and not before.moved()
                if not as_before:
                    self._check_repeated(distorted, self._once(view.image, values, seed if self._seed else seed + 1))
                    self._repeated = True
            finally:
                if not as_before:
                    before.restore()
        return trimmed(distorted, view.margin)

    def transformed(self, transform: Any, image: Image, seed: int) -> NDArray[Any]:
        """Apply a transform of the library.

        Args:
            transform: what the function `transform` of this operator returned.
            image: uint8 H×W×3 RGB; it may be changed.
            seed: of the transform's draws, in [0, 2^53).

        Returns:
            The result, with whatever shape and dtype the transform gave it.
        """
        raise NotImplementedError

    def _once(self, image: Image, values: Params, seed: int) -> Image:
        transform = self._transform(**values)
        if isinstance(transform, type):
            raise BappsmithError(
                f"operator '{self.name}': expected an instance, found the class {transform.__name__}; call it"
            )
        result = self.transformed(transform, image.copy(), seed)
        if result.dtype != np.uint8 or result.shape != image.shape:
            raise BappsmithError(
                f"operator '{self.name}': {type(transform).__name__} must keep size and dtype, uint8 {image.shape}, "
                f"found {result.dtype} {result.shape}"
            )
        return result

    def _check_repeated(self, first: Image, second: Image) -> None:
        if np.array_equal(first, second):
            return
        if self._seed is None:
            raise BappsmithError(
                f"operator '{self.name}': the transform draws random numbers; declare a SubSeed among the parameters, "
                "or make it draw nothing"
            )
        raise BappsmithError(
            f"operator '{self.name}': two applications with the same seed differ, so the transform draws from a "
            f"generator that the seed does not reach; draw from the generators of {self.libraries[0]}"
        )

    def _without_seed(self, params: Params) -> Params:
        return {key: value for key, value in params.items() if key != self._seed}
