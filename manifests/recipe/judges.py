"""Settings of judges in recipes. `pipeline/judges` holds their code."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, model_validator

from bappsmith.manifests.errors import BappsmithError

from .explain import explain
from .strict import Strict


class SeverityJudge(Strict):
    """The patch whose chain has the smaller total severity is the closer one. Equal severities give 0.5."""

    kind: Literal["severity"] = "severity"


class ContextJudge(Strict):
    """A ranking of operators (Pihlgren et al. 2023). The later operator is the more disruptive one.

    Attributes:
        ranking: operator names from least to most disruptive. It names every operator that the subset can draw.
    """

    kind: Literal["context"] = "context"
    ranking: tuple[str, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _check(self) -> ContextJudge:
        twice = sorted(name for name, count in Counter(self.ranking).items() if count > 1)
        if twice:
            raise ValueError(f"the ranking names {twice[0]} twice; name every operator once")
        return self


class PsychometricJudge(Strict):
    """JND: the probability of "same" falls with total severity s as 1 / (1 + exp(slope·(s - midpoint))).

    Midpoint and slope are not published for BAPPS. The defaults are chosen here: half of the votes are "same" at a
    quarter of the range of one operator, and the share falls from 88 % to 12 % over ±0.17.

    Attributes:
        midpoint: total severity at which half of the votes are "same".
        slope: steepness, per unit of severity.
        votes: number of votes per pair (BAPPS: 3).
    """

    kind: Literal["psychometric"] = "psychometric"
    midpoint: float = Field(default=0.25, gt=0, le=2)
    slope: float = Field(default=12.0, gt=0)
    votes: int = Field(default=3, ge=1, le=1000)


AnyJudge: TypeAlias = SeverityJudge | ContextJudge | PsychometricJudge
"""The settings of any judge. Code that tells judges apart matches every one, so that Pyright names it for a new one."""
Judge = Annotated[AnyJudge, Field(discriminator="kind")]
JUDGES: dict[str, type[BaseModel]] = {
    "severity": SeverityJudge,
    "context": ContextJudge,
    "psychometric": PsychometricJudge,
}


def read_judge(data: dict[str, Any]) -> AnyJudge:
    """Validate the settings of one judge.

    Args:
        data: `kind` and the settings of that kind.

    Raises:
        BappsmithError: one line that names the key, what was allowed and what came.
    """
    try:
        return TypeAdapter[AnyJudge](Judge).validate_python(data)
    except ValidationError as error:
        raise BappsmithError(f"judge: {explain(error, 'key', SeverityJudge, JUDGES)}") from error
