"""TID2013 (Ponomarenko et al. 2015): mos_with_names.txt beside reference_images/ and distorted_images/."""

from __future__ import annotations

from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from .files import images_by_stem, number, read_text
from .mos_set import MosItem, MosSet

MARKER = "mos_with_names.txt"
TYPES = (
    "additive Gaussian noise",
    "noise in colour components",
    "spatially correlated noise",
    "masked noise",
    "high-frequency noise",
    "impulse noise",
    "quantization noise",
    "Gaussian blur",
    "denoising",
    "JPEG",
    "JPEG 2000",
    "JPEG transmission errors",
    "JPEG 2000 transmission errors",
    "non-eccentricity pattern noise",
    "local block-wise distortions",
    "mean shift",
    "contrast change",
    "colour saturation",
    "multiplicative Gaussian noise",
    "comfort noise",
    "lossy compression of noisy images",
    "colour quantization with dither",
    "chromatic aberrations",
    "sparse sampling and reconstruction",
)
"""Types in the order of their numbers, from 1."""


def read_tid2013(root: Path) -> MosSet:
    """Read the folder tid2013.

    Lines of mos_with_names.txt are `5.51429 I01_01_1.bmp`: the score, 0 to 9, higher for better images, and
    IMAGE_TYPE_LEVEL. Files have upper-case or lower-case names (I01.BMP, i01_01_1.bmp), and may be converted to PNG.

    Raises:
        BappsmithError: a line has another form.
    """
    path = root / MARKER
    references = images_by_stem(root / "reference_images")
    distorted = images_by_stem(root / "distorted_images")
    items = []
    for line, text in enumerate(read_text(path).splitlines(), start=1):
        cells = text.split()
        if not cells:
            continue
        parts = cells[-1].rpartition(".")[0].split("_")
        if len(cells) != 2 or len(parts) != 3:
            raise BappsmithError(
                f"{path}: line {line}: a score and a name such as I01_01_1.bmp are needed, found "
                f"'{printable(text, 40)}'; restore the file"
            )
        image, kind, level = parts
        known = kind.isdecimal() and 1 <= int(kind) <= len(TYPES)
        items.append(
            MosItem(
                references.get(image.lower(), root / "reference_images" / f"{image}.BMP"),
                distorted.get("_".join(parts).lower(), root / "distorted_images" / cells[1]),
                number(cells[0], path, line),
                TYPES[int(kind) - 1] if known else kind,
                level,
            )
        )
    return MosSet("TID2013", root, True, tuple(items))
