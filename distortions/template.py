"""A template for an operator of one's own."""

from __future__ import annotations

import re
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError

from .registry import operators

_TEMPLATE = '''"""One operator. Check it with `bappsmith distortions check {name}.py`."""

import numpy as np

from bappsmith.distortions import Distortion, Image, Severity, register


@register
class {class_name}(Distortion):
    """Haze: every pixel moves towards white. Say here what your operator does to an image."""

    name = "{name}"
    # The paper and table, or whose idea it is.
    source = "ours"
    # One Severity or more, each from its mild end to its severe end. Nuisance, Choice, Flag and SubSeed are drawn
    # freely; apply itself draws nothing.
    amount = Severity(mild=0.05, severe=0.6, unit="of the way to white")

    # An operator that needs pixels around the patch (a blur, a shift, a warp, a network) says how many, on each side:
    #
    #     def margin(self, side: int, params: Params) -> int:
    #         return math.ceil(3 * params["sigma"])
    #
    # Its apply then receives a View in place of the image. It works on view.image, and returns the result without
    # view.margin px on each side. Do not mirror or pad: a metric would learn the border.

    def apply(self, image: Image, *, amount: float) -> Image:
        """Return a new array of the same shape and dtype (uint8, RGB); leave `image` as it is."""
        return np.rint(image + np.float32(amount) * (255 - image)).astype(np.uint8)
'''


def write_template(name: str, folder: Path) -> Path:
    """Write a file with an operator that keeps the contract, to be changed.

    Args:
        name: of the operator, in snake_case.
        folder: where to write ``NAME.py``.

    Returns:
        The file.

    Raises:
        BappsmithError: the name is not in snake_case, an operator has it, or the file exists or cannot be written.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise BappsmithError(
            f"operator '{name}': a name has small letters, digits and single underscores, such as my_blur"
        )
    class_name = "".join(word.capitalize() for word in name.split("_"))
    if name in operators():
        raise BappsmithError(f"operator '{name}' exists already; choose another name")
    file = folder / f"{name}.py"
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(_TEMPLATE.format(name=name, class_name=class_name))
    except FileExistsError:
        raise BappsmithError(f"{file} exists already; choose another name or folder") from None
    except OSError as error:
        raise BappsmithError(f"{file} cannot be written ({error.strerror or error})") from error
    return file
