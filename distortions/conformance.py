"""Check the contract of operators, clause by clause: for our own operators and for other people's."""

from __future__ import annotations

import inspect
import json
import pickle
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

import cv2
import numpy as np

from bappsmith.manifests.schema.call import Params

from .base import Distortion
from .image import Image, check_image
from .parameters import SubSeed, depends_on_severity
from .random import Draws

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
"""Severities at which an operator is tested."""

SHAPES = ((8, 8), (9, 31), (40, 8), (63, 62), (97, 131))
"""Heights and widths, px, that every operator must accept, besides those of the patches."""

Violations: TypeAlias = Iterator[str]


def check_operator(op: Distortion, patches: Sequence[Image]) -> list[str]:
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
            violations.extend(clause(op, [patch.copy() for patch in patches]))
        except Exception as error:  # a person's code may raise anything, and one clause must not hide the next
            what = clause.__name__.replace("_", " ")
            violations.append(f"{what}: {type(error).__name__}: {error}")
    return violations


def is_declared(op: Distortion, patches: Sequence[Image]) -> Violations:
    """Check docstring, source, a parameter that depends on severity, and the keywords of `apply`."""
    if not (type(op).__doc__ or "").strip():
        yield "the class has no docstring: write a sentence that says what it does to an image"
    if not op.source.strip():
        yield "source is empty: name the paper and table, or the author of the idea"
    if not any(depends_on_severity(parameter) for parameter in op.parameters.values()):
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
        yield f"{height}×{width} pixels with {params}: {type(error).__name__}: {error}"
        return
    if result.shape != image.shape:
        yield f"{height}×{width} pixels with {params}: the result has shape {result.shape}"


def _rmse(a: Image, b: Image) -> float:
    difference = a.astype(np.float64) - b
    return float(np.sqrt((difference * difference).mean()))
