"""Explain in one line what is wrong with a recipe or another description."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from bappsmith.manifests.errors import unknown_name
from bappsmith.manifests.plain_text import printable

from .rule import broken_rule

_LIMIT = 60
"""Number of characters of a key or value that a message shows."""
_MESSAGE_LIMIT = 500
_ALTERNATIVES = ("str", "int", "float", "bool")
"""Parts of a union of plain types, as pydantic names them."""


def explain(error: ValidationError, what: str, model: type[BaseModel], parts: Mapping[str, type[BaseModel]]) -> str:
    """Describe the first problem of a validation in one line. An unknown key comes first: it may explain a missing one.

    Args:
        error: of pydantic.
        what: name for a key in the message, such as "recipe key".
        model: the validated model.
        parts: step of a location in the model → the model of that step.

    Returns:
        One line of printable text.
    """
    problems = error.errors(include_url=False)
    problem = min(problems, key=lambda details: details["type"] != "extra_forbidden")
    keys = [printable(str(part), _LIMIT) for part in problem["loc"]]
    where = ".".join(keys)
    if problem["type"] == "extra_forbidden":
        for part in problem["loc"][:-1]:
            model = parts.get(str(part), model)
        known = [field.alias or name for name, field in model.model_fields.items()]
        return f"{unknown_name(what, keys[-1], known)} (at {where})"
    if problem["type"] == "missing":
        return f"{what} '{where}' is missing"
    if problem["type"] == "union_tag_invalid":
        context = problem.get("ctx", {})
        kinds = [kind.strip("' ") for kind in str(context["expected_tags"]).split(",")]
        return str(unknown_name(f"{keys[-1]} kind", printable(str(context["tag"]), _LIMIT), kinds))
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "value_error":
        return printable(message, _MESSAGE_LIMIT)
    rule = broken_rule(problem)
    if keys[-1] in _ALTERNATIVES and len(keys) > 1:  # of a union, whose parts pydantic appends to the location
        where = ".".join(keys[:-1])
        rules = [broken_rule(other) for other in problems if other["loc"][:-1] == problem["loc"][:-1]]
        rule = " or ".join(filter(None, rules))
    text = f"must be {rule}" if rule is not None else printable(message[0].lower() + message[1:], _MESSAGE_LIMIT)
    return f"{what} '{where}' {text}, found {_shown(problem['input'])}"


def _shown(value: Any) -> str:
    """Shorten the text that Python writes for a value."""
    short = reprlib.Repr()
    short.maxstring = short.maxother = short.maxlong = _LIMIT
    try:
        return printable(short.repr(value), 4 * _LIMIT)
    except ValueError:  # Python refuses to write numbers with more than 4,300 digits
        return f"{type(value).__name__} of very many digits"
