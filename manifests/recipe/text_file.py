"""Read small untrusted text files: only regular files, and only up to a size limit."""

from __future__ import annotations

from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.store.regular import NotRegularError, open_regular

MAX_BYTES = 1 << 20
"""Size limit. The longest shipped recipe has 3 kB."""


def read_text_file(path: Path) -> str:
    """Read a UTF-8 file of at most 1 MiB, without its byte order mark.

    Raises:
        BappsmithError: the file cannot be read, is not a regular file, is too long, or is not UTF-8.
    """
    name = printable(str(path))
    try:
        with open_regular(path) as stream:
            data = stream.read(MAX_BYTES + 1)
    except NotRegularError as error:
        raise BappsmithError(f"{name}: not a regular file; expected a YAML file") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise BappsmithError(f"{name}: cannot be read ({reason}); give a readable YAML file") from error
    if len(data) > MAX_BYTES:
        raise BappsmithError(f"{name}: longer than {MAX_BYTES:,} bytes; expected a YAML file of a few kilobytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BappsmithError(f"{name}: not a text file in UTF-8 (byte {error.start}); expected a YAML file") from error
