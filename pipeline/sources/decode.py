"""Image files to pixels: upright, RGB, eight bits."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PIL
from PIL import ImageOps

from bappsmith.distortions.base import Image
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.local import LocalStore
from bappsmith.manifests.store.store import Store

MAX_PIXELS = 178_956_970
"""Larger images are refused as decompression bombs: the size at which Pillow refuses (2 × 89 megapixels)."""


def decode(data: bytes, name: str) -> Image:
    """Decode an image file to upright RGB.

    EXIF orientation is applied. Greyscale is repeated on three channels; palettes are resolved;
    CMYK and other colour spaces are converted by Pillow's formulas (colour profiles are not
    applied); transparent pixels are laid over white; 16-bit values are reduced to their upper
    byte; of an animation or a multi-page file the first frame is taken.

    Returns:
        uint8 H×W×3, RGB.

    Raises:
        BappsmithError: not an image, truncated or damaged, or larger than `MAX_PIXELS`.
    """
    try:
        with warnings.catch_warnings():
            # Large but allowed images and odd metadata are no news to the user.
            warnings.simplefilter("ignore")
            with PIL.open(io.BytesIO(data)) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise PIL.DecompressionBombError
                return _to_rgb(image)
    except PIL.DecompressionBombError:
        raise BappsmithError(
            f"photograph {name}: more than {MAX_PIXELS:,} pixels, refused as a decompression bomb"
        ) from None
    except PIL.UnidentifiedImageError:
        deep = _decode_deep_tiff(data)
        if deep is None:
            raise BappsmithError(f"photograph {name}: not an image that can be read") from None
        return deep
    except MemoryError:
        raise BappsmithError(f"photograph {name}: too large for the memory of this machine") from None
    except Exception as error:  # Pillow's decoders raise many kinds on damaged files
        raise BappsmithError(f"photograph {name}: damaged or truncated ({error})") from error


def decode_file(path: Path) -> Image:
    """Decode an image file to upright RGB, as `decode` does.

    Raises:
        BappsmithError: the file cannot be opened, or see `decode`.
    """
    return decode(read_file(LocalStore(path.parent), path.name), str(path))


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


def _decode_deep_tiff(data: bytes) -> Image | None:
    """Colour TIFF with 16 bits per channel, which Pillow does not read; None if it is not one."""
    if data[:4] not in (b"II*\0", b"MM\0*"):
        return None
    try:
        deep = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    except cv2.error:
        return None
    if deep is None or deep.dtype != np.uint16:
        return None
    return np.ascontiguousarray(np.right_shift(deep, 8).astype(np.uint8)[:, :, ::-1])


def read_file(store: Store, name: str) -> bytes:
    """The content of a photograph's file.

    Raises:
        BappsmithError: it cannot be opened.
    """
    try:
        return store.read(name)
    except OSError as error:
        raise BappsmithError(f"photograph {name}: cannot be opened ({error.strerror or error})") from error
