"""The template for own operators."""

from __future__ import annotations

from pathlib import Path

import pytest

from bappsmith.distortions import load_plugin, operator
from bappsmith.distortions.conformance import check_operator
from bappsmith.distortions.patches import natural_patches
from bappsmith.distortions.template import write_template
from bappsmith.manifests.errors import BappsmithError


def test_the_template_keeps_the_contract(tmp_path: Path) -> None:
    load_plugin(write_template("haze_of_mine", tmp_path))
    assert check_operator(operator("haze_of_mine"), natural_patches(24)) == []


@pytest.mark.parametrize("name", ["x", "a_b", "op2_1"])
def test_the_operator_has_the_name_that_was_given(name: str, tmp_path: Path) -> None:
    assert load_plugin(write_template(name, tmp_path)) == [name]


@pytest.mark.parametrize("name", ["MyBlur", "2nd", "my-blur", "", "a__b", "../up"])
def test_a_name_that_is_not_in_snake_case_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BappsmithError, match="a name has small letters, digits and single underscores"):
        write_template(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_replaced(tmp_path: Path) -> None:
    with pytest.raises(BappsmithError, match="operator 'jpeg' exists already"):
        write_template("jpeg", tmp_path)
    (tmp_path / "mine.py").write_text("mine")
    with pytest.raises(BappsmithError, match=r"mine\.py exists already"):
        write_template("mine", tmp_path)
    assert (tmp_path / "mine.py").read_text() == "mine"
    with pytest.raises(BappsmithError, match="cannot be written"):
        write_template("mine", tmp_path / "missing")
