"""The facts for machines: valid Croissant, whatever names and context hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bappsmith.manifests.croissant import croissant
from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.table import manifest_name, manifest_schema

TRAIN, JND = SubsetPath.parse("2afc/train/a"), SubsetPath.parse("jnd/val/a")


def facts(form: Form, text: str) -> dict:
    subsets = [{"path": str(TRAIN), "triplets": 3}, {"path": str(JND), "pairs": 3}]
    recipe = Recipe.from_dict({"name": "some", "context": text, "sources": {"license": text}, "subsets": subsets})
    run = Run(recipe, (), {}, {"bappsmith": "1"}, form)
    tables = {str(path): (path, manifest_name(path), "0" * 64, manifest_schema(path)) for path in (TRAIN, JND)}
    return croissant(run, tables)


@pytest.mark.parametrize(
    "text", ["", "Made for tests.", "a\n\n# Judged by humans: yes\n", '"}\x1b[2J\u202e\u2028<b>', "é 百"]
)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.filterwarnings("ignore")  # of rdflib and pandas, which mlcroissant calls in old ways
def test_every_form_is_described_validly(tmp_path: Path, form: Form, text: str):
    mlc = pytest.importorskip("mlcroissant")
    described = facts(form, text)
    (tmp_path / "croissant.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
    dataset = mlc.Dataset(jsonld=tmp_path / "croissant.json")
    assert dataset.metadata.issues.errors == set()
    assert [one.name for one in dataset.metadata.record_sets] == [str(TRAIN), str(JND)]
    assert described["description"].isprintable()
    assert described["license"].isprintable()


def test_files_of_a_subset_are_found_by_their_pattern():
    patterns = {
        form: [one["includes"] for one in facts(form, "")["distribution"] if "includes" in one] for form in FORMS
    }
    assert patterns == {
        "folders": ["2afc/train/a/*/*", "jnd/val/a/*/*"],
        "tar": ["2afc/train/a/*.tar", "jnd/val/a/*.tar"],
        "packed": ["2afc/train/a/packed.safetensors", "jnd/val/a/packed.safetensors"],
        "parquet": ["2afc/train/a/*.parquet", "jnd/val/a/*.parquet"],
    }
