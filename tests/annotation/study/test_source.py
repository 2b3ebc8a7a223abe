import shutil

import numpy as np
import pytest

from bappsmith.annotation.study.errors import ChangedError
from bappsmith.annotation.study.source import DatasetSource
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import FORMS
from bappsmith.manifests.forms.png import encode_png
from bappsmith.manifests.relabel import activate, add_labelling


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_its_pictures(finished, form):
    source = DatasetSource(finished[form])
    assert source.tasks() == {"2afc/train/a": "2afc", "2afc/val/a": "2afc", "jnd/val/a": "jnd"}
    assert source.count("2afc/train/a") == 520
    pictures = source.pictures("2afc/train/a", 519)
    expected = Dataset(finished[form])["2afc/train/a"].images(519)
    assert all((pictures[name] == expected[name]).all() for name in ("ref", "p0", "p1"))
    assert set(source.pictures("jnd/val/a", 0)) == {"p0", "p1"}


def test_the_fingerprint_is_that_of_what_is_judged(finished, tmp_path):
    whole = DatasetSource(finished["folders"]).fingerprint
    assert DatasetSource(finished["folders"]).fingerprint == whole
    part = DatasetSource(finished["folders"], ["jnd/val/a"])
    assert part.fingerprint != whole
    assert list(part.tasks()) == ["jnd/val/a"]
    copy = shutil.copytree(finished["folders"], tmp_path / "copy")
    data = Dataset(copy)
    add_labelling(data, "new", {subset.path: subset.labels() for subset in data.subsets()})
    activate(str(copy), "new")
    assert DatasetSource(copy).fingerprint == whole


def test_changed_pixels_are_refused(finished, tmp_path):
    copy = shutil.copytree(finished["folders"], tmp_path / "copy")
    source = DatasetSource(copy)
    source.pictures("2afc/val/a", 1)
    file = copy / "2afc/val/a/p1/000001.png"
    file.write_bytes(encode_png(np.zeros((16, 16, 3), np.uint8)))
    with pytest.raises(ChangedError, match=r"p1 of item 1 of 2afc/val/a is not the picture that was sealed"):
        source.pictures("2afc/val/a", 1)
    for damage in (lambda: file.write_bytes(b"no picture"), file.unlink):
        damage()
        with pytest.raises(ChangedError, match="changed while it is judged"):
            source.pictures("2afc/val/a", 1)


def test_an_unknown_subset_or_dataset_is_refused(finished, tmp_path):
    with pytest.raises(BappsmithError, match="unknown subset"):
        DatasetSource(finished["folders"], ["2afc/val/b"])
    with pytest.raises(BappsmithError, match="not a bappsmith dataset"):
        DatasetSource(tmp_path)
