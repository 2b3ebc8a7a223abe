"""Settings of the photographs in recipes."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer

from .strict import Strict


class Sources(Strict):
    """Where the photographs come from.

    Attributes:
        path: a folder (searched recursively), a glob, an address, or `samples`: the photographs inside scikit-image.
        val_fraction: share of the photographs for val subsets, in (0, 1). Val gets at least one photograph.
        split_seed: seed of the division into train and val. It is not the seed of the recipe: datasets with other
            seeds, and banks, divide the same photographs equally and can be merged.
        on_unreadable: `stop` the run at a photograph that cannot be read, or `skip` it. Both report it by name.
        max_pixels: largest width × height of a photograph, px. A larger one counts as unreadable, because its pixels
            might not fit into memory. The default is that of Pillow.
        sequences: `numbered`: files of one folder whose names end in consecutive numbers are the frames of a sequence.
            Train and val never share a sequence. References are its inner frames, and operators may be given the
            frames before and after. `none`: every file is a photograph of its own.
        license: licence of the photographs, for the dataset's card: an SPDX name, a URL or a sentence.
    """

    path: str = "samples"
    val_fraction: float = Field(default=0.2, gt=0, lt=1)
    split_seed: int = Field(default=0, ge=0, lt=2**64)
    on_unreadable: Literal["stop", "skip"] = "stop"
    max_pixels: int = Field(default=178_956_970, ge=1, lt=2**63)
    sequences: Literal["none", "numbered"] = "none"
    license: str = "not stated"

    @model_serializer(mode="wrap")
    def _without_sequences(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out `sequences: none`: datasets keep the fingerprint that they had before there was this key."""
        values: dict[str, Any] = serialize(self)
        return {key: value for key, value in values.items() if (key, value) != ("sequences", "none")}

    @field_validator("path")
    @classmethod
    def _check_path(cls, path: str) -> str:
        if "\0" in path:
            raise ValueError(f"a path must not hold NUL, found {path!r}")
        return path
