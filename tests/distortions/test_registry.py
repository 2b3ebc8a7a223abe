"""The register: found by folder, registered by class or instance, and errors that help."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import bappsmith.distortions
from bappsmith.distortions import Distortion, Image, Severity, operator, operators, register
from bappsmith.distortions import registry as registry_module
from bappsmith.distortions.composite import AtLevels
from bappsmith.distortions.registry import forget, register_hint
from bappsmith.manifests.errors import BappsmithError


class Brighter(Distortion):
    """Adds a number of levels."""

    source = "tests"
    amount = Severity(mild=1.0, severe=9.0, unit="levels")

    def __init__(self, name: str = "brighter") -> None:
        self.name = name

    def apply(self, image: Image, *, amount: float) -> Image:
        return image + np.uint8(amount)


def test_every_file_of_every_family_is_found() -> None:
    root = Path(bappsmith.distortions.__file__).parent
    files = [f for f in root.glob("*/**/*.py") if "\n@register\n" in f.read_text(encoding="utf-8")]
    assert files
    # A publication's levels of our operators stand together in one file.
    of_files = {name: op.family for name, op in operators().items() if not isinstance(op, AtLevels)}
    assert {f.stem: f.parent.name for f in files} == of_files


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(BappsmithError, match=r"unknown operator 'gausian_blur': did you mean 'gaussian_blur'\?"):
        operator("gausian_blur")


def test_a_hint_comes_before_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_module, "_hints", [])
    register_hint(lambda name: "it needs a licence" if name == "jpeg_9000" else None)
    with pytest.raises(BappsmithError, match=r"^unknown operator 'jpeg_9000': it needs a licence$"):
        operator("jpeg_9000")
    with pytest.raises(BappsmithError, match="did you mean 'jpeg'"):
        operator("jpg")


def test_instances_of_one_class_stand_under_names_of_their_own() -> None:
    first, second = register(Brighter("first")), register(Brighter("second"))
    assert operator("first") is first
    assert operator("second") is second
    forget([first])
    assert "first" not in operators()
    assert operator("second") is second


def test_an_instance_does_not_take_the_name_of_another() -> None:
    kept = register(Brighter("twice"))
    with pytest.raises(BappsmithError, match=r"'twice' is defined twice, both times by .*\.Brighter; rename one"):
        register(Brighter("twice"))
    with pytest.raises(BappsmithError, match=r"'jpeg' is defined twice, in .*\.Jpeg and .*\.Brighter"):
        register(Brighter("jpeg"))
    assert operator("twice") is kept
    assert register(kept) is kept


def test_a_class_takes_its_own_place_and_nobody_elses() -> None:
    def define(docstring: str) -> type[Distortion]:
        class Twice(Distortion):
            __doc__ = docstring
            amount = Severity(0.0, 1.0, "x")

        return Twice

    register(define("First."))
    again = register(define("Second."))
    assert type(operator("twice")) is again
    other = type("Other", (Distortion,), {"name": "twice", "__doc__": "Third."})
    with pytest.raises(BappsmithError, match="defined twice"):
        register(other)


def test_forgetting_spares_what_took_the_name_since() -> None:
    old = register(Brighter("name"))
    forget([old])
    new = register(Brighter("name"))
    forget([old])
    assert operator("name") is new


def test_the_register_knows_no_family() -> None:
    tree = ast.parse(Path(registry_module.__file__).read_text(encoding="utf-8"))
    relative = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level}
    absolute = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
    assert relative == {"base", "severity_curve"}
    assert {module for module in absolute if module and module.startswith("bappsmith")} == {
        "bappsmith.manifests.errors"
    }
