"""All operators together: any size, any severity, and which there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bappsmith.distortions import Draws, operators
from bappsmith.manifests.recipe.named_sets import named_set


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
    paper = set(named_set("bapps-traditional"))
    assert len(paper) == 20
    assert all(operators()[name].source.startswith("Zhang et al. 2018, Table 2") for name in paper)
    assert len([op for op in operators().values() if op.family == "contexts"]) == 6
