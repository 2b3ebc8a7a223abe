"""Load datasets with `datasets.load_dataset`, offline: right images and numbers in the right splits, or a refusal."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml
from PIL import Image

from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.table import manifest_name
from bappsmith.pipeline.datasets.convert import convert
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.reports.front_matter import with_front_matter

pytestmark = pytest.mark.slow
SUBSETS = {"2afc/train/some": 530, "2afc/val/some": 6, "2afc/val/other-one": 3, "jnd/val/some": 4}
SCRIPT = """
import hashlib, json, sys
from datasets import load_dataset
from PIL import Image

def shown(value):
    if isinstance(value, Image.Image):
        return hashlib.sha256(value.convert("RGB").tobytes()).hexdigest()
    return value.hex() if isinstance(value, bytes) else value

answers = {}
for folder, config in json.loads(sys.argv[1]):
    name = f"{folder.rsplit('/', 1)[-1]} {config or ''}".strip()
    try:
        splits = load_dataset(folder, config, cache_dir=sys.argv[2])
    except Exception as error:
        answers[name] = f"{type(error).__name__}: {error}"
        continue
    answers[name] = {
        split: {
            "features": {column: type(feature).__name__ for column, feature in rows.features.items()},
            "rows": [{column: shown(value) for column, value in row.items()} for row in rows],
        }
        for split, rows in splits.items()
    }
print("ANSWERS" + json.dumps(answers))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> Path:
    root = tmp_path_factory.mktemp("hub")
    subsets = [
        {
            "path": path,
            "pairs" if path.startswith("jnd") else "triplets": count,
            "distort": {"operators": ["jpeg"], "length": [1]},
        }
        for path, count in SUBSETS.items()
    ]
    sources = {"path": str(photos), "val_fraction": 0.4, "license": "CC-BY-4.0"}
    recipe = Recipe.from_dict({"name": "some", "patch": 16, "sources": sources, "subsets": subsets})
    generate(recipe, root / "folders")
    for form in FORMS:
        if form != "folders":
            convert(root / "folders", root / form, form)
    return root


@pytest.fixture(scope="module")
def loaded(made: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process of its own answers, without a network: 'FORM CONFIGURATION' → splits, or an error."""
    cache = tmp_path_factory.mktemp("cache")
    configs = [None, "2afc-some", "2afc-other-one", "jnd-some", "2afc-some-manifest", "jnd-some-manifest"]
    wanted = [(str(made / form), config) for form in FORMS for config in configs]
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(cache), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(wanted), str(cache)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cache,
        env={**os.environ, **offline},
    )
    assert run.returncode == 0, run.stderr
    assert "Ignoring part of dataset_info" not in run.stdout + run.stderr
    return json.loads(run.stdout.partition("ANSWERS")[2])


def expected(made: Path, subset: SubsetPath) -> list[dict[str, Any]]:
    """Items of a subset, read from its files without the project's readers."""
    rows = []
    for index in range(SUBSETS[str(subset)]):
        files = {folder: made / "folders" / name for folder, name in subset.files(index).items()}
        *images, label = files
        row: dict[str, Any] = {
            f: hashlib.sha256(Image.open(files[f]).convert("RGB").tobytes()).hexdigest() for f in images
        }
        rows.append({**row, label: float(np.load(files[label])[0])})
    return rows


CONFIGS = {
    "2afc-some": {"train": "2afc/train/some", "validation": "2afc/val/some"},
    "2afc-other-one": {"validation": "2afc/val/other-one"},
    "jnd-some": {"validation": "jnd/val/some"},
}


@pytest.mark.parametrize("config", CONFIGS)
def test_parquet_loads_as_images_and_numbers(made: Path, loaded: dict[str, Any], config: str):
    splits = loaded[f"parquet {config}"]
    assert set(splits) == set(CONFIGS[config])
    for split, path in CONFIGS[config].items():
        subset = SubsetPath.parse(path)
        *images, label = subset.folders
        assert splits[split]["features"] == {"index": "Value", **dict.fromkeys(images, "Image"), label: "Value"}
        rows = expected(made, subset)
        assert splits[split]["rows"] == [{"index": index, **row} for index, row in enumerate(rows)]


@pytest.mark.parametrize("config", CONFIGS)
def test_tar_loads_as_images_and_the_array_of_one_number(made: Path, loaded: dict[str, Any], config: str):
    splits = loaded[f"tar {config}"]
    assert set(splits) == set(CONFIGS[config])
    for split, path in CONFIGS[config].items():
        subset = SubsetPath.parse(path)
        *images, label = subset.folders
        assert {splits[split]["features"][f"{folder}.png"] for folder in images} == {"Image"}
        for index, (row, right) in enumerate(zip(splits[split]["rows"], expected(made, subset), strict=True)):
            assert row["__key__"] == f"{index:06d}"
            assert {folder: row[f"{folder}.png"] for folder in images} == {folder: right[folder] for folder in images}
            assert row[f"{label}.npy"] == [right[label]]  # BAPPS has one float32 of shape (1,)


@pytest.mark.parametrize("form", FORMS)
def test_a_whole_dataset_is_not_mixed_into_one(loaded: dict[str, Any], form: Form):
    tables = [f"{config}-{table}" for config in CONFIGS for table in ("manifest", "labels")]
    names = tables if form in ("folders", "packed") else list(CONFIGS)
    assert loaded[form].startswith("ValueError: Config name is missing.")
    assert str(names) in loaded[form]


@pytest.mark.parametrize("form", ["folders", "packed"])
def test_forms_whose_images_it_cannot_read_give_the_manifest_under_another_name(
    made: Path, loaded: dict[str, Any], form: Form
):
    assert "BuilderConfig '2afc-some' not found" in loaded[f"{form} 2afc-some"]
    for config, paths in (("2afc-some", CONFIGS["2afc-some"]), ("jnd-some", CONFIGS["jnd-some"])):
        splits = loaded[f"{form} {config}-manifest"]
        assert set(splits) == set(paths)
        for split, path in paths.items():
            manifest = made / form / manifest_name(SubsetPath.parse(path))
            rows = pq.read_table(manifest).to_pylist()
            plain = [{k: v.hex() if isinstance(v, bytes) else v for k, v in row.items()} for row in rows]
            assert splits[split]["rows"] == plain


def front_matter(card: str) -> dict[str, Any]:
    opening, text, _ = card.split("---\n", 2)
    assert opening == ""
    return yaml.safe_load(text)


def test_the_front_matter_of_parquet_names_columns(made: Path):
    infos = {
        info["config_name"]: info for info in front_matter((made / "parquet/README.md").read_text())["dataset_info"]
    }
    assert list(infos) == list(CONFIGS)
    image, number = {"dtype": "image"}, {"dtype": "float32"}
    assert infos["jnd-some"]["features"] == [
        {"name": "index", "dtype": "int32"},
        {"name": "p0", **image},
        {"name": "p1", **image},
        {"name": "same", **number},
    ]
    assert "dataset_info" not in front_matter((made / "tar/README.md").read_text())


@pytest.mark.parametrize("form", FORMS)
def test_the_data_class_of_the_hub_reads_the_card(made: Path, form: Form):
    # `RepoCard.validate` asks the Hub itself; offline, its data class and the names that it lists are the check.
    from huggingface_hub import DatasetCard

    text = (made / form / "README.md").read_text()
    data = DatasetCard(text).data
    assert data.to_dict() == front_matter(text)
    assert data.license == "cc-by-4.0"
    assert data.pretty_name == "some"
    assert data.size_categories == ["n<1K"]
    assert yaml.safe_load(data.to_yaml()) == front_matter(text)


@pytest.mark.filterwarnings("ignore")  # of webdataset, which leaves files open
@pytest.mark.parametrize("path", SUBSETS)
def test_webdataset_reads_the_form_tar(made: Path, path: str):
    wds = pytest.importorskip("webdataset")
    shards = sorted(str(shard) for shard in (made / "tar" / path).glob("*.tar"))
    rows = list(wds.WebDataset(shards, shardshuffle=False).decode("rgb8"))
    subset = SubsetPath.parse(path)
    *images, label = subset.folders
    assert [row["__key__"] for row in rows] == [f"{index:06d}" for index in range(SUBSETS[path])]
    for row, right in zip(rows, expected(made, subset), strict=True):
        assert {f: hashlib.sha256(row[f"{f}.png"].tobytes()).hexdigest() for f in images} == {
            f: right[f] for f in images
        }
        assert row[f"{label}.npy"].tolist() == [right[label]]


@pytest.mark.parametrize("path", SUBSETS)
def test_imagefolder_reads_the_images_of_a_folder(made: Path, path: str, tmp_path: Path):
    datasets = pytest.importorskip("datasets")
    subset = SubsetPath.parse(path)
    folder = subset.folders[0]
    files = [str(made / "folders" / subset.files(index)[folder]) for index in range(SUBSETS[path])]
    rows = datasets.load_dataset("imagefolder", data_files=files, split="train", cache_dir=str(tmp_path))
    shown = [hashlib.sha256(row["image"].convert("RGB").tobytes()).hexdigest() for row in rows]
    assert shown == [right[folder] for right in expected(made, subset)]


def some_run(license_name: str, triplets: int) -> Run:
    subsets = [{"path": "2afc/train/a", "triplets": triplets}]
    recipe = Recipe.from_dict({"name": "1e5", "sources": {"license": license_name}, "subsets": subsets})
    return Run(recipe, (), {}, {"bappsmith": "1"})


@pytest.mark.parametrize(
    ("license_name", "shown"),
    [
        ("CC0-1.0", "cc0-1.0"),
        (" mit ", "mit"),
        ("not stated", None),
        ("mit\n---\n# x", None),
        ("https://x.org/y", None),
    ],
)
def test_only_licences_that_the_hub_knows_are_named(license_name: str, shown: str | None):
    facts = front_matter(with_front_matter("# body\n", some_run(license_name, 3)))
    assert facts.get("license") == shown
    assert facts["pretty_name"] == "1e5"
    assert facts["annotations_creators"] == ["machine-generated"]


@pytest.mark.parametrize(
    ("triplets", "size"),
    [
        (1, "n<1K"),
        (999, "n<1K"),
        (1000, "1K<n<10K"),
        (56_600, "10K<n<100K"),
        (100_000, "100K<n<1M"),
        (1_000_000, "1M<n<10M"),
    ],
)
def test_sizes_are_those_of_the_hub(triplets: int, size: str):
    assert front_matter(with_front_matter("", some_run("mit", triplets)))["size_categories"] == [size]


def test_another_front_matter_takes_the_place_of_the_old_one():
    body = "# body\n\n---\n\nmore\n"
    once = with_front_matter(body, some_run("mit", 3))
    assert once.endswith(f"---\n{body}")
    again = with_front_matter(once, some_run("not stated", 3))
    assert again == with_front_matter(body, some_run("not stated", 3))
    assert with_front_matter("---\nnever closed", some_run("mit", 3)).endswith("---\n---\nnever closed")
