"""The global random generators, as they are at one moment."""

# ruff: noqa: NPY002
# The legacy generator of numpy is what is kept here.

from __future__ import annotations

import random
import sys
from typing import Any

import numpy as np


class GlobalGenerators:
    """States of the global generators of Python, numpy and, if it is loaded, torch (CPU), when this object is made."""

    def __init__(self) -> None:
        self._torch: Any = sys.modules.get("torch")
        self._python = random.getstate()
        self._numpy: Any = np.random.get_state()
        self._torch_state: Any = self._torch.get_rng_state() if self._torch else None

    def moved(self) -> bool:
        """Return whether anything was drawn from one of them since."""
        numpy_now: Any = np.random.get_state()
        return (
            random.getstate() != self._python
            or numpy_now[2:] != self._numpy[2:]
            or not np.array_equal(numpy_now[1], self._numpy[1])
            or (self._torch is not None and not self._torch.equal(self._torch.get_rng_state(), self._torch_state))
        )

    def restore(self) -> None:
        """Put all of them back to the states of that moment."""
        random.setstate(self._python)
        np.random.set_state(self._numpy)
        if self._torch is not None:
            self._torch.set_rng_state(self._torch_state)
