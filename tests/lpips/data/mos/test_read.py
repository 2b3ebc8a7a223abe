"""Every layout in its published form, and one readable line for every mistake."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import savemat

from bappsmith.lpips.data.mos.read import read_mos
from bappsmith.manifests.errors import BappsmithError

from . import layouts


def error(path: Path) -> str:
    with pytest.raises(BappsmithError) as raised:
        read_mos(path)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("name", "count", "types", "higher"),
    [
        ("KADID-10k", 12, {"Gaussian blur", "JPEG"}, True),
        ("TID2013", 12, {"additive Gaussian noise", "JPEG"}, True),
        ("CSIQ", 12, {"white noise", "JPEG 2000"}, False),
        ("LIVE", 15, {"JPEG 2000", "JPEG", "white noise", "Gaussian blur", "fast fading"}, False),
        ("PIPAL", 12, {"group 00", "group 03"}, True),
        ("table", 12, {"noise", "more noise"}, True),
    ],
)
def test_a_layout_is_recognised_and_read(name: str, count: int, types: set[str], higher: bool, tmp_path: Path):
    layouts.LAYOUTS[name](tmp_path)
    scored = read_mos(tmp_path)
    assert scored.name == (name if name != "table" else str(tmp_path / "scores.csv"))
    assert len(scored) == count
    assert {item.type for item in scored.items} == types
    assert len({item.reference for item in scored.items}) == 2
    assert scored.higher_is_better is higher
    assert [item.reference for item in scored.items] == sorted(item.reference for item in scored.items)
    assert np.corrcoef(scored.damage, [measured_damage(item.distorted) for item in scored.items])[0, 1] > 0.9


def measured_damage(path: Path) -> float:
    from PIL import Image

    return float(np.asarray(Image.open(path), np.float64).std(axis=1).mean())


def test_levels_are_read(tmp_path: Path):
    for name in ("KADID-10k", "TID2013", "CSIQ", "table"):
        layouts.LAYOUTS[name](tmp_path / name)
        assert {item.level for item in read_mos(tmp_path / name).items} == {"1", "2", "3"}


def test_a_csv_file_is_read_by_its_path_and_dmos_is_higher_for_worse(tmp_path: Path):
    layouts.table(tmp_path)
    text = (tmp_path / "scores.csv").read_text(encoding="utf-8-sig")
    (tmp_path / "own.csv").write_text(text.replace("score", "DMOS"))
    (tmp_path / "mos.csv").write_text(text.replace("score", "mos"))
    assert not read_mos(tmp_path / "own.csv").higher_is_better
    assert read_mos(str(tmp_path / "mos.csv")).higher_is_better
    assert read_mos(tmp_path / "own.csv").damage.tolist() == [-d for d in read_mos(tmp_path / "mos.csv").damage]


def test_csiq_is_read_from_the_text_that_people_use(tmp_path: Path):
    layouts.csiq(tmp_path)
    before = read_mos(tmp_path)
    lines = [f"{item.distorted.name.replace('jpeg2000', 'JPEG2000')} {item.score}" for item in before.items]
    (tmp_path / "csiq_dmos.csv").unlink()
    (tmp_path / "csiq_label.txt").write_text("\n".join(lines))
    assert read_mos(tmp_path).items == before.items
    (tmp_path / "csiq_label.txt").unlink()
    assert "CSIQ has its scores in one of csiq.DMOS.xlsx, csiq_dmos.csv" in error(tmp_path)


def test_live_is_read_without_realigned_scores(tmp_path: Path):
    layouts.live(tmp_path)
    before = read_mos(tmp_path)
    from scipy.io import loadmat

    values = loadmat(tmp_path / "dmos_realigned.mat")
    (tmp_path / "dmos_realigned.mat").unlink()
    assert "LIVE has dmos_realigned.mat or dmos.mat beside refnames_all.mat" in error(tmp_path)
    savemat(tmp_path / "dmos.mat", {"dmos": values["dmos_new"], "orgs": values["orgs"]})
    assert read_mos(tmp_path).items == before.items
    savemat(tmp_path / "dmos.mat", {"dmos": values["dmos_new"][:, :9], "orgs": values["orgs"]})
    assert "'dmos' has 9 entries, LIVE has 982" in error(tmp_path)
    savemat(tmp_path / "dmos.mat", {"orgs": values["orgs"]})
    assert "no variable 'dmos'" in error(tmp_path)
    (tmp_path / "dmos.mat").write_bytes(b"MATLAB 5.0 MAT-file" + bytes(200))
    assert "not a readable MATLAB file of version 5" in error(tmp_path)
    (tmp_path / "dmos.mat").write_bytes(bytes(2**18 + 1))
    assert "larger than 262,144 bytes" in error(tmp_path)


@pytest.mark.parametrize("name", layouts.LAYOUTS)
def test_missing_images_are_counted(name: str, tmp_path: Path):
    layouts.LAYOUTS[name](tmp_path)
    items = read_mos(tmp_path).items
    items[0].reference.unlink()
    items[-1].distorted.unlink()
    message = error(tmp_path)
    assert "2 of its images are missing, first " in message
    assert items[0].reference.stem in message or items[-1].distorted.stem in message


def write(path: Path, *lines: str) -> Path:
    for name in ("r.png", "a.png", "b.png"):
        layouts.write_image(path / name)
    (path / "s.csv").write_text("\n".join(lines))
    return path / "s.csv"


HEAD = "reference,distorted,score"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((), "the first line must name the columns reference, distorted and one of score"),
        (("ref,dist,score", "r.png,a.png,1"), "found 'ref,dist,score'; for a published set, give its folder"),
        (("reference,distorted,score,dmos", "r.png,a.png,1,2"), "and one of score, mos"),
        ((HEAD,), "no scores; add lines"),
        ((HEAD, "r.png,a.png,1", "r.png,b.png"), "line 3 has 2 cells, the first line 3"),
        ((HEAD, "r.png,a.png,good"), "line 2: a score is a number, found 'good'"),
        ((HEAD, "r.png,a.png,1", "r.png,b.png,nan"), "1 scores are not finite, first nan of b.png"),
        ((HEAD, "r.png,a.png,1", "r.png,b.png,-inf"), "1 scores are not finite, first -inf of b.png"),
        ((HEAD, "r.png,a.png,1", "r.png,b.png,1"), "all 2 scores are 1"),
        ((HEAD, "r.png,a.png,1", "r.png,a.png,2"), "1 images have several scores, first a.png"),
        ((HEAD, "q.png,a.png,1", "q.png,b.png,2"), "1 of its images are missing, first "),
        ((HEAD, 'r.png,"a\nb\0.png",1', "r.png,b.png,2"), r"first "),
        ((HEAD, f"r.png,{'a' * 5000},1", "r.png,b.png,2"), "1 of its images are missing"),
        ((HEAD, f"r.png,{'a' * 200_000},1"), "is not CSV (field larger than field limit"),
    ],
)
def test_mistakes_in_a_csv_file_are_one_line(lines: tuple[str, ...], message: str, tmp_path: Path):
    path = write(tmp_path, *lines)
    assert message in error(path)
    assert str(path) in error(path)


@given(st.text(st.sampled_from('reference,distorted,score\n\r"0.1 a\0\u2028\x85'), max_size=60))
def test_any_text_is_refused_in_one_line(tmp_path_factory: pytest.TempPathFactory, text: str):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_text(f"{HEAD}\n{text}", encoding="utf-8", newline="")
    assert len(error(path).splitlines()) == 1


def test_other_mistakes_are_one_line(tmp_path: Path):
    assert "no such file or folder" in error(tmp_path / "nowhere")
    assert "no known set of people's scores; looked for scores.csv (a CSV file), dmos.csv (KADID-10k)" in error(
        tmp_path
    )
    path = write(tmp_path, "")
    path.write_bytes(b"reference\xff")
    assert "not text in UTF-8" in error(path)


@pytest.mark.parametrize(
    ("name", "file", "line", "message"),
    [
        ("KADID-10k", "dmos.csv", "a,b\n", "KADID-10k has the columns"),
        ("KADID-10k", "dmos.csv", "dist_img,ref_img,dmos,var\nI01_01_01.png\n", "line 2 has 1 cells"),
        ("TID2013", "mos_with_names.txt", "5.5 I01.bmp\n", "line 1: a score and a name such as"),
        ("TID2013", "mos_with_names.txt", "x I01_01_1.bmp\n", "a score is a number, found 'x'"),
        ("CSIQ", "csiq_dmos.csv", "1600,1,fog,1,0.1,0.2\n", "found '1600 1 fog 1 0.1 0.2'"),
        ("CSIQ", "csiq_dmos.csv", "1600 1 fog\n", "restore the file"),
        ("PIPAL", "Train_Label/A0001.txt", "A0001,3\n", "line 1: a name such as A0001_00_00.bmp"),
        ("PIPAL", "Train_Label", None, "no scores"),
    ],
)
def test_damaged_files_of_published_sets_are_one_line(
    name: str, file: str, line: str | None, message: str, tmp_path: Path
):
    layouts.LAYOUTS[name](tmp_path)
    if line is None:
        shutil.rmtree(tmp_path / file)
        (tmp_path / file).mkdir()
    else:
        (tmp_path / file).write_text(line)
    assert message in error(tmp_path)
