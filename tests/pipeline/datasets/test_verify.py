"""Any change of a finished dataset is found; nothing is written, and nothing strange is opened."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.manifests.sealed_json import sealed_bytes
from bappsmith.pipeline.datasets.convert import convert
from bappsmith.pipeline.datasets.verify import Verification, verify

ONE_FILE = {
    "folders": "2afc/train/tiny/p0/000003.png",
    "tar": "2afc/train/tiny/000000.tar",
    "packed": "2afc/train/tiny/packed.safetensors",
    "parquet": "2afc/train/tiny/000000.parquet",
}
"""Form → a file that holds an item of train."""


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory, made_tiny: Path) -> dict[Form, Path]:
    """Form → the dataset `tiny`."""
    root = tmp_path_factory.mktemp("forms")
    for form in FORMS:
        convert(made_tiny, root / form, form)
    return {form: root / form for form in FORMS}


def snapshot(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything below a folder → time of change, mode and content."""
    return {
        path.relative_to(root).as_posix(): (
            path.stat().st_mtime_ns,
            path.stat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in (root, *root.rglob("*"))
    }


def test_verify_finds_what_was_changed_removed_or_added(made_tiny: Path, copy: Path):
    assert verify(made_tiny).clean
    # Four files for each of 14 triplets, three for each of 5 pairs; seal, card, recipe, photographs, Croissant;
    # a manifest and a table of judgments for each of three subsets.
    assert verify(made_tiny).files == 4 * 14 + 3 * 5 + 5 + 2 * 3
    (copy / "2afc/train/tiny/p1/000007.png").write_bytes(b"other")
    (copy / "2afc/val/tiny/judge/000003.npy").unlink()
    (copy / "jnd/val/tiny/p0/extra.png").write_bytes(b"x")
    (copy / "README.md").write_text("a better story")
    differences = verify(copy)
    assert differences.changed == ("README.md", "2afc/train/tiny/p1/000007.png")
    assert differences.missing == ("2afc/val/tiny/judge/000003.npy",)
    assert differences.additional == ("jnd/val/tiny/p0/extra.png",)


@pytest.mark.parametrize("form", FORMS)
def test_a_flipped_bit_is_found_in_every_form(forms: dict[Form, Path], form: Form, tmp_path: Path):
    root = Path(shutil.copytree(forms[form], tmp_path / "data"))
    path = root / ONE_FILE[form]
    whole = path.read_bytes()
    # What lies outside of items counts too: names, headers, something at the end.
    for position in (0, len(whole) // 3, len(whole) - 1):
        data = bytearray(whole)
        data[position] ^= 0x10
        path.write_bytes(data)
        differences = verify(root)
        assert not differences.additional
        assert ONE_FILE[form] in differences.changed
    path.write_bytes(whole)
    assert verify(root).clean


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_is_gone_is_missing(forms: dict[Form, Path], form: Form, tmp_path: Path):
    root = Path(shutil.copytree(forms[form], tmp_path / "data"))
    (root / ONE_FILE[form]).unlink()
    (root / "stray.png").touch()
    differences = verify(root)
    assert "2afc/train/tiny/p0/000003.png" in differences.missing
    # A form of one file leaves its folder empty.
    assert differences.additional == ("stray.png", *(() if form == "folders" else ("2afc/train/tiny/",)))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_written_whatever_is_wrong(forms: dict[Form, Path], form: Form, tmp_path: Path):
    root = Path(shutil.copytree(forms[form], tmp_path / "data"))
    path = root / ONE_FILE[form]
    whole = path.read_bytes()
    middle = bytearray(whole)
    middle[len(whole) // 2] ^= 1
    # Whole; a flipped bit in the middle, and in the first bytes, where lengths stand; shorter; longer; empty.
    for data in (whole, bytes(middle), bytes([whole[0] ^ 0x80]) + whole[1:], whole[:-5], whole + b"12345", b""):
        path.write_bytes(data)
        before = snapshot(root)
        assert verify(root).clean == (data == whole)
        assert snapshot(root) == before


def test_a_flipped_count_in_a_packed_header_is_found_and_mends(forms: dict[Form, Path], tmp_path: Path):
    root = Path(shutil.copytree(forms["packed"], tmp_path / "data"))
    path = root / ONE_FILE["packed"]
    whole = path.read_bytes()
    assert whole.count(b"[8, 3, 32, 32, 3]") == 1
    path.write_bytes(whole.replace(b"[8, 3, 32, 32, 3]", b"[9, 3, 32, 32, 3]"))
    assert verify(root).changed == (ONE_FILE["packed"],)
    assert path.stat().st_size == len(whole)
    path.write_bytes(whole)
    assert verify(root).clean


def reseal(root: Path, **change: Any) -> None:
    """Change the seal, and have its hash of itself fit."""
    seal = json.loads((root / "seal.json").read_text())
    del seal["sha256_of_the_rest"]
    (root / "seal.json").write_bytes(sealed_bytes({**seal, **change}))


def test_verify_sees_through_a_changed_manifest_or_seal(copy: Path):
    seal = json.loads((copy / "seal.json").read_text())
    table = (copy / "manifest/jnd-val-tiny.parquet").read_bytes()
    (copy / "manifest/jnd-val-tiny.parquet").write_bytes(b"not a table")
    assert "manifest/jnd-val-tiny.parquet" in verify(copy).changed
    (copy / "manifest/jnd-val-tiny.parquet").write_bytes(table)
    for change in ({"recipe": {**seal["recipe"], "seed": 99}}, {"subsets": {"2afc/train/tiny": 8}}):
        (copy / "seal.json").write_text(json.dumps({**seal, **change}))
        with pytest.raises(BappsmithError, match="its own hash does not match"):
            verify(copy)


def test_a_subset_that_was_dropped_from_the_seal_with_care_is_found(copy: Path):
    seal = json.loads((copy / "seal.json").read_text())
    kept = {path: count for path, count in seal["subsets"].items() if path != "jnd/val/tiny"}
    reseal(copy, subsets=kept)
    with pytest.raises(BappsmithError, match="its counts differ from those of its recipe"):
        verify(copy)
    rules = [one for one in seal["recipe"]["subsets"] if one["path"] in kept]
    files = {name: file for name, file in seal["files"].items() if "jnd-val" not in name}
    reseal(copy, subsets=kept, recipe={**seal["recipe"], "subsets": rules}, files=files)
    differences = verify(copy)
    assert "seal.json" in differences.changed  # the fingerprint is that of the whole recipe
    assert "jnd/val/tiny/p0/000000.png" in differences.additional


def test_a_wrong_size_or_hash_in_the_seal_is_a_changed_file(copy: Path):
    seal = json.loads((copy / "seal.json").read_text())
    for change in ({"size": 1}, {"sha256": "0" * 64}):
        reseal(copy, files={**seal["files"], "README.md": {**seal["files"]["README.md"], **change}})
        assert verify(copy).changed == ("README.md",)


def test_links_and_empty_folders_that_were_added_are_named(copy: Path, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret.png").touch()
    (copy / "2afc/train/linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (copy / "dangling").symlink_to(tmp_path / "nowhere")
    (copy / "round").symlink_to(copy, target_is_directory=True)
    (copy / "2afc/val/empty").mkdir()
    differences = verify(copy)
    assert sorted(differences.additional) == ["2afc/train/linked", "2afc/val/empty/", "dangling", "round"]
    assert not differences.changed
    assert not differences.missing


STRANGE = """
import json, resource, sys
from bappsmith.pipeline.datasets.verify import verify
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
for root in sys.argv[1:]:
    differences = verify(root)
    print(json.dumps([differences.changed, differences.missing, differences.additional]))
"""


def test_pipes_devices_and_endless_files_neither_hang_nor_fill_the_memory(forms: dict[Form, Path], tmp_path: Path):
    expected: dict[Path, Verification] = {}
    for form in FORMS:
        for what in ("pipe", "device", "endless"):
            root = Path(shutil.copytree(forms[form], tmp_path / f"{form}-{what}"))
            path = root / ONE_FILE[form]
            if what == "endless":
                os.truncate(path, 1 << 40)  # of which the disk holds next to nothing
            else:
                path.unlink()
            if what == "pipe":
                os.mkfifo(path)
            if what == "device":
                path.symlink_to("/dev/zero")
            expected[root] = Verification(0, (ONE_FILE[form],), (), ())
    added = Path(shutil.copytree(forms["tar"], tmp_path / "added"))
    os.mkfifo(added / "jnd/val/tiny/pipe.png")
    (added / "2afc/zero").symlink_to("/dev/zero")
    expected[added] = Verification(0, (), (), ("2afc/zero", "jnd/val/tiny/pipe.png"))
    # In a process of its own, which can be ended where it hangs.
    command = [sys.executable, "-c", STRANGE, *map(str, expected)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert run.returncode == 0, run.stderr
    for (root, differences), line in zip(expected.items(), run.stdout.splitlines(), strict=True):
        changed, missing, additional = json.loads(line)
        if differences.changed:
            assert {*differences.changed} <= {*changed, *missing}, root
        assert tuple(additional) == differences.additional, root


def test_verify_tells_of_pixels_that_come_out_otherwise(
    finished: dict[str, Path], photos: Path, monkeypatch: pytest.MonkeyPatch
):
    assert verify(finished["tar"], pixels=2, photos=str(photos)).remade == 6
    real = cv2.GaussianBlur
    monkeypatch.setattr(cv2, "GaussianBlur", lambda image, *given, **named: 255 - real(image, *given, **named))
    differences = verify(finished["tar"], pixels=6, photos=str(photos))
    assert differences.remade == 6 + 6 + 5
    assert differences.other_pixels
    assert not differences.clean
    assert all("same versions" in text for text in differences.other_pixels)
