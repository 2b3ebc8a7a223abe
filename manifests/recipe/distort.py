"""Settings of one subset in recipes: which chains of operators may be drawn.

Operators are named by terms. A term is the name of an operator or of a family, `tag:TAG` (every operator with that tag)
or `set:SET` (a named set, see `named_sets`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from .named_sets import named_set
from .strict import Strict

TRADITIONAL_FAMILIES = ("photometric", "noise", "blur", "spatial", "compression")
MAX_LENGTH = 8
"""Operators of a chain at most. BAPPS composes two."""
MAX_PATTERNS = 64
TAG, SET = "tag:", "set:"
"""What terms start with that name a tag or a set."""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


TERM_FORMAT, FAMILY_FORMAT = "operator-term", "operator-family"
"""Formats in the JSON Schema of recipes. `pipeline.planning.recipe_schema` says which names there are."""
Term = Annotated[str, WithJsonSchema({"type": "string", "format": TERM_FORMAT})]
Family = Annotated[str, WithJsonSchema({"type": "string", "format": FAMILY_FORMAT})]
Terms = Annotated[tuple[Term, ...], Field(min_length=1)]
Slot = Annotated[Terms, BeforeValidator(_as_list, json_schema_input_type=Term | Terms)]
"""Terms for one position in a chain. A recipe may give a single term without a list."""
Pattern = Annotated[tuple[Slot, ...], Field(min_length=1, max_length=MAX_LENGTH)]
"""One slot for each operator of a chain, first to last."""
Length = Annotated[int, Field(ge=1, le=MAX_LENGTH)]


class Distort(Strict):
    """Which chains of operators may be drawn. A chain never has the same operator twice.

    Either `patterns` says what stands at each position of a chain; or every position takes the same operators, and
    `length` says how many positions there are.

    Attributes:
        families: families whose operators may be drawn, if `operators` is empty.
        operators: terms for the operators that may be drawn; empty: all of `families`.
        exclude: terms for operators to leave out.
        length: lengths of chains, each equally likely, from 1 to `MAX_LENGTH`.
        patterns: chain patterns, each equally likely, in place of `families`, `operators` and `length`. A pattern that
            is given twice is drawn twice as often.
        exclude_pairs: ordered pairs [first, second] of slots: no operator of the second follows one of the first
            directly.
        severity: (low, high], within [0, 1]. The severity of every operator is drawn uniformly from it. Default: (0, 1]
            for 2AFC, and (0, 0.5] for JND, whose questions are near the threshold.
    """

    families: tuple[Family, ...] = TRADITIONAL_FAMILIES
    operators: tuple[Term, ...] = ()
    exclude: tuple[Term, ...] = ()
    length: tuple[Length, ...] = (1, 2)
    patterns: tuple[Pattern, ...] = Field(default=(), max_length=MAX_PATTERNS)
    exclude_pairs: tuple[tuple[Slot, Slot], ...] = ()
    severity: tuple[float, float] | None = None

    @model_validator(mode="before")
    @classmethod
    def _patterns_need_no_families(cls, data: Any) -> Any:
        """Leave out the defaults that patterns replace."""
        if not isinstance(data, dict):
            return data
        rules = cast("dict[str, Any]", data)
        return {"families": (), "length": (), **rules} if rules.get("patterns") else rules

    @model_validator(mode="after")
    def _check(self) -> Distort:
        if self.severity is not None and not 0 <= self.severity[0] < self.severity[1] <= 1:
            raise ValueError(f"severity is [low, high] with 0 <= low < high <= 1, found {list(self.severity)}")
        if self.patterns:
            for key in ("families", "operators", "length"):
                if getattr(self, key):
                    raise ValueError(f"patterns take the place of {key}, found both; leave out {key}")
        elif not self.length:
            raise ValueError("length is empty; name at least one length, such as [1, 2]")
        if len(set(self.length)) != len(self.length):
            raise ValueError(f"length names each length once, found {list(self.length)}")
        for term in self.terms():
            if term.startswith(SET):
                named_set(term.removeprefix(SET))
        return self

    def terms(self) -> Iterator[str]:
        """Iterate over all terms, except the names in `families`."""
        yield from self.operators
        yield from self.exclude
        for slots in (*self.patterns, *self.exclude_pairs):
            for slot in slots:
                yield from slot
