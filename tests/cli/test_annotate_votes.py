"""The commands `annotate status`, `votes`, `import` and `export`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from bappsmith.manifests.dataset import Dataset

from .commands import Ran, error

Run = Callable[..., Ran]


@pytest.fixture
def dataset(finished: dict[str, Path], tmp_path: Path) -> Path:
    return shutil.copytree(finished["packed"], tmp_path / "mine")


def write_votes(path: Path) -> Path:
    """Twelve people judge 60 triplets, with sentinels; the last one clicks at random."""
    rng = np.random.default_rng(0)
    lines = ["subset,index,person,choice,role,expected"]
    truth = rng.integers(0, 2, 60)
    for person in range(12):
        for index in range(60):
            side = truth[index] if person < 11 and rng.random() < 0.85 else rng.integers(2)
            lines.append(f"2afc/train/a,{index},person{person}@example.org,p{side},item,")
        for number in range(15):
            side = number % 2 if person < 11 else rng.integers(2)
            lines.append(f"2afc/train/a,,person{person}@example.org,p{side},sentinel,p{number % 2}")
    path.write_text("\n".join(lines))
    return path


def test_from_votes_to_a_labelling(bappsmith: Run, dataset: Path, tmp_path: Path):
    votes = write_votes(tmp_path / "votes.csv")
    ran = bappsmith("annotate", "import", votes, "mine")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.endswith("mine-study: 900 answers imported\n")
    assert "900 were there already" in bappsmith("annotate", "import", votes, "mine").out

    ran = bappsmith("annotate", "status", "mine")
    assert ran.status == 0
    assert "12 people, 12 of 12 sessions finished, 900 answers; set aside: 1" in ran.out
    assert "sentinels: " in ran.out
    facts = json.loads(bappsmith("annotate", "status", "mine", "--json").out)
    (task,) = facts["tasks"]
    assert task["alpha"]["low"] < task["alpha"]["value"] < task["alpha"]["high"]
    aside = [person for person in facts["people"] if person["set_aside"]]
    assert [person["set_aside"] for person in aside] == ["sentinels"]
    assert "example.org" not in ran.out + json.dumps(facts)

    made = bappsmith("annotate", "votes", "mine", "--as", "people", "--activate", "--raw", "raw.parquet", "--json")
    facts = json.loads(made.out)
    assert (facts["votes"], facts["people"], facts["active"]) == (660, 11, "people")
    assert facts["subsets"][0] == {"subset": "2afc/train/a", "items": 520, "unjudged": 460}
    assert facts["answers"] == len(pq.read_table(tmp_path / "raw.parquet")) == 900
    assert Dataset(dataset)["2afc/train/a"].labels().votes[:61].tolist() == [11] * 60 + [0]
    ran = bappsmith("annotate", "votes", "mine", "--as", "people")
    assert "2afc/train/a: 60 of 520 items judged" in ran.out
    assert "weight 0 in training" in ran.out


def test_a_wrong_file_begins_no_study(bappsmith: Run, dataset: Path, tmp_path: Path):
    (tmp_path / "votes.csv").write_text("subset,index,person,choice\n2afc/train/a,999,x,p0\n")
    assert "1 of 1 votes are wrong" in error(bappsmith("annotate", "import", "votes.csv", "mine"))
    assert not (tmp_path / "mine-study").exists()


@pytest.mark.parametrize("tool", ["csv", "label-studio", "jspsych"])
def test_a_task_list_for_another_tool(bappsmith: Run, dataset: Path, tmp_path: Path, tool: str):
    ran = bappsmith("annotate", "export", "mine", "--for", tool, "--subset", "jnd/val/a", "--out", "list", "--json")
    facts = json.loads(ran.out)
    assert facts["items"] == 5
    assert all((tmp_path / file).is_file() for file in facts["files"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("status", "mine"), "mine-study holds no study"),
        (("votes", "mine"), "say what to make of the votes: --as NAME"),
        (("votes", "mine", "--raw", "x", "--activate"), "--activate needs the name"),
        (("votes", "mine", "--as", "a", "--pairs", "p.csv"), "pairs of images have no labellings"),
        (("votes", "mine", "--out", "o.csv"), "--out is for pairs of images"),
        (("votes", "mine", "--as", "a"), "mine-study holds no study"),
        (("import", "none.csv", "mine"), "none.csv is not a file"),
        (("export", "mine", "--for", "csv", "--out", "list", "--pictures", "x"), "--pictures is for Label Studio"),
        (("export", "mine", "--for", "csv", "--out", "mine"), "mine is not empty"),
        (("export", "mine", "--for", "csv", "--out", "list", "--subset", "jnd/val/b"), "unknown subset of mine"),
    ],
)
def test_what_is_refused(bappsmith: Run, dataset: Path, words: tuple[str, ...], message: str):
    assert message in error(bappsmith("annotate", *words))
