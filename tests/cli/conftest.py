"""Commands run in this process, in an empty folder."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bappsmith.cli import main

from .commands import Ran, write_recipe


@pytest.fixture
def bappsmith(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Ran]:
    """Run a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["bappsmith", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main.run()
        captured = capsys.readouterr()
        status = ended.value.code
        return Ran(status if isinstance(status, int) else int(status is not None), captured.out, captured.err)

    return run


@pytest.fixture
def recipe(tmp_path: Path, photos: Path) -> Path:
    return write_recipe(tmp_path / "mine.yaml", {"path": str(photos)})
