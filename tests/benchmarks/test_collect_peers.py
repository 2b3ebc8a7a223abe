"""Peers of operators, collected from the files of a folder."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "collect_peers.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("collect_peers", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_tables_of_all_files_are_joined(script: ModuleType, tmp_path: Path):
    (tmp_path / "noise.py").write_text(
        "PEERS = {'grain': {'numpy': lambda i, t, p: i + 1}, 'hiss': {'x': min, 'y': max}}"
    )
    (tmp_path / "blur.py").write_text("PEERS = {'soft': {'cv2.blur': lambda i, t, p: 2 * i}}")
    peers = script.collect_peers(tmp_path, {"jpeg": {"cv2.imencode": max}})
    assert {name: list(named) for name, named in peers.items()} == {
        "jpeg": ["cv2.imencode"],
        "soft": ["cv2.blur"],
        "grain": ["numpy"],
        "hiss": ["x", "y"],
    }
    assert peers["grain"]["numpy"](1, None, None) == 2
    assert script.without_peer(["jpeg", "soft", "grain", "hiss", "other"], peers) == ["other"]


def test_an_operator_that_is_named_twice_is_refused(script: ModuleType, tmp_path: Path):
    (tmp_path / "a.py").write_text("PEERS = {'jpeg': {'y': max}}")
    with pytest.raises(SystemExit, match="'jpeg' has peers in the table"):
        script.collect_peers(tmp_path, {"jpeg": {"x": max}})
    (tmp_path / "b.py").write_text("PEERS = {'jpeg': {'y': max}}")
    with pytest.raises(SystemExit, match=r"b\.py: operator 'jpeg' has peers in .*a\.py"):
        script.collect_peers(tmp_path)


def test_what_is_no_table_and_what_is_no_operator_is_refused(script: ModuleType, tmp_path: Path):
    with pytest.raises(SystemExit, match="do not exist: sof"):
        script.without_peer(["soft"], {"sof": {}})
    (tmp_path / "a.py").write_text("")
    with pytest.raises(SystemExit, match="has no table"):
        script.collect_peers(tmp_path)
