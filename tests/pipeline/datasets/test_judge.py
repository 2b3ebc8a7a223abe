"""Judge a finished dataset again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.special import ndtr

from bappsmith.distortions.plugins import use_plugins
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judge import JudgeSpec, read_judge
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.table import manifest_name
from bappsmith.pipeline.datasets.agreement import compare_labellings, count_labels
from bappsmith.pipeline.datasets.judge import judge_dataset, judge_subset
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate

READER = """
import numpy as np
from bappsmith.pipeline.judging import Judge, register_judge


@register_judge
class ChainReader(Judge):
    '''Counts parameters.'''

    needs = frozenset({"chains"})

    def measure(self, items):
        return {"parameters": np.array([[len(c.calls[0].params) for c in pair] for pair in items.chains], float)}

    def prefer(self, figures, kind):
        return figures["parameters"][:, 0] - figures["parameters"][:, 1]
"""


@pytest.mark.parametrize("chain", ["{", "[1]", '[{"name": "jpeg"}]', "[" * 5000])
def test_a_manifest_with_a_damaged_chain_is_named(finished: dict[str, Path], tmp_path: Path, chain: str):
    root = shutil.copytree(finished["tar"], tmp_path / "damaged")
    manifest = root / manifest_name(SubsetPath.parse("2afc/train/a"))
    table = pq.read_table(manifest)
    column = table.schema.get_field_index("chain1")
    values = pa.array([chain, *table["chain1"].to_pylist()[1:]], table.schema.field("chain1").type)
    pq.write_table(table.set_column(column, table.schema.field("chain1"), values), manifest)
    (tmp_path / "reader.py").write_text(READER)
    with pytest.raises(BappsmithError, match=r"a.*\.parquet is damaged \(row 0: .*restore it from a copy") as refusal:
        judge_dataset(root, JudgeSpec(kind="chain_reader"), "new", plugins=[tmp_path / "reader.py"])
    assert "\n" not in str(refusal.value)


LOOKER = """
import os

from bappsmith.pipeline.judging import Judge, register_judge


@register_judge
class Looker(Judge):
    '''Prefers the darker patch.'''

    needs = frozenset({"pixels"})

    def measure(self, items):
        if os.environ.get("STOP_AFTER") == str(len(items)):
            raise KeyboardInterrupt
        return {name: items.images[name].mean(axis=(1, 2, 3)) for name in ("p0", "p1")}

    def prefer(self, figures, kind):
        return figures["p0"] - figures["p1"]
"""


def looker(tmp_path: Path, text: str = LOOKER) -> list[Path]:
    (tmp_path / "looker.py").write_text(text)
    return [tmp_path / "looker.py"]


def test_a_judge_of_pixels_goes_on_after_a_kill_and_gives_the_same(
    finished: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    plugins, spec = looker(tmp_path), JudgeSpec(kind="looker")
    whole = shutil.copytree(finished["folders"], tmp_path / "whole")
    judge_dataset(whole, spec, "dark", plugins=plugins)
    killed = shutil.copytree(finished["tar"], tmp_path / "killed")
    monkeypatch.setenv("STOP_AFTER", "8")  # the second shard of 520 items
    with pytest.raises(KeyboardInterrupt):
        judge_dataset(killed, spec, "dark", plugins=plugins)
    assert Dataset(killed).finished.labellings == ("recipe",)
    monkeypatch.delenv("STOP_AFTER")
    with pytest.raises(BappsmithError, match="labelling 'dark' was begun there and not finished"):
        judge_dataset(killed, spec, "other", plugins=plugins)
    with pytest.raises(BappsmithError, match="labelling 'dark' by another judge was begun"):
        judge_dataset(killed, JudgeSpec.model_validate({"kind": "looker", "votes": 3}), "dark", plugins=plugins)
    monkeypatch.setenv("STOP_AFTER", "512")  # the first shard is not measured again
    judge_dataset(killed, spec, "dark", plugins=plugins)
    for root in (whole, killed):
        assert verify(root).clean
        assert not (root / ".bappsmith").exists()
    same = [Dataset(root)["2afc/train/a"].labels("dark") for root in (whole, killed)]
    assert same[0].rows() == same[1].rows()
    first = Dataset(whole)["2afc/train/a"][0].images
    assert same[0].shares[0] == pytest.approx(ndtr(first["p0"].mean() - first["p1"].mean()))


def test_a_judge_file_that_changes_between_runs_is_refused(
    finished: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    root = shutil.copytree(finished["tar"], tmp_path / "data")
    monkeypatch.setenv("STOP_AFTER", "8")
    with pytest.raises(KeyboardInterrupt):
        judge_dataset(root, JudgeSpec(kind="looker"), "dark", plugins=looker(tmp_path))
    use_plugins([])
    with pytest.raises(BappsmithError, match="labelling 'dark' by another judge was begun"):
        judge_dataset(root, JudgeSpec(kind="looker"), "dark", plugins=looker(tmp_path, LOOKER + "\n# changed\n"))
    use_plugins([])


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("severity", "recipe", "already has another labelling 'recipe'"),
        ("severity", "a b", "not a valid name"),
        ("severty", "x", "did you mean 'severity'"),
    ],
)
def test_what_cannot_be_judged_is_refused_before_anything_is_written(
    finished: dict[str, Path], kind: str, name: str, words: str
):
    with pytest.raises(BappsmithError, match=words):
        judge_dataset(finished["tar"], JudgeSpec(kind=kind), name)
    assert not (finished["tar"] / ".bappsmith").exists()


def test_a_chain_pair_that_a_judge_has_no_basis_for_is_refused_on_finished_datasets_too(photos: Path, tmp_path: Path):
    distort = {"operators": ["context_zoom", "context_darken"], "length": [1]}
    subset = {"path": "2afc/train/a", "triplets": 4, "distort": distort, "pairing": "different-operators"}
    subset["judge"] = {"kind": "context", "ranking": ["context_zoom", "context_darken"]}
    facts = {"name": "x", "patch": 32, "sources": {"path": str(photos)}, "subsets": [subset]}
    generate(Recipe.from_dict(facts), tmp_path / "data")
    with pytest.raises(BappsmithError, match="judge severity compares severities of different operators"):
        judge_dataset(tmp_path / "data", JudgeSpec(kind="severity"), "new")


def test_labels_are_counted_and_compared(finished: dict[str, Path], tmp_path: Path):
    root = shutil.copytree(finished["tar"], tmp_path / "data")
    judge_dataset(root, read_judge("context", ["ranking=[gaussian_blur, contrast, jpeg]"]), "ranked")
    dataset = Dataset(root)
    counts = {row.subset: row for row in count_labels(dataset, "ranked")}
    labels = dataset["2afc/train/a"].labels("ranked")
    assert counts["2afc/train/a"].ties == (labels.shares == 0.5).sum()
    assert (counts["2afc/train/a"].soft, counts["2afc/train/a"].dropped) == (0, {})
    rows = compare_labellings(dataset, "ranked", "recipe")
    whole = next(row for row in rows if (row.subset, row.operator) == ("2afc/train/a", ""))
    recipe = dataset["2afc/train/a"].labels("recipe").shares
    assert whole.difference == pytest.approx(abs(labels.shares - recipe).mean())
    assert {row.operator for row in rows} == {"", "gaussian_blur", "contrast", "jpeg"}
    same = [row for row in compare_labellings(dataset, "recipe", "recipe") if row.subset == "2afc/train/a"]
    assert all(row.agree == 1 and row.difference == 0 for row in same)


@pytest.mark.parametrize("kind", ["severity", "looker"])
def test_the_same_command_again_changes_nothing_and_another_judge_is_refused(
    finished: dict[str, Path], tmp_path: Path, kind: str
):
    root = Path(shutil.copytree(finished["tar"], tmp_path / "data"))
    judge_dataset(root, JudgeSpec(kind=kind), "new", plugins=looker(tmp_path))
    seal = (root / "seal.json").read_bytes()
    judge_dataset(root, JudgeSpec(kind=kind), "new", plugins=looker(tmp_path))
    assert (root / "seal.json").read_bytes() == seal
    assert not (root / ".bappsmith").exists()
    with pytest.raises(BappsmithError, match="already has another labelling 'new'"):
        judge_dataset(root, JudgeSpec(kind="scale"), "new")
    with pytest.raises(BappsmithError, match="already has another labelling 'new'"):
        judge_dataset(root, JudgeSpec.model_validate({"kind": kind, "votes": 3}), "new", plugins=looker(tmp_path))
    assert not (root / ".bappsmith").exists()
    use_plugins([])


def test_a_subset_is_judged_without_storing_anything(finished: dict[str, Path], tmp_path: Path):
    root = shutil.copytree(finished["tar"], tmp_path / "copy")
    spec = JudgeSpec.model_validate({"kind": "severity"})
    subset = Dataset(root).sealed("2afc/train/a")
    before = sorted(path for path in root.rglob("*"))
    judged = judge_subset(subset, spec, "mine")
    assert sorted(path for path in root.rglob("*")) == before
    judge_dataset(root, spec, "mine")
    stored = Dataset(root).sealed("2afc/train/a").labels("mine")
    assert judged.shares.tolist() == stored.shares.tolist()
    assert judged.sources == stored.sources
    assert subset.judged(judged).labelling == "mine"


def test_only_judges_that_read_no_pixels_judge_without_storing(finished: dict[str, Path]):
    subset = Dataset(finished["tar"]).sealed("2afc/train/a")
    with pytest.raises(BappsmithError, match="judge 'metric' reads pixels; make its labelling with `bappsmith judge`"):
        judge_subset(subset, JudgeSpec.model_validate({"kind": "metric", "metric": "l2"}), "mine")
