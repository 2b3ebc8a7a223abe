"""What tests of several folders need."""

from __future__ import annotations

from types import ModuleType

import pytest

from . import simulated_people


@pytest.fixture(scope="session")
def simulated() -> ModuleType:
    """People with known reliability, bias and care; see `simulated_people`."""
    return simulated_people
