"""Open a store: a folder, or an address that fsspec understands, such as s3://bucket/name."""

from __future__ import annotations

from pathlib import Path

from .local import LocalStore
from .remote import RemoteStore
from .store import Store


def open_store(root: str | Path) -> Store:
    """Open the store at a folder or an address.

    Raises:
        BappsmithError: the protocol of an address is unknown, or needs a package that is not installed.
    """
    return RemoteStore(str(root)) if is_address(root) else LocalStore(root)


def is_address(root: str | Path) -> bool:
    """Whether this is an address and not a folder."""
    return isinstance(root, str) and "://" in root


def location(root: str | Path) -> str:
    """Return what another process opens the same store by: an address as it is, or the absolute path of a folder."""
    return str(root) if is_address(root) else str(Path(root).resolve())
