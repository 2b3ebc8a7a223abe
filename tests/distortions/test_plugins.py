"""Operators from elsewhere: files and banks, one run after the other."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from bappsmith.distortions import load_plugin, operator, operators, register
from bappsmith.distortions.cnn.bank import read_bank
from bappsmith.distortions.composite import Pipeline
from bappsmith.distortions.plugins import MODULE_PREFIX, PluginPath, foreign_sources, use_plugins
from bappsmith.manifests.errors import BappsmithError

PLUGIN = '''
"""A person's own operator."""
import numpy as np
from bappsmith.distortions import Distortion, Severity, register

@register
class {name}(Distortion):
    """Adds levels."""
    source = "me"
    amount = Severity(1.0, 255.0, "levels")
    def apply(self, image, *, amount):
        return np.clip(image + amount, 0, 255).astype(np.uint8)
'''


def own(folder: Path, name: str = "MyOwnOp", file: str = "my_op.py") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(PLUGIN.format(name=name), encoding="utf-8")
    return folder / file


def test_a_plugin_loads_and_loading_it_again_changes_nothing(tmp_path: Path) -> None:
    file = own(tmp_path)
    assert load_plugin(file) == ["my_own_op"]
    first = operator("my_own_op")
    assert first.family == "custom"
    assert load_plugin(str(file)) == ["my_own_op"]
    assert operator("my_own_op") is first
    assert foreign_sources(["my_own_op", "jpeg"]) == {"my_own_op": hashlib.sha256(file.read_bytes()).hexdigest()}


def test_files_of_one_name_in_two_folders_stay_apart(tmp_path: Path) -> None:
    assert load_plugin(own(tmp_path / "a", "First")) == ["first"]
    assert load_plugin(own(tmp_path / "b", "Second")) == ["second"]
    assert {"first", "second"} <= set(operators())


def test_a_plugin_cannot_take_a_known_name(tmp_path: Path) -> None:
    with pytest.raises(BappsmithError, match=r"operator 'jpeg' is defined twice.*rename one"):
        load_plugin(own(tmp_path, "Jpeg"))
    assert operator("jpeg").family == "compression"


def test_a_plugin_that_fails_late_leaves_nothing_behind(tmp_path: Path) -> None:
    file = own(tmp_path)
    file.write_text(file.read_text(encoding="utf-8") + "\n1 / 0\n", encoding="utf-8")
    before = operators()
    with pytest.raises(BappsmithError, match="ZeroDivisionError"):
        load_plugin(file)
    assert operators() == before
    assert not [
        name for name in sys.modules if name.startswith(MODULE_PREFIX) and sys.modules[name].__file__ == str(file)
    ]


def test_a_plugin_that_was_edited_since_is_not_passed_off_as_the_old_one(tmp_path: Path) -> None:
    file = own(tmp_path)
    load_plugin(file)
    file.write_text(file.read_text(encoding="utf-8").replace("+ amount", "- amount"), encoding="utf-8")
    with pytest.raises(BappsmithError, match=r"my_op\.py was changed after it was loaded; start a new process"):
        load_plugin(file)


def test_a_run_has_the_plugins_it_was_given_as_they_are_on_disk(tmp_path: Path) -> None:
    stays, first, second = (
        own(tmp_path, "Stays", "s.py"),
        own(tmp_path, "First", "1.py"),
        own(tmp_path, "Second", "2.py"),
    )
    load_plugin(stays)
    use_plugins([stays, first])
    assert {"stays", "first"} <= set(operators())
    first.write_text(first.read_text(encoding="utf-8").replace("+ amount", "- amount"), encoding="utf-8")
    use_plugins([str(first), second])
    assert {"stays", "first", "second"} <= set(operators())
    assert foreign_sources(["first"])["first"] == hashlib.sha256(first.read_bytes()).hexdigest()
    use_plugins([])
    assert {"stays", "first", "second"} & set(operators()) == {"stays"}


def test_a_run_may_take_another_bank_under_the_same_name(bank: Path, other_bank: Path) -> None:
    for root in (bank, other_bank, bank):
        use_plugins([root])
        assert foreign_sources(["denoiser"]) == {"denoiser": read_bank(root).sha256}


def test_two_banks_stand_side_by_side_under_two_names(bank: Path, other_bank: Path) -> None:
    assert load_plugin(bank) == ["denoiser", "reweighted_denoiser"]
    before = operators()
    assert load_plugin(f"soft={other_bank}") == ["soft_denoiser", "soft_reweighted_denoiser"]
    after = operators()
    assert all(after[name] is before[name] for name in before)
    assert foreign_sources(["denoiser", "soft_denoiser"]) == {
        "denoiser": read_bank(bank).sha256,
        "soft_denoiser": read_bank(other_bank).sha256,
    }


def test_two_banks_under_one_name_are_refused_in_one_line(bank: Path, other_bank: Path) -> None:
    with pytest.raises(BappsmithError, match=rf"^bank {other_bank}: .*'denoiser' of another bank.*=\S*other$"):
        use_plugins([bank, other_bank])


@pytest.mark.parametrize(
    ("text", "path", "name"),
    [
        ("my_op.py", "my_op.py", ""),
        ("banks/a", "banks/a", ""),
        ("soft=banks/a", "banks/a", "soft"),
        ("soft_2=/banks/a=b", "/banks/a=b", "soft_2"),
        ("/runs/seed=3/bank", "/runs/seed=3/bank", ""),
        ("seed=3/bank", "seed=3/bank", ""),
    ],
)
def test_a_plugin_is_a_path_or_a_named_path(
    text: str, path: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seed=3" / "bank").mkdir(parents=True)  # what exists as it stands is meant as it stands
    given = PluginPath.parse(text)
    assert given == PluginPath(Path(path), name)
    assert PluginPath.parse(str(given.resolve())) == given.resolve()


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


def test_what_is_no_plugin_is_named(tmp_path: Path) -> None:
    with pytest.raises(BappsmithError, match=r"nowhere\.py: no such file or folder"):
        load_plugin(tmp_path / "nowhere.py")
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(BappsmithError, match=r"notes\.txt: not a Python file"):
        load_plugin(tmp_path / "notes.txt")
    with pytest.raises(BappsmithError, match="only a folder takes a name"):
        load_plugin(f"mine={own(tmp_path)}")


def test_an_operator_without_a_file_has_no_source() -> None:
    namespace: dict[str, object] = {"__name__": "nowhere"}
    exec(PLUGIN.format(name="Typed"), namespace)
    with pytest.raises(BappsmithError, match="'typed' was not defined in a file"):
        foreign_sources(["typed"])


COMPOSED = """
from bappsmith.distortions import operator, register
from bappsmith.distortions.composite import Masked, Pipeline

register(Masked("local", Pipeline("both", [operator("my_own_op"), operator("jpeg")])))
"""


def test_a_dataset_names_the_operators_that_others_are_built_from(tmp_path: Path) -> None:
    own_file = own(tmp_path)
    load_plugin(own_file)
    (tmp_path / "composed.py").write_text(COMPOSED, encoding="utf-8")
    assert load_plugin(tmp_path / "composed.py") == ["local"]
    assert operator("local").family == "custom"
    hashes = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in tmp_path.glob("*.py")}
    assert foreign_sources(["local"]) == {"local": hashes["composed.py"], "my_own_op": hashes["my_op.py"]}


def test_networks_inside_of_another_operator_count_as_its_own(bank: Path) -> None:
    load_plugin(bank)
    denoiser = operator("denoiser")
    op = register(Pipeline("after_jpeg", [operator("jpeg"), denoiser]))
    assert op.learnt_from == denoiser.learnt_from
    assert op.libraries == ("torch",)
    assert not op.portable


def test_an_operator_of_our_classes_that_no_file_registered_is_refused() -> None:
    register(Pipeline("loose", [operator("jpeg")]))
    with pytest.raises(BappsmithError, match=r"'loose' was not defined in a file.*--plugin"):
        foreign_sources(["loose"])
