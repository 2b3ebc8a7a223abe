"""The base of all parts of a recipe."""

# pyright: reportUnknownVariableType=false

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Strict(BaseModel):
    """Frozen data. Unknown keys, booleans, NaN and infinities are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _no_truth_values(cls, data: Any) -> Any:
        """Refuse booleans: no key takes one, and `triplets: true` would mean 1."""
        for key, value in data.items() if isinstance(data, dict) else ():
            if any(isinstance(element, bool) for element in (value if isinstance(value, list) else [value])):
                raise ValueError(f"key '{key}' must not be true or false, found {value}")
        return data
