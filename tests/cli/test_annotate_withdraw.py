"""The command `annotate withdraw`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bappsmith.annotation.study.source import DatasetSource
from bappsmith.annotation.study.study import Study

from .commands import Ran, error


@pytest.fixture
def study(tmp_path: Path, finished: dict[str, Path]) -> Path:
    with Study.create(tmp_path / "study", DatasetSource(finished["folders"])) as made:
        made.session_of(made.enter("prolific", "5f3c0ffee1"))
    return tmp_path / "study"


@pytest.mark.parametrize(("words", "sessions"), [((), 1), (("--delete",), 0)])
def test_a_person_is_taken_out(
    bappsmith: Callable[..., Ran], finished: dict[str, Path], study: Path, words: tuple[str, ...], sessions: int
) -> None:
    who = ("--platform", "prolific", "--identity", "5f3c0ffee1", "--study", study)
    ran = bappsmith("annotate", "withdraw", finished["folders"], *who, *words)
    assert ran.status == 0, ran.err
    with Study.open(study, write=False) as opened:
        assert opened.people()[0].withdrawn is not None
        assert opened.progress().sessions == sessions


def test_somebody_who_never_came_is_refused(
    bappsmith: Callable[..., Ran], finished: dict[str, Path], study: Path
) -> None:
    who = ("--platform", "link", "--identity", "5\nf", "--study", study)
    line = error(bappsmith("annotate", "withdraw", finished["folders"], *who))
    assert "as link '5\\nf'; check --platform and --identity" in line


def test_a_running_server_is_stopped_first(
    bappsmith: Callable[..., Ran], finished: dict[str, Path], study: Path
) -> None:
    who = ("--platform", "prolific", "--identity", "5f3c0ffee1", "--study", study)
    with Study.open(study):
        assert "in use by another server" in error(bappsmith("annotate", "withdraw", finished["folders"], *who))
