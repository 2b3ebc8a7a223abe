"""Read a whole untrusted file, up to a size limit."""

from __future__ import annotations

from pathlib import Path

from bappsmith.manifests.errors import BappsmithError

from .regular import NotRegularError, open_regular


def read_bounded(path: Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes.

    Args:
        path: the file.
        limit: in bytes.

    Raises:
        BappsmithError: the file cannot be opened, is not a regular file, or is larger than the limit.
    """
    try:
        with open_regular(path) as stream:
            data = stream.read(limit + 1)
    except NotRegularError as error:
        raise BappsmithError(f"{path}: not a regular file; give a regular file") from error
    except OSError as error:
        raise BappsmithError(f"{path}: cannot be opened ({error.strerror or error}); give a readable file") from error
    if len(data) > limit:
        raise BappsmithError(
            f"{path}: larger than {limit:,} bytes, the maximum for this kind of file; give the right file"
        )
    return data
