"""What the shell completes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bappsmith.cli import completion
from bappsmith.distortions.cnn.task import task_names
from bappsmith.lpips.evaluation.baselines import BASELINES
from bappsmith.lpips.evaluation.metrics import NETWORKS
from bappsmith.lpips.model.backbones import NETS
from bappsmith.lpips.model.named import shipped_metrics
from bappsmith.pipeline.judging.registry import judges

PROGRAM = Path(sys.executable).with_name("bappsmith")


def test_names_read_from_the_source_are_those_of_the_library():
    networks = [name for name in NETWORKS if name != "untrained-FORM"]
    assert completion.metrics() == [*BASELINES, *networks, *shipped_metrics()]
    assert completion.nets() == list(NETS)
    assert completion.tasks() == sorted(task_names())
    assert completion.judges() == sorted(judges())


def test_names_are_found_without_torch():
    functions = "recipes operators families tags sets judges tasks metrics nets forms"
    code = f"""
import sys
from bappsmith.cli import completion
print(*(bool(getattr(completion, name)()) for name in {functions.split()!r}))
print("torch" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["True"] * len(functions.split()) + ["False"]


@pytest.fixture
def completed(bappsmith, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], set[str]]:
    """Complete the last word of a line, as bash asks for it, and check that zsh gets the same names."""

    def run(line: str) -> set[str]:
        with monkeypatch.context() as patch:
            patch.setenv("_BAPPSMITH_COMPLETE", "complete_bash")
            patch.setenv("COMP_WORDS", line)
            patch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
            names = set(bappsmith().out.split())
        with monkeypatch.context() as patch:
            patch.setenv("_BAPPSMITH_COMPLETE", "complete_zsh")
            patch.setenv("_TYPER_COMPLETE_ARGS", line)
            of_zsh = bappsmith().out
        assert all(f'"{name}"' in of_zsh for name in names)
        return names

    return run


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("bappsmith comp", {"compare"}),
        ("bappsmith compare --all", {"--all-pairs"}),
        ("bappsmith compare a b --metric gm", {"gmsd"}),
        ("bappsmith evaluate data --metric untr", {"untrained"}),
        ("bappsmith train data --net s", {"squeeze"}),
        ("bappsmith generate bapps-t", {"bapps-traditional"}),
        ("bappsmith generate quickstart --form p", {"packed", "parquet"}),
        ("bappsmith distortions show jpeg gaussian_b", {"gaussian_blur"}),
        ("bappsmith distortions list --family com", {"composite", "compression"}),
        ("bappsmith distortions list --set kad", {"kadid10k"}),
        ("bappsmith judge data --by sev", {"severity"}),
        ("bappsmith bank train --task den", {"denoise"}),
    ],
)
def test_names_are_completed(completed: Callable[[str], set[str]], line: str, names: set[str]):
    found = completed(line)
    assert found
    assert found <= names


@pytest.mark.parametrize(("shell", "line"), [("bash", "complete -o default -F"), ("zsh", "#compdef bappsmith")])
def test_the_script_for_a_shell(bappsmith, monkeypatch: pytest.MonkeyPatch, shell: str, line: str):
    monkeypatch.setenv("_BAPPSMITH_COMPLETE", f"source_{shell}")
    assert line in bappsmith().out


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_itself_completes():
    script = """
source <(bappsmith --show-completion)
COMP_WORDS=(bappsmith generate bapps-tr); COMP_CWORD=2
_bappsmith_completion bappsmith
echo "${COMPREPLY[@]}"
"""
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, check=False, env={**os.environ, "PATH": path}
    )
    assert ran.stdout.split() == ["bapps-traditional"], ran.stderr
