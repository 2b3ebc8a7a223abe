"""One triplet made again."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.manifests.schema.triplet import TripletRecord
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.sample import sample
from bappsmith.pipeline.rendering.render import render
from bappsmith.pipeline.sources.decode import decode


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("subset", "index"), [("2afc/train/a", 519), ("2afc/val/a", 0), ("jnd/val/a", 4)])
def test_one_triplet_is_remade_exactly(finished: dict[str, Path], photos: Path, form: Form, subset: str, index: int):
    done = replay(finished[form], subset, index, photos=str(photos))
    assert done.exact
    assert done.same_bytes
    assert done.versions == {}


def test_replay_notices_a_changed_file(copy: Path, photos: Path):
    (copy / "2afc/val/tiny/p1/000004.png").write_bytes((copy / "2afc/val/tiny/p0/000004.png").read_bytes())
    done = replay(copy, "2afc/val/tiny", 4, photos=str(photos))
    assert not done.exact
    assert done.same_files == {"ref": True, "p0": True, "p1": False, "judge": True}


@pytest.mark.parametrize(
    ("subset", "index", "words"),
    [
        ("2afc/val/other", 0, "unknown subset"),
        ("jnd/val/tiny", 5, "0 to 4"),
        ("jnd/val/tiny", 0, r"photographs of this dataset \('photos\d+'\) are not below .* --photos"),
    ],
)
def test_replay_of_what_is_not_there_is_refused(made_tiny: Path, subset: str, index: int, words: str):
    with pytest.raises(BappsmithError, match=words):
        replay(made_tiny, subset, index)


def test_the_manifest_and_the_photographs_are_enough_to_rebuild(made_tiny: Path, photos: Path, tmp_path: Path):
    sample(made_tiny, tmp_path / "few", 0.5)
    for root in (made_tiny, tmp_path / "few"):
        for name in ("2afc-train-tiny", "2afc-val-tiny", "jnd-val-tiny"):
            subset = name.replace("-", "/")
            for row in pq.read_table(root / "manifest" / f"{name}.parquet").to_pylist():
                data = (photos / row["photo"]).read_bytes()
                assert hashlib.sha256(data).hexdigest() == row["photo_sha256"]
                (made_again,) = render(
                    [TripletRecord.from_row(subset, row)], lambda name, data=data: decode(data, name)
                )
                for folder, image in made_again.images.items():
                    assert hashlib.sha256(image.tobytes()).digest() == row[f"pixels_{folder}"]
