"""What the tests of operators share."""

from __future__ import annotations

import pytest

from bappsmith.distortions import conformance


@pytest.fixture
def few_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every clause of the contract at fewer severities and sizes: a network takes twenty times as long as a filter."""
    monkeypatch.setattr(conformance, "LEVELS", (0.1, 0.5, 1.0))
    monkeypatch.setattr(conformance, "SHAPES", ((8, 8), (9, 31), (63, 62)))
