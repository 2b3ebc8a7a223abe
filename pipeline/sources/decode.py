"""Decode image files to pixels: upright, RGB, eight bits."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image as PIL
from PIL import ImageOps, TiffImagePlugin

from bappsmith.distortions.image import Image
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.manifests.store.local import LocalStore

from .formats import FORMATS, unread_content
from .native_messages import silence_libtiff
from .read import read_photograph

MAX_PIXELS: int = Sources.model_fields["max_pixels"].default
"""Default limit of width × height; a recipe can raise it."""

_pillow_lock = threading.Lock()


def decode(data: bytes, name: str, max_pixels: int = MAX_PIXELS) -> Image:
    """Decode an image file to upright RGB.

    EXIF orientation is applied. Greyscale is repeated on three channels. Palettes are resolved. CMYK and other colour
    spaces are converted by Pillow's formulas; colour profiles are not applied. Transparent pixels are blended with
    white. 16-bit values are reduced to their upper byte. Of an animation or a multi-page file, the first frame is used.

    Args:
        data: content of the file.
        name: of the file, for errors.
        max_pixels: width × height at most; larger images are refused before their pixels are decoded.

    Returns:
        uint8 H×W×3, RGB.

    Raises:
        BappsmithError: not an image of a format in `FORMATS`, truncated, damaged, or larger than `max_pixels`.
    """
    shown = printable(name)
    silence_libtiff()
    try:
        with warnings.catch_warnings(), _pillow_limit(max_pixels):
            # The user does not need warnings about large but allowed images and odd metadata.
            warnings.simplefilter("ignore")
            with PIL.open(io.BytesIO(data), formats=FORMATS) as image:
                _refuse_large(image, max_pixels)
                return _to_rgb(image)
    except PIL.DecompressionBombError:
        raise BappsmithError(
            f"photograph {shown}: more than {max_pixels:,} pixels; the recipe's sources.max_pixels raises the limit"
        ) from None
    except PIL.UnidentifiedImageError:
        form = unread_content(data)
        if form is not None:
            raise unread(name, form) from None
        raise BappsmithError(f"photograph {shown}: not an image that can be read") from None
    except MemoryError:
        raise BappsmithError(f"photograph {shown}: too large for the memory of this machine") from None
    except Exception as error:  # Pillow's decoders raise many kinds on damaged files
        cause = printable(" ".join(str(error).split()))
        raise BappsmithError(f"photograph {shown}: damaged or truncated ({cause})") from error


def decode_file(path: Path) -> Image:
    """Decode an image file to upright RGB, as `decode` does.

    Raises:
        BappsmithError: the file cannot be opened, or see `decode`.
    """
    return decode(read_photograph(LocalStore(path.parent), path.name), str(path))


def unread(name: str, form: str) -> BappsmithError:
    """Return the error for an image in a format that is not read here."""
    return BappsmithError(f"photograph {printable(name)}: format {form} is not read here; convert it to PNG or JPEG")


@contextmanager
def _pillow_limit(max_pixels: int) -> Iterator[None]:
    """Set Pillow's own limit of pixels to ours. All threads share this number, so a lock protects it."""
    limit = -(-max_pixels // 2)  # Pillow raises an error above twice its limit
    if limit == PIL.MAX_IMAGE_PIXELS:
        yield
        return
    with _pillow_lock:
        before = PIL.MAX_IMAGE_PIXELS
        PIL.MAX_IMAGE_PIXELS = limit
        try:
            yield
        finally:
            PIL.MAX_IMAGE_PIXELS = before


def _refuse_large(image: PIL.Image, max_pixels: int) -> None:
    """Refuse a large size in the header before memory is allocated for it."""
    if image.width * image.height > max_pixels:
        raise PIL.DecompressionBombError
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # A tile is decoded as a whole, even if the image is smaller.
        tile = image.tag_v2.get(TiffImagePlugin.TILEWIDTH, 0) * image.tag_v2.get(TiffImagePlugin.TILELENGTH, 0)
        if tile > max(max_pixels, MAX_PIXELS):
            raise PIL.DecompressionBombError


def _to_rgb(image: PIL.Image) -> Image:
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I") or upright.mode == "F":
        deep = np.asarray(upright)
        if upright.mode == "F":
            raise ValueError("floating-point pixels have no defined range")
        grey = np.clip(deep >> 8, 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if upright.has_transparency_data:
        rgba = upright.convert("RGBA")
        upright = PIL.alpha_composite(PIL.new("RGBA", rgba.size, "white"), rgba)
    return np.array(upright.convert("RGB"))
