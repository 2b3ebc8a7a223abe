"""What every part of a recipe has in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Strict(BaseModel):
    """Frozen data; unknown keys, truth values, NaN and infinities are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _no_truth_values(cls, data: Any) -> Any:
        """No key is a yes or no; without this, `triplets: true` would mean 1."""
        for key, value in data.items() if isinstance(data, dict) else ():
            if any(isinstance(one, bool) for one in (value if isinstance(value, list) else [value])):
                raise ValueError(f"key '{key}' is no yes or no, found {value}")
        return data
