"""Photographs as recipes name them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from .strict import Strict


class Sources(Strict):
    """Where the photographs come from.

    Attributes:
        path: a folder (searched recursively), a glob, or `samples`: the photographs that ship
            inside scikit-image.
        val_fraction: share of the photographs kept for val subsets, in (0, 1); at least one.
        split_seed: another one chooses others for val. Apart from the recipe's own seed, so that datasets of several
            seeds, and banks, divide the same photographs alike and can be put together.
        on_unreadable: `stop` the run at a photograph that cannot be read, or `skip` it; either way
            it is reported by name.
        max_pixels: a photograph with more, width × height, is unreadable: its file is small, its pixels might not fit
            into memory. The default is Pillow's.
        license: of the photographs, for the dataset's card: an SPDX name, a URL or a sentence.
    """

    path: str = "samples"
    val_fraction: float = Field(default=0.2, gt=0, lt=1)
    split_seed: int = Field(default=0, ge=0, lt=2**64)
    on_unreadable: Literal["stop", "skip"] = "stop"
    max_pixels: int = Field(default=178_956_970, ge=1, lt=2**63)
    license: str = "not stated"

    @field_validator("path")
    @classmethod
    def _check_path(cls, path: str) -> str:
        if "\0" in path:
            raise ValueError(f"a path holds no NUL, found {path!r}")
        return path
