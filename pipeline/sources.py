"""Photographs: found once, decoded once, upright, RGB."""

from __future__ import annotations

import glob
import hashlib
import io
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PIL
from PIL import ImageOps

from ..distortions.base import Image
from ..manifests.bapps import Split
from ..manifests.errors import BappsmithError
from ..manifests.place import Folder, Place, is_address, place_of
from ..manifests.recipe import Sources
from ..manifests.triplet import Photograph

SUFFIXES = (
    ".png",
    ".jpg",
    ".jpeg",
    ".tif",
    ".tiff",
    ".webp",
    ".bmp",
    ".ppm",
    ".pgm",
    ".gif",
    ".jp2",
    ".avif",
)
"""Files that count as photographs, in any case. Others in a folder are passed over and named."""

SAMPLES = (
    "astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png",
    "gravel.png", "hubble_deep_field.jpg", "ihc.png", "motorcycle_left.png", "retina.jpg", "rocket.jpg",
)  # fmt: skip
"""Photographs inside scikit-image's wheel. Drawings, charts and the second view of a stereo pair are left out."""

MAX_PIXELS = 178_956_970
"""Larger images are refused as decompression bombs: the size at which Pillow refuses (2 × 89 megapixels)."""


@dataclass(frozen=True)
class SourceIndex:
    """The photographs of a dataset.

    Attributes:
        root: folder, or address that fsspec knows, that the names start from.
        recursive: whether files that appear below `root` would be taken up by the next index.
        photographs: ordered by name.
        skipped: (name, reason) of every photograph that could not be read and was passed over.
        ignored: names of files in the folder that are no images by their suffix.
    """

    root: str
    photographs: tuple[Photograph, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    recursive: bool = True

    def read(self, photograph: Photograph) -> Image:
        """Decode a photograph, uint8 H×W×3 RGB.

        Raises:
            BappsmithError: the file is gone or no longer the one that was indexed.
        """
        data = _read(place_of(self.root), photograph.name)
        if hashlib.sha256(data).hexdigest() != photograph.sha256:
            raise BappsmithError(
                f"photograph {photograph.name} in {self.root} is not the file that was indexed (sha256 differs); "
                "put the original back, or start a new dataset"
            )
        return decode(data, photograph.name)

    def holds(self, out: str | Path) -> bool:
        """Whether images written to `out` would become photographs."""
        if not self.recursive or is_address(out) != is_address(self.root):
            return False
        if is_address(out):
            return f"{out}/".startswith(f"{self.root}/")
        return Path(out).resolve().is_relative_to(Path(self.root).resolve())


def index_sources(sources: Sources, progress: Callable[[int, int], None] | None = None) -> SourceIndex:
    """Find the photographs and decode each once, so that trouble shows before the work begins.

    Args:
        sources: as in a recipe.
        progress: called with (done, total).

    Raises:
        BappsmithError: the place is missing or holds no photograph; or one cannot be read, and
            `on_unreadable` is `stop`.
    """
    place, names, ignored = _find(sources.path)
    photographs: list[Photograph] = []
    skipped: list[tuple[str, str]] = []
    for done, name in enumerate(names, start=1):
        try:
            name = _readable_name(name)
            data = _read(place, name)
            pixels = decode(data, name)
            height, width = pixels.shape[:2]
            digests = (hashlib.sha256(content).hexdigest() for content in (data, pixels.tobytes()))
            photographs.append(Photograph(name, next(digests), height, width, next(digests)))
        except BappsmithError as error:
            if sources.on_unreadable == "stop":
                raise BappsmithError(f"{error}; remove it, or set sources.on_unreadable: skip") from error
            skipped.append((name.encode(errors="backslashreplace").decode(), str(error)))
        if progress:
            progress(done, len(names))
    if not photographs:
        raise BappsmithError(
            f"sources.path '{sources.path}': none of its {len(names)} photographs can be read"
        )
    recursive = not _is_glob(sources.path) or "**" in sources.path
    return SourceIndex(place.root, tuple(photographs), tuple(skipped), ignored, recursive)


def split_photographs(
    photographs: Iterable[Photograph], val_fraction: float, seed: int
) -> dict[Split, tuple[Photograph, ...]]:
    """Divide photographs between train and val.

    Photographs are ordered by a keyed hash of their decoded pixels, and the first of that order are val.
    Equal pixels, under another name or losslessly saved again, fall on the same side; a copy that was
    compressed anew or resized counts as another photograph. At
    least one distinct photograph is left on each side where there are two.
    """
    photographs = sorted(photographs, key=lambda photo: photo.name)
    distinct = sorted(
        {p.pixels_sha256 for p in photographs},
        key=lambda sha: hashlib.sha256(f"{seed}:{sha}".encode()).digest(),
    )
    count = min(max(1, round(val_fraction * len(distinct))), max(1, len(distinct) - 1))
    val = set(distinct[:count])
    return {
        "train": tuple(p for p in photographs if p.pixels_sha256 not in val),
        "val": tuple(p for p in photographs if p.pixels_sha256 in val),
    }


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
    return decode(_read(Folder(path.parent), path.name), str(path))


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


def _readable_name(name: str) -> str:
    """Names stand in manifests, which are UTF-8; a file system may hold others."""
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = name.encode(errors="backslashreplace").decode()
        raise BappsmithError(f"photograph {shown}: its file name is not UTF-8; rename it") from None
    return name


def _read(place: Place, name: str) -> bytes:
    try:
        return place.read(name)
    except OSError as error:
        raise BappsmithError(f"photograph {name}: cannot be opened ({error.strerror or error})") from error


def locate(place: str) -> str:
    """The folder or address that names of photographs start from, for a folder, a glob, `samples` or an address.

    Raises:
        BappsmithError: there is no such folder.
    """
    if place == "samples":
        return str(Path(str(files("skimage"))) / "data")
    if is_address(place):
        return place.rstrip("/")
    place = str(Path(place).expanduser())
    root = Path(place)
    if _is_glob(place):
        fixed = place[: min(place.find(c) for c in "*?[" if c in place)]
        root = Path(fixed if fixed.endswith("/") else Path(fixed).parent)
    if not root.exists():
        raise BappsmithError(
            f"sources.path '{place}': no such folder; give a folder, a glob or 'samples' (or --photos FOLDER)"
        )
    if not root.is_dir():
        raise BappsmithError(f"sources.path '{place}': a file; give the folder that holds the photographs")
    return str(root.resolve())


def place_to_seal(place: str) -> str:
    """A place without what is above its folder: what a sealed dataset says of where its photographs lay.

    The rest would tell of a person's machine, and make equal datasets differ.
    """
    if place == "samples":
        return place
    if is_address(place):
        return place.rstrip("/").rsplit("/", 1)[-1]
    root = Path(locate(place))
    if not _is_glob(place):
        return root.name
    return f"{root.name}/{Path(place).expanduser().resolve().relative_to(root).as_posix()}"


def _is_glob(place: str) -> bool:
    return not is_address(place) and glob.has_magic(place) and not Path(place).expanduser().exists()


def _find(place: str) -> tuple[Place, list[str], tuple[str, ...]]:
    """(where they lie, names of photographs, ignored names) of a folder, a glob, `samples` or an address."""
    root = locate(place)
    if place == "samples":
        found = list(SAMPLES)
    elif _is_glob(place):
        paths = glob.glob(str(Path(place).expanduser()), recursive=True)
        found = [Path(p).resolve().relative_to(root).as_posix() for p in paths if Path(p).is_file()]
    else:
        found = list(place_of(root).files())
    inside = sorted(name for name in found if not any(part.startswith(".") for part in name.split("/")))
    names = [name for name in inside if name.lower().endswith(SUFFIXES)]
    if not names:
        raise BappsmithError(
            f"sources.path '{place}': no photograph found among {len(inside)} files (looked for {', '.join(SUFFIXES)})"
        )
    others = (name for name in inside if not name.lower().endswith(SUFFIXES))
    return (
        place_of(root),
        names,
        tuple(name.encode(errors="backslashreplace").decode() for name in others),
    )
