"""Judges in the settings of another judge: a name, or a mapping with its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator

from bappsmith.manifests.recipe.judge import JudgeSpec

from .judge import Figures, Judge
from .registry import make_judge


def _spec(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


def _complete(spec: JudgeSpec) -> JudgeSpec:
    return make_judge(spec).spec


NestedJudge: TypeAlias = Annotated[
    JudgeSpec, BeforeValidator(_spec, json_schema_input_type=str | JudgeSpec), AfterValidator(_complete)
]
"""A judge that another one asks, with all its settings. A name alone stands for its defaults."""


def with_prefix(judge: Judge, figures: Figures) -> dict[str, NDArray[np.float64]]:
    """Return the figures of one of several judges under names of their own; hidden ones stay hidden."""
    return {_prefixed(judge, key): values for key, values in figures.items()}


def without_prefix(judge: Judge, figures: Mapping[str, NDArray[np.float64]]) -> Figures:
    """Return the figures of one judge among those of several, under the judge's names; see `with_prefix`."""
    shown, hidden = _prefixed(judge, ""), _prefixed(judge, "_")
    own = {key.removeprefix(shown): values for key, values in figures.items() if key.startswith(shown)}
    return own | {"_" + key.removeprefix(hidden): values for key, values in figures.items() if key.startswith(hidden)}


def _prefixed(judge: Judge, key: str) -> str:
    return f"_{judge.name}.{key[1:]}" if key.startswith("_") else f"{judge.name}.{key}"
