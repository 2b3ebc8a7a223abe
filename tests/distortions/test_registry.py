"""Finding operators: by folder, by file, and with an error that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

import bappsmith.distortions
from bappsmith.distortions import Distortion, Draws, Severity, load_plugin, operator, operators, register
from bappsmith.distortions import registry as registry_module
from bappsmith.manifests.errors import BappsmithError

PLUGIN = '''
"""A person's own operator."""
import numpy as np
from bappsmith.distortions import Distortion, Severity, register

@register
class {name}(Distortion):
    """Inverts."""
    source = "me"
    amount = Severity(1.0, 255.0, "levels")
    def apply(self, image, *, amount):
        return np.clip(image + amount, 0, 255).astype(np.uint8)
'''


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is forgotten after it."""
    operators()
    monkeypatch.setattr(registry_module, "_operators", dict(registry_module._operators))


def test_every_file_of_every_family_is_found() -> None:
    root = Path(bappsmith.distortions.__file__).parent
    # CNN operators come in numbers from one file, and their family says itself what it holds.
    files = [f for f in root.glob("*/*.py") if f.name != "__init__.py" and f.parent.name != "cnn"]
    declared = {f.stem for f in files if "\n@register\n" in f.read_text(encoding="utf-8")}
    assert declared
    for name in declared:
        assert operator(name).family in {f.parent.name for f in files if f.stem == name}


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(BappsmithError, match=r"unknown operator 'gausian_blur': did you mean 'gaussian_blur'\?"):
        operator("gausian_blur")


def test_a_plugin_loads_and_loading_it_again_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "my_op.py"
    file.write_text(PLUGIN.format(name="MyOwnOp"), encoding="utf-8")
    assert load_plugin(file) == ["my_own_op"]
    first = operator("my_own_op")
    assert first.family == "custom"
    assert load_plugin(file) == ["my_own_op"]
    assert operator("my_own_op") is first


def test_a_plugin_cannot_take_a_known_name(tmp_path: Path) -> None:
    file = tmp_path / "thief.py"
    file.write_text(PLUGIN.format(name="Jpeg"), encoding="utf-8")
    with pytest.raises(BappsmithError, match=r"operator 'jpeg' is defined twice.*rename one"):
        load_plugin(file)
    assert operator("jpeg").family == "compression"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import no_such_module\n", "fails to import: ModuleNotFoundError"),
        ("def broken(:\n", "fails to import: SyntaxError"),
        ("x = 1\n", "registers no operator"),
    ],
)
def test_a_broken_plugin_is_one_readable_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "broken.py"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BappsmithError, match=words) as caught:
        load_plugin(file)
    assert "broken.py" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_plugin_is_named(tmp_path: Path) -> None:
    with pytest.raises(BappsmithError, match=r"nowhere\.py: no such file"):
        load_plugin(tmp_path / "nowhere.py")


def test_a_second_class_of_one_name_is_refused() -> None:
    class Twice(Distortion):
        """First."""

        amount = Severity(0.0, 1.0, "x")

    register(Twice)
    other = type("Other", (Distortion,), {"name": "twice", "__doc__": "Second."})
    with pytest.raises(BappsmithError, match="defined twice"):
        register(other)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (
            {"quality": 50.0, "qualty": 1.0},
            "unknown parameter of operator 'jpeg' 'qualty': did you mean 'quality'",
        ),
        ({"quality": 500.0}, "quality is 90 … 5 of 100, log; found 500"),
        ({}, "parameter quality is missing"),
    ],
)
def test_hand_written_parameters_are_checked(params: dict[str, float | int | str], words: str) -> None:
    with pytest.raises(BappsmithError, match=words):
        operator("jpeg").validate(params)


@pytest.mark.parametrize("severity", [-0.1, 1.1, float("nan")])
def test_severity_outside_of_its_range_is_refused(severity: float) -> None:
    with pytest.raises(BappsmithError, match="severity lies in"):
        operator("jpeg").call(severity, Draws(0))
