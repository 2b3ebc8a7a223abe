"""What is wrong with a value, in words of our own."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from bappsmith.manifests.recipe.explain import explain
from bappsmith.manifests.recipe.rule import broken_rule


class Part(BaseModel):
    name: str = "x"


class Settings(BaseModel):
    votes: int = Field(default=5, ge=1, le=1_000)
    share: float = Field(default=0.5, gt=0, lt=1, allow_inf_nan=False)
    loss: Literal["rank", "hinge"] = "rank"
    language: str = Field(default="en", pattern="^[a-z]+$", min_length=2, max_length=3)
    exact: bool = False
    taps: list[int] = Field(default=[1], min_length=1, max_length=2)
    pair: tuple[int, ...] = ()
    weights: dict[str, int] = {}
    part: Part = Part()


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"votes": 0}, "setting 'votes' must be at least 1, found 0"),
        ({"votes": 1001}, "setting 'votes' must be at most 1,000, found 1001"),
        ({"votes": "many"}, "setting 'votes' must be a whole number, found 'many'"),
        ({"votes": 1.5}, "setting 'votes' must be a whole number, found 1.5"),
        ({"votes": []}, "setting 'votes' must be a whole number, found []"),
        ({"share": 0}, "setting 'share' must be above 0, found 0"),
        ({"share": 1}, "setting 'share' must be below 1, found 1"),
        ({"share": "half"}, "setting 'share' must be a number, found 'half'"),
        ({"share": None}, "setting 'share' must be a number, found None"),
        ({"share": float("nan")}, "setting 'share' must be finite, found nan"),
        ({"loss": "huge"}, "setting 'loss' must be 'rank' or 'hinge', found 'huge'"),
        ({"language": "EN"}, "setting 'language' must be text of the form ^[a-z]+$, found 'EN'"),
        ({"language": "a"}, "setting 'language' must be text of at least 2 characters, found 'a'"),
        ({"language": "abcd"}, "setting 'language' must be text of at most 3 characters, found 'abcd'"),
        ({"language": 1}, "setting 'language' must be text, found 1"),
        ({"exact": "perhaps"}, "setting 'exact' must be true or false, found 'perhaps'"),
        ({"taps": 3}, "setting 'taps' must be a list, found 3"),
        ({"taps": []}, "setting 'taps' must be a list of at least 1, found []"),
        ({"taps": [1, 2, 3]}, "setting 'taps' must be a list of at most 2, found [1, 2, 3]"),
        ({"pair": 1}, "setting 'pair' must be a list, found 1"),
        ({"weights": 1}, "setting 'weights' must be a mapping, found 1"),
        ({"part": 1}, "setting 'part' must be a mapping, found 1"),
        ({"part": {"name": 1}}, "setting 'part.name' must be text, found 1"),
    ],
)
def test_the_rule_is_named(data: dict[str, Any], line: str):
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate(data)
    assert explain(refused.value, "setting", Settings, {"part": Part}) == line


def test_an_error_without_words_of_ours_keeps_those_of_pydantic():
    assert broken_rule({"type": "url_parsing", "loc": ("a",), "msg": "x", "input": 1}) is None
