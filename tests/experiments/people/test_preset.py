"""The parameters of KADID-10k's levels are those that our operators declare."""

from __future__ import annotations

import pytest
from cells import LEVELS
from kadid_types import TYPES
from preset import params_of

from bappsmith.distortions import Draws, operator


@pytest.mark.parametrize("name", TYPES)
def test_every_type_has_five_levels_and_only_one_changes_nothing(name: str):
    op = operator(f"kadid10k_{name}")
    drawn = [params_of(name, level, Draws(1)) for level in range(1, LEVELS + 1)]
    assert [params is None for params in drawn] == [
        name == "mean_shift" and level == 3 for level in range(1, LEVELS + 1)
    ]
    given = [params for params in drawn if params is not None]
    assert all(op.parameters[key].allows(value, params) for params in given for key, value in params.items())
    moving = [tuple(value for key, value in params.items() if "seed" not in key) for params in given]
    assert len(set(moving)) == len(moving)
