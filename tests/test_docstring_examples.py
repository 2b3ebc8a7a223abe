"""Examples in docstrings give what they show."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(
    ".".join(("bappsmith", *file.relative_to(ROOT).with_suffix("").parts))
    for folder in ("manifests", "lpips", "distortions", "pipeline", "annotation", "cli")
    for file in (ROOT / folder).rglob("*.py")
    if re.search(r"^\s*>>> ", file.read_text(encoding="utf-8"), re.MULTILINE)
)


@pytest.mark.parametrize("module", MODULES)
def test_examples(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)  # examples may write files, by relative names
    tests = [test for test in doctest.DocTestFinder().find(import_module(module)) if test.examples]
    assert tests, module
    for test in tests:
        report: list[str] = []
        assert not doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append).failed, "".join(
            report
        )
