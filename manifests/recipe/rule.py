"""Say in words which rule a value breaks, from an error of pydantic."""

from __future__ import annotations

from pydantic_core import ErrorDetails

_RULES = {
    "greater_than_equal": "at least {ge}",
    "greater_than": "above {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "below {lt}",
    "multiple_of": "a multiple of {multiple_of}",
    "literal_error": "{expected}",
    "finite_number": "finite",
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_too_short": "text of at least {min_length} characters",
    "string_too_long": "text of at most {max_length} characters",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
}
"""Type of an error → what the value must be, with what pydantic says of it."""
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "string": "text",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "dict": "a mapping",
    "mapping": "a mapping",
    "model": "a mapping",
    "dataclass": "a mapping",
    "none": "empty",
}
"""First word of the type of an error about the kind of a value → what the value must be."""


def broken_rule(problem: ErrorDetails) -> str | None:
    """Return what a value must be, such as "at least 1"; None: there are no words for this error.

    Args:
        problem: one of `ValidationError.errors()`.
    """
    name = problem["type"]
    if name in _RULES:
        return _RULES[name].format(**{key: _shown(value) for key, value in problem.get("ctx", {}).items()})
    kind, _, error = name.partition("_")
    return _KINDS.get(kind) if error in ("type", "parsing", "attributes_type", "exact_type", "required") else None


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)
