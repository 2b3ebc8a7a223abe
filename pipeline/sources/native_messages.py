"""Silence the C libraries that decode images: their messages about damaged files do not name the file."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import cv2
from PIL import Image as PIL


@cache
def silence_libtiff() -> None:
    """Stop Pillow's libtiff from printing to stderr, for the rest of the process. Pillow still raises errors.

    This has no effect if libtiff is linked statically and its functions are not reachable.
    """
    try:
        library = ctypes.CDLL(PIL.core.__file__)
        handlers = (library.TIFFSetErrorHandler, library.TIFFSetWarningHandler)
    except (AttributeError, OSError):
        return
    for handler in handlers:
        handler.argtypes, handler.restype = [ctypes.c_void_p], ctypes.c_void_p
        handler(None)


@contextmanager
def silent_opencv() -> Iterator[None]:
    """Silence the log of OpenCV inside the `with` block."""
    before = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(before)
