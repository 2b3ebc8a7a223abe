"""All operators together: any size, any severity, and which there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bappsmith.distortions import Draws, operators


# Few examples: every operator gets a handful of shapes and severities, the contract does the rest.
@pytest.mark.parametrize("name", operators())
@settings(max_examples=8, deadline=None)
@given(
    height=st.integers(8, 70),
    width=st.integers(8, 70),
    severity=st.floats(0, 1, exclude_min=True),
    key=st.integers(0, 2**64 - 1),
)
def test_any_size_any_severity(name: str, height: int, width: int, severity: float, key: int) -> None:
    op = operators()[name]
    if reason := op.unavailable():
        pytest.skip(reason)
    image = np.random.Generator(np.random.Philox(key)).integers(0, 256, (height, width, 3), dtype=np.uint8)
    before = image.copy()
    call = op.call(severity, Draws(key))
    result = op(image, call.params)
    assert result.shape == image.shape
    assert result.dtype == np.uint8
    assert np.array_equal(image, before)


def test_twenty_of_the_papers_table_are_there() -> None:
    families = {"photometric", "noise", "blur", "spatial", "compression"}
    names = {name for name, op in operators().items() if op.family in families}
    ours = {"violet_noise", "brown_noise", "desaturate"}
    assert len(names - ours) == 20
    assert ours <= names
    assert len([op for op in operators().values() if op.family == "contexts"]) == 6
