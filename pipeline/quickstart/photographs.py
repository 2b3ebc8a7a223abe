"""The photographs of the quickstart."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from bappsmith.manifests.store.atomic import atomic_write_bytes

PHOTOGRAPHS = (
    "astronaut.png", "camera.png", "chelsea.png", "coffee.png", "hubble_deep_field.jpg", "moon.png",
    "motorcycle_left.png", "rocket.jpg",
)  # fmt: skip
"""Inside scikit-image's wheel. Textures, coins, pictures from microscopes and of eyes are left out."""


def copy_photographs(folder: Path) -> None:
    """Copy the photographs out of scikit-image. Files that are there already stay as they are.

    Args:
        folder: for the copies; it is made if it does not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in PHOTOGRAPHS:
        if not (folder / name).exists():
            atomic_write_bytes(folder / name, files("skimage").joinpath("data", name).read_bytes())
