"""generate, verify, show, replay: what they print, and one readable line for every mistake."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from PIL import Image

from .commands import error, write_recipe


def test_a_damaged_dataset_fails_verification(bappsmith, recipe: Path, tmp_path: Path, photos: Path):
    bappsmith("generate", recipe, "--out", "data")
    (tmp_path / "data/2afc/val/a/p0/000002.png").unlink()
    ran = bappsmith("verify", "data")
    assert ran.status == 1
    assert "missing: 2afc/val/a/p0/000002.png" in ran.out
    assert bappsmith("replay", "data", "2afc/val/a", 2, "--photos", photos).status == 1


def test_mistakes_in_photographs_and_recipes(bappsmith, recipe: Path, tmp_path: Path, photos: Path):
    (tmp_path / "empty").mkdir()
    broken = shutil.copytree(photos, tmp_path / "broken")
    (broken / "photo2.png").write_bytes((broken / "photo2.png").read_bytes()[:500])
    assert "no such folder" in error(bappsmith("generate", recipe, "--out", "o", "--photos", "nowhere"))
    assert "no photograph found" in error(bappsmith("generate", recipe, "--out", "o", "--photos", "empty"))
    assert "photo2.png" in error(bappsmith("generate", recipe, "--out", "o", "--photos", "broken"))
    assert "did you mean 'quickstart'" in error(bappsmith("generate", "quickstar", "--out", "o"))
    for change, words in (
        ({"pach": 32}, "did you mean 'patch'"),
        ({"patch": 500}, "photographs of at least 500 px"),
        ({"subsets": [{"path": "2afc/train/a", "triplets": 2_000_000}]}, "1,000,000"),
        (
            {"subsets": [{"path": "2afc/train/a", "triplets": 2, "distort": {"operators": ["jpg"]}}]},
            "did you mean 'jpeg'",
        ),
    ):
        wrong = write_recipe(tmp_path / "wrong.yaml", {"path": str(photos)}, **change)
        assert words in error(bappsmith("generate", wrong, "--out", "o"))
    assert not (tmp_path / "o").exists()
    skipping = write_recipe(tmp_path / "skip.yaml", {"path": "broken", "on_unreadable": "skip"})
    ran = bappsmith("generate", skipping, "--out", "skipped")
    assert ran.status == 0
    assert "skipped: photograph photo2.png" in ran.err
    assert "photo2.png" in (tmp_path / "skipped" / "README.md").read_text()


def test_mistakes_in_folders(bappsmith, recipe: Path, tmp_path: Path):
    assert "is not a bappsmith dataset" in error(bappsmith("verify", tmp_path))
    assert "is not a bappsmith dataset" in error(bappsmith("show", "nowhere"))
    bappsmith("generate", recipe, "--out", "data")
    assert "recipe differ" in error(bappsmith("generate", recipe, "--out", "data", "--seed", 5))
    assert "seed" in error(bappsmith("generate", recipe, "--out", "huge", "--seed", 10**30))
    assert not (tmp_path / "huge").exists()
    (tmp_path / "afile").touch()
    assert "afile: File exists" in error(bappsmith("show", "data", "--out", "afile"))
    seal = (tmp_path / "data/seal.json").read_bytes()
    (tmp_path / "data/seal.json").write_text("{}")
    assert "is damaged" in error(bappsmith("verify", "data"))
    assert bappsmith("generate", recipe, "--out", "data").status == 0  # over sound shards, the seal is written again
    assert (tmp_path / "data/seal.json").read_bytes() == seal


def test_a_file_that_is_no_photograph_folder(bappsmith, recipe: Path, tmp_path: Path):
    Image.new("RGB", (64, 64)).save(tmp_path / "one.png")
    assert "a file; give the folder" in error(bappsmith("generate", recipe, "--out", "o", "--photos", "one.png"))


def test_a_report_is_written_beside_the_dataset_with_progress(bappsmith, recipe: Path, tmp_path: Path):
    bappsmith("generate", recipe, "--out", "data")
    shown = bappsmith("show", "data", "--json")
    assert json.loads(shown.out) == {"report": str(tmp_path / "data-report" / "index.html")}
    assert "items" in shown.err
    assert "48/48" in shown.err


def test_a_dry_run_prints_what_would_be_made_and_writes_nothing(bappsmith, recipe: Path, tmp_path: Path):
    before = sorted(path.name for path in tmp_path.iterdir())
    shown = bappsmith("generate", recipe, "--out", "data", "--dry-run")
    assert shown.status == 0
    for words in ("2afc/train/a", "gaussian_blur", "data: 48 items; about", "time: about", "nothing was written"):
        assert words in shown.out
    assert "48 items; about" in bappsmith("generate", recipe, "--dry-run").out
    assert "--out is missing" in error(bappsmith("generate", recipe))
    facts = json.loads(bappsmith("generate", recipe, "--out", "data", "--dry-run", "--json").out)
    assert (facts["items"], facts["done"], facts["finished"]) == (48, 0, False)
    assert set(facts["operators"]) == {"gaussian_blur", "jpeg"}
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert "no such folder" in error(bappsmith("generate", recipe, "--out", "o", "--photos", "nowhere", "--dry-run"))
    bappsmith("generate", recipe, "--out", "data")
    assert "already complete, 48 items" in bappsmith("generate", recipe, "--out", "data", "--dry-run").out
