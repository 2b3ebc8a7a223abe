"""The house itself: layers, packaging, and the published package that must stay untouched."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("manifests", "lpips", "distortions", "pipeline", "annotation", "cli")
FILES = ("__init__.py", "__main__.py", "py.typed")


def python(code: str, **environment: str) -> str:
    """Run code in a fresh interpreter, outside of the repository."""
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(sys.executable).anchor,
        env={**os.environ, **environment},
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_imports_only_go_down():
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 kept, 0 broken" in run.stdout


def test_every_folder_is_typed_and_linked_for_editable_installs():
    assert (ROOT / "src/bappsmith/py.typed").is_file()
    for folder in FOLDERS:
        assert (ROOT / "src/bappsmith" / folder).resolve() == ROOT / folder


def test_pyright_looks_at_every_folder():
    # Finding no file at all is no error to it.
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pyright"]
    assert sorted(configured["include"]) == sorted(
        ["src/bappsmith/__init__.py", "src/bappsmith/__main__.py", *(f"src/bappsmith/{f}" for f in FOLDERS)]
    )


@pytest.mark.slow
def test_the_published_lpips_package_keeps_working():
    code = """
import warnings; warnings.simplefilter("ignore")
import torch, lpips, bappsmith.lpips
assert lpips.__file__ != bappsmith.lpips.__file__
metric = lpips.LPIPS(pretrained=False, pnet_rand=True, verbose=False)
print(metric(torch.zeros(1, 3, 64, 64), torch.zeros(1, 3, 64, 64)).item())
"""
    assert python(code) == "0.0"


def test_nothing_heavy_is_imported_before_it_is_needed():
    code = """
import sys
heavy = {"torch", "torchvision", "matplotlib", "distributed"}
from bappsmith.cli.main import app
print(sorted(heavy & set(sys.modules)))
import bappsmith.pipeline.generate, bappsmith.distortions
bappsmith.distortions.operators()
print(sorted(heavy & set(sys.modules)))
"""
    assert python(code).split("\n") == ["[]", "[]"]


def test_help_imports_neither_numpy_nor_opencv():
    assert (
        python("import sys, bappsmith.cli.main; print(sorted({'numpy', 'cv2', 'pydantic'} & set(sys.modules)))") == "[]"
    )


def test_the_command_line_runs_as_a_module():
    run = subprocess.run([sys.executable, "-m", "bappsmith", "--help"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert "quickstart" in run.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """sdist, and the wheel that is built from it."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return out


def test_the_sdist_holds_the_tree(built: Path):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    for expected in ("pyproject.toml", "README.md", "LICENSE", "manifests/schema/call.py", "tests/test_house.py"):
        assert expected in names


def test_the_sdist_holds_every_file_once(built: Path):
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=False, cwd=ROOT)
    if listed.returncode:
        pytest.skip("no clone of the repository")
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {member.name.split("/", 1)[1] for member in archive.getmembers() if member.isfile()}
    links = {f"src/bappsmith/{folder}" for folder in FOLDERS}
    tracked = {name for name in listed.stdout.splitlines() if not name.startswith(".")} - links
    assert tracked - names == set()
    assert {name for name in names if name.startswith("src/")} == {f"src/bappsmith/{file}" for file in FILES}


def test_the_archives_are_fit_for_an_index(built: Path):
    run = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *map(str, built.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("PASSED") == 2


def test_the_wheel_is_small(built: Path):
    # 1.37 MB: 0.88 of code, 0.21 of learnt filters, 0.16 of names and hashes of 800 files, 0.12 of heads, pages and
    # tables.
    assert next(built.glob("*.whl")).stat().st_size < 1_500_000


def test_the_wheel_puts_every_file_under_one_name(built: Path):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    assert {name.split("/")[0] for name in names} == {"bappsmith"}
    assert {name for name in names if name.count("/") == 1} == {f"bappsmith/{file}" for file in FILES}
    for folder in FOLDERS:
        here = {
            p.relative_to(ROOT).as_posix()
            for p in (ROOT / folder).rglob("*")
            if "__pycache__" not in p.parts and p.is_file()
        }
        assert {name.removeprefix("bappsmith/") for name in names if name.startswith(f"bappsmith/{folder}/")} == here


@pytest.mark.slow
def test_the_wheel_makes_a_dataset_on_spawned_workers(built: Path, tmp_path: Path, photos: Path):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        archive.extractall(tmp_path / "site")
    script = tmp_path / "script.py"
    script.write_text(f"""
import bappsmith.pipeline.generate as run
from bappsmith.manifests.recipe.model import Recipe

if __name__ == "__main__":
    subset = {{"path": "2afc/train/a", "triplets": 4, "distort": {{"operators": ["jpeg"], "length": [1]}}}}
    recipe = Recipe.from_dict({{"name": "a", "patch": 16, "sources": {{"path": {str(photos)!r}}}, "subsets": [subset]}})
    print(run.__file__, run.generate(recipe, {str(tmp_path / "out")!r}, workers=2).new_items)
""")
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(tmp_path / "site/bappsmith/pipeline/generate.py"), "4"]
