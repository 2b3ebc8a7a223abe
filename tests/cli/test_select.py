"""The commands `select` and `curve`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bappsmith.cli import main

from .commands import Ran, error


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> str:
    from bappsmith.manifests.recipe.model import Recipe
    from bappsmith.pipeline.generate import generate

    distort = {"operators": ["gaussian_blur", "jpeg", "gaussian_white_noise"], "length": [1, 2]}
    subsets = [
        {"path": "2afc/val/a", "triplets": 120, "distort": distort},
        {"path": "jnd/val/a", "pairs": 20, "distort": distort},
    ]
    out = tmp_path_factory.mktemp("made") / "data"
    sources = {"path": "samples", "val_fraction": 0.5}
    generate(Recipe.from_dict({"name": "a", "patch": 32, "sources": sources, "subsets": subsets}), out)
    return str(out)


def test_a_selection_is_written_and_scores_are_corrected(bappsmith: Callable[..., Ran], made: str):
    words = ["--budget", 30, "--by", "disagreement=.5,cover=.3,random=.2", "--out", "s.parquet"]
    ran = bappsmith("select", made, *words)
    assert ran.status == 0, ran.err
    assert "30 of 120 items by disagreement=0.5,cover=0.3,random=0.2; probabilities" in ran.out
    table = pq.read_table("s.parquet")
    assert table.column_names == ["subset", "index", "probability", "disagreement", "cover", "random", "expected"]
    assert len(table) == 30
    ran = bappsmith("evaluate", made, "--selection", "s.parquet", "--json")
    scores = json.loads(ran.out)
    assert {row["count"] for row in scores["scores"] if row["subset"] == "2afc/val/a"} == {30}
    assert {row["subset"] for row in scores["scores"]} == {"2afc/val/a"}
    assert any("30 selected items" in note for note in scores["notes"])


def test_the_check_prints_the_remaining_bias(bappsmith: Callable[..., Ran], made: str):
    words = ["--budget", 30, "--by", "closeness", "--metric", "l2", "--metric", "ssim", "--check", "recipe"]
    ran = bappsmith("select", made, *words)
    assert ran.status == 0, ran.err
    assert "left out" in ran.out
    assert "200 selections" in ran.out
    rows = json.loads(bappsmith("select", made, *words, "--json").out)["check"]
    assert [row["metric"] for row in rows] == ["l2", "ssim"]


def test_items_without_a_chance_are_named(bappsmith: Callable[..., Ran], made: str):
    ran = bappsmith("select", made, "--budget", 5, "--by", "disagreement", "--floor", 0, "--out", "s.csv")
    assert "items have no chance (--floor 0)" in ran.out
    assert Path("s.csv").read_text().startswith('# {"budget": 5')


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--budget", 5], "nothing to write; give --out FILE"),
        (["--budget", 5, "--out", "s.txt"], "a .parquet or .csv file"),
        (["--budget", 5, "--out", "no/s.csv"], "folder no does not exist"),
        (["--budget", 5, "--by", "nearness", "--out", "s.csv"], "unknown way to select 'nearness'"),
        (["--budget", 121, "--out", "s.csv"], "a budget of 121 does not fit 120 items"),
        (["--budget", 5, "--subset", "2afc/val/b", "--out", "s.csv"], "unknown subset"),
        (["--budget", 5, "--by", "information", "--metric", "l2", "--out", "s.csv"], "at least 2 metrics, found 1"),
        (["--budget", 5, "--by", "closeness", "--metric", "l3", "--out", "s.csv"], "unknown metric 'l3'"),
        (["--budget", 5, "--by", "closeness", "--metric", "psnr", "--out", "s.csv"], "distances below 0"),
        (["--budget", 5, "--check", "people"], "unknown labelling"),
    ],
)
def test_wrong_requests_are_one_line(bappsmith: Callable[..., Ran], made: str, words: list[object], message: str):
    assert message in error(bappsmith("select", made, *words))


def test_evaluate_refuses_a_selection_of_other_items(bappsmith: Callable[..., Ran], made: str):
    Path("s.csv").write_text("subset,index,probability\n2afc/val/b,1,.5\n")
    assert "no item of" in error(bappsmith("evaluate", made, "--selection", "s.csv"))
    Path("s.csv").write_text("subset,index\n2afc/val/a,1\n")
    assert "no probability" in error(bappsmith("evaluate", made, "--selection", "s.csv"))


def test_a_curve_is_printed_and_drawn(bappsmith: Callable[..., Ran], made: str):
    words = ["--metric", "l2", "--metric", "ssim", "--size", 10, "--size", 20, "--size", 40, "--size", 60]
    ran = bappsmith("curve", made, *words, "--plot", "c.png", "--seeds", 2)
    assert ran.status == 0, ran.err
    assert "judgments of a rule, if the power law goes on: 120 items" in ran.out
    assert "ceiling of the votes" in ran.out
    assert Path("c.png").read_bytes().startswith(b"\x89PNG")
    facts = json.loads(bappsmith("curve", made, *words, "--json", "--seeds", 2).out)
    assert [point["items"] for point in facts["points"]] == [10, 20, 40, 60]


def test_curves_of_what_has_none_are_refused(bappsmith: Callable[..., Ran], made: str):
    assert "not a 2AFC subset" in error(bappsmith("curve", made, "--subset", "jnd/val/a"))
    assert "unknown labelling" in error(bappsmith("curve", made, "--labels", "people"))
    assert "does not exist" in error(bappsmith("curve", made, "--plot", "no/c.png"))


def test_commands_are_listed():
    names = {command.name or getattr(command.callback, "__name__", "") for command in main.app.registered_commands}
    assert {"select", "curve"} <= names
