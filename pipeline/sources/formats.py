"""Image formats that are read here, and formats that are known but not read."""

from __future__ import annotations

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "PPM", "GIF", "JPEG2000", "AVIF")
"""Formats that Pillow may open, by its names. Its other formats start programs (EPS) or do not hold photographs."""

SUFFIXES = (
    ".png",
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
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
"""Suffixes of files that count as photographs; upper case counts too."""

UNREAD_SUFFIXES = {
    **dict.fromkeys((".heic", ".heif", ".hif"), "HEIC"),
    **dict.fromkeys((".cr2", ".cr3", ".crw"), "Canon RAW"),
    **dict.fromkeys((".nef", ".nrw"), "Nikon RAW"),
    **dict.fromkeys((".arw", ".srf", ".sr2"), "Sony RAW"),
    **dict.fromkeys((".dng",), "DNG (RAW)"),
    **dict.fromkeys((".raf",), "Fujifilm RAW"),
    **dict.fromkeys((".orf",), "Olympus RAW"),
    **dict.fromkeys((".rw2", ".rwl"), "Panasonic RAW"),
    **dict.fromkeys((".pef",), "Pentax RAW"),
    **dict.fromkeys((".srw",), "Samsung RAW"),
    **dict.fromkeys((".3fr", ".fff"), "Hasselblad RAW"),
    **dict.fromkeys((".iiq",), "Phase One RAW"),
    **dict.fromkeys((".dcr", ".kdc"), "Kodak RAW"),
    **dict.fromkeys((".x3f",), "Sigma RAW"),
    **dict.fromkeys((".raw",), "RAW"),
    **dict.fromkeys((".jxl",), "JPEG XL"),
    **dict.fromkeys((".jxr", ".wdp", ".hdp"), "JPEG XR"),
    **dict.fromkeys((".j2k", ".jpx", ".jpf"), "JPEG 2000 outside of .jp2"),
    **dict.fromkeys((".psd", ".psb"), "Photoshop"),
    **dict.fromkeys((".xcf",), "GIMP"),
    **dict.fromkeys((".exr",), "OpenEXR"),
    **dict.fromkeys((".hdr",), "Radiance HDR"),
    **dict.fromkeys((".pfm",), "PFM"),
    **dict.fromkeys((".svg", ".svgz"), "SVG"),
    **dict.fromkeys((".eps",), "EPS"),
    **dict.fromkeys((".tga",), "TGA"),
    **dict.fromkeys((".dds",), "DDS"),
    **dict.fromkeys((".pcx",), "PCX"),
    **dict.fromkeys((".qoi",), "QOI"),
    **dict.fromkeys((".ico",), "ICO"),
}
"""Suffix → format of images that are not read here. They are named, so that users know they are not in the dataset."""

VIDEO_SUFFIXES = (
    ".mp4",
    ".m4v",
    ".mov",
    ".avi",
    ".mkv",
    ".webm",
    ".mpg",
    ".mpeg",
    ".wmv",
    ".mts",
    ".m2ts",
    ".3gp",
    ".y4m",
)
"""Suffixes of videos: they are not read, and their frames can be."""

_UNREAD_CONTENT = (
    (4, b"ftypheic", "HEIC"),
    (4, b"ftypheix", "HEIC"),
    (4, b"ftypmif1", "HEIF"),
    (4, b"ftypmsf1", "HEIF"),
    (4, b"ftypcrx ", "Canon RAW"),
    (0, b"\xff\x0a", "JPEG XL"),
    (4, b"JXL \r\n\x87\n", "JPEG XL"),
    (0, b"8BPS", "Photoshop"),
    (0, b"%!PS", "EPS"),
    (0, b"%PDF", "PDF"),
    (0, b"v/1\x01", "OpenEXR"),
)


def unread_format(name: str) -> str | None:
    """Return the format of an image that is not read here, by its suffix; None if it is read, or not an image."""
    return UNREAD_SUFFIXES.get(f".{name.rpartition('.')[2].lower()}")


def unread_content(data: bytes) -> str | None:
    """Return the format of an image that is not read here, by the first bytes of its file; None if unknown."""
    return next((form for at, start, form in _UNREAD_CONTENT if data[at : at + len(start)] == start), None)
