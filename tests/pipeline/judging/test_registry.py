"""Judges by name, and judges of a person's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bappsmith.distortions.plugins import load_plugin, use_plugins
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judge import JudgeSpec, read_judge
from bappsmith.pipeline.judging.registry import judge_source, judges, make_judge

OWN = '''
from bappsmith.pipeline.judging import Judge, register_judge


@register_judge
class Coin(Judge):
    """Cannot tell."""

    bias: float = 0.0

    def measure(self, items):
        return {"severities": items.severities}

    def prefer(self, figures, kind):
        return 0 * figures["severities"][:, 0] + self.bias
'''


@pytest.fixture
def coin(tmp_path: Path) -> Path:
    file = tmp_path / "coin.py"
    file.write_text(OWN)
    return file


def test_a_file_with_a_judge_is_a_plugin(coin: Path):
    use_plugins([coin])
    judge = make_judge(read_judge("coin", ["bias=0.5"]))
    assert judge.spec.settings == {"band": 0.0, "bias": 0.5, "votes": 0}
    assert judge_source(judge) is not None
    use_plugins([])
    assert "coin" not in judges()


def test_a_file_that_changed_is_refused(coin: Path):
    load_plugin(coin)
    coin.write_text(OWN.replace("Cannot tell", "Guesses"))
    with pytest.raises(BappsmithError, match=r"coin\.py was changed after it was loaded"):
        load_plugin(coin)
    coin.write_text(OWN)
    use_plugins([])


def test_a_file_without_operator_or_judge_is_refused(tmp_path: Path):
    (tmp_path / "nothing.py").write_text("x = 1\n")
    with pytest.raises(BappsmithError, match="registers no operator and no judge"):
        load_plugin(tmp_path / "nothing.py")


@pytest.mark.parametrize(
    ("kind", "settings", "words"),
    [
        ("severty", [], "unknown judge 'severty': did you mean 'severity'"),
        ("context", [], "judge context: setting 'ranking' is missing"),
        ("context", ["ranking=[jpeg, jpeg]"], "the ranking names jpeg twice"),
        ("severity", ["votes=1001"], "judge severity: setting 'votes' must be at most 1,000, found 1001"),
        ("severity", ["votes=-1"], "setting 'votes'"),
        ("severity", ["slope=1"], "unknown setting 'slope'"),
        ("psychometric", ["midpoint=.nan"], "setting"),
        ("severity", ["votes"], "give KEY=VALUE"),
        ("severity", ["votes=3", "votes=4"], "each key once"),
        ("Sev erity", [], "kind"),
    ],
)
def test_what_no_judge_allows_is_refused_in_one_line(kind: str, settings: list[str], words: str):
    with pytest.raises(BappsmithError, match=words) as refusal:
        make_judge(read_judge(kind, settings))
    assert "\n" not in str(refusal.value)


def test_settings_are_plain_data_of_limited_size():
    with pytest.raises(ValueError, match="at most 20,000 characters"):
        JudgeSpec.model_validate({"kind": "x", "text": "x" * 30_000})
    with pytest.raises(ValueError, match="found another value"):
        JudgeSpec.model_validate({"kind": "x", "value": object()})
