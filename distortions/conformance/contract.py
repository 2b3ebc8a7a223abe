"""Check the contract of operators, clause by clause: for our own operators and for other people's."""

from __future__ import annotations

import inspect
import json
import pickle
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias, cast

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.compose import largest_margin
from bappsmith.distortions.image import Image, check_image
from bappsmith.distortions.parameters import Levels, Severity, SubSeed, depends_on_severity
from bappsmith.distortions.random import Draws
from bappsmith.manifests.schema.call import Params

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
"""Severities at which an operator is tested."""

SHAPES = ((8, 8), (9, 31), (40, 8), (63, 62), (97, 131))
"""Heights and widths, px, that every operator must accept, besides those of the patches."""

Violations: TypeAlias = Iterator[str]


def broken_clauses(op: Distortion, patches: Sequence[Image]) -> list[str]:
    """Test an operator against every clause of the contract.

    Args:
        op: the operator.
        patches: a dozen or more natural patches, uint8 H×W×3 RGB; see `patches.natural_patches`.

    Returns:
        One readable line per violation; empty if the operator keeps the contract.
    """
    violations: list[str] = []
    for clause in CLAUSES:
        try:
            # Each clause gets copies: an operator that changes its input must not change that of the next clause.
            lines = list(clause(op, [patch.copy() for patch in patches]))
        except Exception as error:  # a person's code may raise anything, and one clause must not hide the next
            lines = [f"{clause.__name__.replace('_', ' ')}: {_one_line(error)}"]
        violations.extend(lines)
        if lines and clause is has_a_valid_margin:
            break  # the others would cut this margin
    return violations


def is_declared(op: Distortion, patches: Sequence[Image]) -> Violations:
    """Check docstring, source, a parameter that depends on severity, and the keywords of `apply`.

    Operators that need the frames before and after have no such parameter: the frames decide.
    """
    if not (type(op).__doc__ or "").strip():
        yield "the class has no docstring: write a sentence that says what it does to an image"
    if not op.source.strip():
        yield "source is empty: name the paper and table, or the author of the idea"
    if not op.neighbours and not any(depends_on_severity(parameter) for parameter in op.parameters.values()):
        yield "no parameter depends on severity: declare a Severity with its mild and severe end, or Levels"
    arguments = inspect.signature(op.apply).parameters.values()
    keywords = [p.name for p in arguments if p.kind is p.KEYWORD_ONLY]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in arguments)  # an adapter, whose parameters a person declares
    if sorted(keywords) != sorted(op.parameters) and not takes_any:
        yield (
            f"apply takes the keywords {', '.join(keywords) or 'none'} after *, "
            f"declared are {', '.join(op.parameters) or 'none'}"
        )


def draws_valid_parameters(op: Distortion, patches: Sequence[Image]) -> Violations:
    """Check that drawn parameters are the declared ones, lie in their ranges, survive JSON, and repeat."""
    for level in LEVELS:
        params = _params(op, level)
        if set(params) != set(op.parameters):
            yield f"drawn at severity {level:g} are {', '.join(params)}; declared are {', '.join(op.parameters)}"
        for key, parameter in op.parameters.items():
            if key in params and not parameter.allows(params[key], params):
                yield f"{key} drawn at severity {level:g} is {params[key]!r}; declared is {parameter.describe()}"
        if json.loads(json.dumps(params)) != params:
            yield f"parameters drawn at severity {level:g} change when written as JSON: {params}"
        if _params(op, level) != params:
            yield f"parameters drawn twice from the same stream differ: {params}, {_params(op, level)}"


def reaches_its_ends(op: Distortion, patches: Sequence[Image]) -> Violations:
    """Check that severity runs through the whole declared range: from the mild end to the severe one."""
    # A fitted row may leave out parts at either end.
    draw = op.sample if op.curve is None else op.draw
    lowest, highest = draw(1e-9, Draws(0)), draw(1.0, Draws(0))
    for key, parameter in op.parameters.items():
        if isinstance(parameter, Severity):
            ends = parameter.mild, parameter.severe
            near = 0.01 * abs(parameter.severe - parameter.mild)
            if abs(lowest[key] - ends[0]) > near or abs(highest[key] - ends[1]) > near:
                yield f"{key} runs from {lowest[key]:g} to {highest[key]:g}; declared is {parameter.describe()}"
        elif isinstance(parameter, Levels) and (lowest[key], highest[key]) != (
            parameter.values[0],
            parameter.values[-1],
        ):
            yield f"{key} runs from {lowest[key]} to {highest[key]}; declared is {parameter.describe()}"


def has_a_valid_margin(op: Distortion, patches: Sequence[Image]) -> Violations:
    """Check that an operator that takes views says how many pixels it needs around a patch."""
    if not op.takes_view:
        return
    for side in (8, 64, 256):
        for level in LEVELS:
            margin = cast(object, op.margin(side, op.sample(level, Draws(0), side)))
            if isinstance(margin, bool) or not isinstance(margin, int) or not 0 <= margin <= largest_margin(side):
                yield (
                    f"margin is {margin!r} for a patch of {side} px at severity {level:g}; "
                    f"return a whole number of px in [0, {largest_margin(side)}]"
                )
                return


def is_not_applied_at_zero(op: Distortion, patches: Sequence[Image]) -> Violations:
    """Check that severity 0 draws nothing: a call without parameters is not applied."""
    call = op.call(0.0, Draws(0))
    if call.severity != 0 or call.params:
        yield f"a call of severity 0 has severity {call.severity:g} and parameters {call.params}"


def keeps_the_form(op: Distortion, patches: Sequence[Image]) -> Violations:
    """Check shape and dtype of results, for natural patches, a grey one, and plain black and white."""
    grey = patches[0][..., :1].repeat(3, axis=2)
    for image in (*patches[:4], grey, np.zeros_like(grey), np.full_like(grey, 255)):
        for level in LEVELS:
            yield from _form(op, image, _params(op, level))


def takes_any_size(op: Distortion, patches: Sequence[Image]) -> Violations:
    """Check small, odd and oblong images."""
    for height, width in SHAPES:
        resized = cv2.resize(patches[0], (width, height), interpolation=cv2.INTER_AREA)
        image = np.asarray(resized, np.uint8)
        for level in LEVELS:
            yield from _form(op, image, _params(op, level))


def leaves_its_input_alone(op: Distortion, patches: Sequence[Image]) -> Violations:
    """Check that the input does not change: other chains use it too."""
    for level in LEVELS:
        image = patches[0].copy()
        result = op(image, _params(op, level))
        result[...] = 255 - patches[0]
        if not np.array_equal(image, patches[0]):
            yield f"at severity {level:g} apply changes its input, or returns a view of it: return a new array"
            return


def takes_any_layout(op: Distortion, patches: Sequence[Image]) -> Violations:
    """Check that views and read-only arrays give the same pixels as a plain copy."""
    frozen = patches[0].copy()
    frozen.setflags(write=False)
    layouts = {
        "a read-only array": frozen,
        "a mirrored view": patches[0][:, ::-1],
        "a transposed view": patches[0].transpose(1, 0, 2),
        "every second pixel": patches[0][::2, ::2],
    }
    params = _params(op, 0.5)
    for name, image in layouts.items():
        if not np.array_equal(op(image, params), op(image.copy(order="C"), params)):
            yield f"{name} gives other pixels than a contiguous copy of it"


def repeats_itself(op: Distortion, patches: Sequence[Image]) -> Violations:
    """Check that equal parameters give equal pixels at any time, and that another sub-seed gives other pixels."""
    params = _params(op, 1.0)
    first = op(patches[0], params)
    for image in patches[1:3]:
        op(image, _params(op, 0.3))
    if not np.array_equal(first, op(patches[0], params)):
        yield "the same parameters give other pixels the second time: draw from a SubSeed, and keep no state"
    both = [params, _params(op, 0.3)]
    batch = op.distort([op.mirrored(p, values) for p, values in zip(patches, both, strict=False)], both)
    single = [op(patches[0], params), op(patches[1], _params(op, 0.3))]
    if len(batch) != 2 or not all(np.array_equal(a, b) for a, b in zip(batch, single, strict=True)):
        yield "apply_batch gives other pixels than apply one by one"
    for key, parameter in op.parameters.items():
        if isinstance(parameter, SubSeed):
            other = {**params, key: int(params[key]) ^ 1}
            if np.array_equal(first, op(patches[0], other)):
                yield f"another {key} gives the same pixels: use it, or do not declare it"


def more_is_not_milder(op: Distortion, patches: Sequence[Image]) -> Violations:
    """Check that the median RMSE over natural patches, in levels of 255, does not fall as severity rises."""
    distances = [
        float(np.median([_rmse(op(p, _params(op, level, i)), p) for i, p in enumerate(patches)])) for level in LEVELS
    ]
    if distances[-1] == 0:
        yield "at severity 1 most patches are unchanged: move the severe end"
    falls = any(after < before for before, after in pairwise(distances))
    if falls and not op.saturates:
        table = ", ".join(f"{level:g}: {d:.3g}" for level, d in zip(LEVELS, distances, strict=True))
        yield (
            f"more severity is milder: median RMSE by severity is {table}; swap or move the ends, "
            "or set saturates = True and give the reason"
        )


def pickles(op: Distortion, patches: Sequence[Image]) -> Violations:
    """Check that a pickled operator gives the same pixels: a data loader sends operators to its processes so."""
    params = _params(op, 0.5)
    other = pickle.loads(pickle.dumps(op))
    if not np.array_equal(op(patches[0], params), other(patches[0], params)):
        yield "after pickling it gives other pixels"


CLAUSES: tuple[Callable[[Distortion, Sequence[Image]], Violations], ...] = (
    is_declared,
    draws_valid_parameters,
    reaches_its_ends,
    has_a_valid_margin,
    is_not_applied_at_zero,
    keeps_the_form,
    takes_any_size,
    leaves_its_input_alone,
    takes_any_layout,
    repeats_itself,
    more_is_not_milder,
    pickles,
)


def _params(op: Distortion, level: float, key: int = 0) -> Params:
    """Draw parameters at a severity. Those that do not depend on severity are the same at all levels."""
    return op.sample(level, Draws(key))


def _form(op: Distortion, image: Image, params: Params) -> Violations:
    height, width = image.shape[:2]
    try:
        result = op(image, params)
        check_image(result, "result")
    except Exception as error:  # a person's code may raise anything
        yield f"{height}×{width} pixels with {params}: {_one_line(error)}"
        return
    if result.shape != image.shape:
        yield f"{height}×{width} pixels with {params}: the result has shape {result.shape}"


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _rmse(a: Image, b: Image) -> float:
    difference = a.astype(np.float64) - b
    return float(np.sqrt((difference * difference).mean()))
