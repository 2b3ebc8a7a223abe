"""Which judge a recipe asks for, with its settings. The judges themselves are in `pipeline/judges`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bappsmith.manifests.errors import BappsmithError

from .explain import explain
from .plain_yaml import load_yaml

MAX_TEXT = 20_000
"""Characters of the settings of a judge as JSON, at most."""


class JudgeSpec(BaseModel):
    """A judge by its name, with settings of its own. `pipeline.judging.registry.make_judge` checks both.

    A judge may come from a person's file, so its settings are not known here: any JSON values are kept.

    Attributes:
        kind: name of the judge.
    """

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    kind: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")

    @model_validator(mode="after")
    def _check(self) -> JudgeSpec:
        try:
            size = len(json.dumps(self.settings, allow_nan=False))
        except (TypeError, ValueError, RecursionError):
            raise ValueError(
                f"settings of judge {self.kind} must be numbers, texts, lists and mappings; found another value"
            ) from None
        if size > MAX_TEXT:
            raise ValueError(f"settings of judge {self.kind} take at most {MAX_TEXT:,} characters, found {size:,}")
        return self

    @property
    def settings(self) -> dict[str, Any]:
        """The settings, JSON values."""
        return dict(self.model_extra or {})


def read_judge(kind: str, settings: Iterable[str] = ()) -> JudgeSpec:
    """Read a judge from texts, as the command line gives them.

    Args:
        kind: name of the judge.
        settings: texts "KEY=VALUE", each value as in YAML: "ranking=[jpeg, shift]".

    Raises:
        BappsmithError: a text has another form, names a setting twice, or its value is not plain data; one line.

    Examples:
        >>> read_judge("scale", ["votes=5"]).model_dump()
        {'kind': 'scale', 'votes': 5}
    """
    values: dict[str, Any] = {"kind": kind}
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals or not key.isidentifier() or key in values:
            raise BappsmithError(f"setting '{text}' of judge {kind}: give KEY=VALUE, each key once, such as votes=5")
        try:
            values[key] = load_yaml(value)
        except BappsmithError as error:
            raise BappsmithError(f"setting '{key}' of judge {kind}: {error}") from error
    try:
        return JudgeSpec.model_validate(values)
    except ValidationError as error:
        raise BappsmithError(f"judge: {explain(error, 'key', JudgeSpec, {})}") from error
