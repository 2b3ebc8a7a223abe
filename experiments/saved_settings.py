"""Settings of saved results, so that results of other settings or data are not used again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.atomic import atomic_write_bytes, sha256_file


def keep_settings(folder: Path, settings: Mapping[str, Any]) -> None:
    """Write the settings of the results in a folder to `settings.json`, before the first result.

    A later run may have new settings, such as the weights of another net. They are added.

    Args:
        folder: of the results. It is made if it is missing.
        settings: name → JSON value.

    Raises:
        BappsmithError: a setting differs from the stored one, or the folder has files without settings.
    """
    file = folder / "settings.json"
    if folder.is_dir() and any(folder.iterdir()) and not file.exists():
        raise BappsmithError(
            f"{folder} has files, but no settings.json that says what they were made with; choose another --out"
        )
    stored = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    wanted = json.loads(json.dumps(settings))
    differing = [
        f"{name} was {stored[name]}, is {value}"
        for name, value in wanted.items()
        if name in stored and stored[name] != value
    ]
    if differing:
        raise BappsmithError(
            f"{folder} has results of other settings: {'; '.join(differing)}. Give the former ones, or choose another "
            "--out"
        )
    if stored | wanted == stored and file.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    # The temporary file is outside: another process of the same run must not take it for a result.
    atomic_write_bytes(file, (json.dumps(stored | wanted, indent=1) + "\n").encode(), scratch=folder.parent)


def content_of(source: str | Path) -> str:
    """Return the start of the sha256 of a file; of what is no file, such as "pretrained" or "l2", the name."""
    path = Path(source)
    return sha256_file(path)[:16] if path.is_file() else str(source)
